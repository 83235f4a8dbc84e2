from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict, TypeVar

import numpy as np
import pytest

from assetflow.frames.declared_class import class_text, is_of


class Colour(enum.Enum):
    RED = 1


class Row(TypedDict):
    n: int


class Pair(NamedTuple):
    left: int
    right: int


Cents = NewType("Cents", int)
T = TypeVar("T")


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ([1], list),
        (["a"], list[int]),
        ({"a": 1}, dict[str, int]),
        ((1, 2), tuple[int, int]),
        ({1}, set),
        (frozenset({1}), frozenset),
        (True, bool),
        (1, float),
        (1, complex),
        (1.5, complex),
        (np.int64(1), int),
        (np.int64(1), float),
        (np.float32(1), float),
        (np.bool_(True), bool),
        (1, np.float64),
        (np.int8(1), np.float64),
        ({"n": 1}, Row),
        (Pair(1, 2), Pair),
        (Pair(1, 2), tuple),
        (Colour.RED, Colour),
        (dt.datetime(2026, 1, 1), dt.date),
        (Decimal(1), Decimal),
        ((1,), Sequence[int]),
        ({}, Mapping[str, int]),
        ("a", int | str),
        (None, int | str | None),
        ("b", Literal["a", "b"]),
        (3, Cents),
        ([3], Annotated[list[int], "of cents"]),
        (object(), Any),
        ({1}, T),
        ({1}, None),
    ],
)
def test_a_value_of_the_declared_class_is_taken(value, annotation):
    assert is_of(value, annotation)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ({1}, list),
        ((1,), list[int]),
        ([1], tuple),
        ([1], dict),
        ([1], set),
        ({1}, frozenset),
        (1.0, int),
        (np.float64(1), int),
        (1j, float),
        (1, bool),
        ("1", int),
        ("1", np.int64),
        ([("n", 1)], Row),
        ((1, 2), Pair),
        (1, Colour),
        (dt.date(2026, 1, 1), dt.datetime),
        (1.0, Decimal),
        ({1}, Sequence[int]),
        (1.5, int | str),
        (None, int | str),
        ("c", Literal["a", "b"]),
        (True, Literal[1]),
        ("3", Cents),
    ],
)
def test_a_value_of_another_class_is_not(value, annotation):
    assert not is_of(value, annotation)


def test_an_annotation_is_told_as_it_was_written():
    assert [class_text(annotation) for annotation in (list, dict[str, int], int | None, Pair)] == [
        "list",
        "dict[str, int]",
        "int | None",
        "Pair",
    ]
