"""Owns the declared ways of mapping a reader's partitions to those of what it reads, and which of them make sense.

Knows nothing of assets: it is given the two schemes, and later their keys.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assetflow.errors import Problem
from assetflow.keys import did_you_mean
from assetflow.partitions.grid import GridKeys, GridScheme
from assetflow.partitions.named import DynamicScheme, StaticScheme
from assetflow.partitions.quoting import quoted
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.reads import (
    AllReads,
    CoveringReads,
    GridReads,
    LastReads,
    NamedReads,
    Reads,
    WindowReads,
)
from assetflow.partitions.scheme import Growth, Keys, Scheme, Whole
from assetflow.partitions.timed import TimeKeys, TimeScheme

_WRITE_A_DICT = "write a dict from each of the reader's keys to those it reads: {'eu': ['de', 'fr']}"


class PartitionMapping(ABC):
    """A way of mapping. Two with equal ``text`` are equal."""

    @property
    @abstractmethod
    def text(self) -> str:
        """Return the canonical text."""

    @property
    def declared(self) -> str:
        """Return it as it is declared, in Python."""
        return f"af.{self.text}()"

    @abstractmethod
    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Return why partitions of ``down`` cannot read those of ``up`` in this way; nothing when they can."""

    @abstractmethod
    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return which partitions read which, for keys of schemes without problems, both at one moment."""

    def __str__(self) -> str:
        return self.text


def same() -> PartitionMapping:
    """Map each partition to the one with the same key."""
    return Same()


def window(first: int, last: int = 0) -> PartitionMapping:
    """Map each partition to those from ``first`` to ``last`` steps from it: ``window(-6, 0)`` is a week of days."""
    return Window(first, last)


def covering() -> PartitionMapping:
    """Map partitions of time to all that overlap them: the days of a month; the month of a day."""
    return Covering()


def all_partitions() -> PartitionMapping:
    """Map each partition to all."""
    return All()


def last() -> PartitionMapping:
    """Map each partition to the last one that was closed when it was; a reader without time, to the newest."""
    return Last()


def by_key(table: Mapping[str, str | Iterable[str]]) -> PartitionMapping:
    """Map each of the reader's keys to those it reads: ``{"eu": ["de", "fr"], "us": "us"}``."""
    rows = (
        (str(key), (read,) if isinstance(read, str) else tuple(map(str, read))) for key, read in table.items()
    )
    return ByKey(tuple(sorted(rows)))


def dimension(*names: str, **mappings: PartitionMapping) -> PartitionMapping:
    """Map a grid by these dimensions, each to the same key or as said: ``dimension("region", day=window(-6, 0))``."""
    rows: dict[str, PartitionMapping] = {**{name: Same() for name in names}, **mappings}
    return Dimension(tuple(sorted(rows.items(), key=lambda row: row[0])))


@dataclass(frozen=True)
class Same(PartitionMapping):
    """The same key of an equal scheme, or of one of time that only starts or ends elsewhere."""

    text = "same"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse schemes that differ."""
        return _unequal(self.text, down, up)

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return each partition for itself."""
        return _window(0, 0, down, up)


@dataclass(frozen=True)
class Window(PartitionMapping):
    """A stretch of an equal scheme, or one that only starts or ends elsewhere, relative to the reader's partition."""

    first: int
    last: int

    @property
    def text(self) -> str:
        """Return ``window(-6, 0)``."""
        return f"window({self.first}, {self.last})"

    @property
    def declared(self) -> str:
        """Return ``af.window(-6, 0)``."""
        return f"af.{self.text}"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse schemes that differ or are not of time, and an empty window."""
        if not _are_numbers(self.first, self.last):
            hint = "write af.window(-6, 0)"
            return (Problem(f"{self.text}: the ends are numbers of partitions", hint=hint),)
        if self.first > self.last:
            hint = f"did you mean af.window({self.last}, {self.first})?"
            return (Problem(f"{self.text}: it ends before it starts", hint=hint),)
        if isinstance(down, GridScheme) and down == up:
            return (
                Problem(f"{self.text}: a grid has no one direction", hint=_window_of_grid(self.text, down)),
            )
        if not isinstance(down, TimeScheme) and down == up:
            hint = f"{down} has no order in time; {_WRITE_A_DICT}"
            return (Problem(f"{self.text}: windows are for partitions of time", hint=hint),)
        return _unequal(self.text, down, up)

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return the windows."""
        return _window(self.first, self.last, down, up)


@dataclass(frozen=True)
class Covering(PartitionMapping):
    """What overlaps, of any two schemes of time; their zones may differ."""

    text = "covering"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse schemes that are not of time."""
        return _not_of_time(self.text, down, up)

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return what overlaps."""
        assert isinstance(down, TimeKeys)
        assert isinstance(up, TimeKeys)
        return CoveringReads(down, up)


