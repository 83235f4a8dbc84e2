"""Identity of values: what is read is what was written, and equal texts mean equal values."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from examples import identity
from hypothesis import assume, given
from hypothesis import strategies as st

from assetflow.hashing.values import canonical_value, decode_value, encode_value, hash_value

ZONES = (
    st.none() | st.timezones() | st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-3, minutes=-30))])
)
TEXTS = st.text(st.characters(categories=None), max_size=4) | st.sampled_from(["", "$", "$set", "null", "1"])
HASHABLE_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers() | st.integers(-(2**80), 2**80),
    st.floats(),
    TEXTS,
    st.binary(max_size=4),
    st.complex_numbers(),
    st.decimals().filter(lambda number: not number.is_snan()),  # Python cannot hash those
    st.dates(),
    st.times(timezones=st.none()),
    st.datetimes(timezones=ZONES, allow_imaginary=True),
    st.timedeltas(),
    st.uuids(),
    st.text(max_size=3).filter(lambda text: "\0" not in text).map(PurePosixPath),
)
HASHABLE = st.recursive(
    HASHABLE_SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
ARRAYS = st.lists(st.integers(0, 255), max_size=4).map(lambda items: np.array(items, "u1"))
VALUES = st.recursive(
    HASHABLE | ARRAYS | st.binary(max_size=3).map(bytearray),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(TEXTS, inner, max_size=3),
        st.dictionaries(HASHABLE, inner, max_size=3),
        st.sets(HASHABLE, max_size=3),
    ),
    max_leaves=10,
)


def meaning(value: Any) -> Any:
    """A value of which two are equal exactly when the values are to have one identity."""
    match value:
        case float() if math.isnan(value):
            return "float", "nan"
        case float():
            return "float", value.hex()
        case complex():
            return "complex", meaning(value.real), meaning(value.imag)
        case dict():
            return "dict", frozenset(counted((meaning(k), meaning(v)) for k, v in value.items()))
        case set() | frozenset():
            return type(value).__name__, frozenset(counted(map(meaning, value)))
        case list() | tuple():
            return type(value).__name__, tuple(map(meaning, value))
        case np.ndarray():
            return "array", str(value.dtype), value.shape, value.tobytes()
        case dt.datetime() | dt.time():
            zone = value.tzinfo
            name = getattr(zone, "key", None) or (zone and zone.utcoffset(None))
            utc = name in ("UTC", dt.timedelta(0))
            return (
                type(value).__name__,
                value.replace(tzinfo=None, fold=0),
                "UTC" if utc else name,
                value.fold,
            )
        case bytearray():
            return "bytearray", bytes(value)
        case PurePosixPath():
            return "path", str(value)
    return type(value).__name__, str(value) if value is not None else None


def counted(items: Any) -> dict[tuple[Any, int], None]:
    """Number equal items (several NaNs in one set), so that a set of them loses none."""
    seen: dict[Any, int] = {}
    numbered = {}
    for item in items:
        seen[item] = seen.get(item, 0) + 1
        numbered[item, seen[item]] = None
    return numbered


@identity
@given(VALUES)
def test_what_is_read_has_the_meaning_and_the_hash_of_what_was_written(value):
    text = encode_value(value)

    read = decode_value(text)

    assert meaning(read) == meaning(value)
    assert encode_value(read) == text
    assert hash_value(read) == hash_value(value)


@identity
@given(VALUES, VALUES)
def test_two_values_have_one_hash_exactly_when_they_have_one_meaning(one, other):
    assert (hash_value(one) == hash_value(other)) == (meaning(one) == meaning(other))


@identity
@given(st.lists(st.tuples(HASHABLE, VALUES), max_size=5), st.randoms())
def test_the_order_of_dicts_and_sets_does_not_matter(pairs, random):
    items = list(dict(pairs).items())
    shuffled = random.sample(items, len(items))

    assert hash_value(dict(items)) == hash_value(dict(shuffled))
    assert hash_value({key for key, _ in items}) == hash_value({key for key, _ in shuffled})


@identity
@given(VALUES)
def test_the_canonical_tree_survives_utf_8(value):
    encode_value(value).encode("utf-8")
    assert canonical_value(value) == canonical_value(decode_value(encode_value(value)))


@identity
@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
def test_another_item_is_another_value(items, data):
    place = data.draw(st.integers(0, len(items) - 1))
    other = data.draw(VALUES)
    assume(meaning(other) != meaning(items[place]))

    assert hash_value(items) != hash_value([*items[:place], other, *items[place + 1 :]])
