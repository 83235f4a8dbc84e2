"""Laws of code versions: which edits count, which do not, and that each fast way gives what the slow way gives."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
import random
import re
import symtable
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples import identity
from hypothesis import given
from hypothesis import strategies as st
from source_trees import changed, source_tree

from assetflow.hashing.code import CodeVersion
from assetflow.hashing.code_names import names_of
from assetflow.hashing.code_parts import Part, digest_of, reached
from assetflow.hashing.code_text import normalise, render

# One project in which a function reaches code in every way. «...» marks where edits that do not count may be made:
# «#» a line of its own, «"» the place of a docstring, «x: T» and «-> T» annotations, «'» a quote.
PROJECT = {
    "shop/__init__.py": "",
    "shop/settings.py": "«#»\nRATE = 0.19\nCOLUMNS = [«'»a«'», «'»b«'»]\nWORD = __import__('re').compile('w+')\n«#»\n",
    "shop/text.py": """\
import functools
from .settings import RATE, WORD
«#»
def timed(times=1):
    «"»
    def decorate(function):
        @functools.wraps(function)
        def wrapper(«*args: int», **kwargs)«-> object»:
            «#»
            return [function(*args, **kwargs) for _ in range(times)]
        return wrapper
    return decorate
«#»
@timed(times=3)
def clean(row, strict=False):
    «"»
    «#»
    value«: int» = strip(row) * RATE
    return f«'»{value:.2f} {strict!r}«'»
«#»
def strip(row)«-> 'Never'»:
    return WORD.sub(«'»-«'», row) if even(4) else row
«#»
def even(n): return n == 0 or odd(n - 1)
«#»
def odd(n): return n != 0 and even(n - 1)
""",
    "shop/models.py": """\
import dataclasses, enum
from shop import settings
«#»
class Base:
    «"»
    def go(self, «x: int»)«-> int»:
        «"»
        return x + 1
«#»
class Child(Base):
    «"»
    def go(self, x):
        «#»
        return super().go(x) * 2
«#»
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
«#»
@dataclasses.dataclass
class Point:
    «"»
    x: int = 7
    «#»
    y: float = settings.RATE
""",
    "shop/sales.py": """\
from shop import models, text
from shop.settings import COLUMNS
«#»
def make(n, offset=5):
    «"»
    def scale(«x: float»): return x * n + offset
    return scale
«#»
double, triple = make(2), make(3)
pair = (lambda x: x + 100, lambda x: x + 200)
point = models.Point(11)
«#»
def sales(rows, limit=50, *, how=text.clean)«-> list[int]»:
    «"»
    from shop.text import even as is_even
    «#»
    found«: list» = [text.clean(row) for row in rows if row in COLUMNS]
    «#»
    total = double(limit) + triple(limit) + pair[0](1) + pair[1](2) + point.x
    return found, total, models.Child().go(limit), models.Colour.RED, is_even(limit), how
