"""Owns how a diff is shown: what was compared, what differs in a few lines, then the first rows, old beside new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assetflow.cli.views.cells import Cells, cell_text, cells_of
from assetflow.cli.views.grid import grid_of
from assetflow.cli.views.layout import Columns, cell, indented, pairs, quiet, stack
from assetflow.cli.views.words import counted, listed, number, one_line, plain, short, size, when
from assetflow.operate.table_diff import TableDiff
from assetflow.operate.value_diff import ArrayDiff, BytesDiff, FilesDiff, TextDiff, ValueDiff

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.diff import ComparedVersion, Diff

_ADDED, _REMOVED, _CHANGED = "green", "red", "yellow"
_SIGNS = {"added": ("+", _ADDED), "removed": ("-", _REMOVED), "changed": ("~", _CHANGED)}
_LINES = {"+": _ADDED, "-": _REMOVED, "@": "cyan"}
_MOST_VALUES = 50
_MOST_LINES = 200
_LONG, _CONTEXT = (
    24,
    8,
)  # characters that two texts have in common: from when on not all are shown, and how many
_ARROW = " → "


def diff_view(diff: Diff, now: datetime, width: int) -> RenderableType:
    """Show what differs between two versions."""
    return stack(_versions(diff, now), *_changes(diff, width))


def _versions(diff: Diff, now: datetime) -> RenderableType:
    table = Columns("", "version", "asset", "published in", "made", folding=("asset",))
    for sign, style, side in (("-", _REMOVED, diff.old), ("+", _ADDED, diff.new)):
        asset = cell(side.reference, "bold")
        table.add_row(
            cell(sign, style), short(side.version), asset, cell(side.env), quiet(when(side.time, now))
        )
    return table


def _changes(diff: Diff, width: int) -> Sequence[RenderableType | None]:
    if not diff.is_different:
        return [cell("the same data", _ADDED)]
    match diff.changes:
        case TableDiff() as changes:
            return _table(changes, width)
        case ValueDiff() as changes:
            return [_values(changes)]
        case TextDiff() as changes:
            return [_text(changes)]
        case ArrayDiff() as changes:
            return [_array(changes)]
        case FilesDiff() as changes:
            return [_files(changes)]
        case BytesDiff() as changes:
            return [
                cell(f"{size(changes.old_bytes)}{_ARROW}{size(changes.new_bytes)}, other bytes", _CHANGED)
            ]
        case None:
            return [
                cell(f"they are of different kinds: {_kind(diff.old)}{_ARROW}{_kind(diff.new)}", _CHANGED)
            ]


def _kind(side: ComparedVersion) -> str:
    return f"{side.kind} of {number(side.rows)} rows" if side.rows is not None else side.kind


# Tables


def _table(diff: TableDiff, width: int) -> Sequence[RenderableType | None]:
    return [
        pairs([("rows", _row_counts(diff)), ("schema", _schema(diff)), ("key", _key(diff))]),
        _columns(diff),
        cell(diff.note, _CHANGED) if diff.note else None,
        _changed_rows(diff, width - 2),
        _sample("added", diff.added, lambda: cells_of(diff.added_rows), width - 2),
        _sample("removed", diff.removed, lambda: cells_of(diff.removed_rows), width - 2),
    ]


def _row_counts(diff: TableDiff) -> RenderableType:
    from rich.text import Text

    before, after = number(diff.old_rows), number(diff.new_rows)
    line = Text(before if before == after else f"{before}{_ARROW}{after}")
    for count, (sign, style), word in zip(
        (diff.added, diff.removed, diff.changed), _SIGNS.values(), _SIGNS, strict=True
    ):
        if count:
            line.append(f"  {sign}{number(count)} {word}", style)
    if diff.rows_moved:
        line.append("  same rows, other order", _CHANGED)
    elif not (diff.added or diff.removed or diff.changed):
        line.append("  same rows", _ADDED)
    return line


def _schema(diff: TableDiff) -> RenderableType | None:
    from rich.text import Text

    lines = []
    for change in diff.schema:
        state = "added" if change.old is None else "removed" if change.new is None else "changed"
        sign, style = _SIGNS[state]
        types = _ARROW.join(kind for kind in (change.old, change.new) if kind)
        not_compared = "  (not compared)" if state == "changed" else ""
        lines.append(Text(f"{sign} {one_line(change.name)} {types}{not_compared}", style))
    if diff.columns_moved:
        lines.append(Text("same columns, other order" if not diff.schema else "other order", _CHANGED))
    return Text("\n").join(lines) if lines else None


def _key(diff: TableDiff) -> RenderableType | None:
    if not diff.key:
        return quiet("none: whole rows are compared")
    return cell(", ".join(diff.key)).append(", as a unique check says" if diff.key_from == "guessed" else "")


def _columns(diff: TableDiff) -> RenderableType | None:
    """Show the columns that differ, those that differ most first; the others by their names."""
    changed = sorted(
        (column for column in diff.columns if column.changed), key=lambda one: -(one.changed or 0)
    )
    same = [one_line(column.name) for column in diff.columns if column.same and column.name not in diff.key]
    if diff.rows_moved or not diff.columns:
        return None
    if diff.key and (diff.added or diff.removed) and diff.added == diff.new_rows:
        return quiet("no row is in both: no key of the one is in the other")
    table = Columns(
        "column", "type", "changed cells", "share", right=("changed cells", "share"), folding=("column",)
    )
    for column in changed:
        table.add_row(
            cell(one_line(column.name), _CHANGED),
            quiet(column.type),
            number(column.changed),
            _share(column.share or 0),
        )
    others = (
        quiet(f"{counted(len(same), 'column')} the same in every row: {listed(same, 8)}") if same else None
    )
    parts = [table if changed else None, others]
    return stack(*parts) if any(parts) else None


def _share(share: float) -> str:
    """Return a share so that little is never nothing, and nearly all never all."""
    percent = share * 100
    if share >= 1:
        return "100 %"
    if percent >= 99.95:
        return ">99.9 %"
    return f"{percent:.1f} %" if percent >= 0.1 else f"{percent:.2g} %"


def _sample(word: str, count: int, cells: Callable[[], Cells], width: int) -> RenderableType | None:
    from rich.console import Group
    from rich.text import Text

    if not count:
        return None
    sign, style = _SIGNS[word]
    shown = cells()
    title = Text(f"{sign} {word} rows", style)
    if not shown.rows:
        return None
    title.append(
        f"  the first {len(shown.rows):,} of {count:,}" if count > len(shown.rows) else "", "bright_black"
    )
    grid = grid_of(shown, width)
    left_out = quiet(f"no room for {listed(list(grid.left_out))}") if grid.left_out else None
    parts = [Text(str(grid), no_wrap=True), *([left_out] if left_out else [])]
    return Group(title, *(indented(part) for part in parts))


def _changed_rows(diff: TableDiff, width: int) -> RenderableType | None:
    if not diff.changed:
        return None
    names = [
        column.name for column in diff.columns if any(column.name in row.cells for row in diff.changed_rows)
    ]
    rows = [
        (
            *(cell_text(row.key[name]) for name in diff.key),
            *(_ARROW.join(_apart(*row.cells[name])) if name in row.cells else "" for name in names),
        )
        for row in diff.changed_rows
    ]
    headers = tuple(one_line(name) for name in (*diff.key, *names))
    shown = Cells(headers, (False,) * len(headers), tuple(rows), diff.changed)
    return _sample("changed", diff.changed, lambda: shown, width)


def _apart(old: Any, new: Any) -> tuple[str, str]:
    """Return two values that differ so that it can be seen: blanks at the ends, and where long texts part."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return cell_text(old), cell_text(new)
    pairs_of_both = enumerate(zip(old, new, strict=False))
    same = next((place for place, (one, other) in pairs_of_both if one != other), min(len(old), len(new)))
    start = same - _CONTEXT if same > _LONG else 0
    shown = (("…" if start else "") + one_line(text[start:]) for text in (old, new))
    first, second = (text if text == text.strip() and text else f'"{text}"' for text in shown)
    return first, second


