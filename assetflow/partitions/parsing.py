"""Owns the language in which people select partitions.

::

    set    = item { "," item }
    item   = range                               a key, a coarser date, from..to, latest, or a pattern with *
           | range "/" range ...                 a grid: one for each dimension, in order of name
           | name "=" range { "," range }        a grid: dimensions that are not named are not limited
    range  = key | date | [from] ".." [to] | "latest" | pattern

A date that is coarser than the keys stands for all that begin within it and are closed: ``2026-11`` of days.
A range holds both its ends. Named dimensions next to each other hold together: ``day=2026-11,region=eu,us``.
Knows nothing of states: whoever offers words like ``missing`` replaces them before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assetflow.errors import SelectionError, UnknownNameError, UsageError
from assetflow.keys import did_you_mean
from assetflow.partitions.grid import GridKeys
from assetflow.partitions.named import NamedKeys
from assetflow.partitions.quoting import RESERVED, quoted, split, unquoted
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Keys
from assetflow.partitions.timed import TimeKeys
from assetflow.partitions.written import Unit, Written, read

_LATEST = "latest"


def parse(text: str, keys: Keys) -> Ranges:
    """Return the partitions that a text selects, at least one.

    Raises:
        SelectionError: the text is not in the language, or selects nothing.
        UnknownNameError: a key that it names does not exist; the message says why.
    """
    items = split(text, ",")
    if not all(items):
        hint = "write them as in '2026-11-01..2026-11-23, 2026-11-30'"
        raise SelectionError(f"the partitions {text!r} have an empty part", text=text, hint=hint)
    if isinstance(keys, GridKeys):
        return _union(_grid_items(items, keys))
    return _union(_of_range(item, keys) for item in items)


def _grid_items(items: list[str], keys: GridKeys) -> Iterable[Ranges]:
    """Yield the cells of each item; named dimensions next to each other are one."""
    named: dict[str, Ranges] = {}
    current = ""
    for item in items:
        name, value = _name_and_value(item, keys)
        if name or (current and len(split(item, "/")) == 1):
            current = name or current
            named[current] = named.get(current, Ranges()) | _of_range(value, keys.axis(current))
            continue
        if named:
            yield keys.cells(named)
        named, current = {}, ""
        yield _cells(item, keys)
    if named:
        yield keys.cells(named)


def _name_and_value(item: str, keys: GridKeys) -> tuple[str, str]:
    parts = split(item, "=")
    if len(parts) == 1:
        return "", item
    name, value = parts[0], "=".join(parts[1:])
    if name not in keys.names:
        hint = did_you_mean(name, keys.names) or f"there are {', '.join(keys.names)}"
        raise SelectionError(f"the grid has no dimension {name!r}", text=item, hint=hint)
    return name, value


def _cells(item: str, keys: GridKeys) -> Ranges:
    if item == _LATEST:
        return keys.cells(_latest_of_grid(keys))
    parts = split(item, "/")
    if len(parts) != len(keys.names):
        raise SelectionError(
            f"{item!r} names {len(parts)} of the grid's {len(keys.names)} dimensions",
            text=item,
            hint=f"write {'/'.join(keys.names)}, with * for all of one; or {_guess(item, keys)}",
        )
    terms = zip(keys.names, parts, strict=True)
    return keys.cells({name: _of_range(part, keys.axis(name)) for name, part in terms})


def _guess(item: str, keys: GridKeys) -> str:
    """Return the item with the first dimension in which it makes sense."""
    for name in keys.names:
        try:
            _of_range(item, keys.axis(name))
        except UsageError:
            continue
        return f"{name}={item}"
    return f"{keys.names[0]}=..."


def _latest_of_grid(keys: GridKeys) -> dict[str, Ranges]:
    times = {name: axis for name in keys.names if isinstance(axis := keys.axis(name), TimeKeys)}
    if not times:
        raise SelectionError("no dimension of the grid is one of time: none is the latest", text=_LATEST)
    return {name: _latest(axis) for name, axis in times.items()}


def _of_range(item: str, keys: Keys) -> Ranges:
    """Return what an item selects among the keys of one scheme."""
    try:
        return _of_plain_range(item, keys)
    except UsageError as error:
        if isinstance(keys, NamedKeys) and item in keys.keys:
            hint = f"to name the partition, write it in double quotes, within the shell's: '{quoted(item)}'"
            raise SelectionError(error.message, text=item, hint=hint) from error
        raise


def _of_plain_range(item: str, keys: Keys) -> Ranges:
    if not item:
        raise SelectionError("a range is empty", text=item, hint="write a key, from..to, or *")
    if item == _LATEST:
        return _latest(keys)
    ends = split(item, "..")
    if len(ends) > 2:
        raise SelectionError(f"{item!r} has more than one '..'", text=item, hint="write from..to")
    if len(ends) == 2:
        return _between(item, ends[0], ends[1], keys)
    if "*" in item and not item.startswith('"'):
        return _matching(item, keys)
    return _of_key(item, keys)


def _between(item: str, start: str, end: str, keys: Keys) -> Ranges:
    first = _of_end(start, keys).spans[0][0] if start else 0
    last = _of_end(end, keys).spans[-1][1] if end else len(keys)
    if start and end and first >= last:
        raise SelectionError(
            f"{item!r} ends before it starts", text=item, hint=f"did you mean '{end}..{start}'?"
        )
    return _some(Ranges.of_span(first, last), item)


def _of_end(text: str, keys: Keys) -> Ranges:
    return _latest(keys) if text == _LATEST else _of_key(text, keys)


def _of_key(text: str, keys: Keys) -> Ranges:
    key = unquoted(text)
    if isinstance(keys, TimeKeys):
        written = read(key)
        if isinstance(written, Written) and _is_coarse(written, keys):
            found = keys.that_begin(written)
            if not found:
                raise keys.why_none(key, written)
            return found
    place = _place(key, keys)
    return Ranges.of_span(place, place + 1)


def _place(key: str, keys: Keys) -> int:
    try:
        return keys.index(key)
    except UnknownNameError as error:
        word = did_you_mean(key, RESERVED)
        if word is None or "did you mean" in (error.hint or ""):
            raise
        raise UnknownNameError(error.message, hint=word) from None


def _is_coarse(written: Written, keys: TimeKeys) -> bool:
    """Tell whether what was written may stand for several keys, as a time without its offset, which may come twice."""
    unit = keys.scheme.step.unit
    return written.offset is None and (written.unit < unit or unit is Unit.MINUTE)


def _matching(item: str, keys: Keys) -> Ranges:
    if item == "*":
        return _some(keys.all, item)
    pattern = re.compile(".*".join(map(re.escape, item.split("*"))))
    return _some(Ranges.of_ordinals(place for place, key in enumerate(keys) if pattern.fullmatch(key)), item)


def _latest(keys: Keys) -> Ranges:
    if not isinstance(keys, TimeKeys):
        hint = "name the keys, or write * for all"
        raise SelectionError("only partitions of time have a latest one", text=_LATEST, hint=hint)
    return _some(keys.all[-1:], _LATEST)


def _some(found: Ranges, item: str) -> Ranges:
    if not found:
        raise SelectionError(f"no partition matches {item!r}", text=item)
    return found


def _union(parts: Iterable[Ranges]) -> Ranges:
    return Ranges.of_spans(span for part in parts for span in part.spans)
