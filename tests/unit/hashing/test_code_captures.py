"""Captured objects: what has an identity, what decides nothing, and what is a problem."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import SourceTree, names, source_tree

from assetflow.errors import DeclarationError


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path) as made:
        yield made


def digest_with(tree: SourceTree, constant: str) -> str:
    """Return the version of a function that reads a module constant of this value."""
    tree.write({"captures.py": f"{IMPORTS}\nVALUE = {constant}\ndef f(): return VALUE\n"})
    return tree.version("captures:f").digest


IMPORTS = """\
import collections, dataclasses, datetime as dt, decimal, enum, fractions, functools, logging, math, operator, pathlib
import re, string, threading, types, typing, uuid, zoneinfo
import numpy as np, pandas as pd, polars as pl, pyarrow as pa, pyarrow.compute as pc, pydantic
@dataclasses.dataclass
class Point:
    x: object
    y: object = 0
class Model(pydantic.BaseModel):
    x: int
    secret: pydantic.SecretStr = pydantic.SecretStr("")
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
class Row(typing.NamedTuple):
    a: int
"""

DIFFERENT = {
    "numbers": (
        "1",
        "1.0",
        "True",
        "'1'",
        "b'1'",
        "(1,)",
        "[1]",
        "{1}",
        "frozenset({1})",
        "{1: 1}",
        "None",
        "1j",
        "...",
    ),
    "nested": ("{'a': [1, {'b': (2,)}]}", "{'a': [1, {'b': [2]}]}", "{'a': [1, {'b': (3,)}]}"),
    "order of a dict": ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}"),
    "kinds of dict": (
        "{'a': 1}",
        "collections.Counter(a=1)",
        "collections.defaultdict(int, a=1)",
        "collections.defaultdict(list, a=1)",
    ),
    "dates": (
        "dt.date(2026, 1, 1)",
        "dt.datetime(2026, 1, 1)",
        "dt.datetime(2026, 1, 1, tzinfo=dt.UTC)",
        "dt.timedelta(1)",
    ),
    "decimals": ("decimal.Decimal('1')", "decimal.Decimal('1.0')", "fractions.Fraction(1)"),
    "identifiers": ("uuid.UUID(int=1)", "uuid.UUID(int=2)"),
    "regexes": ("re.compile('a')", "re.compile('b')", "re.compile('a', re.I)", "re.compile('a').match"),
    "time zones": (
        "zoneinfo.ZoneInfo('Europe/Berlin')",
        "zoneinfo.ZoneInfo('Europe/Paris')",
        "dt.UTC",
        "dt.timezone(dt.timedelta(hours=1))",
    ),
    "paths": ("pathlib.Path('/a')", "pathlib.Path('/b')", "pathlib.PurePosixPath('c')"),
    "ranges": ("range(3)", "range(4)", "range(0, 3, 2)", "slice(3)"),
    "enums": ("Colour.RED", "Colour.BLUE", "[Colour.RED]", "1"),
    "dataclasses": ("Point(1)", "Point(2)", "Point(1, 1)", "Point([1])"),
    "models": ("Model(x=1)", "Model(x=2)"),
    "named tuples": ("Row(1)", "Row(2)", "(1,)"),
    "namespaces": ("types.SimpleNamespace(a=1)", "types.SimpleNamespace(a=2)"),
    "partials": (
        "functools.partial(int, base=2)",
        "functools.partial(int, base=3)",
        "functools.partial(float)",
    ),
    "getters": (
        "operator.itemgetter(1)",
        "operator.itemgetter(2)",
        "operator.attrgetter('a')",
        "operator.methodcaller('a', 1)",
    ),
    "templates": ("string.Template('a')", "string.Template('b')"),
    "arrays": ("np.arange(3)", "np.arange(4)", "np.arange(3.0)", "np.arange(3).reshape(1, 3)"),
    "numpy scalars": ("np.float64(1)", "np.float64(2)", "np.int64(1)"),
    "dtypes": ("np.dtype('int64')", "np.dtype('int32')"),
    "pandas": (
        "pd.DataFrame({'a': [1]})",
        "pd.DataFrame({'a': [2]})",
        "pd.DataFrame({'b': [1]})",
        "pd.Series([1], name='a')",
        "pd.Series([1], name='b')",
    ),
    "polars": (
        "pl.DataFrame({'a': [1]})",
        "pl.DataFrame({'a': [2]})",
        "pl.Series('a', [1])",
        "pl.Series('b', [1])",
        "pl.Series('b', [2])",
    ),
    "arrow": (
        "pa.table({'a': [1]})",
        "pa.table({'a': [2]})",
        "pa.record_batch({'a': [1]})",
        "pa.array([1])",
        "pa.array([2])",
        "pa.chunked_array([[1]])",
    ),
    "arrow types": (
        "pa.int64()",
        "pa.int32()",
        "pa.field('a', pa.int64())",
        "pa.schema([('a', pa.int64())])",
        "pa.schema([('b', pa.int64())])",
        "pa.schema([('a', pa.string())])",
        "pa.schema([('a', pa.large_string())])",
    ),
    "polars types": (
        "pl.Int64",
        "pl.Int32",
        "pl.Datetime('us')",
        "pl.Datetime('ms')",
        "pl.List(pl.Int64)",
        "pl.List(pl.Int32)",
        "{'a': pl.Datetime('us', 'UTC')}",
        "pl.Schema({'a': pl.Int64})",
        "pl.Schema({'a': pl.Int32})",
    ),
    "expressions": (
        "pl.col('a') + 1",
        "pl.col('a') + 2",
        "[pl.col('a')]",
        "pc.field('a') > 1",
        "pc.field('a') > 2",
        "pl.selectors.all()",
    ),
    "type expressions": (
        "list[int]",
        "list[str]",
        "int | None",
        "typing.Annotated[int, pydantic.Field(gt=1)]",
        "typing.Annotated[int, pydantic.Field(gt=2)]",
        "typing.NewType('N', int)",
        "typing.NewType('N', str)",
    ),
    "other people's code": (
        "math.sqrt",
        "math.log",
        "pd.merge",
        "pd.concat",
        "np.add",
        "np.mean",
        "str.lower",
        "str.upper",
        "dict",
        "len",
        "print",
    ),
    "lambdas": (
        "lambda x: x",
        "lambda x: -x",
        "[lambda x: x + 1, lambda x: x + 2]",
        "[lambda x: x + 2, lambda x: x + 1]",
    ),
}


@pytest.mark.parametrize("constants", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_constants_give_different_versions(tree, constants):
    digests = [digest_with(tree, constant) for constant in constants]

    assert len(set(digests)) == len(constants)
    assert [digest_with(tree, constant) for constant in constants] == digests


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{'b', 'a', 'c'}", "{'c', 'b', 'a'}"),
        ("pa.table({'a': [1, 2]})", "pa.concat_tables([pa.table({'a': [1]}), pa.table({'a': [2]})])"),
        ("pathlib.Path(__file__).parent / 'x'", "pathlib.Path(__file__).parent.joinpath('x')"),
        ("object()", "object()"),
        ("logging.getLogger('a')", "logging.getLogger('b')"),
        ("threading.Lock()", "threading.RLock()"),
        ("pydantic.SecretStr('a')", "pydantic.SecretStr('b')"),
        ("Model(x=1, secret=pydantic.SecretStr('a'))", "Model(x=1, secret=pydantic.SecretStr('b'))"),
    ],
)
def test_what_makes_no_difference(tree, one, other):
    assert digest_with(tree, one) == digest_with(tree, other)


def test_a_path_in_the_project_is_the_same_in_another_folder(tmp_path):
    digests = set()
    for name in ("one", "two"):
        with source_tree(tmp_path / name) as tree:
            digests.add(digest_with(tree, "pathlib.Path(__file__).parent / 'data'"))

    assert len(digests) == 1


@pytest.mark.parametrize(
    ("constant", "place"),
    [
        ("open(__file__)", r"captures:VALUE is a _io\.TextIOWrapper"),
        ("{'a': [1, open(__file__)]}", r"captures:VALUE \(at \['a'\]\[1\]\) is a _io\.TextIOWrapper"),
        ("Point(1, open(__file__))", r"captures:VALUE \(at \.y\) is a _io\.TextIOWrapper"),
        ("np.random.default_rng()", r"captures:VALUE is a numpy\.random\._generator\.Generator"),
        ("np.array([object()])", r"captures:VALUE is a numpy\.ndarray"),
        ("type('Odd', (), {})()", r"captures:VALUE is a captures\.Odd"),
        ("type('Texts', (list,), {})(['a'])", r"captures:VALUE is a captures\.Texts"),
        ("iter([1])", r"captures:VALUE is a builtins\.list_iterator"),
        (
            "pa.RecordBatchReader.from_batches(pa.schema([]), [])",
            r"captures:VALUE is a pyarrow\.lib\.RecordBatchReader",
        ),
        (
            "functools.partial(print, file=open(__file__))",
            r"captures:VALUE \(at \['file'\]\) is a _io\.TextIOWrapper",
        ),
    ],
)
def test_what_has_no_identity_is_a_problem_that_names_it_and_the_ways_out(tree, constant, place):
    with pytest.raises(DeclarationError, match=place) as caught:
        digest_with(tree, constant)

    (problem,) = caught.value.problems
    assert problem.where == "captures.py:17"
    assert problem.hint == (
        "pass it as config or as an af.Resource, leave it out of the version with ignore=['captures:VALUE'], "
        "or give the asset a version= of its own"
    )


def test_a_value_that_holds_itself_is_a_problem(tree):
    tree.write({"captures.py": "VALUE = []\nVALUE.append(VALUE)\ndef f(): return VALUE\n"})

    with pytest.raises(DeclarationError, match=r"captures:VALUE \(at \[0\]\)"):
        tree.version("captures:f")


def test_closures_over_different_values_differ(tree):
    tree.write(
        {
            "captures.py": """
                def make(n):
                    def f(): return n
                    return f
                one, two, again = make(1), make(2), make(1)
                """
        }
    )
    module = tree.load("captures")
    one, two, again = (tree.reader().version(function) for function in (module.one, module.two, module.again))

    assert one.digest != two.digest
    assert one == again
    assert names(one) == ["captures:make.<locals>.f", "captures:make.<locals>.f[n]"]


def test_defaults_count_by_their_values(tree):
    tree.write({"captures.py": "N = 1\ndef f(n=N, *, m=(N, 2)): return n\n"})
    before = tree.version("captures:f")
    tree.edit("captures.py", "N = 1", "N = 3")

    assert tree.version("captures:f").digest != before.digest


def test_a_default_without_identity_is_a_problem_at_its_parameter(tree):
    tree.write({"captures.py": "def f(file=open(__file__)): return file\n"})

    with pytest.raises(DeclarationError, match=r"captures\.py:1: captures:f \(at file=\) is a _io"):
        tree.version("captures:f")


WRITES = {
    "an item": "CACHE[k] = 1",
    "an item of an item": "CACHE[k][0] = 1",
    "a deletion": "del CACHE[k]",
    "a method": "CACHE.update(a=1)",
    "a method of an item": "CACHE['a'].append(1)",
    "an augmented assignment": "global CACHE\n    CACHE |= {}",
    "a new binding": "global CACHE\n    CACHE = {}",
}


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES.keys())
def test_a_container_that_the_module_writes_to_is_a_problem(tree, statement):
    tree.write(
        {"captures.py": f"CACHE = {{}}\ndef f(k): return CACHE.get(k)\ndef unrelated(k):\n    {statement}\n"}
    )

    with pytest.raises(
        DeclarationError, match=r"captures\.py:1: captures:CACHE is changed .*\(captures\.py:[45]\)"
    ):
        tree.version("captures:f")


def test_a_container_that_code_of_another_module_writes_to_is_a_problem(tree):
    tree.write(
        {"a.py": "CACHE = []\n", "b.py": "import a\ndef f():\n    a.CACHE.append(1)\n    return a.CACHE\n"}
    )

    with pytest.raises(
        DeclarationError, match=r"a\.py:1: a:CACHE is changed by the project's own code \(b\.py:3\)"
    ):
        tree.version("b:f")


def test_a_closed_over_container_that_is_written_to_is_a_problem(tree):
    text = """\
        def make():
            cache = {}
            def f(k):
                cache[k] = 1
                return cache
            return f
        f = make()
        """
    tree.write({"captures.py": text})

    with pytest.raises(
        DeclarationError, match=r"f\[cache\] is changed by the project's own code \(captures\.py:4\)"
    ):
        tree.version("captures:f")


@pytest.mark.parametrize(
    "text",
    [
        "ROWS = [1]\nROWS.append(2)\nROWS[0] = 3\ndef f(): return ROWS",
        "ROWS = [1]\ndef f(): return ROWS\ndef g(ROWS):\n    ROWS.append(1)",
        "ROWS = [1]\ndef f(): return ROWS\ndef g():\n    ROWS = []\n    ROWS.append(1)",
        "ROWS = [1]\ndef f(): return ROWS[0] + ROWS.index(1)",
        "NAME = 'a'\ndef f(): return NAME.strip()",
    ],
)
def test_a_container_that_only_the_top_of_the_module_writes_to_is_a_value(tree, text):
    tree.write({"captures.py": text})

    assert names(tree.version("captures:f"), "constant") != []


def test_what_cannot_be_followed_is_listed(tree):
    text = """
        import importlib, helping
        def f(name):
            eval(name)
            importlib.import_module(name)
            use(helping)
            return getattr(helping, name)()
        """
    tree.write({"helping.py": "", "captures.py": text})

    assert tree.version("captures:f").opaque == (
        "eval() of a computed name, in captures:f",
        "getattr() of a computed name, in captures:f",
        "import_module() of a computed name, in captures:f",
        "module helping as a value, in captures:f",
    )


def test_described_objects_are_what_they_are_described_as(tree):
    tree.write(
        {
            "captures.py": "def helper(): return 1\nclass Odd:\n    pass\nVALUE = Odd()\ndef f(): return VALUE\n"
        }
    )
    module = tree.load("captures")

    def version(tree_of_it):
        return tree.reader(describe=lambda one: tree_of_it if one is module.VALUE else None).version(module.f)

    assert version({"a": 1}).digest != version({"a": 2}).digest
    assert "captures:helper" in names(version({"a": module.helper}))


def test_the_version_of_a_library_counts_only_when_asked(tree):
    tree.write({"captures.py": "import numpy as np\ndef f(): return np.arange(3)\n"})
    plain, asked = tree.version("captures:f"), tree.version("captures:f", packages=["numpy"])

    assert names(plain) == ["captures:f"]
    assert names(asked, "package") == ["numpy"]
    assert plain.digest != asked.digest


def test_another_module_under_the_same_name_counts(tree):
    tree.write({"captures.py": "import math as m\ndef f(): return m.sqrt(4)\n"})
    before = tree.version("captures:f")
    tree.edit("captures.py", "import math as m", "import cmath as m")

    assert tree.version("captures:f").digest != before.digest


def test_another_function_of_others_under_the_same_name_counts(tree):
    tree.write({"captures.py": "from math import sqrt as root\ndef f(): return root(4)\n"})
    before = tree.version("captures:f")
    tree.edit("captures.py", "math import sqrt", "math import log")

    assert tree.version("captures:f").digest != before.digest
