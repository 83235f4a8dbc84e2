"""Owns how settings and environments are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assetflow.cli.json_text import json_line
from assetflow.cli.views.catalog import which_text
from assetflow.cli.views.layout import Columns, cell, pairs, quiet, stack
from assetflow.cli.views.words import counted, number, short, shown, when
from assetflow.keys import name_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.catalog import RecordedEntry
    from assetflow.operate.environments import EnvironmentDifference, PointerDifference, Restraints
    from assetflow.settings.settings import SettingValue


@dataclass(frozen=True)
class EnvironmentRow:
    """An environment at a glance. ``published``: how many assets; None where ``problem`` says why that is not known."""

    name: str
    is_current: bool
    store: str | None
    published: int | None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "name": self.name,
            "current": self.is_current,
            "store": self.store,
            "published": self.published,
            "problem": self.problem,
        }


def settings_view(values: Sequence[SettingValue]) -> RenderableType:
    """Show every setting, and who says so."""
    table = Columns("setting", "value", "from", folding=("setting", "value", "from"))
    for value in values:
        told = value.value if isinstance(value.value, str) else json_line(value.value)
        table.add_row(
            cell(value.key), quiet("none") if value.value is None else cell(told), quiet(value.origin)
        )
    return table


def environments_view(rows: Sequence[EnvironmentRow]) -> RenderableType:
    """Show the environments; a star marks the one that commands use when none is named."""
    table = Columns("", "environment", "published", "store", folding=("environment", "store"))
    for row in rows:
        published = "?" if row.published is None else counted(row.published, "asset")
        table.add_row(
            cell("*" if row.is_current else "", "green"),
            cell(row.name, "bold" if row.is_current else ""),
            published,
            cell(row.problem, "yellow") if row.problem else cell(row.store or ""),
        )
    return table


def environment_view(
    row: EnvironmentRow,
    settings: Sequence[SettingValue],
    published: Sequence[RecordedEntry],
    restraints: Restraints,
    now: datetime,
) -> RenderableType:
    """Show one environment: its settings, all that it publishes, and what it holds back."""
    return stack(
        pairs([("environment", cell(row.name, "bold")), ("store", cell(row.store or ""))]),
        settings_view(settings),
        _published(published, now) if published else quiet("nothing is published"),
        _restraints(restraints, now) if restraints.pinned or restraints.turned_away else None,
    )


def _restraints(restraints: Restraints, now: datetime) -> RenderableType:
    table = Columns("held", "why", "since", folding=("held", "why"))
    for key, version in sorted(restraints.pinned.items()):
        table.add_row(cell(shown(key)), cell(f"pinned at {version[:12]}"), quiet(""))
    for one in restraints.turned_away:
        what = "whatever it holds" if one.code_version is None else f"what code {one.code_version[:12]} makes"
        why = f"{one.because.replace('_', ' ')}: {what} (commit {one.commit})"
        table.add_row(cell(shown(one.name)), cell(why), when(one.since, now))
    return table


def difference_view(found: EnvironmentDifference, now: datetime) -> RenderableType:
    """Show the assets of which two environments publish other versions."""
    whole = found.equal - found.equal_partitions
    parts = [counted(whole, "asset")] if whole or not found.equal_partitions else []
    parts += [counted(found.equal_partitions, "partition")] if found.equal_partitions else []
    equal = " and ".join(parts)
    if not found.differences:
        return cell(f"{found.before} and {found.after} publish the same: {equal}", "green")
    table = Columns(
        "asset",
        found.before,
        "since",
        found.after,
        "since ",
        "rows",
        "",
        folding=("asset",),
        right=("rows",),
        optional=("since", "since ", "rows"),
    )
    for one in found.differences:
        table.add_row(
            cell(shown(name_of(one.key, one.partition))),
            short(one.before) if one.before else quiet("no version"),
            when(one.since_before, now),
            short(one.after) if one.after else quiet("no version"),
            when(one.since_after, now),
            cell(_rows(one)),
            quiet("same data" if one.same_data else ""),
        )
    return stack(table, quiet(f"{equal} the same in both"))


def _rows(one: PointerDifference) -> str:
    if one.rows_before is None or one.rows_after is None or one.rows_before == one.rows_after:
        return ""
    return f"{one.rows_before:,} → {one.rows_after:,}"


def _published(entries: Sequence[RecordedEntry], now: datetime) -> RenderableType:
    table = Columns(
        "asset",
        "kind",
        "version",
        "rows",
        "since",
        folding=("asset",),
        right=("rows",),
        optional=("kind", "rows"),
    )
    for entry in entries:
        table.add_row(
            cell(entry.key),
            quiet(entry.kind),
            which_text(entry),
            number(entry.rows),
            when(entry.since, now),
        )
    return table
