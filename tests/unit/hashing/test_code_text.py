"""What about the way code is written counts, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import SourceTree, source_tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path, {"shop/__init__.py": ""}) as made:
        yield made


SAME = {
    "a comment": ("def f(x):\n    return x\n", "def f(x):\n    # why\n    return x  # what\n"),
    "a docstring": ('def f(x):\n    "one"\n    return x\n', 'def f(x):\n    """another"""\n    return x\n'),
    "no docstring": ('def f(x):\n    "one"\n', "def f(x):\n    pass\n"),
    "a docstring of a class": (
        ('class A:\n    "one"\n    x = 1\ndef f(): return A\n'),
        ("class A:\n    x = 1\ndef f(): return A\n"),
    ),
    "a docstring of a nested function": (
        ("def f():\n    def g():\n        'a'\n        return 1\n    return g\n"),
        ("def f():\n    def g():\n        return 1\n    return g\n"),
    ),
    "a moved line": ("def f(x):\n    return x\n", "A = 1\n\n\ndef f(x):\n    return x\n"),
    "quotes": ("def f(x): return x['a']\n", 'def f(x):\n    return x["a"]\n'),
    "quotes in an f-string": (
        "def f(x): return f\"{', '.join(x)}!\"\n",
        "def f(x): return f'{\", \".join(x)}!'\n",
    ),
    "f-strings joined": (
        "def f(x): return f'{x}' 'a' f'b{x!r:>{x}}'\n",
        ("def f(x):\n    return (f'{x}a'\n            f'b{x!r:>{x}}')\n"),
    ),
    "a u before a string": ("def f(): return u'a'\n", "def f(): return 'a'\n"),
    "parentheses": ("def f(x, y): return x + y * 2\n", "def f(x, y): return (x + ((y) * 2))\n"),
    "parentheses after del": ("def f(x, y):\n    del x, y\n", "def f(x, y):\n    del (x, y)\n"),
    "trailing commas": (
        "def f(x, y): return [x, y]\n",
        ("def f(\n    x,\n    y,\n):\n    return [\n        x,\n        y,\n    ]\n"),
    ),
    "line breaks": (
        "def f(x): return x.a().b()\n",
        ("def f(x):\n    return (\n        x\n        .a()\n        .b()\n    )\n"),
    ),
    "numbers": ("def f(): return 255, 1000000, 1e3\n", "def f(): return 0xFF, 1_000_000, 1000.0\n"),
    "semicolons": ("def f(x): y = x; return y\n", "def f(x):\n    y = x\n    return y\n"),
    "annotations of parameters": (
        "def f(x, *y, **z): return x\n",
        "def f(x: int, *y: str, **z: 'Any') -> list[int]: return x\n",
    ),
    "annotations of variables": (
        ("def f(x):\n    y = x\n    return y\n"),
        ("def f(x):\n    y: int = x\n    z: str\n    return y\n"),
    ),
    "annotations of attributes": ("def f(x):\n    x.y = 1\n", "def f(x):\n    x.y: int = 1\n"),
    "annotations of methods": (
        ("class A:\n    def g(self, x): return x\ndef f(): return A()\n"),
        ("class A:\n    def g(self, x: int) -> int: return x\ndef f(): return A()\n"),
    ),
    "annotations of properties": (
        ("class A:\n    @property\n    def g(self): return 1\ndef f(): return A()\n"),
        ("class A:\n    @property\n    def g(self) -> int: return 1\ndef f(): return A()\n"),
    ),
    "a class without bases": (
        "class A(): x = 1\ndef f(): return A\n",
        "class A:\n    x = 1\ndef f(): return A\n",
    ),
    "an async function": (
        ("async def f(x):\n    async with x as y:\n        return [z async for z in y]\n"),
        (
            "async def f(x: int) -> list:\n"
            "    async with x as y:\n"
            "        # here\n"
            "        return [z async for z in y]\n"
        ),
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
        ("def f():\n    class A:\n        x: int = 1\n    return A"),
        ("def f():\n    class A:\n        x: str = 1\n    return A"),
    ),
    "an annotation that a decorator may read": (
        ("import pydantic\n@pydantic.validate_call\ndef f(x: int): return x"),
        ("import pydantic\n@pydantic.validate_call\ndef f(x: float): return x"),
    ),
    "an annotation that a dispatch reads": (
        (
            "import functools\n"
            "@functools.singledispatch\n"
            "def f(x): return 1\n"
            "@f.register\n"
            "def _(x: int): return 2"
        ),
        (
            "import functools\n"
            "@functools.singledispatch\n"
            "def f(x): return 1\n"
            "@f.register\n"
            "def _(x: str): return 2"
        ),
    ),
    "two lambdas on a line": ("g, f = lambda x: x, lambda x: x + 1", "f, g = lambda x: x, lambda x: x + 1"),
    "two constant lambdas on a line": ("g, f = lambda: 1, lambda: 2", "f, g = lambda: 1, lambda: 2"),
    "a lambda in a lambda": ("f = lambda x: (lambda x: x)", "f = (lambda x: (lambda x: x))(1)"),
    "what a name stands for": (
        "from math import sqrt as g\ndef f(): return g(1)",
        "from math import log as g\ndef f(): return g(1)",
    ),
    "which of two helpers is which": (
        ("def a(): return 1\ndef b(): return 2\ndef f(): return a(), b()"),
        ("def a(): return 2\ndef b(): return 1\ndef f(): return a(), b()"),
    ),
    "which of two helpers is called": (
        ("def a(): return 1\ndef b(): return 2\ng = a\ndef f(): return a, b, g()"),
        ("def a(): return 1\ndef b(): return 2\ng = b\ndef f(): return a, b, g()"),
    ),
    "which of a circle calls which": (
        ("def a(n): return n and b(n)\ndef b(n): return a(n) + 1\ndef f(): return a(1)"),
        ("def a(n): return n and b(n) + 1\ndef b(n): return a(n)\ndef f(): return a(1)"),
    ),
    "a builtin that is shadowed": (
        "def f(x): return len(x)",
        "def len(x): return 1\ndef f(x): return len(x)",
    ),
    "the argument of a decorator": (
        ("def d(n): return lambda g: g\n@d(1)\ndef f(): return 1"),
        ("def d(n): return lambda g: g\n@d(2)\ndef f(): return 1"),
    ),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_makes_a_difference(tree, one, other):
    digests = set()
    for text in (one, other):
        tree.write({"shop/probe.py": text + "\n"})
        digests.add(tree.version("shop.probe:f").digest)

    assert len(digests) == 2
