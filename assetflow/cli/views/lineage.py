"""Owns how lineage is drawn in text: what is above an asset above it, what is below it below; each branch once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import quiet
from assetflow.cli.views.words import counted, plain, short, when

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.operate.provenance import Lineage, Provenance, VersionNode

Line = tuple[str, str]  # the branches, and what hangs on them
Neighbours = Callable[[str], Sequence[str]]
MOST_SHOWN = 200
"""Lines of one direction drawn without --verbose: the nearest. Nobody reads thousands, as wide as they are deep."""

MOST_STEPS = 25  # where lines are left out: more are wider than a terminal
_STEP = 3  # characters of a branch
_REPEATED = " ..."  # its branches are drawn where it comes first


def lineage_view(lineage: Lineage, *, verbose: bool = False) -> RenderableType:
    """Draw the assets around one; of very many the nearest only, unless ``verbose``."""

    def told(key: str) -> Text:
        return _asset_text(key, lineage.kinds.get(key, ""), is_centre=key == lineage.key)

    return _around(lineage.key, lineage.parents, lineage.children, told, verbose=verbose)


def provenance_view(provenance: Provenance, now: datetime, *, verbose: bool = False) -> RenderableType:
    """Draw the versions that a version was made from above it, and those that were made from it below."""
    from rich.console import Group

    first = provenance.nodes[0]
    above = {node.version: node for node in provenance.nodes}
    below = {node.version: node for node in provenance.downstream}
    made = _made_from(first, provenance.downstream)

    def inputs(version: str) -> Sequence[str]:
        known = above[version].inputs if version in above and provenance.upstream else ()
        return [name for name in known if name in above or not provenance.more_upstream]

    def told(version: str) -> Text:
        node = above.get(version) or below.get(version)
        return _version_text(node, version, now, is_centre=version == first.version)

    drawn = _around(first.version, inputs, lambda version: made.get(version, ()), told, verbose=verbose)
    return Group(
        *_further(provenance.more_upstream, "above"), drawn, *_further(provenance.more_downstream, "below")
    )


def branches(root: str, neighbours: Neighbours) -> Iterator[Line]:
    """Yield the lines of the tree below ``root``, depth first, without recursion; what repeats is not drawn again."""
    drawn = {root}
    waiting: list[tuple[str, str, bool]] = []

    def push(key: str, prefix: str) -> None:
        below = list(neighbours(key))
        waiting.extend((name, prefix, number == 0) for number, name in enumerate(reversed(below)))

    push(root, "")
    while waiting:
        name, prefix, is_last = waiting.pop()
        repeated = name in drawn and bool(neighbours(name))
        yield prefix + ("└─ " if is_last else "├─ "), name + (_REPEATED if repeated else "")
        if name not in drawn:
            drawn.add(name)
            push(name, prefix + ("   " if is_last else "│  "))


def _around(
    centre: str, above_of: Neighbours, below_of: Neighbours, told: Callable[[str], Text], *, verbose: bool
) -> RenderableType:
    """Draw what is around ``centre``; each direction as far as its lines are not too many, unless ``verbose``."""
    from rich.console import Group

    above, hidden_above = _nearest(list(branches(centre, above_of)), verbose=verbose)
    below, hidden_below = _nearest(list(branches(centre, below_of)), verbose=verbose)
    lines = [(upwards(prefix), name) for prefix, name in reversed(above)]
    drawn = _drawn([*lines, ("", centre), *below], told)
    return Group(*_more(hidden_above, "above"), drawn, *_more(hidden_below, "below"))


def _made_from(first: VersionNode, downstream: Sequence[VersionNode]) -> dict[str, list[str]]:
    """Return what was made from each of the versions on the way down."""
    on_the_way = {first.version, *(node.version for node in downstream)}
    made: dict[str, list[str]] = {}
    for node in downstream:
        for version in node.inputs:
            if version in on_the_way:
                made.setdefault(version, []).append(node.version)
    return made


def _nearest(lines: list[Line], *, verbose: bool) -> tuple[list[Line], int]:
    """Return the lines of as many steps as are not too many, of one step the first; and how many are left out."""
    if verbose or len(lines) <= MOST_SHOWN:
        return lines, 0
    steps = sorted(len(prefix) for prefix, _ in lines)
    deepest = min(max(steps[0], steps[MOST_SHOWN] - _STEP), MOST_STEPS * _STEP)
    near = [line for line in lines if len(line[0]) <= deepest][:MOST_SHOWN]
    return near, len(lines) - len(near)


def _more(hidden: int, where: str) -> Iterator[RenderableType]:
    if hidden:
        yield quiet(
            f"... and {counted(hidden, 'line')} more {where}: --verbose draws them, --json names them"
        )


def upwards(prefix: str) -> str:
    """Return the branches of a line for a tree that grows upwards."""
    return prefix.replace("└", "┌")


def _further(count: int, where: str) -> Iterator[RenderableType]:
    if count:
        yield quiet(
            f"... and {counted(count, 'version')} one step further {where}: --depth says how far to look"
        )


def _drawn(lines: Sequence[Line], told: Callable[[str], Text]) -> Text:
    from rich.text import Text

    shown = Text()
    for number, (prefix, name) in enumerate(lines):
        bare = name.removesuffix(_REPEATED)
        shown.append("\n" if number else "")
        shown.append(prefix, style="bright_black")
        shown.append_text(told(bare))
        shown.append(name.removeprefix(bare), style="bright_black")
    return shown


def _asset_text(key: str, kind: str, *, is_centre: bool) -> Text:
    from rich.text import Text

    text = Text(plain(key.removeprefix("exposure:")), style="bold" if is_centre else "")
    return text.append(f"  {kind}" if kind not in ("", "python") else "", style="bright_black")


def _version_text(node: VersionNode | None, version: str, now: datetime, *, is_centre: bool) -> Text:
    from rich.text import Text

    if node is None:
        return Text(f"{short(version)}  not on record here")
    text = Text(plain(node.key), style="bold" if is_centre else "")
    text.append(f"@{short(node.version)}", style="default")
    told = [
        when(node.time, now) if node.time else "",
        counted(node.rows, "row") if node.rows is not None else "",
        f"published in {', '.join(node.published)}" if node.published else "",
        f"in {plain(node.store)}" if node.store else "",
        f"which {node.unread}" if node.unread else "",
    ]
    return text.append("  " + ", ".join(filter(None, told)), style="bright_black")
