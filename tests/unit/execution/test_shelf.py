from __future__ import annotations

import pyarrow as pa

from assetflow.execution.shelf import Shelf
from assetflow.frames.content import Content

TABLE = pa.table({"a": list(range(100)), "b": list(range(100))})
WHOLE = Content("table", TABLE, "parquet")
PART = Content("table", TABLE.select(["a"]), "parquet")


def test_a_whole_table_gives_any_of_its_columns() -> None:
    shelf = Shelf()
    shelf.put("v", WHOLE)
    held = shelf.get("v", ("b",))
    assert held is not None
    assert held.data.column_names == ["b"]
    assert shelf.get("v", ("c",)) is None
    assert shelf.get("v") is WHOLE


def test_some_columns_give_only_themselves() -> None:
    shelf = Shelf()
    shelf.put("v", PART, ("a",))
    assert shelf.get("v", ("a",)) is PART
    assert shelf.get("v") is None
    assert shelf.get("v", ("b",)) is None


def test_columns_of_a_table_that_is_held_whole_take_no_room_of_their_own() -> None:
    room_for_two = TABLE.nbytes + PART.data.nbytes
    for order in ([(WHOLE, None), (PART, ("a",))], [(PART, ("a",)), (WHOLE, None)]):
        shelf = Shelf(room_for_two)
        for content, columns in order:
            shelf.put("v", content, columns)
        shelf.put("w", PART)
        assert shelf.get("v") is WHOLE
        assert shelf.get("w") is PART
        assert shelf.bytes == room_for_two


def test_what_was_used_longest_ago_makes_room() -> None:
    shelf = Shelf(2 * PART.data.nbytes)
    for version in ("u", "v"):
        shelf.put(version, PART, ("a",))
    shelf.get("u", ("a",))
    shelf.put("w", PART, ("a",))
    assert shelf.get("u", ("a",)) is PART
    assert shelf.get("v", ("a",)) is None


def test_what_is_no_table_or_does_not_fit_is_not_held() -> None:
    shelf = Shelf(10)
    shelf.put("v", WHOLE)
    shelf.put("w", Content("text", "hello", "text"))
    assert shelf.get("v") is None
    assert shelf.get("w") is None


def test_what_is_held_stays_whatever_room_it_takes_until_its_last_release() -> None:
    shelf = Shelf(PART.data.nbytes)
    assert not shelf.hold_again("v")
    shelf.hold("v", WHOLE)
    assert shelf.hold_again("v")
    assert shelf.is_full
    shelf.release("v")
    assert shelf.get("v") is WHOLE
    shelf.release("v")
    assert shelf.get("v") is None
    assert not shelf.is_full
    assert shelf.bytes == 0


def test_what_was_held_and_fits_is_kept_unless_it_was_dropped() -> None:
    shelf = Shelf()
    for version in ("v", "w"):
        shelf.hold(version, WHOLE)
    shelf.drop("w")
    assert shelf.get("w") is WHOLE
    for version in ("v", "w"):
        shelf.release(version)
    assert shelf.get("v") is WHOLE
    assert shelf.get("w") is None
    shelf.drop("v")
    assert shelf.bytes == 0
