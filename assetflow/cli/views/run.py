"""Owns how the end of a run is shown: the first cause on top, what was warned of, and the counts last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING

from assetflow.cli.views.layout import cell, indented, pairs, quiet, stack
from assetflow.cli.views.marks import mark_of
from assetflow.cli.views.problem import frames_view
from assetflow.cli.views.verdict import check_name, evidence_view
from assetflow.cli.views.words import counted, counts_text, duration, first_line, listed, plain, short, shown
from assetflow.errors import AssetflowError
from assetflow.keys import split_name

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from assetflow.cli.troubles import Evidence, Trouble
    from assetflow.execution.run import Run, RunItem

IN_FULL = 3
MOST_EVIDENCE = 5
MOST_FRAMES = 6
MOST_LINES = 12
MOST_INPUTS = 8
_ORDER = (
    "built",
    "reused",
    "checked",
    "fresh",
    "held",
    "failed",
    "rejected",
    "superseded",
    "skipped",
    "cancelled",
)


def run_view(
    run: Run,
    troubles: Sequence[Trouble],
    warned: Sequence[tuple[str, Evidence]],
    width: int,
    *,
    all_skips: bool = False,
) -> RenderableType:
    """Show what a run came to.

    Args:
        run: the run.
        troubles: what went wrong, the first cause first.
        warned: verdicts that warn, with the asset that they are about.
        width: columns that rows of data may take.
        all_skips: whether to tell why something is skipped that makes nothing fail.
    """
    in_full = [trouble_view(trouble, run.id, width) for trouble in troubles[:IN_FULL]]
    others = _others([trouble.item for trouble in troubles[IN_FULL:]], run.id)
    warnings = _bounded([_warning(key, evidence) for key, evidence in warned])
    lone = _bounded([_in_short(item) for item in run if _is_lone_skip(item, troubles)])
    held = [item for item in run if item.state.value == "held"]
    silent = [item for item in run if item.state.value == "skipped" and not item.fails]
    parts = (
        others,
        lone,
        _silent(silent, told=all_skips or len(silent) == len(run.items)),
        warnings,
        _held(held),
        _held_back(run),
    )
    return stack(*in_full, *map(_lines, parts), summary(run))


def summary(run: Run) -> Text:
    """Return the last line: ``12 built, 3 reused, 1 failed, 2 skipped in 3.1 s; 15 not published``."""
    from rich.text import Text

    counts = {state: run.counts[state] for state in _ORDER if state in run.counts}
    line = Text()
    for state, count in counts.items():
        line.append(", " if line else "")
        line.append(counts_text({state: count}), style=mark_of(state).style)
    line.append(f" in {duration(run.seconds)}")
    unseen = sum(item.held_back for item in run)
    return line.append(f"; {unseen:,} not published" if unseen else "")


def trouble_view(trouble: Trouble, run: str, width: int) -> RenderableType:
    """Show one asset that went wrong: what happened, where, from what, what it stops, and the ways on."""
    from rich.console import Group

    item = trouble.item
    parts: list[RenderableType] = [_headline(item, trouble)]
    if trouble.frames:
        parts.append(indented(frames_view(trouble.frames[-MOST_FRAMES:])))
    parts += [indented(evidence_view(evidence, width - 2)) for evidence in trouble.evidence[:MOST_EVIDENCE]]
    if len(trouble.evidence) > MOST_EVIDENCE:
        parts.append(indented(quiet(f"and {counted(len(trouble.evidence) - MOST_EVIDENCE, 'verdict')} more")))
    parts.append(indented(_context(trouble, run)))
    return Group(*parts)


def _headline(item: RunItem, trouble: Trouble) -> RenderableType:
    from rich.text import Text

    line = Text(f"{shown(item.name)} {item.state.value}", style=mark_of(item.state.value).style)
    if trouble.attempts > 1:
        line.append(f" after {trouble.attempts} attempts", style="default")
    told = _message(item) if not trouble.evidence else ""
    return line.append(f": {plain(told)}" if told else "", style="default")


def _message(item: RunItem) -> str:
    """Return all that an error says, but for a dump of whole tables."""
    if item.error is None:
        return item.message
    told = (
        item.error.message
        if isinstance(item.error, AssetflowError)
        else f"{type(item.error).__name__}: {item.error}"
    )
    lines = told.strip().splitlines()
    return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], "..."])


def _context(trouble: Trouble, run: str) -> RenderableType:
    item = trouble.item
    return pairs(
        [
            ("hint", cell(trouble.hint) if trouble.hint else None),
            ("inputs", cell(_inputs(trouble.inputs)) if trouble.inputs else None),
            ("skipped", cell(listed(_counted_names(trouble.below))) if trouble.below else None),
            ("readers", _readers(trouble)),
            ("log", cell(f"assetflow logs {_named(item)} --run {run}") if item.log else None),
            ("ways on", cell(_ways_on(trouble)) if item.state.value == "rejected" else None),
        ]
    )


def _readers(trouble: Trouble) -> RenderableType | None:
    if trouble.item.state.value == "superseded" or trouble.item.alike:
        return None
    if trouble.published is None:
        return cell("have no version of it")
    if trouble.published == trouble.item.version:
        return cell("keep this version: it was published before this check")
    return cell(f"keep version {short(trouble.published)}")


def _ways_on(trouble: Trouble) -> str:
    return (
        "mend the data or the code; or change the check: what is stored is judged again, nothing runs;\n"
        f"or run it again: assetflow materialize {_named(trouble.item)} --force"
    )


def _named(item: RunItem) -> str:
    """Return what names an asset, and its partitions, on a command line."""
    from assetflow.partitions.members import Members
    from assetflow.partitions.wording import text

    which = text(item.alike.ranges, item.alike.keys) if isinstance(item.alike, Members) else item.partition
    return f"{item.key} -p {quote(which)}" if which else item.key


def _inputs(inputs: Sequence[tuple[str, str]]) -> str:
    """Return the versions that were read; of an asset of which several partitions were, how many."""
    several = Counter(split_name(name)[0] for name, _ in inputs)
    told = (
        f"{shown(name)}@{short(version)}"
        if several[split_name(name)[0]] == 1
        else f"{split_name(name)[0]} ({counted(several[split_name(name)[0]], 'partition')})"
        for name, version in inputs
    )
    return listed(list(dict.fromkeys(told)), MOST_INPUTS)


def _counted_names(keys: Sequence[str]) -> list[str]:
    """Return each key once, with how many of its partitions there are."""
    return [f"{key} ({count:,})" if count > 1 else key for key, count in Counter(keys).items()]


def _others(items: Sequence[RunItem], run: str) -> list[Text]:
    """Return a line for each of the troubles that have no room to be told in full, and where they are."""
    lines = _bounded([_in_short(item) for item in items])
    return (
        [*lines, quiet(f"`assetflow runs {run}` tells of each where it failed, and its log")] if lines else []
    )


def _bounded(lines: Sequence[Text]) -> list[Text]:
    more = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], quiet(f"and {more:,} more")] if more > 0 else list(lines)


def _warning(key: str, evidence: Evidence) -> Text:
    verdict = evidence.verdict
    mark = mark_of("warned")
    line = cell(f"{mark.sign} warning ", mark.style)
    line.append(f"{key}: {plain(check_name(verdict.name, verdict.column))}", style="default")
    return line.append(f": {plain(verdict.message)}" if verdict.message else "", style="default")


def _in_short(item: RunItem) -> Text:
    line = cell(f"{shown(item.name)} {item.state.value}", mark_of(item.state.value).style)
    return line.append(f": {first_line(item.message)}" if item.message else "", style="default")


def _silent(items: Sequence[RunItem], *, told: bool) -> list[Text]:
    """Return a line for each asset that is skipped and fails nothing: all if ``told``, else whose data are gone."""
    from assetflow.planning.planner import GONE

    return _bounded([_in_short(item) for item in items if told or GONE in item.reasons])


def _held(items: Sequence[RunItem]) -> list[Text]:
    """Return a line for each asset that is held back, so that each run says why."""
    more = len(items) - MOST_LINES
    shown = [_in_short(item) for item in items[:MOST_LINES]]
    return (
        [*shown, quiet(f"and {more} more; `assetflow status state:held` lists them")] if more > 0 else shown
    )


def _is_lone_skip(item: RunItem, troubles: Sequence[Trouble]) -> bool:
    """Say whether an asset was skipped, and failed the run, for no reason that is shown already."""
    return (
        item.state.value == "skipped"
        and item.fails
        and not any(item.key in trouble.below for trouble in troubles)
    )


def _held_back(run: Run) -> list[Text]:
    """Return a line for each reason for which good versions are not published."""
    by_reason: dict[str, list[str]] = {}
    for item in run:
        if item.held_back:
            by_reason.setdefault(item.message, []).append(item.key)
    mark = mark_of("held")
    lines = []
    for reason, keys in by_reason.items():
        line = cell(f"{mark.sign} not published ", mark.style)
        told = f"{listed(_counted_names(keys))}: {reason}; on record, and reused next time"
        lines.append(line.append(plain(told), style="default"))
    return lines


def _lines(lines: Sequence[RenderableType]) -> RenderableType | None:
    from rich.console import Group

    return Group(*lines) if lines else None
