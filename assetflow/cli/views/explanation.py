"""Owns how an explanation is shown: what decided the asset before, what decides it now, the code between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.marks import mark_of, state_text
from assetflow.cli.views.words import counted, plain, short, shown, when
from assetflow.keys import name_of, typed
from assetflow.partitions.wording import short_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.comparison import CodeChange, Ingredient
    from assetflow.operate.explain import Explanation, VersionExplanation
    from assetflow.planning.plan import PartitionPlan

_WORDS_OF_PARTITION = 3  # input, the parameter, the partition
_LINE_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def explanation_view(explanation: Explanation) -> RenderableType:
    """Show why an asset is in its state."""
    if explanation.partitions is not None:
        return _partitions_view(explanation.key, explanation.partitions)
    return stack(
        _headline(explanation),
        _ingredients(explanation) if explanation.ingredients else None,
        *(code_change_view(change) for change in explanation.code_changes),
    )


def code_change_view(change: CodeChange) -> RenderableType:
    """Show what changed in a piece of code, as a coloured diff."""
    from rich.text import Text

    title = Text(plain(change.name), style="bold")
    title.append(f" in {plain(change.file)}" if change.file else "", style="default")
    if not change.diff:
        return title.append(": the text that it had is not on record", style="default")
    for line in change.diff.splitlines():
        is_title = line.startswith(("+++", "---"))
        title.append("\n")
        title.append(plain(line), style="bold" if is_title else _LINE_STYLES.get(line[:1], "default"))
    return title


def version_explanation_view(explanation: VersionExplanation, now: datetime) -> RenderableType:
    """Show in what a version differs from another."""
    titles = (
        f"{short(explanation.before)}, {when(explanation.time_before, now)}",
        f"{short(explanation.version)}, {when(explanation.time, now)}",
    )
    return stack(
        _version_headline(explanation),
        _table(explanation.ingredients, *titles) if explanation.ingredients else None,
        *(code_change_view(change) for change in explanation.code_changes),
    )


def _version_headline(explanation: VersionExplanation) -> RenderableType:
    from rich.text import Text

    line = Text(plain(shown(name_of(explanation.key, explanation.partition))), style="bold")
    data = "the same data" if explanation.same_data else "other data"
    line.append(
        f"  {short(explanation.version)} against {short(explanation.before)}: {data}", style="default"
    )
    for reason in explanation.reasons or ("nothing that decides it differs",):
        line.append(f"\n  {plain(reason)}", style="default")
    return line


def _headline(explanation: Explanation) -> RenderableType:
    from rich.text import Text

    mark = mark_of(explanation.state)
    line = Text(plain(shown(name_of(explanation.key, explanation.partition))), style="bold")
    line.append(f"  {mark.sign} {explanation.state}", style=mark.style)
    for reason in explanation.reasons:
        line.append(f"\n  {plain(reason)}", style="default")
    if not explanation.reasons and explanation.state == "fresh":
        line.append("\n  nothing that decides it has changed", style="default")
    return line


def _partitions_view(key: str, plan: PartitionPlan) -> RenderableType:
    """Show how the partitions of an asset stand, and how to ask for one."""
    from rich.text import Text

    table = Columns("state", "partitions", "why", folding=("partitions", "why"))
    for group in plan.groups:
        why = "\n".join(group.reasons)
        table.add_row(state_text(group.state.value), cell(short_text(group.ranges, plan.keys)), cell(why))
    count = sum(plan.counts.values())
    head = Text(plain(key), style="bold").append(f"  {counted(count, 'partition')}", style="default")
    if not plan.groups:
        return head
    first = min(plan.groups, key=lambda group: group.state.value == "fresh").ranges
    one = typed(name_of(key, plan.keys.key(first[-1])))
    return stack(head, table, quiet(f"`assetflow explain {one}` tells all that decides one of them"))


def _ingredients(explanation: Explanation) -> RenderableType:
    published = f"published ({short(explanation.version)})" if explanation.version else "published"
    return _table(explanation.ingredients, published, "now")


def _table(ingredients: Sequence[Ingredient], before: str, now: str) -> RenderableType:
    table = Columns("", "decided by", before, now, folding=("decided by", before, now))
    for item in _told(ingredients):
        mark = cell("~", "yellow") if item.changed else quiet("=")
        then = cell(item.before) if item.before is not None else quiet("-")
        what = cell(item.now or "-", "yellow" if item.changed else "")
        table.add_row(mark, cell(item.name), then, what if item.changed else quiet("the same"))
    return table


def _told(ingredients: Sequence[Ingredient]) -> list[Ingredient]:
    """Return them with all partitions of one input that are the same told as one."""
    same: dict[str, list[Ingredient]] = {}
    for item in ingredients:
        words = item.name.split(" ", 2)
        is_part = len(words) == _WORDS_OF_PARTITION and words[0] == "input" and not item.changed
        same.setdefault(" ".join(words[:2]) if is_part else item.name, []).append(item)
    return [
        found[0] if len(found) == 1 else replace(found[0], name=name, before=f"{len(found):,} partitions")
        for name, found in same.items()
    ]
