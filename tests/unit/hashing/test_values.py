from __future__ import annotations

import collections
import dataclasses
import enum
import typing
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from assetflow.errors import DataError
from assetflow.hashing.digest import digest
from assetflow.hashing.values import MOST_DEPTH, canonical_value, encode_value, hash_encoded, hash_value


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.IntEnum):
    S = 1


class Point(typing.NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Line:
    amount: float
    colour: Colour = Colour.RED


@dataclasses.dataclass
class Account:
    name: str
    password: SecretStr


class Order(BaseModel):
    lines: list[Line] = []
    note: str | None = None


class Loose(BaseModel, extra="allow"):
    a: int


class Login(BaseModel):
    user: str
    password: SecretStr
    token: Secret[int] | None = None
    key: SecretBytes | None = None


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_values_of_different_types_differ():
    values = [
        1,
        1.0,
        True,
        "1",
        b"1",
        [1],
        (1,),
        None,
        {1},
        frozenset({1}),
        {"1": 1},
        {1: 1},
        bytearray(b"1"),
    ]
    values += [Size.S, 1 + 0j, [None], [], (), "", b"", {}, "None", "null", 0, False, Point(1, 1), (1, 1)]
    values += [np.array(1), np.array([1]), np.array([1.0])]

    assert len({hash_value(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": [1, 1.0, None], "a": "ä\n"}, '{"a":"ä\\n","b":[1,1.0,null]}'),
        ((1, {2, 1}), '{"$tuple":[1,{"$set":[1,2]}]}'),
        ({2: "b", 1: "a"}, '{"$dict":[[1,"a"],[2,"b"]]}'),
        ({"$set": [1]}, '{"$dict":[["$set",[1]]]}'),
        (Colour.RED, '{"$enum":["test_values:Colour","red"]}'),
        (Point(1, 2), '{"$namedtuple":["test_values:Point",{"x":1,"y":2}]}'),
        (
            Line(1.5),
            '{"$dataclass":["test_values:Line",{"amount":1.5,"colour":{"$enum":["test_values:Colour","red"]}}]}',
        ),
        (Order(), '{"$model":["test_values:Order",{"lines":[],"note":null}]}'),
        (Loose(a=1, b=2), '{"$model":["test_values:Loose",{"a":1,"b":2}]}'),
    ],
)
def test_the_canonical_text_is_type_tagged_json(value, text):
    assert encode_value(value).replace(__name__, "test_values") == text


def test_the_hash_is_that_of_the_text():
    assert hash_value([1, "x"]) == hash_encoded('[1,"x"]') == digest("value/1", '[1,"x"]')


def test_the_order_of_a_dict_and_of_a_set_does_not_matter():
    assert hash_value({"a": 1, "b": 2}) == hash_value({"b": 2, "a": 1})
    assert hash_value({1: "a", "1": "b", (1,): "c"}) == hash_value({(1,): "c", "1": "b", 1: "a"})
    assert hash_value({"x", 1, (2,), None}) == hash_value({None, (2,), 1, "x"})


def test_subclasses_are_what_they_extend():
    assert encode_value(collections.OrderedDict(b=1, a=2)) == encode_value({"a": 2, "b": 1})
    assert encode_value(collections.Counter("aa")) == encode_value({"a": 2})
    assert encode_value(collections.defaultdict(list, a=[1])) == encode_value({"a": [1]})


def test_numpy_scalars_are_the_python_values_they_equal():
    numbers = [np.float64(1.5), np.float32(0.5), np.int8(3), np.uint64(2**63), np.bool_(True), np.str_("x")]

    assert encode_value([*numbers, np.complex128(1 + 2j), np.bytes_(b"a")]) == encode_value(
        [1.5, 0.5, 3, 2**63, True, "x", 1 + 2j, b"a"]
    )
    assert encode_value({np.str_("a"): 1, np.int8(2): 3}) == encode_value({"a": 1, 2: 3})


def test_one_object_in_two_places_is_two_values():
    shared = [1]

    assert encode_value([shared, shared]) == "[[1],[1]]"


def test_a_value_that_contains_itself_is_refused():
    circle: dict[str, Any] = {}
    circle["a"] = [circle]

    with pytest.raises(DataError, match=r"a dict contains itself \(at \['a'\]\[0\]\)"):
        hash_value(circle)


def test_only_so_many_levels_are_written():
    hash_value(nested(MOST_DEPTH))

    with pytest.raises(DataError, match="more than 64 levels"):
        hash_value(nested(MOST_DEPTH + 1))


@pytest.mark.parametrize(
    "value",
    [
        object(),
        int,
        Line,
        Colour,
        Order,
        len,
        lambda: 1,
        range(3),
        iter([]),
        memoryview(b""),
        collections.deque(),
        ValueError(),
        pd.DataFrame(),
        pd.NA,
        SecretStr("x"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place_and_a_way_out(value):
    with pytest.raises(DataError, match=r"has no canonical form \(at \['a'\]\[3\]\[0\]\)") as error:
        canonical_value({"a": [1, 2, 3, (value,)]})

    assert error.value.hint


def test_the_place_of_a_bad_key_and_of_a_bad_field_is_told():
    with pytest.raises(DataError, match=r"at \[<object object"):
        canonical_value({object(): 1})
    with pytest.raises(DataError, match=r"at \['lines'\]\[0\]\['amount'\]"):
        canonical_value(Order.model_construct(lines=[Line(object())]))


def test_a_bad_value_itself_has_no_place():
    with pytest.raises(DataError) as error:
        canonical_value(object())

    assert error.value.message == "a value of type builtins.object has no canonical form"


def test_secrets_in_fields_are_left_out():
    one = Login(user="ann", password=SecretStr("one"), token=Secret[int](1), key=SecretBytes(b"1"))
    other = Login(user="ann", password=SecretStr("other"), token=Secret[int](2), key=SecretBytes(b"2"))

    assert hash_value(one) == hash_value(other)
    assert hash_value(Account("ann", SecretStr("one"))) == hash_value(Account("ann", SecretStr("other")))
    assert encode_value(one).replace(__name__, "m") == '{"$model":["m:Login",{"user":"ann"}]}'


def test_a_secret_is_never_told_in_an_error():
    with pytest.raises(DataError) as error:
        hash_value({"passwords": [SecretStr("hunter2")]})

    assert "hunter2" not in str(error.value)
    assert "secrets are never hashed" in str(error.value)
