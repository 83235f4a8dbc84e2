"""Named partitions and grids: order, keys that are refused, cells that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assetflow.errors import UnknownNameError
from assetflow.partitions.grid import grid
from assetflow.partitions.named import dynamic, key_problem, static
from assetflow.partitions.scheme import Moment, Whole
from assetflow.partitions.timed import daily

MOMENT = Moment(datetime(2026, 11, 4, tzinfo=UTC), {"customers": ("zoe", "adam")})
CELLS = grid(region=static(["us", "eu"]), day=daily("2026-11-01"))


def messages(scheme):
    return [problem.message for problem in scheme.problems()]


def test_static_keys_keep_their_order_and_dynamic_ones_that_of_being_added():
    assert list(static(["us", "eu"]).at(MOMENT)) == ["us", "eu"]
    assert list(dynamic("customers").at(MOMENT)) == ["zoe", "adam"]
    assert list(dynamic("others").at(MOMENT)) == []


@pytest.mark.parametrize("key", ["", " ", " a", "a/b", "a|b", "a\nb", "a\x00", "\ud800", "a" * 201, 5])
def test_a_key_that_could_not_be_written_is_refused(key):
    assert key_problem(key)
    assert messages(static(["fine", key]))


@pytest.mark.parametrize("key", ["eu", "Zürich", "a b", "a,b", "..", "x=1", '"', "*", "latest"])
def test_other_keys_are_allowed(key):
    assert key_problem(key) is None


def test_static_declarations_that_make_no_sense():
    assert messages(static("eu")) == ["static: one value instead of a list"]
    assert messages(static(5)) == ["static: one value instead of a list"]
    assert messages(static([])) == ["static: there is no key"]
    assert messages(static(["a", "b", "a"])) == ["static: the key 'a' is there more than once"]
    assert messages(dynamic("cus tomers")) == ["dynamic: 'cus tomers' is no name"]


def test_a_mistyped_key_is_told_the_nearest():
    with pytest.raises(UnknownNameError, match="no partition 'uss'") as raised:
        static(["us", "eu"]).at(MOMENT).index("uss")
    assert raised.value.hint == "did you mean 'us'?"
    with pytest.raises(UnknownNameError, match="not added to 'customers'"):
        dynamic("customers").at(MOMENT).index("eve")


def test_what_grows_is_slowest_and_keys_are_in_order_of_name():
    cells = grid(a=static(["x", "y"]), day=daily("2026-11-01")).at(MOMENT)

    assert list(cells) == [
        "x/2026-11-01",
        "y/2026-11-01",
        "x/2026-11-02",
        "y/2026-11-02",
        "x/2026-11-03",
        "y/2026-11-03",
    ]
    assert cells.dimensions(2) == {"a": "x", "day": "2026-11-02"}
    assert cells.bounds(2) == cells.axis("day").bounds(1)


def test_a_cell_that_does_not_exist_is_told_why():
    cells = CELLS.at(MOMENT)

    with pytest.raises(UnknownNameError, match="not closed before 2026-11-05"):
        cells.index("2026-11-04/eu")
    with pytest.raises(UnknownNameError, match="1 parts, not 2"):
        cells.index("2026-11-01")
    with pytest.raises(IndexError):
        cells.key(6)


def test_a_grid_tells_what_is_wrong_in_each_dimension():
    assert messages(grid()) == ["grid: there is no dimension"]
    assert messages(grid(a=3, b=CELLS, day=daily("x", tz="y"))) == [
        "grid: the dimension 'a' is no scheme of partitions: 3",
        "grid: the dimension 'b' is a grid itself",
        "grid: day: daily: tz='y' is no time zone",
        "grid: day: daily: start 'x' is no date",
    ]


def test_schemes_are_named_by_their_text():
    assert CELLS.text == "grid(day=daily(2026-11-01, tz=UTC), region=static(us, eu))"
    assert grid(day=daily("2026-11-01"), region=static(["us", "eu"])) == CELLS
    assert static(["a, b"]).text == 'static("a, b")' != static(["a", "b"]).text


def test_what_has_no_partitions_has_the_empty_key():
    keys = Whole().at(MOMENT)

    assert list(keys) == [""] == [keys.last]
    assert keys.index("") == 0
    with pytest.raises(UnknownNameError, match="this asset has none"):
        keys.index("eu")
