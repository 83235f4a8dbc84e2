"""Owns how reproductions are shown: the verdict on each, and what of the runtime is not what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.marks import mark_of
from assetflow.cli.views.words import duration, listed, plain, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.reproduce import Reproduction

_MOST_PACKAGES = 6


def reproduction_view(found: Sequence[Reproduction], *, verbose: bool) -> RenderableType:
    """Show the verdicts in order; ``verbose``: with all packages that differ, and what the code printed."""
    table = Columns("", "asset", "version", "verdict", "time", folding=("asset", "verdict"))
    for one in found:
        mark = mark_of("passed" if one.is_identical else "failed")
        table.add_row(
            cell(mark.sign, mark.style),
            cell(one.key, "bold"),
            short(one.version),
            cell(one.text, "" if one.is_identical else mark.style),
            quiet(duration(one.seconds)),
        )
    return stack(table, _runtimes(found, verbose=verbose), *(_log(one) for one in found if verbose))


def _runtimes(found: Sequence[Reproduction], *, verbose: bool) -> RenderableType | None:
    """Say what differs between then and now, once for all versions that it is the same for."""
    from rich.text import Text

    told: dict[tuple[str, ...], list[str]] = {}
    for one in found:
        words = tuple(f"{item.name} {item.then} -> {item.now or 'not installed'}" for item in one.runtime)
        told.setdefault(words, []).append(f"{one.key} {short(one.version)}")
    told.pop((), None)
    if not told:
        return None
    lines = Text()
    for words, versions in told.items():
        lines.append("" if not lines else "\n")
        lines.append("not as it was then", style="yellow")
        lines.append(f" ({plain(listed(versions))}): ", style="default")
        lines.append(plain(listed(list(words), len(words) if verbose else _MOST_PACKAGES)), style="default")
    return lines


def _log(one: Reproduction) -> RenderableType | None:
    from rich.console import Group

    return (
        Group(quiet(f"{one.key} {short(one.version)} printed"), plain(one.log.rstrip())) if one.log else None
    )
