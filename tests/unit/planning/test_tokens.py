"""Tokens in words, and what they are made of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.model.refresh import Always, Probe, Schedule
from assetflow.planning.tokens import ALWAYS, UNASKED, tick_of, token_of, token_words

NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("cron 2026-11-23T05:00:00Z Europe/Berlin", "cron tick 2026-11-23 06:00 Europe/Berlin"),
        ("cron 2026-11-23T05:00:00Z Atlantis/Capital", "cron tick 2026-11-23 05:00 UTC"),
        ("cron 2026-11-23T05:00:00Z Etc/GMT+2 +2", "cron tick 2026-11-23 03:00 Etc/GMT+2"),
        ("every 2026-11-23T05:15:00Z +1", "interval tick 2026-11-23 05:15 UTC"),
        ("every 2026-11-23T05:15:00Z", "interval tick 2026-11-23 05:15 UTC"),
        ("every 2026-11-23T05:15:01Z", "interval tick 2026-11-23 05:15:01 UTC"),
        ("probe 1234 5678", "probe answered differently"),
        (UNASKED, "its probe was never asked"),
        (ALWAYS, "always"),
        ("run 20261123T120000-12345678", "always"),
        (None, "it has no refresh= any more"),
    ],
)
def test_a_token_is_told_in_words(token: str | None, words: str) -> None:
    assert token_words(token) == words


def test_a_token_is_of_the_last_tick() -> None:
    morning = Schedule(Cron("0 6 * * *", "Europe/Berlin"))
    token = token_of(morning, None, NOW)
    assert token == "cron 2026-11-23T05:00:00Z Europe/Berlin"
    assert tick_of(token) == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert token_of(Schedule(Interval(900, "15m")), None, NOW) == "every 2026-11-23T12:00:00Z"


def test_a_schedule_that_is_changed_makes_nothing_stale_before_its_next_tick() -> None:
    published = "every 2026-11-23T12:00:00Z"
    assert token_of(Schedule(Cron("0 6 * * *")), published, NOW) == published
    assert token_of(Schedule(Cron("0 12 * * *", "UTC")), published, NOW) == published
    assert (
        token_of(Schedule(Cron("0 12 * * *", "Asia/Tokyo")), "cron 2026-11-23T03:00:00Z UTC", NOW)
        == "cron 2026-11-23T03:00:00Z UTC"
    )


def test_of_a_probe_that_was_not_asked_what_is_published_stays() -> None:
    probe = Probe(lambda: None, 1.0)
    assert token_of(probe, None, NOW) == UNASKED
    assert token_of(probe, "cron 2026-11-23T05:00:00Z UTC", NOW) == UNASKED
    asked = token_of(probe, "cron 2026-11-23T05:00:00Z UTC", NOW, answer="a")
    assert asked == token_of(probe, None, NOW, answer="a"), "an answer follows on answers alone"
    assert token_of(probe, asked, NOW) == asked


def test_always_is_told_by_the_run_where_there_is_one() -> None:
    assert token_of(Always(), "run before", NOW) == ALWAYS
    assert token_of(Always(), "run before", NOW, run="now") == "run now"
