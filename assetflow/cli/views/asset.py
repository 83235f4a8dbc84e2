"""Owns how one declared asset is shown: what it is, what it reads, what decides it, how it stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from assetflow.cli.json_text import json_line
from assetflow.cli.views.layout import Columns, cell, indented, pairs, quiet, stack
from assetflow.cli.views.words import number, origins, plain, short, size, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.model.spec import ExposureSpec
    from assetflow.operate.catalog import AssetDetails
    from assetflow.operate.materialization import Materialization


def asset_view(details: AssetDetails, now: datetime, *, with_code: bool = False) -> RenderableType:
    """Show everything about one declared asset; the code that it reaches only ``with_code``."""
    return stack(
        _about(details),
        _titled("inputs", _inputs(details)),
        _titled("options", _options(details.options)),
        _titled("checks", _lines(details.entry.checks)),
        _titled("used by", _lines(tuple(_user(exposure) for exposure in details.exposures))),
        _titled("published", _current(details, now)),
        _titled("code", _reached(details)) if with_code else None,
        _titled("not followed", _lines(details.opaque)) if with_code else None,
        code_view(details.source, _language(details)) if with_code and details.source else None,
    )


def code_view(text: str, language: str = "python") -> RenderableType:
    """Show code."""
    from rich.syntax import Syntax

    return Syntax(plain(text.rstrip()), language, theme="ansi_dark", background_color="default")


def _about(details: AssetDetails) -> RenderableType:
    entry = details.entry
    return pairs(
        [
            ("asset", cell(entry.key, "bold")),
            ("kind", cell(entry.kind)),
            ("description", cell(entry.description or "")),
            ("declared", cell(entry.where)),
            ("group", cell(entry.group or "")),
            ("tags", cell(", ".join(entry.tags))),
            ("owner", cell(entry.owner or "")),
            ("returns", cell(details.returns)),
            ("code version", cell(short(details.code_version))),
        ]
    )


def _inputs(details: AssetDetails) -> RenderableType | None:
    if not details.inputs:
        return None
    table = Columns("parameter", "asset", "form", "columns", folding=("parameter", "asset", "columns"))
    for item in details.inputs:
        missing = "" if item["missing"] == "fail" else f" (missing: {item['missing']})"
        table.add_row(
            cell(item["parameter"]),
            cell(f"{item['asset']}{missing}"),
            cell(str(item["form"]).partition(":")[0]),
            cell(", ".join(item["columns"])) if item["columns"] is not None else quiet("all"),
        )
    return table


def _options(options: dict[str, Any]) -> RenderableType | None:
    rows = [
        (name, cell(value if isinstance(value, str) else json_line(value))) for name, value in options.items()
    ]
    return pairs(rows) if rows else None


def _current(details: AssetDetails, now: datetime) -> RenderableType:
    current = details.current
    of = details.partitions
    if of is not None and of.published:
        return pairs(
            [
                ("partitions", cell(f"{of.published:,} of {of.there:,}")),
                ("newest", cell(of.last or "")),
                ("published", cell(when(of.since, now))),
                ("rows", cell(number(of.rows))),
            ]
        )
    if current is None:
        return quiet("nothing")
    return pairs(
        [
            ("version", cell(short(current.version))),
            ("made", cell(f"{when(current.time, now)}, in run {current.run_id}")),
            ("rows", cell(number(current.rows))),
            ("size", cell(size(current.bytes))),
            ("memory", cell(size(current.peak_memory))),
            ("columns", cell("\n".join(_column_lines(current)))),
        ]
    )


def _column_lines(current: Materialization) -> list[str]:
    """Return the columns in one line; of what a query made, a line for each, with the columns it comes from."""
    if not current.lineage:
        return [", ".join(current.columns)]
    width = max(map(len, current.columns), default=0)
    return [f"{name:{width}}  {origins(current.lineage.get(name, ()))}".rstrip() for name in current.columns]


def _user(exposure: ExposureSpec) -> str:
    told = ", ".join(filter(None, [exposure.owner, exposure.url]))
    return f"{exposure.name} ({told})" if told else exposure.name


def _language(details: AssetDetails) -> str:
    by_command = any(part.kind == "command" for part in details.code[:1])
    return "sql" if details.entry.kind == "sql" else "text" if by_command else "python"


def _reached(details: AssetDetails) -> RenderableType | None:
    if not details.code:
        return None
    table = Columns(
        "name", "kind", "where", "version", folding=("name", "where"), optional=("version", "kind")
    )
    for part in details.code:
        table.add_row(cell(part.name), quiet(part.kind), cell(part.where), quiet(short(part.digest)))
    return table


def _lines(lines: tuple[str, ...]) -> RenderableType | None:
    return cell("\n".join(lines)) if lines else None


def _titled(title: str, part: RenderableType | None) -> RenderableType | None:
    from rich.console import Group

    return None if part is None else Group(quiet(title), indented(part))
