"""Owns where a bound lies among the values that a column's type can hold, so that comparing with it is exact.

Whole numbers, decimals, dates and times lie on a grid of steps: a bound is moved to the next step inside, and
compared with there. So 10.5 bounds a column of int64, a day one of nanoseconds, and 300 one of uint8. Floats
and text have no steps. Casting the column to the bound's type instead would lose digits, or overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_DAY = 86_400 * 10**9
_BEYOND_ALL = Fraction(10) ** 100


class Ordered(Protocol):
    """Values of one type, in order. A mask is true where the cell lies outside, null where it is null."""

    def below(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        """Return where ``cells`` lie below ``bound``, or at it unless that is ``allowed``."""

    def above(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        """Return where ``cells`` lie above ``bound``, or at it unless that is ``allowed``."""


def grid_of(type_: pa.DataType) -> Ordered:
    """Return the order of a type's values; raise ValueError for a type that has none."""
    from pyarrow import types

    if types.is_integer(type_):
        return _Grid(_number, *_limits(type_.bit_width, signed=types.is_signed_integer(type_)), type_)
    if types.is_decimal(type_):
        return _DecimalGrid(type_)
    if types.is_temporal(type_) and not types.is_interval(type_):
        return _temporal_grid(type_)
    if types.is_floating(type_):
        return _Line(type_, lambda bound: float(_number(bound)) if not isinstance(bound, float) else bound)
    if types.is_string(type_):
        return _Line(type_, _instance_of(str))
    if types.is_binary(type_):
        return _Line(type_, _instance_of(bytes))
    raise ValueError("its values have no order")


@dataclass(frozen=True)
class _Line:
    """Values without steps; ``bound`` makes a bound one of them."""

    type_: pa.DataType
    bound: Callable[[Any], Any]

    def below(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        return (pc.less if allowed else pc.less_equal)(cells, pa.scalar(self.bound(bound), self.type_))

    def above(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        import pyarrow as pa
        import pyarrow.compute as pc

        return (pc.greater if allowed else pc.greater_equal)(cells, pa.scalar(self.bound(bound), self.type_))


@dataclass(frozen=True)
class _Grid:
    """Whole numbers of steps from ``least`` to ``most``, compared as the Arrow type ``steps``.

    ``position``: a bound's exact distance from zero, in steps.
    """

    position: Callable[[Any], Fraction]
    least: int
    most: int
    steps: pa.DataType

    def below(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        import pyarrow.compute as pc

        position = self.position(bound)
        lowest = math.ceil(position) if allowed else math.floor(position) + 1
        if lowest > self.most:
            return pc.is_valid(cells)
        return pc.less(cells.cast(self.steps), self._scalar(max(lowest, self.least)))

    def above(self, cells: pa.ChunkedArray, bound: Any, *, allowed: bool) -> pa.ChunkedArray:
        import pyarrow.compute as pc

        position = self.position(bound)
        highest = math.floor(position) if allowed else math.ceil(position) - 1
        if highest < self.least:
            return pc.is_valid(cells)
        return pc.greater(cells.cast(self.steps), self._scalar(min(highest, self.most)))

    def _scalar(self, number: int) -> pa.Scalar:
        import pyarrow as pa

        return pa.scalar(number, self.steps)


class _DecimalGrid(_Grid):
    """Decimals: steps of the last digit."""

    def __init__(self, type_: pa.DataType) -> None:
        most = 10**type_.precision - 1
        super().__init__(lambda bound: _number(bound) * Fraction(10) ** type_.scale, -most, most, type_)

    def _scalar(self, number: int) -> pa.Scalar:
        import pyarrow as pa

        return pa.scalar(Decimal(f"{number}e{-self.steps.scale}"), self.steps)


def _temporal_grid(type_: pa.DataType) -> _Grid:
    import pyarrow as pa
    from pyarrow import types

    narrow = types.is_date32(type_) or types.is_time32(type_)
    steps, limits = (pa.int32(), _limits(32)) if narrow else (pa.int64(), _limits(64))
    nanoseconds = _DAY if types.is_date32(type_) else _NANOSECONDS[getattr(type_, "unit", "ms")]
    if types.is_duration(type_):
        measure: Callable[[Any], int] = _length
    elif types.is_time(type_):
        measure = _time_of_day
    else:
        zone = getattr(type_, "tz", None)

        def measure(bound: Any) -> int:
            return _moment(bound, zone)

    return _Grid(lambda bound: Fraction(measure(bound), nanoseconds), *limits, steps)


def _limits(bits: int, *, signed: bool = True) -> tuple[int, int]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def _number(bound: Any) -> Fraction:
    """Return a number exactly; 0.1 is one tenth, as in SQL, whatever double stands for it."""
    if type(bound) is not bool and isinstance(bound, Integral):
        return Fraction(int(bound))
    if not isinstance(bound, float | Decimal):
        raise ValueError(f"{bound!r} is no number")  # noqa: TRY004 - a bound that does not fit is one kind of error
    if math.isinf(bound):
        return _BEYOND_ALL if bound > 0 else -_BEYOND_ALL
    return Fraction(repr(float(bound)) if isinstance(bound, float) else bound)


def _instance_of(kind: type) -> Callable[[Any], Any]:
    def bound_of(bound: Any) -> Any:
        if not isinstance(bound, kind):
            raise ValueError(f"{bound!r} is no {kind.__name__}")  # noqa: TRY004 - as above
        return bound

    return bound_of


def _moment(bound: Any, zone: str | None) -> int:
    """Return the nanoseconds from 1970 to a date, a datetime, or the ISO 8601 text of one."""
    moment = datetime.fromisoformat(bound) if isinstance(bound, str) else bound
    if not isinstance(moment, date):
        raise ValueError(f"{bound!r} is no date or time")  # noqa: TRY004 - as above
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    if (moment.tzinfo is None) != (zone is None):
        raise ValueError(f"{bound!r} has {'a' if zone is None else 'no'} time zone, unlike the column")
    return _length((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH)


def _time_of_day(bound: Any) -> int:
    clock = time.fromisoformat(bound) if isinstance(bound, str) else bound
    if not isinstance(clock, time):
        raise ValueError(f"{bound!r} is no time of day")  # noqa: TRY004 - as above
    return _length(timedelta(0, clock.second, clock.microsecond, 0, clock.minute, clock.hour))


def _length(bound: Any) -> int:
    if not isinstance(bound, timedelta):
        raise ValueError(f"{bound!r} is no timedelta")  # noqa: TRY004 - as above
    return (bound.days * 86_400 + bound.seconds) * 10**9 + bound.microseconds * 1_000
