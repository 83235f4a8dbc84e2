"""Every way in which a function reaches other code of the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import SourceTree, changed, source_tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path, {"shop/__init__.py": ""}) as made:
        yield made


REACHES = {
    "a nested function": ("def f():\n    def inner(): return helper()\n    return inner()"),
    "a lambda": "def f(): return (lambda x: helper() + x)(1)",
    "a comprehension": "def f(): return {k: helper() for k in range(3) if helper()}",
    "a generator": "def f():\n    yield from (helper() for _ in range(2))",
    "an async function": "async def f():\n    return await helper()",
    "a default": "def f(g=helper): return g()",
    "a keyword default": "def f(*, g=helper): return g()",
    "a partial": ("from functools import partial\np = partial(helper, 1)\ndef f(): return p()"),
    "a partial in a default": "from functools import partial\ndef f(p=partial(helper)): return p()",
    "a list": "STEPS = [helper]\ndef f(): return [step() for step in STEPS]",
    "a dict": "STEPS = {'a': {'b': helper}}\ndef f(): return STEPS['a']",
    "a set": "STEPS = frozenset({helper, len})\ndef f(): return STEPS",
    "an alias": "other = helper\ndef f(): return other()",
    "lru_cache": (
        "import functools\n@functools.lru_cache\ndef cached(): return helper()\ndef f(): return cached()"
    ),
    "contextmanager": (
        "import contextlib\n@contextlib.contextmanager\ndef c(): yield helper()\ndef f():\n    with c(): pass"
    ),
    "singledispatch": (
        "import functools\n"
        "@functools.singledispatch\n"
        "def g(x): return 1\n"
        "@g.register\n"
        "def _(x: int): return helper()\n"
        "def f(): return g(1)"
    ),
    "a wrapped function": (
        "import functools\n"
        "def d(g):\n"
        "    @functools.wraps(g)\n"
        "    def w(): return g()\n"
        "    return w\n"
        "@d\n"
        "def inner(): return helper()\n"
        "def f(): return inner()"
    ),
    "a wrapper": (
        "import functools\n"
        "def d(g):\n"
        "    @functools.wraps(g)\n"
        "    def w(): return helper()\n"
        "    return w\n"
        "@d\n"
        "def inner(): return 1\n"
        "def f(): return inner()"
    ),
    "a decorator": ("def d(g):\n    helper()\n    return g\n@d\ndef f(): return 1"),
    "a decorator's argument": ("def d(h): return lambda g: g\n@d(helper)\ndef f(): return 1"),
    "a decorator that is a class": (
        "import functools\n"
        "class D:\n"
        "    def __init__(self, g): functools.update_wrapper(self, g)\n"
        "    def __call__(self): return helper()\n"
        "@D\n"
        "def inner(): return 1\n"
        "def f(): return inner()"
    ),
    "a closure": ("def make():\n    def f(): return helper()\n    return f\nf = make()"),
    "a closed-over function": ("def make(g):\n    def f(): return g()\n    return f\nf = make(helper)"),
    "a method": ("class A:\n    def go(self): return helper()\ndef f(): return A().go()"),
    "a property": ("class A:\n    @property\n    def go(self): return helper()\ndef f(): return A().go"),
    "a static method": ("class A:\n    @staticmethod\n    def go(): return helper()\ndef f(): return A.go()"),
    "a class method": (
        "class A:\n    @classmethod\n    def go(cls): return helper()\ndef f(): return A.go()"
    ),
    "a cached property": (
        "import functools\n"
        "class A:\n"
        "    @functools.cached_property\n"
        "    def go(self): return helper()\n"
        "def f(): return A().go"
    ),
    "a base class": (
        "class B:\n    def go(self): return helper()\nclass A(B): pass\ndef f(): return A().go()"
    ),
    "a metaclass": (
        "class M(type):\n    def go(cls): return helper()\nclass A(metaclass=M): pass\ndef f(): return A.go()"
    ),
    "super()": (
        "class B:\n"
        "    def go(self): return helper()\n"
        "class A(B):\n"
        "    def go(self): return super().go()\n"
        "g = A.go\n"
        "def f(): return g(A())"
    ),
    "a method put on from outside": ("class A: pass\nA.go = helper\ndef f(): return A.go()"),
    "a bound class method": (
        "class A:\n    @classmethod\n    def go(cls): return helper()\ng = A.go\ndef f(): return g()"
    ),
    "a class body": ("class A:\n    VALUE = [helper]\ndef f(): return A.VALUE"),
    "a nested class": ("def f():\n    class A:\n        def go(self): return helper()\n    return A().go()"),
    "a dataclass": (
        "from dataclasses import dataclass, field\n"
        "@dataclass\n"
        "class A:\n"
        "    x: list = field(default_factory=helper)\n"
        "def f(): return A()"
    ),
    "an instance of a dataclass": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class A:\n"
        "    x: int\n"
        "    def go(self): return helper()\n"
        "ONE = A(1)\n"
        "def f(): return ONE.go()"
    ),
    "an enum": (
        "import enum\n"
        "class E(enum.Enum):\n"
        "    A = 1\n"
        "    def go(self): return helper()\n"
        "def f(): return E.A.go()"
    ),
    "a member of an enum": (
        "import enum\n"
        "class E(enum.Enum):\n"
        "    A = 1\n"
        "    def go(self): return helper()\n"
        "A = E.A\n"
        "def f(): return A.go()"
    ),
    "a named tuple": (
        "from typing import NamedTuple\n"
        "class N(NamedTuple):\n"
        "    x: int\n"
        "    def go(self): return helper()\n"
        "ONE = N(1)\n"
        "def f(): return ONE.go()"
    ),
    "a pydantic model": (
        "import pydantic\n"
        "class M(pydantic.BaseModel):\n"
        "    x: int = 1\n"
        "    @pydantic.field_validator('x')\n"
        "    @classmethod\n"
        "    def check(cls, x): return helper()\n"
        "def f(): return M()"
    ),
    "a type in a pydantic model": (
        "import pydantic\n"
        "class Inner(pydantic.BaseModel):\n"
        "    def go(self): return helper()\n"
        "class M(pydantic.BaseModel):\n"
        "    x: 'list[Inner]' = []\n"
        "def f(): return M()"
    ),
    "a type alias": ("class A:\n    def go(self): return helper()\nAS = list[A]\ndef f(): return AS"),
    "a pandera model": (
        "import pandera.pyarrow as pa\n"
        "class S(pa.DataFrameModel):\n"
        "    x: int\n"
        "    @pa.check('x')\n"
        "    def ok(cls, x): return helper()\n"
        "def f(x): return S.validate(x)"
    ),
    "getattr with a constant name": (
        "import sys\nfrom shop import probe as me\ndef f(): return getattr(me, 'helper')()"
    ),
    "an attribute of a function": ("def g(): pass\ng.then = helper\ndef f(): return g.then()"),
    "a recursion through another": (
        "def even(n): return n == 0 or odd(n - 1)\n"
        "def odd(n): return helper() if n == 0 else even(n - 1)\n"
        "def f(): return even(4)"
    ),
    "a module's __getattr__": "import shop.lazy\ndef f(): return shop.lazy.anything",
    "a match statement": ("class P:\n    x = helper\ndef f(v):\n    match v:\n        case P(): return 1"),
    "an except clause": (
        "class E(Exception):\n"
        "    def go(self): return helper()\n"
        "def f():\n"
        "    try: pass\n"
        "    except E as e: e.go()"
    ),
    "a with statement": (
        "class C:\n"
        "    def __enter__(self): return helper()\n"
        "    def __exit__(self, *a): pass\n"
        "def f():\n"
        "    with C(): pass"
    ),
}


@pytest.mark.parametrize("text", REACHES.values(), ids=REACHES.keys())
def test_it_reaches_a_helper_through(tree, text):
    files = {
        "shop/probe.py": f"from shop.helping import helper\n{text}\n",
        "shop/helping.py": "def helper(*args): return 1\n",
        "shop/lazy.py": """
            from shop.helping import helper
            def __getattr__(name):
                if name != 'anything':
                    raise AttributeError
                return helper()
            """,
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
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\ndef f(): return A()"),
        "int",
        "float",
    ),
    "a pydantic model": (
        ("import pydantic\nclass A(pydantic.BaseModel):\n    x: int = 1\ndef f(): return A()"),
        "int",
        "float",
    ),
    "a pandera model": (
        ("import pandera.pyarrow as pa\nclass A(pa.DataFrameModel):\n    x: int\ndef f(): return A"),
        "int",
        "float",
    ),
    "an enum": ("import enum\nclass A(enum.Enum):\n    X = 1\ndef f(): return A", "X = 1", "X = 2"),
    "an enum made by a call": ("import enum\nA = enum.Enum('A', 'X Y')\ndef f(): return A", "X Y", "Y X"),
    "a named tuple made by a call": (
        ("import collections\nA = collections.namedtuple('A', 'x y')\ndef f(): return A"),
        "x y",
        "y x",
    ),
    "the same name in a branch": (
        (
            "if True:\n"
            "    class A:\n"
            "        def go(self): return 1\n"
            "else:\n"
            "    class A:\n"
            "        def go(self): return 3\n"
            "def f(): return A().go()"
        ),
        "return 1",
        "return 2",
    ),
    "a class in a function": (
        (
            "def make(n):\n"
            "    class A:\n"
            "        x = 1\n"
            "        def go(self): return n\n"
            "    return A\n"
            "A = make(1)\n"
            "def f(): return A"
        ),
        "x = 1",
        "x = 2",
    ),
    "what a class closes over": (
        (
            "def make(n):\n"
            "    class A:\n"
            "        def go(self): return n\n"
            "    return A\n"
            "A = make(1)\n"
            "def f(): return A"
        ),
        "make(1)",
        "make(2)",
    ),
    "a decorator of a class": (
        "def d(n): return lambda c: c\n@d(1)\nclass A: pass\ndef f(): return A",
        "d(1)",
        "d(2)",
    ),
    "a keyword of a class": (
        ("class B:\n    def __init_subclass__(cls, n): cls.n = n\nclass A(B, n=1): pass\ndef f(): return A"),
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
