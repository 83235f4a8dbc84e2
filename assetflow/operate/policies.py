"""Owns judging the declarations by the policies of the settings: who owns an asset, what it is called, what tests it.

Looks at declarations alone: knows nothing of versions, runs or data.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assetflow.errors import SelectionError
from assetflow.lineage.evaluation import select
from assetflow.model.spec import AssetSpec
from assetflow.operate.planning import plan, selected
from assetflow.operate.selecting import LedgerOracle
from assetflow.operate.workspace import Workspace
from assetflow.settings.settings import PolicySettings


@dataclass(frozen=True)
class Lack:
    """What one asset lacks by one rule: ``where`` it is declared, what is ``lacking``, and how to mend it.

    ``message``: what the rule says to those who break it.
    """

    key: str
    rule: str
    lacking: str
    where: str
    hint: str
    message: str | None = None


@dataclass(frozen=True)
class LintReport:
    """What all rules found. ``judged``: how many of the selected assets each rule is for, by its name."""

    judged: Mapping[str, int]
    lacks: tuple[Lack, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is lacking."""
        return not self.lacks

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {
            "passed": self.passed,
            "rules": [{"name": name, "assets": count} for name, count in self.judged.items()],
            "lacks": [asdict(lack) for lack in self.lacks],
        }


def lint(workspace: Workspace, selection: str | None = None, exclude: str | None = None) -> LintReport:
    """Judge the assets that ``selection`` (None: everything) selects by every rule of the settings.

    Raises:
        SelectionError: the selection, or that of a rule, does not parse or names no asset.
    """
    keys = selected(workspace, selection, exclude)
    judged: dict[str, int] = {}
    lacks: list[Lack] = []
    for name, policy in workspace.settings.policy.items():
        meant = sorted(keys & _meant(workspace, name, policy))
        judged[name] = len(meant)
        lacks += [lack for key in meant for lack in lacks_of(workspace.specs[key], name, policy)]
    return LintReport(judged, tuple(sorted(lacks, key=lambda lack: lack.key)))


def lacks_of(spec: AssetSpec, rule: str, policy: PolicySettings) -> Iterator[Lack]:
    """Yield what an asset lacks by one rule."""
    for lacking, hint in _lacking(spec, policy):
        yield Lack(spec.key, rule, lacking, spec.where, hint, policy.message)


def _meant(workspace: Workspace, name: str, policy: PolicySettings) -> frozenset[str]:
    """Return the assets that a rule is for, which may be none."""
    oracle = LedgerOracle(workspace, lambda: plan(workspace).plan)
    try:
        return select(policy.select, workspace.graph, workspace.traits, oracle, may_be_empty=True)
    except SelectionError as error:
        raise SelectionError(
            f"policy.{name}.select: {error.message}",
            text=error.text,
            position=error.position,
            hint=error.hint,
        ) from error


def _lacking(spec: AssetSpec, policy: PolicySettings) -> Iterator[tuple[str, str]]:
    """Yield what is lacking, and how to mend it."""
    for requirement in policy.require:
        lacks, hint = _REQUIREMENTS[requirement]
        if lacks(spec):
            yield f"no {requirement}", hint
    for pattern in policy.tags:
        if not any(fnmatch.fnmatchcase(tag, pattern) for tag in spec.tags):
            yield f"no tag {pattern}", f'add one: tags=["{pattern.replace("*", "...")}"]'
    if policy.groups and not any(fnmatch.fnmatchcase(spec.group or "", group) for group in policy.groups):
        known = ", ".join(policy.groups)
        yield f"group {spec.group or '(none)'} is not one of {known}", f'write group="{policy.groups[0]}"'
    if policy.names is not None and not re.fullmatch(policy.names, spec.key):
        yield f"its key does not fit {policy.names}", "give it another key"


_REQUIREMENTS: Mapping[str, tuple[Callable[[AssetSpec], bool], str]] = {
    "owner": (lambda spec: not spec.owner, 'say whom to ask: owner="..."'),
    "description": (
        lambda spec: not (spec.description or "").strip(),
        'say what it is: a docstring, or description="..."',
    ),
    # An effect has no data: it can have no check.
    "check": (
        lambda spec: not spec.checks and spec.kind != "effect",
        "say what must hold: checks=[...], or a function with @af.check",
    ),
    "tag": (lambda spec: not spec.tags, "tag it: tags=[...]"),
    "group": (lambda spec: not spec.group, "say where it belongs: group=..."),
}