# Other kinds


def _values(diff: ValueDiff) -> RenderableType:
    from rich.console import Group

    table = Columns(
        "", "where", "old", "new", "difference", folding=("where", "old", "new"), right=("difference",)
    )
    for change in diff.values[:_MOST_VALUES]:
        sign, style = _SIGNS[change.state]
        old = quiet("-") if change.state == "added" else cell(cell_text(change.old))
        new = quiet("-") if change.state == "removed" else cell(cell_text(change.new))
        table.add_row(cell(sign, style), cell(change.path, style), old, new, cell(_signed(change.difference)))
    more = len(diff.values) - _MOST_VALUES
    return Group(table, quiet(f"and {more:,} more; --json has all")) if more > 0 else table


def _signed(difference: Any) -> str:
    return (
        ""
        if difference is None
        else f"{difference:+.6g}"
        if isinstance(difference, float)
        else f"{difference:+}"
    )


def _text(diff: TextDiff) -> RenderableType:
    from rich.text import Text

    shown = Text(f"+{counted(diff.added, 'line')}", _ADDED).append(
        f" -{counted(diff.removed, 'line')}", _REMOVED
    )
    lines = (diff.diff or "").splitlines()
    for line in lines[:_MOST_LINES]:
        is_title = line.startswith(("+++", "---"))
        shown.append(f"\n{plain(line)}", "bold" if is_title else _LINES.get(line[:1], "default"))
    if len(lines) > _MOST_LINES:
        shown.append(f"\nand {len(lines) - _MOST_LINES:,} more lines; --json has all", "bright_black")
    return shown


def _array(diff: ArrayDiff) -> RenderableType:
    if diff.changed is None:
        return cell(f"{diff.old}{_ARROW}{diff.new}", _CHANGED)
    share = _share(diff.changed / diff.of) if diff.of else "0 %"
    return cell(f"{diff.new}: {diff.changed:,} of {diff.of:,} elements changed, {share}", _CHANGED)


def _files(diff: FilesDiff) -> RenderableType:
    from rich.console import Group

    table = Columns("", "file", "old", "new", folding=("file",), right=("old", "new"))
    for change in diff.files[:_MOST_VALUES]:
        sign, style = _SIGNS[change.state]
        path = cell(one_line(change.path), style)
        table.add_row(cell(sign, style), path, size(change.old_bytes), size(change.new_bytes))
    more = len(diff.files) - _MOST_VALUES
    rest = [f"and {more:,} more; --json has all"] if more > 0 else []
    rest += [f"{counted(diff.same, 'file')} the same"] if diff.same else []
    return Group(table, *map(quiet, rest))
