"""What the shared options mean."""

from __future__ import annotations

from datetime import date

import pytest

from assetflow.cli.options import config_of, limit_of, selection_of
from assetflow.cli.running import command_line
from assetflow.errors import UsageError


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ((None, None), None),
        ((["sales+"], None), "sales+"),
        (([], ["a", "b"]), "a b"),
        ((["tag:x"], ["sales", "and", "customers"]), "tag:x sales and customers"),
    ],
)
def test_selections_are_joined(given, text):
    assert selection_of(*given) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90", 90),
        ("0.2", 0.2),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("1998-06-30", date(1998, 6, 30)),
        ('"90"', "90"),
        ("text as it is", "text as it is"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_config_values_are_toml_or_else_text(text, value):
    assert config_of([f"retail/sales.field={text}"]) == {"retail/sales": {"field": value}}


def test_config_fields_of_one_asset_come_together():
    assert config_of(["a.x=1", "b.x=2", "a.y=3"]) == {"a": {"x": 1, "y": 3}, "b": {"x": 2}}
    assert config_of(None) == {}


@pytest.mark.parametrize("text", ["a", "a.x", "a=1", ".x=1", "a.=1", "a.b.c=1", "=1"])
def test_what_is_no_config_is_refused_without_its_value(text):
    with pytest.raises(UsageError) as raised:
        config_of([f"{text}"])
    assert "KEY.FIELD=VALUE" in str(raised.value)


def test_a_refused_config_does_not_show_its_value():
    with pytest.raises(UsageError) as raised:
        config_of(["password=hunter2"])
    assert "hunter2" not in str(raised.value)


def test_a_limit_of_zero_is_none():
    assert (limit_of(0), limit_of(5)) == (None, 5)


def test_the_recorded_command_keeps_what_was_typed_but_for_config_values():
    typed = [
        "materialize",
        "+sales and x",
        "--config",
        "db.password=hunter2",
        "--config=db.user=ann",
        "-j",
        "2",
    ]
    assert command_line(typed) == (
        "assetflow materialize '+sales and x' --config db.password=... --config=db.user=... -j 2"
    )