@dataclass(frozen=True)
class All(PartitionMapping):
    """Everything, of any scheme."""

    text = "all_partitions"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:  # noqa: ARG002 - always makes sense
        """Return nothing."""
        return ()

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return all for each."""
        return AllReads(len(down), len(up))


@dataclass(frozen=True)
class Last(PartitionMapping):
    """The newest closed partition of time."""

    text = "last"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse to look for the last of what is not of time, and a reader of which only a dimension is of time."""
        if isinstance(up, TimeScheme) and isinstance(down, GridScheme) and down.growth is Growth.BY_TIME:
            timed = [name for name, scheme in down.dimensions if isinstance(scheme, TimeScheme)]
            hint = f"write af.dimension({timed[0]}=af.last())"
            return (Problem(f"{self.text}: it does not say which dimension's time is meant", hint=hint),)
        return _not_of_time(self.text, up)

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return the last for each."""
        assert isinstance(up, TimeKeys)
        return LastReads(down, up)


@dataclass(frozen=True)
class ByKey(PartitionMapping):
    """A table from the reader's keys to those it reads."""

    table: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def text(self) -> str:
        """Return the table."""
        rows = (f"{quoted(key)}: [{', '.join(map(quoted, read))}]" for key, read in self.table)
        return f"by_key({{{', '.join(rows)}}})"

    @property
    def declared(self) -> str:
        """Return the dict."""
        return repr({key: list(read) for key, read in self.table})

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse keys that do not exist, and readers that are not told what to read."""
        wrong = [scheme for scheme in (down, up) if not isinstance(scheme, StaticScheme | DynamicScheme)]
        if wrong:
            hint = "use af.covering(), af.window(-6, 0), af.last() or af.dimension('day')"
            return tuple(
                Problem(f"a dict maps keys that are named one by one, and {scheme} has none", hint=hint)
                for scheme in wrong
            )
        return (*self._problems_of_readers(down), *self._problems_of_read(up))

    def _problems_of_readers(self, down: Scheme) -> list[Problem]:
        if not isinstance(down, StaticScheme):
            return []
        named = [key for key, _ in self.table]
        wrong = [key for key in named if key not in down.keys]
        missing = [key for key in down.keys if key not in named]
        if len(wrong) == len(missing) == 1:  # one key, written otherwise
            hint = f"did you mean {missing[0]!r}?"
            return [Problem(f"the dict maps {wrong[0]!r}, which is no partition", hint=hint)]
        return [_no_key(key, down) for key in wrong] + [
            Problem(f"the dict does not say what {key!r} reads", hint=f"add {key!r}: [] if nothing")
            for key in missing
        ]

    def _problems_of_read(self, up: Scheme) -> list[Problem]:
        if not isinstance(up, StaticScheme):
            return []
        return [_no_key(key, up) for _, read in self.table for key in read if key not in up.keys]

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return the table in ordinals; keys that were not added yet are left out."""
        places = {key: place for place, key in enumerate(up)}
        table = dict(self.table)
        return NamedReads(
            tuple(
                Ranges.of_ordinals(places[one] for one in table.get(key, ()) if one in places) for key in down
            )
        )


