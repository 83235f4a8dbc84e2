"""Owns what a selection can ask of an asset besides its key: what was declared, and what an oracle knows.

Knows nothing of how an oracle finds its answers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assetflow.model.spec import AssetSpec
from assetflow.model.states import RunState


@dataclass(frozen=True)
class Traits:
    """What one asset was declared with. ``path``: its file, relative to the project, with ``/``.

    ``also``: a second kind that it is of: an effect may be a command.
    """

    tags: tuple[str, ...] = ()
    group: str | None = None
    owner: str | None = None
    kind: str = "python"
    also: str | None = None
    path: str = ""
    checks: tuple[str, ...] = ()


class Oracle(Protocol):
    """Answers what declarations cannot; asked only by selections that need it. Answers are keys of assets."""

    def in_state(self, state: str) -> Collection[str]:
        """Return the assets in ``state``, one of ``parser.STATES``."""
        ...

    def with_result(self, result: RunState, run: str | None) -> Collection[str]:
        """Return the assets of which ``run`` (None: the last one of the environment) made ``result``."""
        ...

    def changed_since(self, ref: str | None) -> Collection[str]:
        """Return the assets whose files differ from the git revision ``ref`` (None: the last commit)."""
        ...


def traits_of(spec: AssetSpec, root: Path | None) -> Traits:
    """Return the traits of a declared asset of the project at ``root``."""
    path = Path(spec.path)
    inside = root is not None and path.is_relative_to(root)
    return Traits(
        tags=spec.tags,
        group=spec.group,
        owner=spec.owner,
        kind=spec.kind,
        also="command" if spec.command is not None else None,
        path=(path.relative_to(root) if root and inside else path).as_posix(),
        checks=tuple(check.name for check in spec.checks),
    )
