"""Owns the pieces that a code version is made of, how they refer to each other, and the one digest of a whole.

A digest names no module and no file: code that is moved keeps its version. Knows nothing of how a piece is
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal

from assetflow.errors import Problem
from assetflow.hashing.digest import digest

PartKind = Literal[
    "function", "class", "constant", "wrapper", "closure", "package", "include", "query", "command"
]


@dataclass(eq=False, slots=True)
class Part:
    """One function, class, constant, package or file.

    ``name``: ``module:qualname``. ``own``: the hash of what is its own, without what it refers to. ``uses``:
    (by which name, part). ``owner``: the object itself. ``text``: returns its source.
    """

    name: str
    kind: PartKind
    owner: Any = None
    own: str = ""
    file: str = ""
    line: int = 0
    uses: list[tuple[str, Part]] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    text: Callable[[], str | None] = lambda: None

    @property
    def shown(self) -> str:
        """The digest by which it is compared with its former self: what is its own, and whom it refers to."""
        referred = sorted((name, part.name) for name, part in self.uses)
        return digest("code-part/1", self.own, *(text for pair in referred for text in pair))


Digests = dict[Part, str]
"""Digests of wholes, by the part that each begins with: an ``id`` would be given again once its part is gone."""

LeftOut = Callable[[Part], bool] | None
"""Says which parts are left out; None where none is."""


def reached(root: Part, left_out: LeftOut) -> list[Part]:
    """Return all parts that ``root`` refers to, to any depth, the nearest first, without those ``left_out``."""
    found, known = [root], {root}
    for part in found:
        for _, used in part.uses:
            if used not in known and not (left_out is not None and left_out(used)):
                known.add(used)
                found.append(used)
    return found


def digest_of(root: Part, left_out: LeftOut, known: Digests) -> str:
    """Return the digest of ``root`` and all that it reaches. Fills ``known``, which belongs to this ``left_out``.

    Each part's digest is made of those of the parts it refers to. Parts that refer to each other in a circle
    have one digest together, made of the numbers by which they refer to each other (Tarjan's components,
    bottom up).
    """
    for circle in _components(root, left_out, known):
        if len(circle) > 1:
            circle.sort(key=lambda part: (part.name, part.own))
        numbers = {part: number for number, part in enumerate(circle)}
        fields: list[str | int | None] = []
        for part in circle:
            fields.append(part.own)
            for name, used in sorted(_kept(part, left_out), key=itemgetter(0)) if part.uses else ():
                fields += (name, numbers[used] if used in numbers else known[used])
            fields.append(None)
        together = digest("code-circle/1", *fields)
        for part, number in numbers.items():
            known[part] = digest("code-whole/1", together, number)
    return known[root]


def _kept(part: Part, left_out: LeftOut) -> list[tuple[str, Part]]:
    return part.uses if left_out is None else [use for use in part.uses if not left_out(use[1])]


def _components(root: Part, left_out: LeftOut, known: Digests) -> Iterator[list[Part]]:
    """Yield the strongly connected components below ``root`` that are not known, those referred to first.

    The caller makes each known before it asks for the next.

    Tarjan's algorithm (SIAM J. Comput. 1, 1972), with a stack of its own: code may refer deeper than Python
    recurses.
    """
    order: dict[Part, int] = {}
    lowest: dict[Part, int] = {}
    open_parts: list[Part] = []
    work: list[tuple[Part, Iterator[tuple[str, Part]]]] = []

    def enter(part: Part) -> None:
        order[part] = lowest[part] = len(order)
        open_parts.append(part)
        work.append((part, iter(_kept(part, left_out))))

    if root not in known:
        enter(root)
    while work:
        part, uses = work[-1]
        for _, used in uses:
            if used in known:
                continue
            if not used.uses:
                yield [used]  # what refers to nothing is in no circle; most parts are such
                continue
            if used not in order:
                enter(used)
                break
            lowest[part] = min(lowest[part], order[used])
        else:
            work.pop()
            if work:
                above = work[-1][0]
                lowest[above] = min(lowest[above], lowest[part])
            if lowest[part] == order[part]:
                yield _cut(open_parts, part)


def _cut(open_parts: list[Part], first: Part) -> list[Part]:
    if open_parts[-1] is first:  # most parts are in no circle
        return [open_parts.pop()]
    position = next(i for i in range(len(open_parts) - 1, -1, -1) if open_parts[i] is first)
    circle = open_parts[position:]
    del open_parts[position:]
    return circle
