"""Owns how one recorded version is shown: what it is, from what it was made, how its checks judged it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.json_text import json_line
from assetflow.cli.views.layout import Columns, cell, indented, pairs, quiet, stack
from assetflow.cli.views.verdict import evidence_view, verdict_line
from assetflow.cli.views.words import duration, number, origins, short, shown, size, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.cli.troubles import Evidence
    from assetflow.model.runs import RunStarted
    from assetflow.operate.materialization import Materialization
    from assetflow.operate.records import VersionDetails


def version_view(
    details: VersionDetails, evidence: Sequence[Evidence], now: datetime, width: int
) -> RenderableType:
    """Show what is on record of a version; ``evidence``: the verdicts on it that did not pass."""
    made = details.materialization
    return stack(
        _record(made, details.start, now),
        _forgotten(details, now),
        _titled("inputs", _inputs(made)),
        _titled("config", _named(made.config)),
        _titled("recorded", _named(made.metadata)),
        _titled("columns", _columns(made)),
        _titled("checks", _checks(details, evidence, width)),
    )


def _record(made: Materialization, start: RunStarted | None, now: datetime) -> RenderableType:
    return pairs(
        [
            ("asset", cell(made.key, "bold")),
            ("version", cell(made.version)),
            ("data version", cell(made.data_version)),
            ("fingerprint", cell(made.fingerprint)),
            ("code version", cell(made.code_version or "")),
            ("kind", cell(made.kind)),
            ("read from", cell(_remote(made))),
            ("rows", cell(number(made.rows))),
            ("size", cell(size(made.bytes))),
            (
                "made",
                cell(
                    f"{when(made.time, now)} in {duration(made.seconds)}"
                    + (f", in {made.env}" if made.env else "")
                ),
            ),
            ("memory", cell(size(made.peak_memory))),
            ("why", cell("\n".join(made.reasons))),
            ("with", cell(_made_with(start) if start else "")),
            ("run", cell(made.run_id)),
            ("commit", cell(f"#{made.commit}")),
        ]
    )


def _remote(made: Materialization) -> str:
    remote = made.remote
    return f"{remote.asset}@{short(remote.version)}, {remote.env} of {remote.url}" if remote else ""


def _forgotten(details: VersionDetails, now: datetime) -> RenderableType | None:
    one = details.forgotten
    if one is None:
        return None
    text = f"data forgotten {when(one.time, now)} by `assetflow {one.reason}` (#{one.commit}, {one.user})"
    return cell(text, "bold")


def _made_with(start: RunStarted) -> str:
    """Say what a version was made with; the packages are in its JSON, and in the ledger."""
    git = f"git {start.git_commit[:12]}" if start.git_commit else ""
    dirty = " and changes" if start.git_dirty else ""
    python = f"Python {start.python}" if start.python else ""
    return ", ".join(filter(None, [python, start.platform, f"{git}{dirty}" if git else ""]))


def _inputs(made: Materialization) -> RenderableType | None:
    if not made.inputs:
        return None
    table = Columns(
        "parameter",
        "asset",
        "version",
        "data version",
        "form",
        folding=("parameter", "asset"),
        optional=("data version", "form"),
    )
    for item in made.inputs:
        table.add_row(
            cell(item.parameter),
            cell(shown(item.name)),
            short(item.version) or quiet("none"),
            quiet(short(item.data_version)),
            quiet(item.form.partition(":")[0]),
        )
    return table


def _named(values: object) -> RenderableType | None:
    if not values:
        return None
    assert isinstance(values, dict)
    return pairs(
        (name, cell(value if isinstance(value, str) else json_line(value))) for name, value in values.items()
    )


def _columns(made: Materialization) -> RenderableType | None:
    if not made.columns:
        return None
    if not made.lineage:
        return pairs((name, quiet(short(digest))) for name, digest in made.columns.items())
    table = Columns("column", "hash", "from", folding=("column", "from"))
    for name, digest in made.columns.items():
        table.add_row(cell(name), quiet(short(digest)), cell(origins(made.lineage.get(name, ()))))
    return table


def _checks(details: VersionDetails, evidence: Sequence[Evidence], width: int) -> RenderableType | None:
    from rich.console import Group

    passed = [
        verdict for evaluated in details.evaluations for verdict in evaluated.verdicts if verdict.passed
    ]
    shown = [*(evidence_view(item, width - 2) for item in evidence), *map(verdict_line, passed)]
    return Group(*shown) if shown else None


def _titled(title: str, part: RenderableType | None) -> RenderableType | None:
    from rich.console import Group

    return None if part is None else Group(quiet(title), indented(part))
