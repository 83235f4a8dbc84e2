"""Owns the pieces that a code version is made of, how they refer to each other, and the one digest of a whole.

A digest names no module and no file: code that is moved keeps its version. Knows nothing of how a piece is
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from assetflow.errors import Problem
from assetflow.hashing.digest import Digest, digest

PartKind = Literal["function", "class", "constant", "wrapper", "closure", "package", "include", "query"]


@dataclass(eq=False)
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

    @cached_property
    def shown(self) -> str:
        """The digest by which it is compared with its former self: what is its own, and whom it refers to."""
        referred = sorted((name, part.name) for name, part in self.uses)
        return digest("code-part/1", self.own, *(text for pair in referred for text in pair))


Digests = dict[Part, str]
"""Digests of wholes, by the part that each begins with: an ``id`` would be given again once its part is gone."""


def reached(root: Part, left_out: Callable[[Part], bool]) -> list[Part]:
    """Return all parts that ``root`` refers to, to any depth, the nearest first, without those ``left_out``."""
    found, known = [root], {root}
    for part in found:
        new = dict.fromkeys(used for _, used in part.uses if used not in known and not left_out(used))
        known.update(new)
        found += new
    return found


def digest_of(root: Part, left_out: Callable[[Part], bool], known: Digests) -> str:
    """Return the digest of ``root`` and all that it reaches. Fills ``known``, which belongs to this ``left_out``.

    Each part's digest is made of those of the parts it refers to. Parts that refer to each other in a circle
    have one digest together, made of the numbers by which they refer to each other (Tarjan's components,
    bottom up).
    """
    for circle in _components(root, left_out, known):
        circle.sort(key=lambda part: (part.name, part.own))
        numbers = {id(part): number for number, part in enumerate(circle)}
        whole = Digest("code-circle/1")
        for part in circle:
            whole.add(part.own)
            for name, used in sorted(_kept(part, left_out), key=lambda use: use[0]):
                whole.add(name, numbers[id(used)] if id(used) in numbers else known[used])
            whole.add(None)
        together = whole.hexdigest()
        for part in circle:
            known[part] = digest("code-whole/1", together, numbers[id(part)])
    return known[root]


def _kept(part: Part, left_out: Callable[[Part], bool]) -> list[tuple[str, Part]]:
    return [(name, used) for name, used in part.uses if not left_out(used)]


def _components(root: Part, left_out: Callable[[Part], bool], known: Digests) -> Iterator[list[Part]]:
    """Yield the strongly connected components below ``root`` that are not known, those referred to first.

    The caller makes each known before it asks for the next.

    Tarjan's algorithm (SIAM J. Comput. 1, 1972), with a stack of its own: code may refer deeper than Python
    recurses.
    """
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_parts: list[Part] = []
    work: list[tuple[Part, Iterator[tuple[str, Part]]]] = []

    def enter(part: Part) -> None:
        order[id(part)] = lowest[id(part)] = len(order)
        open_parts.append(part)
        work.append((part, iter(_kept(part, left_out))))

    if root not in known:
        enter(root)
    while work:
        part, uses = work[-1]
        used = next((used for _, used in uses if used not in known), None)
        if used is not None:
            if id(used) not in order:
                enter(used)
            else:
                lowest[id(part)] = min(lowest[id(part)], order[id(used)])
            continue
        work.pop()
        if work:
            above = id(work[-1][0])
            lowest[above] = min(lowest[above], lowest[id(part)])
        if lowest[id(part)] == order[id(part)]:
            yield _cut(open_parts, part)


def _cut(open_parts: list[Part], first: Part) -> list[Part]:
    position = next(i for i in range(len(open_parts) - 1, -1, -1) if open_parts[i] is first)
    circle = open_parts[position:]
    del open_parts[position:]
    return circle
