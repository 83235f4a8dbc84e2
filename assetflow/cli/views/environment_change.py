"""Owns how a change of an environment by hand is shown: what moves, what is turned away, what was refused and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, indented, quiet, stack
from assetflow.cli.views.words import counted, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.model.environments import Hold
    from assetflow.model.spec import ExposureSpec
    from assetflow.operate.environment_change import EnvironmentChange, Remark

_DONE = {
    "promoted": "promoted",
    "rolled_back": "rolled back",
    "accepted": "accepted",
    "pinned": "pinned",
    "unpinned": "unpinned",
    "environment_created": "created",
    "environment_deleted": "deleted",
}
_MOST = 40


def change_view(change: EnvironmentChange, *, verbose: bool) -> RenderableType:
    """Show what was done to an environment, or would be; with ``verbose``, what stays as well."""
    tells_all = verbose or change.how == "pinned"
    left_out = [remark for remark in change.left_out if tells_all or "already" not in remark.reason]
    return stack(
        _moves(change, verbose=verbose) if change.moves else None,
        _remarks("refused", change.refused, "red") if change.refused else None,
        _holds("turned away from now on, until it changes or is accepted", change.holds)
        if change.holds and not change.refused
        else None,
        _holds("turned away no longer", change.lifts) if change.lifts and not change.refused else None,
        _remarks("left as it is", left_out, "") if left_out else None,
        _users(change.users) if change.users else None,
        *(cell(f"note: {words}", "yellow") for words in change.warnings),
        _summary(change),
    )


def _summary(change: EnvironmentChange) -> RenderableType:
    done = _DONE[change.how]
    if change.refused:
        refused = len({remark.key for remark in change.refused})
        return cell(f"{change.env}: nothing was moved, because {counted(refused, 'asset')} cannot be", "red")
    moved = [move for move in change.moves if move.version != move.previous]
    what = counted(len(moved), "asset")
    if change.dry_run:
        return cell(f"{change.env}: {what} would be {done}; nothing was done", "bold")
    if change.commit is None:
        return cell(f"{change.env}: nothing to move", "bold")
    if change.how.startswith("environment"):
        return cell(f"{change.env}: {done}, {what}, in commit {change.commit}", "bold green")
    if not moved:
        return cell(f"{change.env}: {done}, in commit {change.commit}", "bold green")
    return cell(f"{change.env}: {what} {done}, in commit {change.commit}; no function ran", "bold green")


def _moves(change: EnvironmentChange, *, verbose: bool) -> RenderableType:
    table = Columns("asset", "from", "", "to", folding=("asset",))
    shown = change.moves if verbose else change.moves[:_MOST]
    for move in shown:
        stays = move.version == move.previous
        table.add_row(
            cell(move.asset),
            short(move.previous) if move.previous else quiet("no version"),
            quiet("" if stays else "→"),
            quiet("stays") if stays else short(move.version) if move.version else quiet("no version"),
        )
    more = len(change.moves) - len(shown)
    return stack(table, quiet(f"and {more} more; --verbose shows them") if more else None)


def _remarks(title: str, remarks: Sequence[Remark], style: str) -> RenderableType:
    table = Columns("asset", "why", folding=("asset", "why"))
    for remark in remarks:
        table.add_row(cell(remark.key), cell(remark.reason))
        if remark.hint:
            table.add_row(cell(""), quiet(remark.hint))
    return stack(cell(title, style), indented(table))


def _users(users: Sequence[ExposureSpec]) -> RenderableType:
    table = Columns("exposure", "owner", "uses", folding=("exposure", "uses"))
    for user in users:
        table.add_row(cell(user.name), cell(user.owner or ""), quiet(", ".join(user.uses)))
    return stack(cell("who uses it"), indented(table))


def _holds(title: str, holds: Sequence[Hold]) -> RenderableType:
    table = Columns("asset", "what", folding=("asset", "what"))
    for hold in holds[:_MOST]:
        what = "whatever it holds" if hold.code_version is None else f"code {hold.code_version[:12]}"
        config = f", config {hold.config_hash[:12]}" if hold.config_hash else ""
        table.add_row(cell(hold.asset), quiet(what + config))
    more = len(holds) - _MOST
    return stack(cell(title), indented(table), quiet(f"and {more} more") if more > 0 else None)
