"""Mappings: what reads what, what is cut off or not closed yet, and which ones make no sense."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assetflow.partitions.grid import grid
from assetflow.partitions.mappings import (
    all_partitions,
    by_key,
    covering,
    default_mapping,
    dimension,
    last,
    possible_mappings,
    same,
    window,
)
from assetflow.partitions.named import dynamic, static
from assetflow.partitions.parsing import parse
from assetflow.partitions.scheme import Moment, Whole
from assetflow.partitions.timed import daily, hourly, monthly
from assetflow.partitions.wording import text

MOMENT = Moment(datetime(2026, 11, 4, tzinfo=UTC))
DAYS = daily("2026-10-01")
BERLIN = daily("2026-10-01", tz="Europe/Berlin")
MONTHS = monthly("2026-10")
REGIONS = static(["eu", "us"])
CELLS = grid(day=DAYS, region=REGIONS)


def read(mapping, down, up, key):
    downs, ups = down.at(MOMENT), up.at(MOMENT)
    return text(mapping.resolve(downs, ups).of(downs.index(key)), ups)


def touched(mapping, down, up, keys):
    downs, ups = down.at(MOMENT), up.at(MOMENT)
    return text(mapping.resolve(downs, ups).touched(parse(keys, ups)), downs)


def reads(mapping, down, up):
    return mapping.resolve(down.at(MOMENT), up.at(MOMENT))


def test_a_window_is_cut_off_at_the_start():
    week = window(-6, 0)

    assert read(week, DAYS, DAYS, "2026-10-20") == "2026-10-14..2026-10-20"
    assert read(week, DAYS, DAYS, "2026-10-03") == "2026-10-01..2026-10-03"
    assert list(reads(week, DAYS, DAYS).cut) == [0, 1, 2, 3, 4, 5]
    assert touched(week, DAYS, DAYS, "2026-10-30") == "2026-10-30..2026-11-03"


def test_a_window_over_an_upstream_that_starts_earlier_is_not_cut():
    late = daily("2026-10-10")

    assert read(window(-6, 0), late, DAYS, "2026-10-10") == "2026-10-04..2026-10-10"
    assert not reads(window(-6, 0), late, DAYS).cut
    assert len(reads(same(), DAYS, late).cut) == 9


def test_a_window_that_looks_ahead_waits():
    assert list(reads(window(0, 1), DAYS, DAYS).waiting) == [33]
    assert not reads(window(-1, 0), DAYS, DAYS).waiting
    ended = daily("2026-10-01", end="2026-10-05")
    assert (list(reads(window(0, 1), ended, ended).waiting), list(reads(window(0, 1), ended, ended).cut)) == (
        [],
        [4],
    )


def test_a_month_reads_its_days_and_a_day_its_month():
    assert read(covering(), MONTHS, DAYS, "2026-10") == "2026-10-01..2026-10-31"
    assert touched(covering(), MONTHS, DAYS, "2026-10-31, 2026-11-01") == "2026-10"
    assert read(covering(), DAYS, MONTHS, "2026-10-07") == "2026-10"
    assert text(reads(covering(), DAYS, MONTHS).waiting, DAYS.at(MOMENT)) == "2026-11-01..2026-11-03"


def test_covering_goes_by_instants_where_zones_differ():
    assert read(covering(), BERLIN, DAYS, "2026-10-20") == "2026-10-19..2026-10-20"
    assert list(reads(covering(), BERLIN, DAYS).cut) == [0]
    assert read(covering(), BERLIN, hourly("2026-10-01"), "2026-10-25").endswith("..2026-10-25T22:00+00:00")


def test_last_is_what_was_closed_when_the_reader_was():
    assert read(last(), hourly("2026-10-05"), DAYS, "2026-10-05T12:00+00:00") == "2026-10-04"
    assert read(last(), DAYS, DAYS, "2026-10-05") == "2026-10-05"
    assert read(last(), REGIONS, DAYS, "eu") == "2026-11-03"
    assert len(reads(last(), DAYS, MONTHS).cut) == 30


def test_a_table_of_names():
    table = by_key({"eu": ["de", "fr"], "us": "ca"})

    assert read(table, REGIONS, static(["ca", "de", "fr"]), "eu") == "de..fr"
    assert touched(table, REGIONS, static(["ca", "de", "fr"]), "fr") == "eu"
    assert table.text == "by_key({eu: [de, fr], us: [ca]})"


def test_dimensions_go_both_ways():
    assert read(dimension("day"), CELLS, DAYS, "2026-10-05/eu") == "2026-10-05"
    assert touched(dimension("day"), CELLS, DAYS, "2026-10-05") == "2026-10-05/*"
    assert read(dimension("region"), REGIONS, CELLS, "us") == "*/us"
    assert touched(dimension("region"), REGIONS, CELLS, "2026-10-05/us") == "us"
    week = dimension("region", day=window(-2, 0))
    assert read(week, CELLS, CELLS, "2026-10-05/us") == "2026-10-03..2026-10-05/us"
    assert text(reads(week, CELLS, CELLS).cut, CELLS.at(MOMENT)) == "2026-10-01..2026-10-02/*"
    assert read(dimension(day=covering()), MONTHS, CELLS, "2026-10") == "2026-10-01..2026-10-31/*"


def test_what_has_no_partitions_reads_and_is_read_as_a_whole():
    assert read(all_partitions(), Whole(), DAYS, "") == "2026-10-01..2026-11-03"
    assert touched(all_partitions(), Whole(), DAYS, "2026-10-05") == '""'


@pytest.mark.parametrize(
    ("down", "up", "mapping"),
    [
        (DAYS, daily("2026-10"), "same"),
        (CELLS, CELLS, "same"),
        (CELLS, DAYS, "dimension(day=same)"),
        (REGIONS, CELLS, "dimension(region=same)"),
        (CELLS, grid(day=DAYS, region=REGIONS, country=static(["de"])), "dimension(day=same, region=same)"),
        (CELLS, grid(day=DAYS, country=static(["de"])), None),
        (Whole(), CELLS, "all_partitions"),
        (CELLS, Whole(), "all_partitions"),
        (MONTHS, DAYS, None),
        (DAYS, grid(a=DAYS, b=DAYS), None),
        (CELLS, grid(day=MONTHS, region=REGIONS), None),
        (REGIONS, static(["de"]), None),
    ],
)
def test_the_default_is_what_can_only_be_meant(down, up, mapping):
    found = default_mapping(down, up)

    assert (found and found.text) == mapping


def test_what_could_be_meant_is_listed():
    assert [str(mapping) for mapping in possible_mappings(MONTHS, DAYS)] == [
        "covering",
        "last",
        "all_partitions",
    ]
    assert [str(mapping) for mapping in possible_mappings(MONTHS, CELLS)] == [
        "dimension(day=covering)",
        "dimension(day=last)",
        "all_partitions",
    ]


@pytest.mark.parametrize(
    ("mapping", "down", "up", "message", "hint"),
    [
        (same(), DAYS, MONTHS, "not equal", "covering"),
        (same(), DAYS, Whole(), "an unpartitioned asset are not equal", "covering"),
        (window(0, -6), DAYS, DAYS, "ends before it starts", "window(-6, 0)"),
        (window("a"), DAYS, DAYS, "numbers of partitions", "window(-6, 0)"),
        (
            window(-6),
            CELLS,
            CELLS,
            "no one direction",
            "af.dimension(day=af.window(-6, 0), region=af.same())",
        ),
        (window(-6), REGIONS, REGIONS, "partitions of time", "{'eu': ['de', 'fr']}"),
        (window(-6), MONTHS, DAYS, "not equal", "meant: af.covering(), af.last(), af.all_partitions()"),
        (covering(), REGIONS, DAYS, "has no partitions of time", "all_partitions"),
        (covering(), DAYS, CELLS, "has no partitions of time", "af.dimension(day=...)"),
        (last(), DAYS, REGIONS, "has no partitions of time", "write a dict"),
        (last(), CELLS, DAYS, "which dimension", "af.dimension(day=af.last())"),
        (by_key({"eu": "de"}), DAYS, DAYS, "named one by one", "af.covering()"),
        (by_key({"eu": ["dee"], "us": []}), REGIONS, static(["de"]), "'dee', which is no partition", "'de'"),
        (by_key({"eu": "de"}), REGIONS, static(["de"]), "what 'us' reads", "'us': []"),
        (
            by_key({"eu": [], "us": [], "uss": []}),
            REGIONS,
            dynamic("x"),
            "'uss', which is no partition",
            "'us'",
        ),
        (by_key({"ue": [], "us": []}), REGIONS, dynamic("x"), "maps 'ue'", "did you mean 'eu'?"),
        (dimension("day"), DAYS, DAYS, "neither", "same"),
        (dimension("dya"), CELLS, DAYS, "no dimension 'dya'", "'day'"),
        (dimension(), CELLS, DAYS, "names 0 dimensions", "af.dimension('day')"),
        (dimension("day", "region"), CELLS, DAYS, "names 2 dimensions", "af.dimension('day')"),
        (dimension("day"), CELLS, MONTHS, "dimension 'day': same", "covering"),
        (dimension(day=dimension("x")), CELLS, DAYS, "no mapping", "window"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(mapping, down, up, message, hint):
    problems = mapping.problems(down, up)

    assert any(message in problem.message for problem in problems), problems
    assert any(hint in (problem.hint or "") for problem in problems), problems
