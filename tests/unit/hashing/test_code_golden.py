"""Golden values of ``code/1``: the same under every supported Python, on every machine.

Another value here is another format: it takes a new number, and records of the number before stay valid.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from source_trees import source_tree

PIECES = {
    "a function": ("def f(x): return x + 1", "f"),
    "every expression": (
        (
            "def f(a, /, b=1, *c, d, e=2, **g):\n"
            "    x = [1, 2.5, 3j, 'é\\n', b'z', None, True, ..., -a, not b]\n"
            "    x = a ** b, a @ b, a // b, a << 1, a[1:2, ::3]\n"
            "    y = {**g, 'k': (yield), **{'l': {1, 2}}}\n"
            "    z = lambda q, *r: (q if r else [s for s in r if s for _ in s])\n"
            "    assert a < b <= d != e is not None and a in x or b not in y\n"
            "    x = f\"{a!r:>{b}} {', '.join(x)} {{}} {x[0]['k']=}\"\n"
            "    del x, (y, z)\n"
            "    return (w := a), *c\n"
        ),
        "f",
    ),
    "every statement": (
        (
            "async def f(x):\n"
            "    global G\n"
            "    async with x as (y, z), x: await x\n"
            "    async for i in x: continue\n"
            "    else: pass\n"
            "    while x: break\n"
            "    try: raise E from None\n"
            "    except (KeyError, OSError) as e: raise\n"
            "    except ValueError: x += 1\n"
            "    else: x.y = x[0] = 1\n"
            "    finally: import os.path as p; from json import loads as l\n"
            "    try: pass\n"
            "    except* E: pass\n"
            "    match x:\n"
            "        case [1, *r] | (2 as r): return\n"
            "        case {'a': E(b=1), **r} if r: yield 'a' 'b'\n"
            "        case _: pass\n"
            "    for i, *j in x: yield i\n"
            "class E(Exception): pass\n"
        ),
        "f",
    ),
    "a class": (
        (
            "class A:\n"
            "    x: int = 1\n"
            "    @property\n"
            "    def y(self) -> int: return self.x\n"
            "    @y.setter\n"
            "    def y(self, v: int): pass\n"
        ),
        "A",
    ),
    "constants": ("A, B, C = 1, ['a', {'b': (1.5, None)}], {1, 2, 3}\ndef f(): return A, B, C", "f"),
    "a closure": ("def make(n, g):\n    def f(x=2): return g(n)\n    return f\nf = make(1, lambda: 3)", "f"),
    "a circle": ("def f(n): return g(n - 1) if n else 0\ndef g(n): return f(n)", "f"),
    "others' code": ("import math\nfrom json import dumps as d\ndef f(x): return d(math.sqrt(x))", "f"),
}
GOLDEN = {
    "a function": "b269beca2a06a368a20dadf00f689411",
    "every expression": "57e15f6760b0a26123a5c5f26ce191ca",
    "every statement": "ced886698c3319064dba125d2030159f",
    "a class": "592e0298a12600fb22be36bacd045ac8",
    "constants": "885597a7704c0f40b60d93cffc907b84",
    "a closure": "22ffe8a0a79c21dc08c3d3808b7cd66a",
    "a circle": "b81306eba7de09662f790aae6ff5b4b9",
    "others' code": "8b9a4482f157598cda6bc43d49b757da",
}


@pytest.mark.parametrize("piece", PIECES)
def test_versions_are_what_they_have_always_been(tmp_path: Path, piece: str):
    text, name = PIECES[piece]
    with source_tree(tmp_path, {"golden.py": text}) as tree:
        assert tree.version(f"golden:{name}").digest == GOLDEN[piece]
