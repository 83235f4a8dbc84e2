"""Time partitions: clock changes, dates that do not exist, what is refused and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from assetflow.errors import UnknownNameError
from assetflow.partitions.scheme import Moment
from assetflow.partitions.timed import cron_partitions, daily, hourly, monthly, weekly

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def keys_of(scheme, now=NOW):
    assert scheme.problems() == ()
    return scheme.at(Moment(now))


def on(day, scheme):
    return [key for key in keys_of(scheme) if key.startswith(day)]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)])
def test_a_day_in_berlin_has_the_hours_that_clocks_show(day, hours):
    keys = keys_of(daily("2026-01-01", tz="Europe/Berlin"))
    begin, end = keys.bounds(keys.index(day))

    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=hours)
    assert len(on(day, hourly("2026-03-01", tz="Europe/Berlin"))) == hours


def test_an_hour_that_comes_twice_has_two_keys():
    assert on("2026-10-25T02", hourly("2026-10-25", tz="Europe/Berlin")) == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:00+01:00",
    ]


def test_hours_are_longer_or_shorter_where_clocks_jump_by_half_an_hour():
    keys = keys_of(hourly("2026-04-01", tz="Australia/Lord_Howe"))
    lengths = {key: keys.begin(n + 1) - keys.begin(n) for n, key in enumerate(keys)}

    assert {key: length for key, length in lengths.items() if length != 3600} == {
        "2026-04-05T01:00+11:00": 5400,
        "2026-10-04T02:30+11:00": 1800,
    }


def test_a_date_that_was_left_out_has_no_partition():
    keys = keys_of(daily("2011-12-29", end="2012-01-01", tz="Pacific/Apia"))

    assert list(keys) == ["2011-12-29", "2011-12-31", "2012-01-01"]
    with pytest.raises(UnknownNameError, match="never comes in Pacific/Apia"):
        keys.index("2011-12-30")


def test_leap_days_and_month_ends():
    assert on("2024-02-29", daily("2024-01-01")) == ["2024-02-29"]
    months = keys_of(monthly("2024-01"))
    assert [(months.bounds(n)[1] - months.bounds(n)[0]).days for n in range(4)] == [31, 29, 31, 30]


def test_weeks_go_over_new_year_and_may_begin_on_any_day():
    assert list(keys_of(weekly("2025-12-22", end="2026-01-05"))) == ["2025-12-22", "2025-12-29", "2026-01-05"]
    assert keys_of(weekly("2026-11-01", first_day="Sunday")).last == "2026-11-15"


def test_cron_partitions_go_from_tick_to_tick():
    keys = keys_of(cron_partitions("30 6,18 * * MON-FRI", "2026-11-20", tz="Europe/Berlin"))

    assert list(keys) == ["2026-11-20T06:30+01:00", "2026-11-20T18:30+01:00", "2026-11-23T06:30+01:00"]
    assert keys.bounds(1)[1].isoformat() == "2026-11-23T06:30:00+01:00"


def test_cron_partitions_at_midnight_are_named_by_date():
    assert list(keys_of(cron_partitions("0 0 1,15 * *", "2026-10-10"))) == ["2026-10-15", "2026-11-01"]


def test_a_rare_tick_is_waited_for():
    keys = keys_of(cron_partitions("0 0 29 2 *", "2026-01-01"))

    assert len(keys) == 0
    assert keys.last is None
    with pytest.raises(UnknownNameError, match="not closed before 2032-02-29"):
        keys.index("2028-02-29")


def test_the_end_is_the_last_partition_as_far_as_it_is_written():
    assert keys_of(daily("2026-01-01", end="2026-02")).last == "2026-02-28"
    assert keys_of(daily("2026-01-01", end="2026-02-03")).last == "2026-02-03"
    assert keys_of(hourly("2026-01-01", end="2026-01-01")).last == "2026-01-01T23:00+00:00"
    assert keys_of(daily("2026-01-01", end="2026-02-03")).is_complete
    assert not keys_of(daily("2026-01-01", end="2026-12")).is_complete


def test_before_the_start_there_are_no_keys():
    assert len(keys_of(daily("2027-01-01"))) == 0


def test_schemes_that_mean_the_same_are_equal():
    assert daily("2026-01-01") == daily(date(2026, 1, 1)) == daily("2026")
    assert hourly("2026-01-01").text == "hourly(2026-01-01T00:00, tz=UTC)"
    assert daily("2026-01-01") != daily("2026-01-01", tz="Europe/Berlin")
    assert len({cron_partitions("0 6 * * mon", "2026"), cron_partitions(" 0 6  * * MON", "2026")}) == 1
    assert weekly("2026-11-01", first_day="sunday").text == "weekly(first_day=sunday, 2026-11-01, tz=UTC)"


@pytest.mark.parametrize(
    ("key", "why", "hint"),
    [
        ("2026-11-23", "not closed before 2026-11-24T00:00\\+01:00", "there are 2026-01-01..2026-11-22"),
        ("2025-12-31", "start with 2026-01-01", "there are"),
        ("2026-11-5", "did you mean '2026-11-05'?", "written"),
        ("2026-11-31", "day is out of range for month", "written"),
        ("yesterday", "dates are written '2026-11-23'", "written"),
        ("2026-11-01T00:00", "no partition has this key", "did you mean '2026-11-01'?"),
    ],
)
def test_a_key_that_is_none_is_told_why(key, why, hint):
    with pytest.raises(UnknownNameError, match=why) as raised:
        keys_of(daily("2026-01-01", tz="Europe/Berlin")).index(key)

    assert hint in raised.value.hint


def test_a_key_after_the_end_is_told_so():
    with pytest.raises(UnknownNameError, match="end with 2026-02"):
        keys_of(daily("2026-01-01", end="2026-02")).index("2026-03-01")


@pytest.mark.parametrize(
    ("scheme", "problems"),
    [
        (
            daily("2026-13-01", tz="Berlin"),
            [("tz='Berlin' is no time zone", "Europe/Berlin"), ("no date", "month")],
        ),
        (daily("2026-01-01", tz="Europe/Berln"), [("no time zone", "Europe/Berlin")]),
        (daily("2026-01-01", tz="../etc"), [("no time zone", "UTC")]),
        (daily("2026-01-01", end="2025"), [("before start", "or later")]),
        (daily(5), [("'5' is no date", "2026-11-23")]),
        (daily("2026-01-01T05:00"), [("midnight", "2026-01-01")]),
        (daily("0200-01-01"), [("no date", "years go from")]),
        (hourly("2026-01-01T05:30"), [("on the hour", "2026-01-01T05:00")]),
        (hourly("2026-01-01T00:00+05:30"), [("never show", "offset")]),
        (weekly("2026-11-24"), [("is a tuesday", "'2026-11-23' or '2026-11-30'")]),
        (weekly("2026-11-23", first_day="mond"), [("no weekday", "'monday'")]),
        (monthly("2026-11-05"), [("on their first", "2026-11")]),
        (cron_partitions("0 6 * *", "2026"), [("4 of 5 fields", "'0 6 * * *'")]),
        (cron_partitions("@daily", "2026"), [("fields", "'0 0 * * *'")]),
        (cron_partitions("0 25 * * *", "2026"), [("says '25' of the hour", "0 to 23")]),
        (cron_partitions("0 0 30 2 *", "2026"), [("never comes", "'0 0 L 2 *'")]),
    ],
)
def test_a_declaration_that_makes_no_sense_tells_all_that_is_wrong(scheme, problems):
    found = scheme.problems()

    assert len(found) == len(problems)
    for problem, (message, hint) in zip(found, problems, strict=True):
        assert message in problem.message
        assert hint in problem.hint


def test_a_hundred_thousand_partitions_are_a_handful_of_numbers():
    keys = keys_of(daily("1752-01-01", tz="Europe/Berlin"))

    assert len(keys) > 100_000
    assert keys.all.spans == ((0, len(keys)),)
    assert keys.index(keys.key(99_999)) == 99_999


def test_clocks_that_jump_at_a_minute_past_midnight_have_their_ticks():
    keys = keys_of(cron_partitions("15 */6 * * *", "2009-10-31", end="2009-11-02", tz="America/St_Johns"))

    assert len(keys) == 12
