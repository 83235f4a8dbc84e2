"""Owns how looking after a store is shown: what `gc` and `forget` took away and left, what `verify` found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, indented, quiet, stack
from assetflow.cli.views.words import counted, listed, number, one_line, short, size

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.forget import Erased
    from assetflow.operate.gc import AssetShare, Collected
    from assetflow.operate.verify import Problem, Verified


def collection_view(collected: Collected, *, verbose: bool = False) -> RenderableType:
    """Show what goes and what stays, by asset; assets of which all stays only when ``verbose``."""
    shares = [share for share in collected.assets if share.versions or verbose]
    return stack(
        _table(shares) if shares else None,
        _going(collected),
        _waiting(collected),
        _for_live(collected),
        _for_unreadable(collected),
    )


def erased_view(erased: Erased) -> RenderableType:
    """Show what was erased, or would be, and what stays because others need it."""
    be, would = ("would be", "would be ") if erased.dry_run else ("is", "")
    objects = f"{counted(erased.objects, 'object')} {would}deleted"
    said = f"{erased.key} version {short(erased.version)} {be} forgotten: {objects}"
    if erased.already:
        left = objects if erased.objects else "nothing of it is left"
        said = f"{erased.key} version {short(erased.version)} was forgotten already: {left}"
    also = [short(version) for version in erased.versions if version != erased.version]
    more = f"the same data, forgotten too: {listed(also)}" if also else None
    stays = f"{counted(erased.stay, 'object')} stay, needed by {listed(list(erased.needed_by)) or 'others'}"
    return stack(cell(said), cell(more) if more else None, cell(stays) if erased.stay else None)


def verified_view(verified: Verified) -> RenderableType:
    """Show what is wrong, and what was looked at."""
    read = f"{counted(verified.objects, 'object')} of {size(verified.bytes)} read"
    looked = f"{counted(verified.commits, 'commit')}, {read}"
    verdict = "sound" if not verified.problems else counted(len(verified.problems), "problem")
    head = f"head #{verified.head} {verified.hash}" if verified.head else "the log is empty"
    return stack(*map(_problem, verified.problems), cell(f"{verdict}: {looked}"), quiet(head))


def _table(shares: list[AssetShare]) -> RenderableType:
    table = Columns(
        "asset", "go", "size", "stay", "because", folding=("asset", "because"), right=("go", "size", "stay")
    )
    for share in shares:
        because = ", ".join(f"{count} {reason}" for reason, count in share.reasons.items())
        table.add_row(
            cell(share.asset), number(share.versions), size(share.bytes), number(share.stay), quiet(because)
        )
    return table


def _going(collected: Collected) -> RenderableType:
    if not (collected.objects or collected.forgotten or collected.deleted or collected.left_over):
        return cell("nothing to forget, nothing to delete")
    would = "would be " if collected.dry_run else ""
    forgotten = (
        f"{counted(len(collected.forgotten), 'version')} and {counted(collected.objects, 'object')} "
        f"({size(collected.bytes)}) {would}forgotten"
    )
    deleted = f"{counted(collected.deleted, 'object')} ({size(collected.deleted_bytes)}) {would}deleted"
    left = f", {counted(collected.left_over, 'left-over file')} too" if collected.left_over else ""
    commit = f" (#{collected.commit})" if collected.commit else ""
    return cell(f"{forgotten}{commit}; {deleted}{left}")


def _waiting(collected: Collected) -> RenderableType | None:
    waiting = collected.waiting + (0 if collected.dry_run else collected.objects)
    if not waiting:
        return None
    total = collected.waiting_bytes + (0 if collected.dry_run else collected.bytes)
    return quiet(
        f"{counted(waiting, 'object')} ({size(total)}) will be deleted by a `gc` a day after they were forgotten"
    )


def _for_live(collected: Collected) -> RenderableType | None:
    if not collected.live:
        return None
    return quiet(f"more stays because runs go on: {listed(list(collected.live))}")


def _for_unreadable(collected: Collected) -> RenderableType | None:
    if not collected.unreadable:
        return None
    names = listed(list(collected.unreadable))
    return cell(f"more stays because what these objects list cannot be read: {names}; see `assetflow verify`")


def _problem(problem: Problem) -> RenderableType:
    from rich.console import Group

    mark = "mended: " if problem.repaired else ""
    return Group(cell(f"{mark}{one_line(problem.message)}"), indented(quiet(problem.hint)))
