"""Owns the selection: a set of assets in words, as a tree of frozen values that prints as it can be parsed.

Knows nothing of any graph: ``parser`` makes the tree, ``evaluation`` finds what it selects.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assetflow.lineage.pointing import Span
from assetflow.lineage.tokens import is_bare, quote

KEYWORDS = frozenset({"and", "or", "not"})
_NOWHERE = (0, 0)


@dataclass(frozen=True)
class Key:
    """The one asset of this key."""

    text: str
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        plain = is_bare(self.text) and self.text not in KEYWORDS and not self.text.isdecimal()
        return self.text if plain and not set(self.text) & set(":@") else quote(self.text)


@dataclass(frozen=True)
class Glob:
    """All assets whose keys match a pattern with ``*``, ``?``, ``[a-z]``; ``*`` crosses ``/``."""

    pattern: str
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        return self.pattern


@dataclass(frozen=True)
class Method:
    """All assets that have something: ``tag:daily``. ``wild``: the value is a pattern."""

    name: str
    value: str
    wild: bool = False
    span: Span = field(default=_NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.name}:{self.value if self.wild or is_bare(self.value) else quote(self.value)}"


@dataclass(frozen=True)
class Reach:
    """``of`` with its neighbours: that many steps up and down; 0 is none, None is all the way."""

    of: Expression
    up: int | None = 0
    down: int | None = 0

    def __str__(self) -> str:
        before = {0: "", None: "+"}.get(self.up, f"{self.up}+")
        after = {0: "", None: "+"}.get(self.down, f"+{self.down}")
        return f"{before}{_operand(self.of)}{after}"


@dataclass(frozen=True)
class Around:
    """``@of``: ``of``, all its descendants, and all ancestors of those."""

    of: Expression

    def __str__(self) -> str:
        return f"@{_operand(self.of)}"


@dataclass(frozen=True)
class Roots:
    """Those of ``of`` that have no ancestor in it."""

    of: Expression

    def __str__(self) -> str:
        return f"roots({self.of})"


@dataclass(frozen=True)
class Sinks:
    """Those of ``of`` that have no descendant in it."""

    of: Expression

    def __str__(self) -> str:
        return f"sinks({self.of})"


@dataclass(frozen=True)
class Not:
    """All assets but those."""

    of: Expression

    def __str__(self) -> str:
        return f"not {_bracketed(self.of, Union, Intersection)}"


@dataclass(frozen=True)
class Intersection:
    """What all of two or more have in common."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(_bracketed(part, Union, Intersection) for part in self.parts)


@dataclass(frozen=True)
class Union:
    """What any of two or more selects."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(_bracketed(part, Union) for part in self.parts)


Expression = Key | Glob | Method | Reach | Around | Roots | Sinks | Not | Intersection | Union


@dataclass(frozen=True)
class Selection:
    """A parsed selection; ``str`` gives a text that parses to an equal one. ``text``: as it was written."""

    expression: Expression
    text: str = field(compare=False)

    def __str__(self) -> str:
        return str(self.expression)


def _operand(expression: Expression) -> str:
    return _bracketed(expression, Union, Intersection, Not, Reach, Around)


def _bracketed(expression: Expression, *kinds: type) -> str:
    return f"({expression})" if isinstance(expression, kinds) else str(expression)
