"""What a code version follows, what it leaves alone, and how it can be told otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import SourceTree, changed, names, source_tree, texts

from assetflow.errors import DeclarationError
from assetflow.hashing.code import CodeReader

SHOP = {
    "shop/__init__.py": "",
    "shop/settings.py": "RATE = 0.19\n",
    "shop/text.py": """
        from shop.settings import RATE

        def clean(row):
            return strip(row)

        def strip(row):
            return row.strip() * RATE
        """,
    "shop/sales.py": """
        from shop import text

        def sales(rows):
            return [text.clean(row) for row in rows]
        """,
}


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path, SHOP) as made:
        yield made


def test_everything_reached_is_listed_with_its_place(tree):
    version = tree.version("shop.sales:sales")

    assert [(part.name, part.file, part.line, part.kind) for part in version.parts] == [
        ("shop.sales:sales", "shop/sales.py", 4, "function"),
        ("shop.settings:RATE", "shop/settings.py", 1, "constant"),
        ("shop.text:clean", "shop/text.py", 4, "function"),
        ("shop.text:strip", "shop/text.py", 7, "function"),
    ]
    assert version.opaque == ()


def test_an_edit_two_calls_deep_is_named(tree):
    before = tree.version("shop.sales:sales")
    tree.edit("shop/text.py", "row.strip()", "row.lstrip()")
    after = tree.version("shop.sales:sales")

    assert before.digest != after.digest
    assert changed(before, after) == {"shop.text:strip"}

    tree.edit("shop/text.py", "row.lstrip()", "row.strip()")
    assert tree.version("shop.sales:sales") == before


def test_a_constant_of_another_module_is_named_where_it_is_defined(tree):
    before = tree.version("shop.sales:sales")
    tree.edit("shop/settings.py", "0.19", "0.2")

    assert changed(before, tree.version("shop.sales:sales")) == {"shop.settings:RATE"}


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        ("from shop.text import clean\n    return clean", "shop.text:clean"),
        ("from . import text\n    return text.clean", "shop.text:clean"),
        ("from .text import clean as c\n    return c", "shop.text:clean"),
        ("import shop.text\n    return shop.text.clean", "shop.text:clean"),
        ("import shop.text as t\n    return lambda: t.clean", "shop.text:clean"),
        ("import shop.late\n    return shop.late.helper()", "shop.late:helper"),
        ("from shop.late import CONSTANT\n    return CONSTANT", "shop.late:CONSTANT"),
    ],
)
def test_names_imported_inside_the_function_are_followed(tree, body, reached):
    tree.write({"shop/late.py": "CONSTANT = 1\ndef helper(): return 1\n"})
    tree.write({"shop/sales.py": f"def sales():\n    {body}\n"})

    assert reached in names(tree.version("shop.sales:sales"))


def test_a_module_that_cannot_be_imported_is_a_problem(tree):
    tree.write(
        {
            "shop/late.py": "raise RuntimeError('no')\n",
            "shop/sales.py": "def f():\n    import shop.late\n    shop.late.x()\n",
        }
    )

    with pytest.raises(
        DeclarationError, match=r"shop\.sales:f imports shop\.late, which cannot.*RuntimeError: no"
    ):
        tree.version("shop.sales:f")


def test_the_name_of_the_function_itself_does_not_count(tree):
    tree.write({"shop/probe.py": "def f(x): return x\ndef g(x): return x\n"})

    assert tree.version("shop.probe:f").digest == tree.version("shop.probe:g").digest


def test_moved_code_keeps_its_version(tree):
    before = tree.version("shop.sales:sales")
    for old, new in (("shop/text.py", "shop/words.py"), ("shop/sales.py", "shop/orders.py")):
        (tree.folder / old).rename(tree.folder / new)
    tree.edit("shop/orders.py", "from shop import text", "from shop import words as text")

    assert tree.version("shop.orders:sales").digest == before.digest


OWN = (
    "import functools\n"
    "import assetflow as af\n"
    "from assetflow import asset\n"
    "daily = functools.partial(af.asset, group='day')\n"
)


@pytest.mark.parametrize(
    "decorator", ["@asset", "@asset(key='x')", "@af.asset(tags=['a'])", "@daily", "@daily(owner='me')"]
)
def test_assetflows_own_decorators_do_not_count(tree, decorator):
    tree.write(
        {"shop/plain.py": "def f(x): return x\n", "shop/probe.py": f"{OWN}{decorator}\ndef f(x): return x\n"}
    )

    assert tree.version("shop.probe:f").digest == tree.version("shop.plain:f").digest


def test_an_asset_that_another_calls_is_followed(tree):
    tree.write({"shop/probe.py": f"{OWN}@asset\ndef first(): return 1\n@asset\ndef f(): return first()\n"})
    before = tree.version("shop.probe:f")
    tree.edit("shop/probe.py", "return 1", "return 2")

    assert changed(before, tree.version("shop.probe:f")) == {"shop.probe:first"}


def test_a_version_of_ones_own_replaces_the_hash(tree):
    one = tree.version("shop.sales:sales", version="1")
    tree.edit("shop/text.py", "row.strip()", "row.lstrip()")

    assert tree.version("shop.sales:sales", version="1") == one
    assert tree.version("shop.sales:sales", version="2").digest != one.digest
    assert one.parts == ()


def test_includes_add_functions_values_and_files(tree):
    tree.write({"shop/sales.sql": "select 1", "shop/probe.py": "def f(): return 1\ndef g(): return 2\n"})
    module = tree.load("shop.probe")

    def digest(**options):
        return tree.reader().version(module.f, **options).digest

    includes = [(), (module.g,), ("sales.sql",), ({"a": 1},), ({"a": 2},), (module.g, "sales.sql")]
    before = [digest(includes=one) for one in includes]
    assert len(set(before)) == len(includes)
    assert digest(includes=("shop/sales.sql",)) == before[2]  # from the project folder too
    assert digest(includes=("sales.sql",), version="1") != digest(version="1")

    tree.write({"shop/sales.sql": "select 2"})
    assert digest(includes=("sales.sql",)) != before[2]


def test_an_included_file_is_listed_with_its_text(tree):
    tree.write({"shop/sales.sql": "select 1"})
    reader = tree.reader()
    version = reader.version(tree.object("shop.sales:sales"), includes=["sales.sql"])

    assert names(version, "include") == ["shop/sales.sql"]
    assert texts(version)["shop/sales.sql"] == "select 1"
    assert ("shop/sales.sql", b"select 1") in reader.module_files(version.parts)


def test_an_included_file_that_is_not_there_is_a_problem(tree):
    with pytest.raises(
        DeclarationError, match=r"includes= names the file 'no\.sql', which is not at .*shop/no\.sql or"
    ):
        tree.version("shop.sales:sales", includes=["no.sql"])


def test_what_is_ignored_is_left_out_with_all_that_only_it_reaches(tree):
    module = tree.load("shop.sales")
    by_object = tree.reader().version(module.sales, ignore=[module.text.clean])
    by_name = tree.reader().version(module.sales, ignore=["shop.text:clean"])
    by_module = tree.reader().version(module.sales, ignore=[module.text])

    assert names(by_object) == ["shop.sales:sales"]
    assert by_object == by_name == by_module
    tree.edit("shop/text.py", "return strip(row)", "return row")
    assert tree.version("shop.sales:sales", ignore=["shop.text:clean"]) == by_name


def test_what_is_ignored_may_be_without_identity(tree):
    tree.write({"shop/probe.py": "FILE = open(__file__)\ndef f(): return FILE\n"})

    assert names(tree.version("shop.probe:f", ignore=["shop.probe:FILE"])) == ["shop.probe:f"]
    module = tree.load("shop.probe")
    assert names(tree.reader().version(module.f, ignore=[module.FILE])) == ["shop.probe:f"]


def test_ignoring_for_one_asset_leaves_the_others_alone(tree):
    module = tree.load("shop.sales")
    reader = tree.reader()
    without = reader.version(module.sales, ignore=[module.text.strip])
    whole = reader.version(module.sales)

    assert whole == tree.reader().version(module.sales)
    assert reader.version(module.sales, ignore=[module.text.strip]) == without != whole


def test_a_plain_value_cannot_be_ignored(tree):
    with pytest.raises(DeclarationError, match=r"ignore= holds the value 0\.19, which any constant may have"):
        tree.version("shop.sales:sales", ignore=[0.19])


def test_a_package_that_is_not_installed_is_a_problem(tree):
    with pytest.raises(
        DeclarationError, match="packages= names 'not-there', which is no installed distribution"
    ):
        tree.version("shop.sales:sales", packages=["not-there"])


def test_all_problems_of_a_function_come_at_once(tree):
    tree.write(
        {
            "shop/probe.py": "A = open(__file__)\nB = open(__file__)\ndef g(): return A\ndef f(): return g(), B\n"
        }
    )

    with pytest.raises(DeclarationError) as caught:
        tree.version("shop.probe:f", ignore=[1])
    assert [problem.message.split()[0] for problem in caught.value.problems] == [
        "ignore=",
        "shop.probe:B",
        "shop.probe:A",
    ]


def test_each_part_knows_its_source_as_it_is_written(tree):
    text = """\
