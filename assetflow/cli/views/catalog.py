"""Owns how assets are shown as they are declared, as they stand, and as the log knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.marks import state_text
from assetflow.cli.views.timings import status_text
from assetflow.cli.views.words import counted, counts_text, duration, number, short, when

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.model.spec import ExposureSpec
    from assetflow.operate.catalog import CatalogEntry, RecordedEntry
from assetflow.operate.status import StatusRow

MOST_SHOWN = 500
"""Assets whose standing is told without --verbose: nobody reads more, and to draw them takes longer than to plan."""


def list_view(entries: Sequence[CatalogEntry]) -> RenderableType:
    """Show what is declared."""
    is_timed = any(entry.refresh is not None for entry in entries)
    has_partitions = any(entry.partitions is not None for entry in entries)
    table = Columns(
        "asset",
        "kind",
        "group",
        "tags",
        *(["partitions"] if has_partitions else []),
        *(["refresh"] if is_timed else []),
        "description",
        folding=("asset", "tags", *(["partitions"] if has_partitions else []), "description"),
        optional=("kind", "group"),
    )
    for entry in entries:
        table.add_row(
            cell(entry.key),
            quiet(entry.kind),
            cell(entry.group or ""),
            cell(", ".join(entry.tags)),
            *([cell(entry.partitions or "")] if has_partitions else []),
            *([cell(entry.refresh or "")] if is_timed else []),
            quiet((entry.description or "").partition("\n")[0]),
        )
    return stack(table, counted(len(entries), "asset"))


def exposures_view(exposures: Sequence[ExposureSpec]) -> RenderableType:
    """Show who uses what."""
    if not exposures:
        return "no exposures: af.exposure(name, uses=[...]) says who uses what"
    table = Columns(
        "exposure",
        "uses",
        "owner",
        "url",
        "description",
        folding=("exposure", "uses", "url", "description"),
        optional=("description", "url"),
    )
    for exposure in exposures:
        table.add_row(
            cell(exposure.name),
            cell(", ".join(exposure.uses)),
            cell(exposure.owner or ""),
            cell(exposure.url or ""),
            quiet((exposure.description or "").partition("\n")[0]),
        )
    return stack(table, counted(len(exposures), "exposure"))


def recorded_view(entries: Sequence[RecordedEntry], env: str, now: datetime) -> RenderableType:
    """Show what is on record, with what ``env`` publishes of it."""
    if not entries:
        return "nothing is on record yet"
    table = Columns(
        "asset",
        "kind",
        "version",
        "rows",
        f"published in {env}",
        folding=("asset",),
        right=("rows",),
        optional=("kind", "rows"),
    )
    for entry in entries:
        published = when(entry.since, now) if entry.is_published else "not published"
        table.add_row(
            cell(entry.key), quiet(entry.kind), which_text(entry), number(entry.rows), cell(published)
        )
    return stack(table, counted(len(entries), "asset"))


def which_text(entry: RecordedEntry) -> str:
    """Return which version is published; of an asset with partitions, of how many."""
    return short(entry.version) if entry.partitions is None else counted(entry.partitions, "partition")


def status_view(
    rows: Sequence[StatusRow], env: str, now: datetime, *, verbose: bool = False
) -> RenderableType:
    """Show how assets stand, parents first; of very many, unless ``verbose``, first those not fresh, or late."""
    shown = rows
    if len(rows) > MOST_SHOWN and not verbose:
        shown = sorted(rows, key=lambda row: row.state == "fresh" and row.late_since is None)[:MOST_SHOWN]
    is_timed = any(row.timing is not None for row in rows)
    table = Columns(
        "state",
        "asset",
        "published",
        "version",
        "rows",
        *(["due"] if is_timed else []),
        "why",
        folding=("asset", "why"),
        right=("rows",),
        optional=("version", "rows", "published"),
    )
    for row in shown:
        told = [*row.reasons, *(f"failed last: {line}" for line in (row.failure or "").splitlines()[:1])]
        if row.late_since is not None:
            allowed = duration(row.fresh_within)
            told.append(f"late since {when(row.late_since, now)}: its data are to be no older than {allowed}")
        table.add_row(
            state_text(row.state),
            cell(row.key),
            _published(row, now),
            short(row.version),
            number(row.rows),
            *([cell(status_text(row.timing, now))] if is_timed else []),
            cell("\n".join(told)),
        )
        for state, reasons in row.also.items():
            unsaid = [""] * (4 if is_timed else 3)
            table.add_row(state_text(state), cell(row.key), *unsaid, cell("\n".join(reasons)))
    hidden = len(rows) - len(shown)
    rest = quiet(f"... and {hidden:,} more: --verbose or --json names them") if hidden else None
    late = sum(row.late_since is not None for row in rows)
    of_them = f", {late:,} of them late" if late else ""
    return stack(table, rest, f"{counts_text(_counts(rows))} in {env}{of_them}")


def _published(row: StatusRow, now: datetime) -> Text | str:
    if row.partitions is not None:
        published, count = row.partitions
        return cell(f"{published:,} of {count:,}")
    return when(row.since, now) if row.since else quiet("never")


def _counts(rows: Sequence[StatusRow]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    return counts
