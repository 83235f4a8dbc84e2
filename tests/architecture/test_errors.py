"""The tree of errors: drawn, documented, and stable for those who catch."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from assetflow import errors

DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
CLASSES = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, errors.AssetflowError)
]

every_class = pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)


def test_codes_are_unique():
    codes = [error.code for error in CLASSES]

    assert len(set(codes)) == len(codes)


@every_class
def test_a_class_says_its_own_code(error):
    assert "code" in vars(error)


@every_class
def test_a_class_is_drawn_below_its_parent(error):
    tree = (errors.__doc__ or "").splitlines()
    depth = {
        name: len(line) - len(line.lstrip(" │├└─"))
        for line in tree
        for name in re.findall(r"\w+Error\b", line)[:1]
    }
    above = [name for name in depth if list(depth).index(name) < list(depth).index(error.__name__)]
    parents = [name for name in above if depth[name] < depth[error.__name__]]

    assert (parents[-1:] or [Exception.__name__]) == [error.__bases__[0].__name__]


@every_class
def test_a_class_is_documented_with_its_code_and_exit_code(error):
    row = re.compile(rf"^\| `{error.code}` \| `{error.__name__}` \| {error.exit_code} \| \S", re.MULTILINE)

    assert row.search(DOCUMENTED.read_text()), f"docs/errors.md needs a row for {error.__name__}"


def test_only_classes_that_exist_are_documented():
    assert set(re.findall(r"`(\w+Error)`", DOCUMENTED.read_text())) == {error.__name__ for error in CLASSES}


def test_an_error_prints_what_happened_and_how_to_mend_it():
    assert str(errors.UsageError("this is wrong", hint="do that")) == "this is wrong\n  do that"
    assert str(errors.UsageError("this is wrong")) == "this is wrong"


def test_a_declaration_error_prints_every_problem_with_its_place():
    problems = [errors.Problem("one", "a.py:1"), errors.Problem("two", "b.py:2", hint="mend it")]
    error = errors.DeclarationError(problems)

    assert str(error) == (
        "2 problems in the project's declarations\n  a.py:1: one\n  b.py:2: two\n    mend it"
    )  # fmt: skip
    assert error.problems == tuple(problems)
