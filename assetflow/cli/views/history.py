"""Owns how the past is shown: an asset's versions, the runs, one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, indented, pairs, quiet, stack
from assetflow.cli.views.marks import mark_of, state_text
from assetflow.cli.views.words import (
    counts_text,
    duration,
    first_line,
    instant,
    number,
    plain,
    short,
    shown,
    size,
    when,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.ledger.failures import Failure
    from assetflow.ledger.history import HistoryEntry
    from assetflow.ledger.runs import RunRow
    from assetflow.model.states import RunState
    from assetflow.model.versions import Attempt
    from assetflow.operate.records import RunDetails

_CHECKS = {True: "passed", False: "failed", None: ""}


def history_view(
    entries: Sequence[HistoryEntry],
    current: Collection[tuple[str, str]],
    now: datetime,
    *,
    is_cut: bool = False,
) -> RenderableType:
    """Show the materializations of an asset, newest first; ``current``: (environment, version) that is published.

    ``is_cut``: there are older ones.
    """
    if not entries:
        return "nothing is on record yet"
    of_partitions = any(entry.partition for entry in entries)
    table = Columns(
        "made",
        *(["partition"] if of_partitions else []),
        "version",
        "data",
        "rows",
        "size",
        "took",
        "checks",
        "published",
        "run",
        folding=("published",),
        right=("rows", "size", "took"),
        optional=("data", "took", "size", "run", "checks"),
    )
    for entry in entries:
        checks = _CHECKS[entry.passed]
        table.add_row(
            when(entry.time, now),
            *([cell(entry.partition)] if of_partitions else []),
            cell(short(entry.version), "bold"),
            quiet(entry.data_version[:6]),
            number(entry.rows),
            size(entry.bytes),
            duration(entry.seconds),
            cell(checks, mark_of(checks).style if checks else ""),
            _published(entry, current),
            quiet(entry.run),
        )
    return stack(table, quiet(f"the newest {len(entries):,}: --limit 0 lists all") if is_cut else None)


def _published(entry: HistoryEntry, current: Collection[tuple[str, str]]) -> Text:
    """Return the environments that publish a version now, then those that did before: ``prod, was dev``.

    And whether its data are still kept.
    """
    now = [env for env in entry.published if (env, entry.version) in current]
    before = [env for env in entry.published if env not in now]
    line = cell(", ".join(now), "green")
    if before:
        line.append_text(quiet((", was " if now else "was ") + ", ".join(before)))
    if entry.forgotten:
        line.append_text(quiet(", forgotten" if entry.published else "forgotten"))
    return line


def runs_view(rows: Sequence[tuple[RunRow, Mapping[RunState, int]]], now: datetime) -> RenderableType:
    """Show runs with their counts, newest first."""
    if not rows:
        return "nothing has run yet"
    table = Columns(
        "run",
        "state",
        "began",
        "took",
        "env",
        "by",
        "result",
        folding=("result",),
        right=("took",),
        optional=("by", "took", "env", "began"),
    )
    for row, counts in rows:
        table.add_row(
            cell(row.run, "bold"),
            state_text(row.status.value),
            when(row.started_at, now),
            duration(row.seconds),
            cell(row.env),
            quiet(f"{row.user}@{row.host}"),
            _result(row, counts),
        )
    return table


def run_details_view(details: RunDetails) -> RenderableType:
    """Show one run: what was asked, what became of each asset, what failed."""
    row = details.row
    counts = row.counts if row.finished_at is not None else Counter(item.state for item in details.items)
    about = pairs(
        [
            ("run", cell(row.run, "bold")),
            ("state", state_text(row.status.value)),
            ("env", cell(row.env)),
            ("command", cell(row.command)),
            ("selection", cell(row.selection)),
            ("began", cell(instant(row.started_at))),
            ("took", cell(duration(row.seconds))),
            ("by", cell(f"{row.user}@{row.host}")),
            ("planned on", cell(f"commit #{row.snapshot}")),
            ("result", _result(row, counts)),
        ]
    )
    return stack(about, _items(details), *(_failure(failure) for failure in details.failures))


def _result(row: RunRow, counts: Mapping[RunState, int]) -> Text:
    told = counts_text({state.value: count for state, count in counts.items() if count})
    return cell(told) if told or row.finished_at is not None else quiet("nothing on record")


def _items(details: RunDetails) -> RenderableType | None:
    if not details.items:
        return None
    memory = ("memory",) if any(item.peak_memory for item in details.items) else ()
    table = Columns(
        "state",
        "asset",
        "version",
        "rows",
        "took",
        *memory,
        "why",
        folding=("asset", "why"),
        right=("rows", "took", *memory),
        optional=("version", "took", *memory, "rows"),
    )
    for item in details.items:
        table.add_row(
            state_text(item.state.value),
            cell(shown(item.name)),
            short(item.version),
            number(item.rows),
            duration(item.seconds),
            *([size(item.peak_memory)] if memory else []),
            cell(first_line(item.detail or "")),
        )
    return table


def _failure(failure: Failure) -> RenderableType:
    from rich.console import Group

    action = failure.action
    last = action.attempts[-1]
    of = f" in check {action.check}" if action.check else ""
    times = f" after {len(action.attempts)} attempts" if len(action.attempts) > 1 else ""
    title = cell(f"{shown(action.name)} failed{of}{times}: {last.error}: {last.message}", "red")
    frames, beside = _traced(last)
    below = [indented(cell(plain(text))) for text in (beside, frames) if text]
    return Group(title, *below)


def _traced(last: Attempt) -> tuple[str, str]:
    """Return the frames of a traceback, and what stands in it behind the error's message: the hint, notes."""
    traceback = last.traceback or ""
    frames, told, beside = traceback.rpartition(f"{last.error}: {last.message}")
    if not told:  # it was shortened, or the error has no words
        return traceback.rstrip(), ""
    return frames.rpartition("\n")[0], "\n".join(line.strip() for line in beside.strip().splitlines())