@dataclass(frozen=True)
class Dimension(PartitionMapping):
    """Named dimensions, each with a mapping of its own."""

    rows: tuple[tuple[str, PartitionMapping], ...]

    @property
    def text(self) -> str:
        """Return ``dimension(day=same)``."""
        return f"dimension({', '.join(f'{name}={mapping}' for name, mapping in self.rows)})"

    @property
    def declared(self) -> str:
        """Return ``af.dimension(day=af.last())``."""
        return f"af.dimension({', '.join(f'{name}={mapping.declared}' for name, mapping in self.rows)})"

    def problems(self, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
        """Refuse what is no grid, names that are no dimensions, and what its mappings refuse."""
        if not isinstance(down, GridScheme) and not isinstance(up, GridScheme):
            hint = f"use af.same() or af.covering(), or {_WRITE_A_DICT}"
            return (Problem(f"{self.text}: neither {down} nor {up} is a grid", hint=hint),)
        single = not isinstance(down, GridScheme) or not isinstance(up, GridScheme)
        if not self.rows or (single and len(self.rows) > 1):
            hint = "write af.dimension('day')"
            return (Problem(f"{self.text}: it names {len(self.rows)} dimensions instead of one", hint=hint),)
        return tuple(problem for row in self.rows for problem in _problems_of_row(*row, down, up))

    def resolve(self, down: Keys, up: Keys) -> Reads:
        """Return the product of what each dimension reads."""
        name = self.rows[0][0]
        downs, ups = _as_grid(down, name), _as_grid(up, name)
        reads = {name: one.resolve(downs.axis(name), ups.axis(name)) for name, one in self.rows}
        return GridReads(downs, ups, reads)


def default_mapping(down: Scheme, up: Scheme) -> PartitionMapping | None:
    """Return the one way that is meant when none is said, or None where there is none, or more than one."""
    if isinstance(down, Whole) or isinstance(up, Whole):
        return All()
    if down == up:
        return Same()
    shared = _shared_dimensions(down, up)
    both = isinstance(down, GridScheme) and isinstance(up, GridScheme)
    return dimension(*shared) if shared and (both or len(shared) == 1) else None


def possible_mappings(down: Scheme, up: Scheme) -> tuple[PartitionMapping, ...]:
    """Return the ways that would make sense, to be told where none was said."""
    names = [name for scheme in (down, up) if isinstance(scheme, GridScheme) for name, _ in scheme.dimensions]
    found: list[PartitionMapping] = [Same(), Covering()]
    found += [
        dimension(**{name: how}) for how in (Same(), Covering(), Last()) for name in dict.fromkeys(names)
    ]
    found += [Last(), All()]
    return tuple(mapping for mapping in found if not mapping.problems(down, up))


def _shared_dimensions(down: Scheme, up: Scheme) -> list[str]:
    if isinstance(down, GridScheme) and isinstance(up, GridScheme):
        theirs = dict(up.dimensions)
        named = [(name, scheme) for name, scheme in down.dimensions if name in theirs]
        if len(named) < min(
            len(down.dimensions), len(theirs)
        ):  # each has one of its own: perhaps the same, misspelt
            return []
        return [name for name, _ in named] if all(theirs[name] == scheme for name, scheme in named) else []
    one, many = (up, down) if isinstance(down, GridScheme) else (down, up)
    if not isinstance(many, GridScheme):
        return []
    return [name for name, scheme in many.dimensions if scheme == one]


def _problems_of_row(name: str, mapping: object, down: Scheme, up: Scheme) -> list[Problem]:
    sides: list[Scheme] = []
    for scheme in (down, up):
        if not isinstance(scheme, GridScheme):
            sides.append(scheme)
        elif name in dict(scheme.dimensions):
            sides.append(dict(scheme.dimensions)[name])
        else:
            names = [known for known, _ in scheme.dimensions]
            hint = did_you_mean(name, names) or f"there are {', '.join(names)}"
            return [Problem(f"dimension: {scheme} has no dimension {name!r}", hint=hint)]
    if not isinstance(mapping, PartitionMapping) or isinstance(mapping, Dimension):
        return [
            Problem(f"dimension: {mapping} is no mapping of {name!r}", hint=f"write {name}=af.window(-6, 0)")
        ]
    return [Problem(f"dimension {name!r}: {one.message}", hint=one.hint) for one in mapping.problems(*sides)]


def _as_grid(keys: Keys, name: str) -> GridKeys:
    return keys if isinstance(keys, GridKeys) else GridKeys(((name, keys),))


def _window(first: int, last: int, down: Keys, up: Keys) -> WindowReads:
    """Return windows between keys that are counted alike, but perhaps from another start."""
    if not isinstance(down, TimeKeys) or not isinstance(up, TimeKeys):
        return WindowReads(len(down), len(up), first, last, complete=True)
    ahead = up.line.find(down.begin_of_all)
    shift = ahead if ahead >= 0 else -down.line.find(up.begin_of_all)
    return WindowReads(len(down), len(up), first + shift, last + shift, up.is_complete)


def _counted_alike(down: Scheme, up: Scheme) -> bool:
    if isinstance(down, TimeScheme) and isinstance(up, TimeScheme):
        return down.step == up.step and down.tz == up.tz
    return down == up


def _unequal(what: str, down: Scheme, up: Scheme) -> tuple[Problem, ...]:
    if _counted_alike(down, up):
        return ()
    others = [mapping.declared for mapping in possible_mappings(down, up)] if what != "same" else []
    hint = (
        f"what could be meant: {', '.join(others)}"
        if others
        else "af.covering() maps different partitions of time"
    )
    return (Problem(f"{what}: {down} and {up} are not equal", hint=hint),)


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int) for value in values)


def _not_of_time(what: str, *schemes: Scheme) -> tuple[Problem, ...]:
    return tuple(
        Problem(f"{what}: {scheme} has no partitions of time", hint=_instead(scheme))
        for scheme in schemes
        if not isinstance(scheme, TimeScheme)
    )


def _instead(scheme: Scheme) -> str:
    if isinstance(scheme, GridScheme):
        return f"map one of its dimensions: af.dimension({scheme.dimensions[0][0]}=...)"
    return f"use af.all_partitions(), or {_WRITE_A_DICT}"


def _window_of_grid(text: str, scheme: GridScheme) -> str:
    rows = (
        f"{name}=af.{text if isinstance(one, TimeScheme) else 'same()'}" for name, one in scheme.dimensions
    )
    return f"write af.dimension({', '.join(rows)})"


def _no_key(key: str, scheme: StaticScheme) -> Problem:
    hint = did_you_mean(key, scheme.keys) or f"there are {', '.join(scheme.keys[:5])}"
    return Problem(f"the dict names {key!r}, which is no partition", hint=hint)
