"""When assets are due, as people see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.catalog import status_view
from assetflow.cli.views.timings import crontab_view, status_text, timings_view
from assetflow.operate.crontab_text import CronEntry
from assetflow.operate.due import Timing
from assetflow.operate.status import StatusRow

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAILY = Timing("daily", "cron 0 6 * * * UTC", "", "2026-11-24T06:00:00.000000Z")
DUE = Timing("due", "every 15m", "interval tick 2026-11-23 12:00 UTC", "2026-11-23T12:15:00.000000Z")
WAITS = Timing("waits", "probe look", "", None, "2026-11-23T12:05:00.000000Z")
PROBED = Timing("probed", "probe look", "", None)
ALWAYS = Timing("each", "always", "always", None)


def drawn(shown: Any) -> list[str]:
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(shown)
    return [" ".join(line.split()) for line in terminal.out.text.splitlines()]


def test_each_is_told_with_its_reason_and_its_next_time() -> None:
    assert drawn(timings_view([DAILY, DUE, WAITS, PROBED, ALWAYS], "dev", NOW)) == [
        "asset refresh due next",
        "daily cron 0 6 * * * UTC 2026-11-24 06:00",
        "due every 15m interval tick 2026-11-23 12:00 UTC 2026-11-23 12:15",
        "waits probe look failed, and is tried again 2026-11-23 12:05 when asked",
        "probed probe look when asked",
        "each always always each run",
        "",
        "2 assets due in dev",
    ]


def test_where_nothing_is_ever_due_it_is_told_how_it_would_be() -> None:
    assert "no asset has a refresh=" in drawn(timings_view([], "dev", NOW))[0]


def test_status_says_it_in_a_word_and_only_where_something_is_refreshed() -> None:
    texts = [status_text(timing, NOW) for timing in (DAILY, DUE, WAITS, None)]
    assert texts == ["2026-11-24 06:00", "now", "again 2026-11-23 12:05", ""]

    def row(timing: Timing | None) -> StatusRow:
        return StatusRow("a", "python", None, "fresh", (), None, None, None, None, timing=timing)

    assert "due" in drawn(status_view([row(DAILY)], "dev", NOW))[0]
    assert "due" not in drawn(status_view([row(None)], "dev", NOW))[0]


def test_the_crontab_is_told_or_that_nothing_is_in_it() -> None:
    assert "assetflow cron install" in drawn(crontab_view([]))[0]
    assert (
        drawn(crontab_view([CronEntry("/srv", "dev", "* * * * *", "true")]))[1] == "/srv dev * * * * * true"
    )
