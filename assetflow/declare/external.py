"""Owns ``external``: how a user names an asset of another project.

Knows nothing of that project's store.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetflow.declare.place import Place, place_of_frame

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True)
class ExternalOptions:
    """The options of one ``external``, as written. ``unknown``: names given that are no options."""

    store: Any = None
    env: Any = None
    asset: Any = None
    checks: Any = ()
    group: Any = None
    tags: Any = ()
    owner: Any = None
    description: Any = None
    fresh_within: Any = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class External:
    """A declared asset of another project; usable wherever an input is named."""

    key: str
    options: ExternalOptions
    place: Place

    def __repr__(self) -> str:
        return f"External({self.key!r})"


def external(
    key: str,
    *,
    store: str | os.PathLike[str] | None = None,
    env: str | None = None,
    asset: str | None = None,
    checks: Sequence[Any] = (),
    group: str | None = None,
    tags: Sequence[str] = (),
    owner: str | None = None,
    description: str | None = None,
    fresh_within: str | float | timedelta | None = None,
    **unknown: Any,
) -> External:
    """Declare an asset of another project, read from that project's store as it publishes it.

    Nothing is copied, and nothing is ever written there. What a run reads is recorded by its version.

    Args:
        key: its name in this project; a parameter of that name reads it.
        store: where that project keeps its versions: a path (relative to this project's folder), a URL, or the name of
            a table ``[external.NAME]`` of the settings, which may hold secrets.
        env: the environment of that project whose readers see it; ``"prod"`` when neither this nor the settings say it.
        asset: its key there, where it is not ``key``.
        checks: built-in checks and pandera schemas that a version must pass before anything here is made from it.
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is.
        fresh_within: how old the newest version seen may be, such as ``"1d"``; if it is older, `assetflow status` calls
            it late.
        unknown: what is no option is told with all other problems of the declarations.
    """
    options = ExternalOptions(
        store, env, asset, checks, group, tags, owner, description, fresh_within, tuple(unknown)
    )
    frame = inspect.currentframe()
    return External(key, options, place_of_frame(frame.f_back if frame is not None else None))
