"""What a code version follows, what it leaves alone, and how it can be told otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import SourceTree, changed, names, source_tree

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


REACHES = {
    "a nested function": "def f():\n    def inner(): return helper()\n    return inner()",
    "a lambda": "def f(): return (lambda x: helper() + x)(1)",
    "a comprehension": "def f(): return {k: helper() for k in range(3) if helper()}",
    "a generator": "def f():\n    yield from (helper() for _ in range(2))",
    "an async function": "async def f():\n    return await helper()",
    "a default": "def f(g=helper): return g()",
    "a keyword default": "def f(*, g=helper): return g()",
    "a partial": "from functools import partial\np = partial(helper, 1)\ndef f(): return p()",
    "a partial in a default": "from functools import partial\ndef f(p=partial(helper)): return p()",
    "a list": "STEPS = [helper]\ndef f(): return [step() for step in STEPS]",
    "a dict": "STEPS = {'a': {'b': helper}}\ndef f(): return STEPS['a']",
    "a set": "STEPS = frozenset({helper, len})\ndef f(): return STEPS",
    "an alias": "other = helper\ndef f(): return other()",
    "lru_cache": "import functools\n@functools.lru_cache\ndef cached(): return helper()\ndef f(): return cached()",
    "contextmanager": "import contextlib\n@contextlib.contextmanager\ndef c(): yield helper()\ndef f():\n    with c(): pass",
    "singledispatch": "import functools\n@functools.singledispatch\ndef g(x): return 1\n"
    "@g.register\ndef _(x: int): return helper()\ndef f(): return g(1)",
    "a wrapped function": "import functools\ndef d(g):\n    @functools.wraps(g)\n    def w(): return g()\n    return w\n"
    "@d\ndef inner(): return helper()\ndef f(): return inner()",
    "a wrapper": "import functools\ndef d(g):\n    @functools.wraps(g)\n    def w(): return helper()\n    return w\n"
    "@d\ndef inner(): return 1\ndef f(): return inner()",
    "a decorator": "def d(g):\n    helper()\n    return g\n@d\ndef f(): return 1",
    "a decorator's argument": "def d(h): return lambda g: g\n@d(helper)\ndef f(): return 1",
    "a decorator that is a class": "import functools\nclass D:\n    def __init__(self, g): functools.update_wrapper(self, g)\n"
    "    def __call__(self): return helper()\n@D\ndef inner(): return 1\ndef f(): return inner()",
    "a closure": "def make():\n    def f(): return helper()\n    return f\nf = make()",
    "a closed-over function": "def make(g):\n    def f(): return g()\n    return f\nf = make(helper)",
    "a method": "class A:\n    def go(self): return helper()\ndef f(): return A().go()",
    "a property": "class A:\n    @property\n    def go(self): return helper()\ndef f(): return A().go",
    "a static method": "class A:\n    @staticmethod\n    def go(): return helper()\ndef f(): return A.go()",
    "a class method": "class A:\n    @classmethod\n    def go(cls): return helper()\ndef f(): return A.go()",
    "a cached property": "import functools\nclass A:\n    @functools.cached_property\n    def go(self): return helper()\n"
    "def f(): return A().go",
    "a base class": "class B:\n    def go(self): return helper()\nclass A(B): pass\ndef f(): return A().go()",
    "a metaclass": "class M(type):\n    def go(cls): return helper()\nclass A(metaclass=M): pass\ndef f(): return A.go()",
    "super()": "class B:\n    def go(self): return helper()\nclass A(B):\n    def go(self): return super().go()\ng = A.go\n"
    "def f(): return g(A())",
    "a method put on from outside": "class A: pass\nA.go = helper\ndef f(): return A.go()",
    "a bound class method": "class A:\n    @classmethod\n    def go(cls): return helper()\ng = A.go\ndef f(): return g()",
    "a class body": "class A:\n    VALUE = [helper]\ndef f(): return A.VALUE",
    "a nested class": "def f():\n    class A:\n        def go(self): return helper()\n    return A().go()",
    "a dataclass": "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    x: list = field(default_factory=helper)\n"
    "def f(): return A()",
    "an instance of a dataclass": "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
    "    def go(self): return helper()\nONE = A(1)\ndef f(): return ONE.go()",
    "an enum": "import enum\nclass E(enum.Enum):\n    A = 1\n    def go(self): return helper()\ndef f(): return E.A.go()",
    "a member of an enum": "import enum\nclass E(enum.Enum):\n    A = 1\n    def go(self): return helper()\n"
    "A = E.A\ndef f(): return A.go()",
    "a named tuple": "from typing import NamedTuple\nclass N(NamedTuple):\n    x: int\n    def go(self): return helper()\n"
    "ONE = N(1)\ndef f(): return ONE.go()",
    "a pydantic model": "import pydantic\nclass M(pydantic.BaseModel):\n    x: int = 1\n    @pydantic.field_validator('x')\n"
    "    @classmethod\n    def check(cls, x): return helper()\ndef f(): return M()",
    "a type in a pydantic model": "import pydantic\nclass Inner(pydantic.BaseModel):\n    def go(self): return helper()\n"
    "class M(pydantic.BaseModel):\n    x: 'list[Inner]' = []\ndef f(): return M()",
    "a type alias": "class A:\n    def go(self): return helper()\nAS = list[A]\ndef f(): return AS",
    "a pandera model": "import pandera.pyarrow as pa\nclass S(pa.DataFrameModel):\n    x: int\n    @pa.check('x')\n"
    "    def ok(cls, x): return helper()\ndef f(x): return S.validate(x)",
    "getattr with a constant name": "import sys\nfrom shop import probe as me\ndef f(): return getattr(me, 'helper')()",
    "an attribute of a function": "def g(): pass\ng.then = helper\ndef f(): return g.then()",
    "a recursion through another": "def even(n): return n == 0 or odd(n - 1)\n"
    "def odd(n): return helper() if n == 0 else even(n - 1)\ndef f(): return even(4)",
    "a module's __getattr__": "import shop.lazy\ndef f(): return shop.lazy.anything",
    "a match statement": "class P:\n    x = helper\ndef f(v):\n    match v:\n        case P(): return 1",
    "an except clause": "class E(Exception):\n    def go(self): return helper()\ndef f():\n    try: pass\n    except E as e: e.go()",
    "a with statement": "class C:\n    def __enter__(self): return helper()\n    def __exit__(self, *a): pass\ndef f():\n    with C(): pass",
}


@pytest.mark.parametrize("text", REACHES.values(), ids=REACHES.keys())
def test_it_reaches_a_helper_through(tree, text):
    files = {
        "shop/probe.py": f"from shop.helping import helper\n{text}\n",
        "shop/helping.py": "def helper(*args): return 1\n",
        "shop/lazy.py": "from shop.helping import helper\ndef __getattr__(name):\n    if name != 'anything': raise AttributeError\n    return helper()\n",
    }
    tree.write(files)
    before = tree.version("shop.probe:f")
    tree.edit("shop/helping.py", "return 1", "return 2")
    after = tree.version("shop.probe:f")

    assert before.digest != after.digest
    assert changed(before, after) == {"shop.helping:helper"}


CLASSES = {
    "a plain class": ("class A:\n    x = 1\ndef f(): return A()", "x = 1", "x = 2"),
    "a class without methods": ("class A: pass\ndef f(): return A()", "pass", "y = 1"),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\ndef f(): return A()",
        "int",
        "float",
    ),
    "a pydantic model": (
        "import pydantic\nclass A(pydantic.BaseModel):\n    x: int = 1\ndef f(): return A()",
        "int",
        "float",
    ),
    "a pandera model": (
        "import pandera.pyarrow as pa\nclass A(pa.DataFrameModel):\n    x: int\ndef f(): return A",
        "int",
        "float",
    ),
    "an enum": ("import enum\nclass A(enum.Enum):\n    X = 1\ndef f(): return A", "X = 1", "X = 2"),
    "an enum made by a call": ("import enum\nA = enum.Enum('A', 'X Y')\ndef f(): return A", "X Y", "Y X"),
    "a named tuple made by a call": (
        "import collections\nA = collections.namedtuple('A', 'x y')\ndef f(): return A",
        "x y",
        "y x",
    ),
    "the same name in a branch": (
        "if True:\n    class A:\n        def go(self): return 1\nelse:\n    class A:\n        def go(self): return 3\n"
        "def f(): return A().go()",
        "return 1",
        "return 2",
    ),
    "a class in a function": (
        "def make(n):\n    class A:\n        x = 1\n        def go(self): return n\n    return A\nA = make(1)\ndef f(): return A",
        "x = 1",
        "x = 2",
    ),
    "what a class closes over": (
        "def make(n):\n    class A:\n        def go(self): return n\n    return A\nA = make(1)\ndef f(): return A",
        "make(1)",
        "make(2)",
    ),
    "a decorator of a class": (
        "def d(n): return lambda c: c\n@d(1)\nclass A: pass\ndef f(): return A",
        "d(1)",
        "d(2)",
    ),
    "a keyword of a class": (
        "class B:\n    def __init_subclass__(cls, n): cls.n = n\nclass A(B, n=1): pass\ndef f(): return A",
        "n=1",
        "n=2",
    ),
}


@pytest.mark.parametrize(("text", "old", "new"), CLASSES.values(), ids=CLASSES.keys())
def test_an_edit_of_a_class_counts(tree, text, old, new):
    tree.write({"shop/probe.py": text})
    before = tree.version("shop.probe:f")
    tree.edit("shop/probe.py", old, new)

    assert tree.version("shop.probe:f").digest != before.digest


ASYNC = "async def f(x):\n    async with x as y:\n        return [z async for z in y]\n"
SAME = {
    "a comment": ("def f(x):\n    return x\n", "def f(x):\n    # why\n    return x  # what\n"),
    "a docstring": ('def f(x):\n    "one"\n    return x\n', 'def f(x):\n    """another"""\n    return x\n'),
    "no docstring": ('def f(x):\n    "one"\n', "def f(x):\n    pass\n"),
    "a docstring of a class": (
        'class A:\n    "one"\n    x = 1\ndef f(): return A\n',
        "class A:\n    x = 1\ndef f(): return A\n",
    ),
    "a docstring of a nested function": (
        "def f():\n    def g():\n        'a'\n        return 1\n    return g\n",
        "def f():\n    def g():\n        return 1\n    return g\n",
    ),
    "a moved line": ("def f(x):\n    return x\n", "A = 1\n\n\ndef f(x):\n    return x\n"),
    "quotes": ("def f(x): return x['a']\n", 'def f(x):\n    return x["a"]\n'),
    "quotes in an f-string": (
        """def f(x): return f"{', '.join(x)}!"\n""",
        """def f(x): return f'{", ".join(x)}!'\n""",
    ),
    "f-strings joined": (
        "def f(x): return f'{x}' 'a' f'b{x!r:>{x}}'\n",
        "def f(x):\n    return (f'{x}a'\n            f'b{x!r:>{x}}')\n",
    ),
    "a u before a string": ("def f(): return u'a'\n", "def f(): return 'a'\n"),
    "parentheses": ("def f(x, y): return x + y * 2\n", "def f(x, y): return (x + ((y) * 2))\n"),
    "parentheses after del": ("def f(x, y):\n    del x, y\n", "def f(x, y):\n    del (x, y)\n"),
    "trailing commas": (
        "def f(x, y): return [x, y]\n",
        "def f(\n    x,\n    y,\n):\n    return [\n        x,\n        y,\n    ]\n",
    ),
    "line breaks": (
        "def f(x): return x.a().b()\n",
        "def f(x):\n    return (\n        x\n        .a()\n        .b()\n    )\n",
    ),
    "numbers": ("def f(): return 255, 1000000, 1e3\n", "def f(): return 0xFF, 1_000_000, 1000.0\n"),
    "semicolons": ("def f(x): y = x; return y\n", "def f(x):\n    y = x\n    return y\n"),
    "annotations of parameters": (
        "def f(x, *y, **z): return x\n",
        "def f(x: int, *y: str, **z: 'Any') -> list[int]: return x\n",
    ),
    "annotations of variables": (
        "def f(x):\n    y = x\n    return y\n",
        "def f(x):\n    y: int = x\n    z: str\n    return y\n",
    ),
    "annotations of attributes": ("def f(x):\n    x.y = 1\n", "def f(x):\n    x.y: int = 1\n"),
    "annotations of methods": (
        "class A:\n    def g(self, x): return x\ndef f(): return A()\n",
        "class A:\n    def g(self, x: int) -> int: return x\ndef f(): return A()\n",
    ),
    "annotations of properties": (
        "class A:\n    @property\n    def g(self): return 1\ndef f(): return A()\n",
        "class A:\n    @property\n    def g(self) -> int: return 1\ndef f(): return A()\n",
    ),
    "a class without bases": (
        "class A(): x = 1\ndef f(): return A\n",
        "class A:\n    x = 1\ndef f(): return A\n",
    ),
    "an async function": (
        ASYNC,
        ASYNC.replace("f(x)", "f(x: int) -> list").replace("return", "# here\n        return"),
    ),
    "an unrelated function": (
        "def f(x): return x\n",
        "def other(): pass\ndef f(x): return x\ndef third(): return f\n",
    ),
    "an unrelated constant": ("def f(x): return x\n", "A = open(__file__)\ndef f(x): return x\n"),
    "a lambda elsewhere on the line": ("f = lambda x: x\n", "g = (lambda x: x + 1); f = lambda x: x\n"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_what_makes_no_difference(tree, one, other):
    digests = set()
    for text in (one, other):
        tree.write({"shop/probe.py": text})
        digests.add(tree.version("shop.probe:f").digest)

    assert len(digests) == 1


DIFFERENT = {
    "a constant": ("def f(): return 1", "def f(): return 2"),
    "a type of a constant": ("def f(): return 1", "def f(): return 1.0"),
    "a text": ("def f(): return 'a b'", "def f(): return 'a  b'"),
    "a text that is no docstring": (
        "def f():\n    x = 'a'\n    return x",
        "def f():\n    x = 'b'\n    return x",
    ),
    "the name of a parameter": ("def f(x): return 1", "def f(y): return 1"),
    "the kind of a parameter": ("def f(x): return 1", "def f(*, x): return 1"),
    "a default": ("def f(x=1): return x", "def f(x=2): return x"),
    "async": ("def f(): return 1", "async def f(): return 1"),
    "yield": ("def f(): return 1", "def f(): yield 1"),
    "order": ("def f(x): x.a(); x.b()", "def f(x): x.b(); x.a()"),
    "an f-string": ("def f(x): return f'{x}'", "def f(x): return f'{x!r}'"),
    "a format": ("def f(x): return f'{x:.2f}'", "def f(x): return f'{x:.3f}'"),
    "a text of an f-string": ("def f(x): return f'a{x}'", "def f(x): return f'{x}a'"),
    "an f-string and its text": ("def f(x): return f'{x}'", "def f(x): return '{x}'"),
    "an annotation in a class": (
        "def f():\n    class A:\n        x: int = 1\n    return A",
        "def f():\n    class A:\n        x: str = 1\n    return A",
    ),
    "an annotation that a decorator may read": (
        "import pydantic\n@pydantic.validate_call\ndef f(x: int): return x",
        "import pydantic\n@pydantic.validate_call\ndef f(x: float): return x",
    ),
    "an annotation that a dispatch reads": (
        "import functools\n@functools.singledispatch\ndef f(x): return 1\n@f.register\ndef _(x: int): return 2",
        "import functools\n@functools.singledispatch\ndef f(x): return 1\n@f.register\ndef _(x: str): return 2",
    ),
    "two lambdas on a line": ("g, f = lambda x: x, lambda x: x + 1", "f, g = lambda x: x, lambda x: x + 1"),
    "two constant lambdas on a line": ("g, f = lambda: 1, lambda: 2", "f, g = lambda: 1, lambda: 2"),
    "a lambda in a lambda": ("f = lambda x: (lambda x: x)", "f = (lambda x: (lambda x: x))(1)"),
    "what a name stands for": (
        "from math import sqrt as g\ndef f(): return g(1)",
        "from math import log as g\ndef f(): return g(1)",
    ),
    "which of two helpers is which": (
        "def a(): return 1\ndef b(): return 2\ndef f(): return a(), b()",
        "def a(): return 2\ndef b(): return 1\ndef f(): return a(), b()",
    ),
    "which of two helpers is called": (
        "def a(): return 1\ndef b(): return 2\ng = a\ndef f(): return a, b, g()",
        "def a(): return 1\ndef b(): return 2\ng = b\ndef f(): return a, b, g()",
    ),
    "which of a circle calls which": (
        "def a(n): return n and b(n)\ndef b(n): return a(n) + 1\ndef f(): return a(1)",
        "def a(n): return n and b(n) + 1\ndef b(n): return a(n)\ndef f(): return a(1)",
    ),
    "a builtin that is shadowed": (
        "def f(x): return len(x)",
        "def len(x): return 1\ndef f(x): return len(x)",
    ),
    "the argument of a decorator": (
        "def d(n): return lambda g: g\n@d(1)\ndef f(): return 1",
        "def d(n): return lambda g: g\n@d(2)\ndef f(): return 1",
    ),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_makes_a_difference(tree, one, other):
    digests = set()
    for text in (one, other):
        tree.write({"shop/probe.py": text + "\n"})
        digests.add(tree.version("shop.probe:f").digest)

    assert len(digests) == 2


def test_the_name_of_the_function_itself_does_not_count(tree):
    tree.write({"shop/probe.py": "def f(x): return x\ndef g(x): return x\n"})

    assert tree.version("shop.probe:f").digest == tree.version("shop.probe:g").digest


def test_moved_code_keeps_its_version(tree):
    before = tree.version("shop.sales:sales")
    for old, new in (("shop/text.py", "shop/words.py"), ("shop/sales.py", "shop/orders.py")):
        (tree.folder / old).rename(tree.folder / new)
    tree.edit("shop/orders.py", "from shop import text", "from shop import words as text")

    assert tree.version("shop.orders:sales").digest == before.digest


OWN = "import functools\nimport assetflow as af\nfrom assetflow import asset\ndaily = functools.partial(af.asset, group='day')\n"


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
    assert reader.text_of("shop/sales.sql") == "select 1"
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
    with pytest.raises(DeclarationError, match="ignore= holds the value 0.19, which any constant may have"):
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


def test_text_of_gives_the_source_as_it_is_written(tree):
    text = "class A:\n    def go(self):\n        # why\n        return 1\nONE = [\n    1,\n]\ndef f(x):\n    return A, ONE, g\ng = lambda: 1  # here\n"
    tree.write({"shop/probe.py": text})
    reader = tree.reader()
    reader.version(tree.object("shop.probe:f"))

    assert reader.text_of("shop.probe:A") == "class A:\n    def go(self):\n        # why\n        return 1\n"
    assert reader.text_of("shop.probe:ONE") == "ONE = [\n    1,\n]\n"
    assert reader.text_of("shop.probe:<lambda>") == "lambda: 1"
    assert reader.text_of("shop.probe:other") is None


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
    text = "def a(n): return b(n)\ndef b(n): return c(n) or a(n)\ndef c(n): return (lambda: n)()\ndef f(): return a(1)\ndef g(): return c(1), b\n"
    tree.write({"shop/probe.py": text})
    module = tree.load("shop.probe")
    functions = [module.a, module.b, module.c, module.f, module.g]
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