class A:
    def go(self):
        # why
        return 1
ONE = [
    1,
]
def f(x):
    return A, ONE, g
g = lambda: 1  # here
"""
    tree.write({"shop/probe.py": text})
    written = texts(tree.version("shop.probe:f"))

    assert written["shop.probe:A"] == "class A:\n    def go(self):\n        # why\n        return 1\n"
    assert written["shop.probe:ONE"] == "ONE = [\n    1,\n]\n"
    assert written["shop.probe:<lambda>"] == "lambda: 1"


def test_the_source_of_an_asset_has_its_decorator(tree):
    text = "@asset(\n    key='a',\n)\ndef f(): return 1\n"
    tree.write({"shop/probe.py": f"{OWN}{text}"})

    assert texts(tree.version("shop.probe:f"))["shop.probe:f"] == text


def test_parts_of_one_name_are_numbered(tree):
    tree.write(
        {"shop/probe.py": "def make(n): return lambda: n\na, b = make(1), make(2)\ndef f(): return a, b\n"}
    )
    version = tree.version("shop.probe:f")

    assert [name for name in names(version) if "<lambda>" in name] == [
        "shop.probe:make.<locals>.<lambda>",
        "shop.probe:make.<locals>.<lambda>#2",
        "shop.probe:make.<locals>.<lambda>[n]",
        "shop.probe:make.<locals>.<lambda>[n]#2",
    ]


def test_values_are_taken_once_per_reader(tree):
    tree.write({"shop/probe.py": "RATE = 1\ndef f(): return RATE\ndef g(): return RATE\n"})
    module, reader = tree.load("shop.probe"), tree.reader()
    before = reader.version(module.f)
    module.RATE = 2

    assert reader.version(module.f) == before
    assert reader.version(module.g).parts[1] == before.parts[1]
    assert tree.reader().version(module.f).digest != before.digest


def test_versions_do_not_depend_on_what_was_read_before(tree):
    text = """
        def a(n): return b(n)
        def b(n): return c(n) or a(n)
        def c(n): return (lambda: n)()
        def f(): return a(1)
        def g(): return c(1), b
        def make(n):
            class A:
                def go(self): return n
            def inner(): return n
            return inner, A
        inner, A = make(1)
        def h(): return make(2)
        """
    tree.write({"shop/probe.py": text})
    module = tree.load("shop.probe")
    functions = [
        module.a,
        module.b,
        module.c,
        module.inner,
        module.A,
        module.f,
        module.g,
        module.h,
        module.make,
    ]
    apart = [tree.reader().version(function) for function in functions]
    reader, backwards = tree.reader(), tree.reader()

    assert [reader.version(function) for function in functions] == apart
    assert [backwards.version(function) for function in reversed(functions)] == apart[::-1]


def test_deep_syntax_is_no_obstacle(tree):
    tree.write({"shop/probe.py": f"def f(x): return {' + '.join(['x'] * 900)}\n"})
    before = tree.version("shop.probe:f")
    tree.edit("shop/probe.py", "x + x\n", "x - x\n")

    assert tree.version("shop.probe:f").digest != before.digest
    assert before.opaque == ()


def test_versions_are_the_same_in_every_process(tree):
    tree.write(
        {
            "shop/probe.py": "NAMES = {'a', 'b', 'c', 'd'}\nimport math\nSTEPS = {math.sqrt, math.log, len}\n"
            "def f(x): return x in {'e', 'f', 'g'}, NAMES, STEPS\n"
        }
    )
    program = (
        "import sys, pathlib; from assetflow.hashing.code import CodeReader; import shop.probe;"
        "print(CodeReader(pathlib.Path('.'), frozenset()).version(shop.probe.f).digest)"
    )
    seen = set()
    for seed in ("0", "1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), "."]),
        }
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tree.folder, env=environment, capture_output=True, check=True
        )
        seen.add(done.stdout)

    assert len(seen) == 1


def test_code_of_others_is_not_followed(tree):
    tree.write(
        {"shop/probe.py": "import json\nfrom json import dumps\ndef f(): return json.loads(dumps(1))\n"}
    )

    assert names(tree.version("shop.probe:f")) == ["shop.probe:f"]


def test_a_package_that_was_named_belongs_wherever_it_is(tmp_path):
    with source_tree(
        tmp_path,
        {
            "far/__init__.py": "def helper(): return 1\n",
            "near/probe.py": "import far\ndef f(): return far.helper()\n",
        },
    ) as tree:
        module = tree.load("near.probe")
        near = CodeReader(tmp_path / "near", frozenset())
        both = CodeReader(tmp_path / "near", frozenset({"far"}))

        assert names(near.version(module.f)) == ["near.probe:f"]
        assert names(both.version(module.f)) == ["near.probe:f", "far:helper"]
        assert [part.file for part in both.version(module.f).parts] == ["probe.py", "far/__init__.py"]


def test_an_object_that_is_no_function_has_the_version_of_what_it_is_described_as(tree):
    tree.write({"shop/probe.py": "class Schema: pass\nSCHEMA = Schema()\ndef helper(): return 1\n"})
    module = tree.load("shop.probe")
    reader = tree.reader(describe=lambda value: {"helper": module.helper} if value is module.SCHEMA else None)
    version = reader.version(module.SCHEMA)

    assert names(version) == ["shop.probe:Schema", "shop.probe:helper"]
    assert version.digest != reader.version(module.helper).digest
