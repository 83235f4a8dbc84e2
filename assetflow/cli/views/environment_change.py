"""Owns how a change of an environment by hand is shown: what moves, what is turned away, what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, indented, quiet, stack
from assetflow.cli.views.words import counted, short, shown
from assetflow.keys import split_name

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
        refused = _what([remark.key for remark in change.refused])
        return cell(f"{change.env}: nothing was moved, because {refused} cannot be", "red")
    moved = [move.name for move in change.moves if move.version != move.previous]
    what = _what([*moved, *(hold.name for hold in change.lifts)] if change.how == "accepted" else moved)
    if change.dry_run and change.how == "accepted" and not (moved or change.lifts):
        return cell(f"{change.env}: what failed its checks would be accepted; nothing was done", "bold")
    if change.dry_run:
        return cell(f"{change.env}: {what} would be {done}; nothing was done", "bold")
    if change.commit is None:
        return cell(f"{change.env}: nothing to move", "bold")
    if change.how.startswith("environment"):
        return cell(f"{change.env}: {done}, {what}, in commit {change.commit}", "bold green")
    if not moved:
        return cell(f"{change.env}: {done}, in commit {change.commit}", "bold green")
    return cell(f"{change.env}: {what} {done}, in commit {change.commit}; no function ran", "bold green")


def _what(names: Sequence[str]) -> str:
    """Return how many assets these are, and how many partitions where there are some: ``2 assets (40 partitions)``."""
    places = [split_name(name) for name in set(names)]
    partitions = sum(bool(partition) for _, partition in places)
    assets = counted(len({asset for asset, _ in places}), "asset")
    return f"{assets} ({counted(partitions, 'partition')})" if partitions else assets


def _moves(change: EnvironmentChange, *, verbose: bool) -> RenderableType:
    table = Columns("asset", "from", "", "to", folding=("asset",))
    several = Counter(move.asset for move in change.moves if move.partition)
    together = {} if verbose else {key: count for key, count in several.items() if count > 1}
    alone = [move for move in change.moves if move.asset not in together]
    for key, count in together.items():
        table.add_row(cell(key), quiet(""), quiet("→"), cell(f"{count:,} partitions"))
    named = alone if verbose else alone[:_MOST]
    for move in named:
        stays = move.version == move.previous
        table.add_row(
            cell(shown(move.name)),
            short(move.previous) if move.previous else quiet("no version"),
            quiet("" if stays else "→"),
            quiet("stays") if stays else short(move.version) if move.version else quiet("no version"),
        )
    more = len(alone) - len(named)
    return stack(table, quiet(f"and {more} more; --verbose shows them") if more else None)


def _remarks(title: str, remarks: Sequence[Remark], style: str) -> RenderableType:
    table = Columns("asset", "why", folding=("asset", "why"))
    for remark in remarks:
        table.add_row(cell(shown(remark.key)), cell(remark.reason))
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
        table.add_row(cell(shown(hold.name)), quiet(what + config))
    more = len(holds) - _MOST
    return stack(cell(title), indented(table), quiet(f"and {more} more") if more > 0 else None)