""",
}

# Edits that count: (file, from, to, the parts that explain names).
EDITS = [
    ("shop/settings.py", "0.19", "0.2", {"shop.settings:RATE", "shop.sales:point"}),  # Point's default
    ("shop/settings.py", "b«'»]", "c«'»]", {"shop.settings:COLUMNS"}),
    ("shop/settings.py", "'w+'", "'w*'", {"shop.settings:WORD"}),
    ("shop/text.py", "def timed(times=1)", "def timed(times=2)", {"shop.text:timed"}),
    (
        "shop/text.py",
        "for _ in range(times)]",
        "for _ in range(times + 1)]",
        {"shop.text:timed", "shop.text:timed.<locals>.decorate.<locals>.wrapper"},
    ),
    (
        "shop/text.py",
        "@timed(times=3)",
        "@timed(times=4)",
        {"shop.text:clean", "shop.text:timed.<locals>.decorate.<locals>.wrapper[times]"},
    ),
    ("shop/text.py", "strict=False)", "strict=True)", {"shop.text:clean"}),
    ("shop/text.py", "{value:.2f}", "{value:.3f}", {"shop.text:clean"}),
    ("shop/text.py", "«'»-«'»", "«'»+«'»", {"shop.text:strip"}),
    ("shop/text.py", "return n == 0", "return n == 1", {"shop.text:even"}),
    ("shop/text.py", "return n != 0", "return n > 0", {"shop.text:odd"}),
    ("shop/models.py", "return x + 1", "return x + 3", {"shop.models:Base"}),
    ("shop/models.py", "* 2", "* 4", {"shop.models:Child"}),
    ("shop/models.py", "BLUE = 2", "BLUE = 3", {"shop.models:Colour"}),
    ("shop/models.py", "x: int = 7", "x: float = 7", {"shop.models:Point"}),
    (
        "shop/sales.py",
        "x * n + offset",
        "x * n - offset",
        {"shop.sales:make.<locals>.scale", "shop.sales:make.<locals>.scale#2"},
    ),
    (
        "shop/sales.py",
        "offset=5",
        "offset=6",
        {"shop.sales:make.<locals>.scale[offset]", "shop.sales:make.<locals>.scale[offset]#2"},
    ),
    ("shop/sales.py", "make(3)", "make(4)", {"shop.sales:make.<locals>.scale[n]#2"}),
    ("shop/sales.py", "x + 200", "x + 300", {"shop.sales:<lambda>#2"}),
    ("shop/sales.py", "Point(11)", "Point(12)", {"shop.sales:point"}),
    ("shop/sales.py", "limit=50", "limit=51", {"shop.sales:sales"}),
    ("shop/sales.py", "row in COLUMNS", "row not in COLUMNS", {"shop.sales:sales"}),
]

lines = st.sampled_from(["", "# a comment", "#! 'odd\" comment", "\n\n"])
docstrings = st.sampled_from(["", '"""What it does."""', "'another'", 'r"""Two\n\n        lines."""'])


class Writer:
    """Fills in the marks of PROJECT, by what ``draw`` decides; without it, in the shortest way."""

    def __init__(self, draw: st.DrawFn | None) -> None:
        self.draw = draw

    def files(self, edits: frozenset[int] = frozenset()) -> dict[str, str]:
        return {path: self.reformatted(self.filled(text)) for path, text in edited(edits).items()}

    def choose(self, strategy: st.SearchStrategy[str], otherwise: str) -> str:
        return otherwise if self.draw is None else self.draw(strategy)

    def filled(self, text: str) -> str:
        quote = self.choose(st.sampled_from("'\""), "'")
        return "\n".join(map(self.line, text.replace("«'»", quote).splitlines())) + "\n"

    def line(self, line: str) -> str:
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == "«#»":
            return "\n".join(f"{indent}{part}" for part in self.choose(lines, "").splitlines())
        if line.strip() == '«"»':
            return f"{indent}{self.choose(docstrings, '')}".rstrip()
        return re.sub("«(.*?)»", lambda mark: self.annotated(mark[1]), line)

    def annotated(self, mark: str) -> str:
        name, _, _ = mark.partition(":")
        return (
            self.choose(st.sampled_from([mark, ""]), "")
            if mark.startswith(("->", ":"))
            else self.choose(st.sampled_from([mark, name]), name)
        )

    def reformatted(self, text: str) -> str:
        return self.choose(
            st.sampled_from(
                [
                    text,
                    ast.unparse(ast.parse(text)) + "\n",
                    f"'''A docstring.'''\nUNRELATED = object()\n{text}",
                ]
            ),
            text,
        )


def edited(edits: frozenset[int]) -> dict[str, str]:
    files = dict(PROJECT)
    for number in edits:
        path, old, new, _ = EDITS[number]
        assert files[path].count(old) == 1, (path, old)
        files[path] = files[path].replace(old, new)
    return files


def version_of(files: dict[str, str], target: str = "shop.sales:sales") -> CodeVersion:
    with tempfile.TemporaryDirectory() as folder, source_tree(Path(folder), files) as tree:
        return tree.version(target)


@functools.cache
def plain(edits: frozenset[int] = frozenset()) -> CodeVersion:
    return version_of(Writer(None).files(edits))


some_edits = st.frozensets(st.integers(0, len(EDITS) - 1), max_size=4)


@identity
@given(st.data(), some_edits)
def test_the_way_it_is_written_does_not_count(data, edits):
    assert version_of(Writer(data.draw).files(edits)).digest == plain(edits).digest


@identity
@given(some_edits, some_edits)
def test_versions_are_equal_exactly_when_the_edits_are(one, other):
    assert (version_of(Writer(None).files(one)).digest == plain(other).digest) == (one == other)


@pytest.mark.parametrize("number", range(len(EDITS)), ids=lambda number: EDITS[number][2])
def test_each_edit_is_named(number):
    assert changed(plain(), plain(frozenset({number}))) == EDITS[number][3]


@identity
@given(some_edits)
def test_a_version_that_differs_names_a_part_that_differs(edits):
    after = version_of(Writer(None).files(edits))

    assert changed(plain(), after) == set().union(*(EDITS[number][3] for number in edits))


@identity
@given(st.data())
def test_the_functions_own_name_does_not_count(data):
    name = data.draw(st.sampled_from(["revenue", "ümsatz", "_", "f1"]))
    files = Writer(data.draw).files()
    files["shop/sales.py"] = files["shop/sales.py"].replace("def sales(", f"def {name}(")

    assert version_of(files, f"shop.sales:{name}").digest == plain().digest


# Parts that refer to each other, against the definition: two parts are the same when nothing that can be reached from
# them, along any path, tells them apart.


@st.composite
def part_graphs(draw: st.DrawFn) -> list[Part]:
    owns = draw(st.lists(st.sampled_from("ab"), min_size=1, max_size=7))
    parts = [Part(f"m:{number}", "function", own=own) for number, own in enumerate(owns)]
    for part in parts:
        for name in draw(st.lists(st.sampled_from("xyz"), unique=True, max_size=3)):
            part.uses.append((name, draw(st.sampled_from(parts))))
    return parts


def everything(_: Part) -> bool:
    return False


def paths_below(part: Part, depth: int) -> object:
    """Return all that can be told of a part by paths of up to ``depth`` uses."""
    if depth == 0:
        return part.own
    return part.own, tuple(sorted((name, paths_below(used, depth - 1)) for name, used in part.uses))


@identity
@given(part_graphs())
def test_parts_with_one_digest_cannot_be_told_apart(parts):
    digests = {id(part): digest_of(part, everything, {}) for part in parts}

    for one, other in itertools.combinations(parts, 2):
        if digests[id(one)] == digests[id(other)]:
            assert paths_below(one, 5) == paths_below(other, 5)


@identity
@given(part_graphs(), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_what_was_asked_before(parts, chance: random.Random):
    known: dict[Part, str] = {}
    order = parts[:]
    chance.shuffle(order)

    assert {part: digest_of(part, everything, known) for part in order} == {
        part: digest_of(part, everything, {}) for part in parts
    }


@identity
@given(part_graphs(), st.data())
def test_a_digest_changes_exactly_for_those_that_reach_what_changed(parts, data):
    before = [digest_of(part, everything, {}) for part in parts]
    victim = data.draw(st.sampled_from(parts))
    victim.own = "c"
    after = [digest_of(part, everything, {}) for part in parts]

    reaching = [victim in reached(part, everything) for part in parts]
    assert [one != other for one, other in zip(before, after, strict=True)] == reaching


@identity
@given(part_graphs(), st.data())
def test_what_is_left_out_might_as_well_not_be_there(parts, data):
    root = data.draw(st.sampled_from(parts))
    left_out = data.draw(st.sets(st.sampled_from(parts))) - {root}
    digest = digest_of(root, lambda part: part in left_out, {})
    listed = [part.name for part in reached(root, lambda part: part in left_out)]
    for part in parts:
        part.uses = [(name, used) for name, used in part.uses if used not in left_out]

    assert digest_of(root, everything, {}) == digest
    assert [part.name for part in reached(root, everything)] == listed


# The standard library stands for code as people write it.

LIBRARY = [
    *(
        "argparse",
        "ast",
        "asyncio.tasks",
        "collections",
        "configparser",
        "contextlib",
        "dataclasses",
        "enum",
        "functools",
    ),
    *(
        "inspect",
        "json.decoder",
        "logging",
        "pathlib",
        "tempfile",
        "textwrap",
        "traceback",
        "typing",
        "unittest.mock",
    ),
]


@functools.cache
def source_of(module: str) -> str:
    return inspect.getsource(importlib.import_module(module))


def definitions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return (node for node in ast.parse(text).body if isinstance(node, kinds))


@pytest.mark.parametrize("module", LIBRARY)
def test_names_are_those_that_python_looks_up_outside(module):
    """``symtable`` is how the compiler itself sees scopes."""
    tables = symtable.symtable(source_of(module), module, "exec").get_children()
    by_place = {(table.get_name(), table.get_lineno()): table for table in tables}
    for node in definitions(source_of(module)):
        table = by_place[node.name, node.lineno]
        above = [*node.bases, *node.keywords] if isinstance(node, ast.ClassDef) else []
        expected = looked_up(table) | {
            one.id for part in above for one in ast.walk(part) if isinstance(one, ast.Name)
        }
        used = [name for name in names_of(node) if name.imported is None and name.use != "dynamic"]

        assert expected <= {name.chain[0] for name in used}, node.name
        # A class may read a name of the module before it binds its own.
        strictly = {name.chain[0] for name in used if name.use != "lenient"}
        assert strictly <= expected | bound_in_classes(table), node.name


def looked_up(table: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()} - {
        "__class__"
    }  # of super()
    return own.union(*map(looked_up, table.get_children()))


def bound_in_classes(table: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in table.get_symbols()} if table.get_type() == "class" else set()
    return own.union(*map(bound_in_classes, table.get_children()))


@pytest.mark.parametrize("module", LIBRARY)
def test_the_canonical_text_is_that_of_the_reformatted_text(module):
    text = source_of(module)
    reformatted = ast.unparse(ast.parse(text))

    for one, other in zip(definitions(text), definitions(reformatted), strict=True):
        assert canonical(one) == canonical(other)


@pytest.mark.parametrize("module", LIBRARY)
def test_to_normalise_twice_changes_nothing_more(module):
    for node in definitions(source_of(module)):
        assert canonical(node) == canonical(node)


def canonical(node: ast.AST) -> str:
    normalise(node, lambda _: "plain")
    return render(node)
