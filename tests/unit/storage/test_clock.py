from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from assetflow.storage.clock import SystemClock, parse_time, time_text

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


def test_a_time_is_written_in_utc():
    berlin = timezone(timedelta(hours=1))

    assert time_text(datetime(2026, 11, 23, 7, 0, 0, 5, berlin)) == "2026-11-23T06:00:00.000005Z"


@given(moments)
def test_a_time_survives_being_written(moment):
    assert parse_time(time_text(moment)) == moment


@given(moments, moments)
def test_texts_sort_as_times(one, other):
    assert (one < other) == (time_text(one) < time_text(other))


def test_any_text_of_a_time_with_a_zone_is_read():
    assert parse_time("2026-11-23T07:00:00+01:00") == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_the_system_clock_goes_on_and_knows_its_zone():
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0.001)

    assert clock.now() > before
    assert before.tzinfo is UTC
