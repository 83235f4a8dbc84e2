"""Laws of reading code fast: what is remembered, or shared between functions, is what reading each alone gives."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from examples import costly
from hypothesis import given
from hypothesis import strategies as st
from source_trees import SourceTree, source_tree, texts
from test_code_laws import Writer, some_edits

from assetflow.declare.signature import parameters_of
from assetflow.errors import DeclarationError
from assetflow.hashing.code import CodeReader, CodeVersion

TARGET = "shop.sales:sales"

files_with_more = st.fixed_dictionaries(
    {},
    optional={
        "shop/sales.py": st.sampled_from(
            [
                "SEEN = {}\ndef note(x): SEEN[x] = 1\ndef sales(): return note, len(SEEN)\n",  # a value written to
                "SEEN = {}\ndef sales(): return SEEN.get(1)\n",
                "from shop.text import clean as tidy\nimport json\ndef sales(): return tidy, json.dumps\n",
                "def plain(f): return f\n@plain\ndef sales(x: int): return (lambda y: y + x)\n",
                "from functools import cache as plain\n@plain\ndef sales(x: int): return (lambda y: y + x)\n",
                "from typing import TypeVar\nT = TypeVar('T')\ndef sales(x): return T, x in {'a', 'b', 'c'}\n",
                "def sales(x): return getattr(x, input())\n",
                "class A:\n    def go(self): return B\nclass B(A): pass\ndef sales(): return A, B\n",
            ]
        )
    },
)


@contextmanager
def new_tree() -> Iterator[SourceTree]:
    with tempfile.TemporaryDirectory() as folder, source_tree(Path(folder)) as tree:
        yield tree


def told(version: CodeVersion) -> tuple[Any, ...]:
    return version.digest, version.opaque, version.parts, texts(version)


def read(tree: SourceTree, memory: Path | None) -> tuple[Any, ...]:
    """Return all that a reader says of the project as it is written now, problems too; it remembers for the next."""
    reader = CodeReader(tree.folder, frozenset(), memory=memory)
    try:
        return told(reader.version(tree.object(TARGET)))
    except DeclarationError as error:
        return ("problems", *error.problems)
    finally:
        reader.remember()


@costly
@given(st.data(), st.lists(some_edits, min_size=1, max_size=4), files_with_more)
def test_what_is_remembered_of_a_project_is_what_reading_it_gives(data, history, more):
    with tempfile.TemporaryDirectory() as memory, new_tree() as tree:
        for edits in history:
            tree.write({**Writer(data.draw).files(edits), **more})
            expected = read(tree, None)
            assert read(tree, Path(memory)) == expected
            assert read(tree, Path(memory)) == expected  # now from memory


def test_an_unchanged_module_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with source_tree(tmp_path / "code", Writer(None).files()) as tree:
        before = read(tree, tmp_path / "memory")
        monkeypatch.setattr("ast.parse", _refuse)

        assert read(tree, tmp_path / "memory") == before


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("parsed again")


@costly
@given(st.data(), st.integers(0, 2))
def test_a_damaged_memory_is_no_memory(data, kind):
    with tempfile.TemporaryDirectory() as memory, new_tree() as tree:
        tree.write(Writer(None).files())
        expected = read(tree, Path(memory))
        for path in Path(memory).iterdir():
            body = bytearray(path.read_bytes())
            at = data.draw(st.integers(0, len(body) - 1))
            if kind:
                body[at] ^= data.draw(st.integers(1, 255))
            path.write_bytes(body if kind else body[:at])

        assert read(tree, Path(memory)) == expected


def test_a_decorator_that_means_something_else_now_is_read_anew(tmp_path: Path) -> None:
    """The text of a function with a decorator depends on whose it is, and that may change in another module."""
    files = {
        "deco.py": "from functools import cache as mark\n",
        "shop/sales.py": "from deco import mark\n@mark\ndef sales(x: int): return x\n",
    }
    with source_tree(tmp_path / "code", files) as tree:
        before = read(tree, tmp_path / "memory")
        tree.write({"deco.py": "def mark(function): return function\n"})

        assert read(tree, tmp_path / "memory") == read(tree, None) != before


values = st.one_of(
    st.integers(-2, 2), st.text("ab", max_size=2), st.lists(st.integers(0, 2), max_size=2), st.just(len)
)
FACTORY = """\
OFFSET = 3
def helper(x): return x + OFFSET
def make(n, other, default):
    def inner(x=default):
        def nested(): return n, other
        return helper(x), nested, n
    def lazy():
        return unset
    if n == 0:
        return lazy
    unset = n
    return lazy if n == 1 else inner
"""


@given(st.lists(st.tuples(values, values, values), min_size=2, max_size=5))
def test_functions_of_one_text_have_the_versions_that_they_have_alone(arguments):
    with new_tree() as tree:
        tree.write({"factory.py": FACTORY})
        make = tree.object("factory:make")
        functions = [make(*given) for given in arguments]
        together = CodeReader(tree.folder, frozenset())

        assert [told(together.version(one)) for one in functions] == [
            told(CodeReader(tree.folder, frozenset()).version(one)) for one in functions
        ]


def _parameters() -> list[Callable[..., Any]]:
    def none() -> None: ...
    def some(a, b=1, *, c, d=2) -> None: ...  # type: ignore[no-untyped-def]
    def positional(a, /, b) -> None: ...  # type: ignore[no-untyped-def]
    def starred(a, *args, b=3, **kwargs) -> None: ...  # type: ignore[no-untyped-def]
    def keywords(*, a=1, b) -> None: ...  # type: ignore[no-untyped-def]
    def wrapper(*args, **kwargs) -> None: ...  # type: ignore[no-untyped-def]

    wrapper.__wrapped__ = some  # type: ignore[attr-defined]
    return [none, some, positional, starred, keywords, wrapper, lambda x, y=(): x]


@pytest.mark.parametrize("function", _parameters(), ids=lambda function: function.__name__)
def test_parameters_are_those_that_inspect_tells(function: Callable[..., Any]) -> None:
    expected = inspect.signature(function).parameters.values()

    found = parameters_of(function)

    assert list(found) == [item.name for item in expected]
    assert [tuple(item) for item in found.values()] == [
        (item.name, item.kind, item.default) for item in expected
    ]
