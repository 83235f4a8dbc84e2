"""Owns which partitions a person chose: what ``--partition`` names of each asset, and what of others that touches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce

from assetflow.errors import SelectionError, UnknownNameError, UsageError
from assetflow.operate.past import Past
from assetflow.partitions.ranges import Ranges
from assetflow.planning.layout import Layout
from assetflow.planning.resolve import Resolved

Choice = str | Mapping[str, Ranges] | None
"""What a person wrote, or the partitions of each asset (of others all); None for all partitions."""
STALE = "stale"
REJECTED = "rejected"


def chosen_partitions(
    order: Sequence[Resolved],
    selected: Collection[str],
    layout: Layout,
    past: Past,
    choice: Choice,
    rejected: Callable[[str], Ranges],
) -> dict[str, Ranges]:
    """Return the partitions of each asset of ``order`` that are chosen; empty where there is no choice.

    Of a ``selected`` asset a text names those of these keys; where it has no such keys, those that are made from what
    is chosen above. Of a source that is only read, what the chosen ones read. The words ``missing`` and ``failed`` mean
    those without a version, and those whose last attempt failed; ``stale`` all, of which a plan makes what is stale;
    ``rejected`` what the function of that name returns of an asset.

    Raises:
        SelectionError: the text does not parse.
        UnknownNameError: it names a partition that does not exist.
        UsageError: nothing that is selected has partitions.
    """
    if choice is None:
        return {}
    chosen: dict[str, Ranges] = {}
    for asset in order:
        if layout.is_partitioned(asset.key) and asset.key in selected:
            if choice == REJECTED:
                chosen[asset.key] = rejected(asset.key)
            elif isinstance(choice, str):
                chosen[asset.key] = _chosen(asset, chosen, layout, past, choice)
            else:
                chosen[asset.key] = choice.get(asset.key, layout.keys(asset.key).all)
    if isinstance(choice, str) and not chosen:
        raise UsageError(
            f"nothing that is selected has partitions, so {choice!r} names none",
            hint="leave --partition out, or select an asset with partitions",
        )
    return {**chosen, **_read_only(order, selected, chosen, layout)}


def _chosen(asset: Resolved, chosen: Mapping[str, Ranges], layout: Layout, past: Past, text: str) -> Ranges:
    try:
        return _named(asset, layout, past, text)
    except (SelectionError, UnknownNameError):
        above = [item.spec for item in asset.inputs if item.spec.key in chosen]
        if not above:
            raise
        made = (layout.reads(asset.key, item).touched(chosen[item.key]) for item in above)
        return reduce(Ranges.__or__, made)


def _read_only(
    order: Sequence[Resolved], selected: Collection[str], chosen: Mapping[str, Ranges], layout: Layout
) -> dict[str, Ranges]:
    found: dict[str, Ranges] = {}
    for asset in order:
        ordinals = chosen.get(asset.key, Ranges.of_span(0, 1))
        for item in asset.inputs:
            if item.spec.key not in selected and layout.is_partitioned(item.spec.key):
                reads = layout.reads(asset.key, item.spec)
                read = Ranges.of_spans(span for one in ordinals for span in reads.of(one).spans)
                found[item.spec.key] = found.get(item.spec.key, Ranges()) | read
    return found


def _named(asset: Resolved, layout: Layout, past: Past, text: str) -> Ranges:
    from assetflow.partitions.parsing import parse

    keys = layout.keys(asset.key)
    if text == "missing":
        published = past.standings(asset.key)
        return Ranges.of_ordinals(place for place, key in enumerate(keys) if key not in published)
    if text == "failed":
        failed = past.failed_partitions(asset.key)
        return Ranges.of_ordinals(place for place, key in enumerate(keys) if key in failed)
    if text == STALE:
        return keys.all
    return parse(text, keys)
