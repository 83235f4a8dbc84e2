"""Owns the schemes whose keys are names: declared ones (``static``) and added ones (``dynamic``).

Knows nothing of where added keys are recorded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assetflow.errors import Problem, UnknownNameError
from assetflow.keys import did_you_mean
from assetflow.partitions.quoting import quoted
from assetflow.partitions.scheme import Growth, Keys, Moment, Scheme

MAX_KEY_LENGTH = 200
_SEPARATORS = {"|": "separates an asset from its partition", "/": "separates the dimensions of a grid"}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def static(keys: Iterable[str]) -> StaticScheme:
    """Declare these partitions, in this order."""
    if isinstance(keys, str):
        return StaticScheme((keys,), alone=True)
    try:
        return StaticScheme(tuple(keys))
    except TypeError:  # told with all other problems
        return StaticScheme((str(keys),), alone=True)


def dynamic(name: str) -> DynamicScheme:
    """Declare the partitions whose keys are added by code or by hand under this name, in that order."""
    return DynamicScheme(str(name))


def key_problem(key: object) -> str | None:
    """Say what is wrong with a static or dynamic partition's key, or None when nothing is."""
    if not isinstance(key, str):
        return f"{key!r} is not text"
    if not key.strip():
        return f"{key!r} is empty"
    if key != key.strip():
        return f"{key!r} has blanks at an end"
    if len(key) > MAX_KEY_LENGTH:
        return f"{key[:40]!r}... has {len(key)} characters; at most {MAX_KEY_LENGTH} are allowed"
    if _UNPRINTABLE.search(key):
        return f"{key!r} has a character that cannot be printed"
    wrong = [f"{key!r} has a {mark!r}, which {use}" for mark, use in _SEPARATORS.items() if mark in key]
    return wrong[0] if wrong else None


@dataclass(frozen=True, eq=False)
class StaticScheme(Scheme):
    """The keys as declared. ``alone``: no list was given, but this one value."""

    keys: tuple[str, ...]
    alone: bool = False

    @property
    def text(self) -> str:
        """Return ``static(`` and the keys."""
        return f"static({', '.join(quoted(str(key)) for key in self.keys)})"

    @property
    def growth(self) -> Growth:
        """Return that there are never more."""
        return Growth.NEVER

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with each key."""
        if self.alone:
            return (Problem("static: one value instead of a list", hint=f"write static([{self.keys[0]!r}])"),)
        if not self.keys:
            return (Problem("static: there is no key", hint="write static(['eu', 'us'])"),)
        wrong = filter(None, map(key_problem, self.keys))
        found = [Problem(f"static: the key {problem}") for problem in wrong]
        if found:
            return tuple(found)
        twice = [key for key, count in Counter(self.keys).items() if count > 1]
        return tuple(Problem(f"static: the key {key!r} is there more than once") for key in twice)

    def at(self, moment: Moment) -> NamedKeys:  # noqa: ARG002 - the same at every moment
        """Return the keys in their declared order."""
        return NamedKeys(self.keys, "")


@dataclass(frozen=True, eq=False)
class DynamicScheme(Scheme):
    """The keys that were added under a name."""

    name: str

    @property
    def text(self) -> str:
        """Return ``dynamic(`` and the name."""
        return f"dynamic({self.name})"

    @property
    def growth(self) -> Growth:
        """Return that somebody adds keys."""
        return Growth.BY_HAND

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the name."""
        if _NAME.fullmatch(self.name):
            return ()
        return (Problem(f"dynamic: {self.name!r} is no name", hint="use letters, digits, '_' and '-'"),)

    def at(self, moment: Moment) -> NamedKeys:
        """Return the keys in the order in which they were added."""
        return NamedKeys(tuple(moment.dynamic.get(self.name, ())), self.name)


@dataclass(frozen=True)
class NamedKeys(Keys):
    """Names in an order. ``added_to``: the name of the dynamic scheme, or empty."""

    keys: tuple[str, ...]
    added_to: str

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, ordinal: int) -> str:
        """Return a name."""
        self.check(ordinal)
        return self.keys[ordinal]

    def index(self, key: str) -> int:
        """Return the place of a name."""
        try:
            return self._places[key]
        except KeyError:
            raise self._unknown(key) from None

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.keys)}

    def _unknown(self, key: str) -> UnknownNameError:
        near = did_you_mean(key, self.keys)
        few = f"there are {', '.join(self.keys[:5])}{', ...' if len(self.keys) > 5 else ''}"
        if self.added_to:
            none = f"no key was added to {self.added_to!r} yet"
            return UnknownNameError(
                f"there is no partition {key!r}: it was not added to {self.added_to!r}",
                hint=near or (few if self.keys else none),
            )
        return UnknownNameError(f"there is no partition {key!r}", hint=near or few)
