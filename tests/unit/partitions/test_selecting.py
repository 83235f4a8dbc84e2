"""The language of partitions: what people type, what is told when it makes no sense, how sets are shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assetflow.errors import SelectionError, UsageError
from assetflow.partitions.grid import grid
from assetflow.partitions.named import static
from assetflow.partitions.parsing import parse
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Moment
from assetflow.partitions.timed import cron_partitions, daily, hourly, monthly, weekly
from assetflow.partitions.wording import short_text, text

MOMENT = Moment(datetime(2026, 11, 23, 18, tzinfo=UTC))
DAYS = daily("2026-01-01", tz="Europe/Berlin").at(MOMENT)
HOURS = hourly("2026-10-01", tz="Europe/Berlin").at(MOMENT)
NAMES = static(["eu-west", "eu-east", "us", "latest"]).at(MOMENT)
CELLS = grid(day=daily("2026-11-01"), region=static(["eu", "us", "asia"])).at(MOMENT)


def selected(typed, keys):
    return [keys.key(ordinal) for ordinal in parse(typed, keys)]


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01..2026-11-03", "2026-11-01, 2026-11-02, 2026-11-03"),
        ("..2026-01-02", "2026-01-01..2026-01-02"),
        ("2026-11-21..", "2026-11-21..2026-11-22"),
        ("latest", "2026-11-22"),
        ("2026-11-20..latest", "2026-11-20..2026-11-22"),
        ("2026-11", "2026-11-01..2026-11-22"),
        ("2026", "2026-01-01..2026-11-22"),
        ("2026-02..2026-03", "2026-02-01..2026-03-31"),
        ("2026-11-01 , 2026-01-01", "2026-01-01, 2026-11-01"),
        ("*", "2026-01-01..2026-11-22"),
        ("2026-*-05", ", ".join(f"2026-{month:02}-05" for month in range(1, 12))),
    ],
)
def test_days_are_selected_as_typed(typed, same_as):
    assert text(parse(typed, DAYS), DAYS) == same_as.replace("01, 2026-11-02, 2026-11-03", "01..2026-11-03")


def test_an_hour_without_its_offset_may_be_two():
    assert len(parse("2026-10-25", HOURS)) == 25
    assert selected("2026-10-25T02:00", HOURS) == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert selected("2026-10-25T02:00+01:00", HOURS) == ["2026-10-25T02:00+01:00"]


def test_weeks_and_ticks_are_selected_by_where_they_begin():
    weeks = weekly("2026-01-05").at(MOMENT)
    ticks = cron_partitions("30 6,18 * * *", "2026-11-01").at(MOMENT)

    assert selected("2026-06", weeks) == [
        "2026-06-01",
        "2026-06-08",
        "2026-06-15",
        "2026-06-22",
        "2026-06-29",
    ]
    assert selected("2026-11-05", ticks) == ["2026-11-05T06:30+00:00", "2026-11-05T18:30+00:00"]
    assert selected("2026-11-05T06:30", ticks) == ["2026-11-05T06:30+00:00"]


def test_names_are_selected_in_their_order_and_by_pattern():
    assert selected("eu-*", NAMES) == ["eu-west", "eu-east"]
    assert selected("eu-east..us", NAMES) == ["eu-east", "us"]
    assert selected('"latest"', NAMES) == ["latest"]


@pytest.mark.parametrize(
    ("typed", "cells"),
    [
        ("2026-11-01/eu", "2026-11-01/eu"),
        ("2026-11-01..2026-11-02/eu", "2026-11-01..2026-11-02/eu"),
        ("2026-11-01/*", "2026-11-01/*"),
        ("day=2026-11-01..2026-11-05,region=eu", "2026-11-01..2026-11-05/eu"),
        ("region=eu,asia,day=2026-11-01", "2026-11-01/eu, 2026-11-01/asia"),
        ("day=2026-11-01", "2026-11-01/*"),
        ("day=2026-11-01,region=eu,2026-11-02/us", "2026-11-01/eu, 2026-11-02/us"),
        ("latest", "2026-11-22/*"),
        ("latest/eu", "2026-11-22/eu"),
        ("region=*", "*/*"),
    ],
)
def test_cells_are_selected_as_typed(typed, cells):
    assert text(parse(typed, CELLS), CELLS) == cells


@pytest.mark.parametrize(
    ("typed", "keys", "message"),
    [
        ("", DAYS, "empty part"),
        ("2026-11-01,", DAYS, "empty part"),
        ("2026-11-23", DAYS, "not closed before"),
        ("2026-11-01..2026-11-30", DAYS, "not closed before"),
        ("2026-12", DAYS, "not closed before"),
        ("2025", DAYS, "start with 2026-01-01"),
        ("2026-11-05..2026-11-01", DAYS, "did you mean '2026-11-01..2026-11-05'"),
        ("a..b..c", DAYS, "more than one"),
        ("2027-*", DAYS, "no partition matches"),
        ("2026-11-05", monthly("2026-01").at(MOMENT), "did you mean '2026-11'|not closed"),
        ("2026-10-05", monthly("2026-01").at(MOMENT), "did you mean '2026-10'"),
        ("2026-11-18", weekly("2026-01-05").at(MOMENT), "did you mean '2026-11-16'"),
        ("2026-03-29T02:00", hourly("2026-03-01", tz="Europe/Berlin").at(MOMENT), "never comes"),
        ("latest", NAMES, "partitions of time"),
        ("lastest", DAYS, "did you mean 'latest'"),
        ("latest", NAMES, "write it in double quotes, within the shell's: '\"latest\"'"),
        ("a..b", static(["a..b", "c"]).at(MOMENT), "write it in double quotes"),
        ("eu-wst", NAMES, "did you mean 'eu-west'"),
        ("latest", daily("2027-01-01").at(MOMENT), "no partition matches"),
        ("2026-11-01", CELLS, "day=2026-11-01"),
        ("us", CELLS, "region=us"),
        ("dya=2026-11-01", CELLS, "did you mean 'day'"),
        ("day=", CELLS, "range is empty"),
        ("2026-11-01/eu/x", CELLS, "3 of the grid's 2"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_nearest(typed, keys, message):
    with pytest.raises(UsageError, match=message):
        parse(typed, keys)


def test_the_error_carries_the_text():
    with pytest.raises(SelectionError) as raised:
        parse("2026-11-05..2026-11-01", DAYS)
    assert raised.value.text == "2026-11-05..2026-11-01"


def test_a_screen_shows_the_short_of_it():
    assert short_text(parse("2026-01-01..2026-01-03", DAYS), DAYS) == "3 of 326: 2026-01-01..2026-01-03"
    assert short_text(DAYS.all, DAYS) == "all 326: 2026-01-01..2026-11-22"
    assert short_text(Ranges(), DAYS) == "none of 326"
    many = Ranges.of_ordinals(range(0, 20, 2))
    assert short_text(many, DAYS) == "10 of 326: 2026-01-01, 2026-01-03, 2026-01-05, ..."


def test_keys_that_mean_something_in_the_language_are_quoted():
    keys = static(["a,b", "c..d", "*", 'e"f', ".", "x"]).at(MOMENT)

    assert text(keys.all[1:3], keys) == '"c..d".."*"'
    assert text(keys.all[4:6], keys) == '"."..x'
    assert all(parse(text(keys.all[n : n + 2], keys), keys) == keys.all[n : n + 2] for n in range(5))
