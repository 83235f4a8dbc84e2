"""Owns grids: every combination of the keys of several schemes, and sets of cells as boxes.

A cell is counted with what grows slowest, so that with one growing dimension ordinals stay as they are.
Its key names the dimensions in order of name. Knows nothing of what each dimension is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import prod

from assetflow.errors import Problem, UnknownNameError
from assetflow.partitions.ranges import Ranges, Span
from assetflow.partitions.scheme import Growth, Keys, Moment, Scheme, Whole

Box = Mapping[str, Ranges]


def grid(**dimensions: Scheme) -> GridScheme:
    """Declare a partition for each combination: ``grid(day=daily("2026-01-01"), region=static(["eu", "us"]))``."""
    return GridScheme(tuple(sorted(dimensions.items(), key=lambda item: item[0])))


@dataclass(frozen=True, eq=False)
class GridScheme(Scheme):
    """Named schemes, in order of name."""

    dimensions: tuple[tuple[str, Scheme], ...]

    @property
    def text(self) -> str:
        """Return ``grid(`` and the texts of the dimensions."""
        return f"grid({', '.join(f'{name}={scheme}' for name, scheme in self.dimensions)})"

    @property
    def growth(self) -> Growth:
        """Return the way in which its fastest growing dimension does."""
        return min((scheme.growth for _, scheme in self.dimensions), default=Growth.NEVER)

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with any dimension."""
        if not self.dimensions:
            hint = "write grid(day=daily(...), region=static([...]))"
            return (Problem("grid: there is no dimension", hint=hint),)
        return tuple(problem for name, scheme in self.dimensions for problem in _wrong(name, scheme))

    def at(self, moment: Moment) -> GridKeys:
        """Return all combinations of the keys at a moment."""
        slowest_first = sorted(self.dimensions, key=lambda item: (item[1].growth, item[0]))
        return GridKeys(tuple((name, scheme.at(moment)) for name, scheme in slowest_first))


@dataclass(frozen=True)
class GridKeys(Keys):
    """The cells. ``axes``: the keys of each dimension, the slowest first."""

    axes: tuple[tuple[str, Keys], ...]

    def __len__(self) -> int:
        return self._size

    def key(self, ordinal: int) -> str:
        """Return the keys of the dimensions, in order of name, joined by ``/``."""
        return "/".join(self.dimensions(ordinal).values())

    def index(self, key: str) -> int:
        """Return the ordinal of a cell."""
        parts = key.split("/")
        if len(parts) != len(self.names):
            raise UnknownNameError(
                f"there is no partition {key!r}: it has {len(parts)} parts, not {len(self.names)}",
                hint=f"write a key of each of {'/'.join(self.names)}",
            )
        named = dict(zip(self.names, parts, strict=True))
        return self.cell({name: keys.index(named[name]) for name, keys in self.axes})

    def bounds(self, ordinal: int) -> tuple[datetime, datetime] | None:
        """Return the bounds of the only dimension of time; None where there is none, or more than one."""
        places = self.places(ordinal)
        found = [bounds for name, keys in self.axes if (bounds := keys.bounds(places[name]))]
        return found[0] if len(found) == 1 else None

    def end(self, ordinal: int) -> datetime | None:
        """Return when a cell ended, as ``bounds`` has it."""
        places = self.places(ordinal)
        found = [end for name, keys in self.axes if (end := keys.end(places[name])) is not None]
        return found[0] if len(found) == 1 else None

    @property
    def next_end(self) -> datetime | None:
        """Return when the next one of any dimension ends."""
        return min((keys.next_end for _, keys in self.axes if keys.next_end is not None), default=None)

    def dimensions(self, ordinal: int) -> dict[str, str]:
        """Return the key in each dimension, in order of name."""
        places = self.places(ordinal)
        return {name: self.axis(name).key(places[name]) for name in self.names}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the dimensions, sorted."""
        return tuple(sorted(name for name, _ in self.axes))

    def axis(self, name: str) -> Keys:
        """Return the keys of a dimension."""
        return self._by_name[name]

    def places(self, ordinal: int) -> dict[str, int]:
        """Return the ordinal in each dimension."""
        self.check(ordinal)
        found: dict[str, int] = {}
        for name, keys in reversed(self.axes):
            ordinal, found[name] = divmod(ordinal, len(keys))
        return found

    def cell(self, places: Mapping[str, int]) -> int:
        """Return the ordinal of the cell with these ordinals in the dimensions."""
        ordinal = 0
        for name, keys in self.axes:
            ordinal = ordinal * len(keys) + places[name]
        return ordinal

    def cells(self, box: Box) -> Ranges:
        """Return the cells of a box: a set of ordinals in each dimension; one left out means all of it."""
        found = Ranges.of_span(0, 1)
        for name, keys in self.axes:
            wanted, size = box.get(name, keys.all), len(keys)
            if wanted.spans == ((0, size),):
                found = Ranges(tuple((start * size, stop * size) for start, stop in found.spans))
            else:
                found = Ranges.of_spans(
                    (row * size + start, row * size + stop) for row in found for start, stop in wanted.spans
                )
        return found

    def boxes(self, cells: Ranges) -> list[dict[str, Ranges]]:
        """Return boxes that together are the cells, and do not overlap."""
        names = [name for name, _ in self.axes]
        sizes = [len(keys) for _, keys in self.axes]
        return [dict(zip(names, box, strict=True)) for box in _boxes(cells, sizes)]

    @cached_property
    def _size(self) -> int:
        return prod(len(keys) for _, keys in self.axes)

    @cached_property
    def _by_name(self) -> dict[str, Keys]:
        return dict(self.axes)


def _boxes(cells: Ranges, sizes: list[int]) -> list[tuple[Ranges, ...]]:
    if not cells:
        return []
    if len(sizes) == 1:
        return [(cells,)]
    by_pattern: dict[Ranges, list[Span]] = {}
    for rows, pattern in _rows(cells, prod(sizes[1:])):
        by_pattern.setdefault(pattern, []).append(rows)
    return [
        (Ranges.of_spans(rows), *box)
        for pattern, rows in by_pattern.items()
        for box in _boxes(pattern, sizes[1:])
    ]


def _rows(cells: Ranges, width: int) -> Iterator[tuple[Span, Ranges]]:
    """Cut cells into rows: neighbours with the same pattern, and that pattern."""
    partial: dict[int, list[Span]] = {}
    for start, stop in cells.spans:
        first, last = -(-start // width), stop // width
        if first < last:
            yield (first, last), Ranges.of_span(0, width)
        if first > last:  # within one row
            partial.setdefault(last, []).append((start - last * width, stop - last * width))
            continue
        if start < first * width:
            partial.setdefault(first - 1, []).append((start - (first - 1) * width, width))
        if last * width < stop:
            partial.setdefault(last, []).append((0, stop - last * width))
    for row, spans in sorted(partial.items()):
        yield (row, row + 1), Ranges.of_spans(spans)


def _wrong(name: str, scheme: object) -> Iterator[Problem]:
    if not name.isidentifier() or not name.isascii():
        yield Problem(f"grid: {name!r} is no name of a dimension", hint="use letters, digits and '_'")
    if isinstance(scheme, GridScheme):
        hint = "name all dimensions in one grid"
        yield Problem(f"grid: the dimension {name!r} is a grid itself", hint=hint)
    elif not isinstance(scheme, Scheme) or isinstance(scheme, Whole):
        hint = f"write {name}=static([...]) or {name}=daily(...)"
        yield Problem(f"grid: the dimension {name!r} is no scheme of partitions: {scheme!r}", hint=hint)
    else:
        for problem in scheme.problems():
            yield Problem(f"grid: {name}: {problem.message}", hint=problem.hint)
