"""Owns the names of things: what an asset's key may be, and what a mistyped one probably meant.

Knows nothing of assets, stores or settings.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable

_KEY = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
MAX_KEY_LENGTH = 200


def key_problem(key: str) -> str | None:
    """Say what is wrong with ``key`` as an asset's name, or None when nothing is."""
    if not _KEY.fullmatch(key):
        return f"{key!r} is not a key: use letters, digits, '_' and '-', in parts joined by '/'"
    if len(key) > MAX_KEY_LENGTH:
        return f"the key {key[:40]!r}... has {len(key)} characters; at most {MAX_KEY_LENGTH} are allowed"
    return None


def name_of(asset: str, partition: str = "") -> str:
    """Return the name of a partition of an asset in graphs and plans; without one, it is the asset's key.

    >>> name_of("sales", "2026-11-23")
    'sales|2026-11-23'
    """
    return f"{asset}|{partition}" if partition else asset


def split_name(name: str) -> tuple[str, str]:
    """Return the asset and the partition ("" for none) that ``name_of`` put together."""
    asset, _, partition = name.partition("|")
    return asset, partition


def typed(name: str) -> str:
    """Return how an asset or partition is named in a command, quoted for a shell.

    >>> typed("sales|2026-11-23"), typed("sales@HEAD~1|north east")
    ('sales -p 2026-11-23', "sales@HEAD~1 -p 'north east'")
    """
    asset, partition = split_name(name)
    return f"{asset} -p {shlex.quote(partition)}" if partition else asset


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of ``known`` that ``name`` was probably meant to be, best first."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), by_fold, n=count, cutoff=0.6)
    return [by_fold[match] for match in matches]


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean 'x'?`` or None when nothing is near."""
    matches = nearest(name, known)
    if not matches:
        return None
    return "did you mean " + " or ".join(repr(match) for match in matches) + "?"
