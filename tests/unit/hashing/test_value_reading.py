from __future__ import annotations

import dataclasses
import enum
import sys
import types
import typing
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field, RootModel, SecretStr, field_validator

from assetflow.errors import DataError
from assetflow.hashing.value_reading import decode_value
from assetflow.hashing.values import encode_value, hash_value

if TYPE_CHECKING:
    from pathlib import Path


class Colour(enum.Enum):
    RED = "red"
    PAIR = (1, 2)


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Point(typing.NamedTuple):
    x: int
    colour: Colour


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    amount: int
    colour: Colour = Colour.RED
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Shape:
    name: str
    where: Path | None = None
    size: float = dataclasses.field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.size = self.size or len(self.name)


@dataclasses.dataclass
class Circle(Shape):
    radius: float = 1.0


class Order(BaseModel):
    lines: list[Line] = []
    shipped_to: str = Field("", alias="shippedTo")
    first: Line | None = None

    @field_validator("shipped_to")
    @classmethod
    def shout(cls, text: str) -> str:
        return text + "!"


class Loose(BaseModel, extra="allow"):
    a: int


class Login(BaseModel):
    user: str
    password: SecretStr


class Numbers(RootModel[list[int]]):
    pass


VALUES: list[tuple[Any, Any]] = [
    (Colour.RED, Colour),
    (Colour.PAIR, Colour),
    (Access.READ | Access.WRITE, Access),
    (Point(1, Colour.RED), Point),
    (Line(1, Colour.PAIR, ["a"]), Line),
    (Shape("box"), Shape),
    (Circle("ring", radius=2.0), Shape),
    (Order(shippedTo="Rome", lines=[Line(1)], first=Line(2)), Order),
    (Loose(a=1, b={"c": 2}), Loose),
    (Numbers([1, 2]), Numbers),
    ([Line(1)], list[Line]),
    ({"a": (Line(1), None)}, dict[str, tuple[Line | None, ...]]),
    (Line(1), Line | None),
    (None, Line | None),
    (Line(1), Annotated[Line, "of an order"]),
    ([Point(1, Colour.PAIR)], list[Point]),
]


@pytest.mark.parametrize(("value", "as_type"), VALUES)
def test_what_the_annotation_leads_to_is_restored_as_it_was(value, as_type):
    read = decode_value(encode_value(value), as_type)

    assert read == value
    assert type(read) is type(value)
    assert hash_value(read) == hash_value(value)


def test_neither_validators_nor_post_init_run_again():
    order = Order(shippedTo="Rome")
    shape = Shape("box")
    shape.size = 7.0

    assert order.shipped_to == "Rome!"
    assert decode_value(encode_value(order), Order).shipped_to == "Rome!"
    assert decode_value(encode_value(shape), Shape).size == 7.0


def test_every_consumer_gets_a_copy_of_its_own():
    text = encode_value(Line(1, tags=["a"]))

    decode_value(text, Line).tags.append("b")

    assert decode_value(text, Line).tags == ["a"]


@pytest.mark.parametrize("as_type", [None, Any, dict, dict[str, Any], Line])
def test_without_a_leading_annotation_models_become_plain(as_type):
    value = [Order(lines=[Line(1)]), Colour.PAIR, Point(1, Colour.RED)]
    line = Line(1) if as_type is Line else {"amount": 1, "colour": "red", "tags": []}
    text = encode_value({"it": value})

    plain = decode_value(text, list[as_type] if as_type is Line else as_type)["it"]

    if as_type is not Line:
        assert plain == [
            {"lines": [line], "shipped_to": "", "first": None},
            (1, 2),
            {"x": 1, "colour": "red"},
        ]
    else:
        assert plain[0]["lines"][0].amount == line.amount


def test_a_value_of_another_class_is_validated_into_the_one_asked_for():
    class Invoice(BaseModel):
        amount: int
        colour: str
        tags: tuple[str, ...]

    assert decode_value(encode_value(Line(1, tags=["a"])), Invoice) == Invoice(
        amount=1, colour="red", tags=("a",)
    )
    assert decode_value('{"a":1}', Loose) == Loose(a=1)
    assert decode_value('{"shippedTo":"Rome"}', Order) == decode_value('{"shipped_to":"Rome"}', Order)
    assert decode_value('"red"', Colour) is Colour.RED


@pytest.mark.parametrize(
    ("text", "as_type"),
    [('{"a":"x"}', Loose), ("[1]", Line), ('"green"', Colour), ('{"name":"box"}', Shape)],
    ids=["a value does not fit", "no fields", "no member", "a type that is not known at run time"],
)
def test_a_value_that_cannot_become_the_class_asked_for_is_refused(text, as_type):
    with pytest.raises(DataError, match=f"the value cannot be made a .*:{as_type.__name__}") as error:
        decode_value(text, as_type)

    assert error.value.hint


def renamed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "as_type", "why"),
    [
        (renamed(encode_value(Line(1)), '"amount"', '"price"'), Line, "it has no field 'price'"),
        (renamed(encode_value(Line(1)), '"amount":1,', ""), Line, "nothing is stored for the field 'amount'"),
        (renamed(encode_value(Order()), '"first"', '"last"'), Order, "it has no field 'last'"),
        (renamed(encode_value(Loose(a=1)), '"a":1', ""), Loose, "nothing is stored for the field 'a'"),
        (renamed(encode_value(Colour.RED), '"red"', '"green"'), Colour, "'green' is not a valid Colour"),
        (renamed(encode_value(Point(1, Colour.RED)), '"x"', '"z"'), Point, "unexpected keyword argument 'z'"),
        (encode_value(Login(user="ann", password=SecretStr("x"))), Login, "secrets are never stored"),
    ],
)
def test_a_class_that_no_longer_fits_what_is_stored_is_an_error(text, as_type, why):
    with pytest.raises(DataError, match=f"what is stored no longer fits .*{as_type.__name__}: .*{why}"):
        decode_value(text, as_type)


def test_fields_that_were_added_take_their_defaults():
    line = renamed(encode_value(Line(1, Colour.PAIR, ["a"])), ',"tags":["a"]', "")
    line = renamed(line, ',"colour":{"$enum":["' + __name__ + ':Colour",{"$tuple":[1,2]}]}', "")
    order = renamed(encode_value(Order(lines=[Line(1)])), '"shipped_to":""', '"shipped_to":"x"')

    assert decode_value(line, Line) == Line(1)
    assert decode_value(renamed(order, '"first":null,', ""), Order).first is None


def test_a_tag_that_is_not_known_is_refused():
    with pytest.raises(DataError, match=r"the tag \$quaternion, which this release does not know"):
        decode_value('[{"$quaternion":[1,0,0,0]}]')


def test_no_module_is_imported_by_its_name_in_a_text(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)

    assert decode_value('{"$model":["this:Model",{"a":1}]}', dict[str, Any]) == {"a": 1}
    assert "this" not in sys.modules


PROGRAM = """
import dataclasses
@dataclasses.dataclass
class Base:
    a: int
@dataclasses.dataclass
class Sub(Base):
    pass
"""


def test_after_a_reload_the_annotations_own_class_is_taken_and_the_newest_subclass(monkeypatch):
    module = types.ModuleType("reloaded")
    monkeypatch.setitem(sys.modules, "reloaded", module)
    exec(PROGRAM, module.__dict__)
    old = dict(module.__dict__)
    exec(PROGRAM, module.__dict__)

    assert type(decode_value(encode_value(module.Base(1)), old["Base"])) is old["Base"]
    assert type(decode_value(encode_value(old["Sub"](1)), module.Base)) is module.Sub
