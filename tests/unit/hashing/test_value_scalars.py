from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from importlib import resources
from pathlib import Path, PurePosixPath, PureWindowsPath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from assetflow.errors import DataError
from assetflow.hashing.values import decode_value, encode_value, hash_value

BERLIN = ZoneInfo("Europe/Berlin")
TWICE = dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**63 - 1, "9223372036854775807"),
        (2**63, '{"$int":"0x8000000000000000"}'),
        (-(2**63), "-9223372036854775808"),
        (-(2**63) - 1, '{"$int":"-0x8000000000000001"}'),
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (1e300, "1e+300"),
        (float("inf"), '{"$float":"inf"}'),
        (float("-inf"), '{"$float":"-inf"}'),
        ("😀", '"😀"'),
        ("\ud83d\ude00", '{"$str":"7aC97biA"}'),
        (b"\x00\xff", '{"$bytes":"AP8="}'),
        (bytearray(b"a"), '{"$bytearray":"YQ=="}'),
        (1 - 2j, '{"$complex":["1.0","-2.0"]}'),
        (Decimal("1.0"), '{"$decimal":"1.0"}'),
        (Decimal("1.00"), '{"$decimal":"1.00"}'),
        (Decimal("-Infinity"), '{"$decimal":"-Infinity"}'),
        (uuid.UUID(int=5), '{"$uuid":"00000000-0000-0000-0000-000000000005"}'),
        (Path("a") / "b", '{"$path":"a/b"}'),
        (Path("\udcff"), '{"$path":{"$str":"7bO/"}}'),
        (dt.date(1, 1, 1), '{"$date":"0001-01-01"}'),
        (dt.datetime(2026, 1, 1), '{"$datetime":["2026-01-01T00:00:00"]}'),
        (dt.datetime(2026, 1, 1, fold=1), '{"$datetime":["2026-01-01T00:00:00",null,1]}'),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), '{"$datetime":["2026-01-01T00:00:00","UTC"]}'),
        (TWICE, '{"$datetime":["2026-10-25T02:30:00","Europe/Berlin"]}'),
        (TWICE.replace(fold=1), '{"$datetime":["2026-10-25T02:30:00","Europe/Berlin",1]}'),
        (
            dt.datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=dt.timezone(-dt.timedelta(hours=5, minutes=30))),
            '{"$datetime":["2026-01-01T01:02:03.000004","-05:30"]}',
        ),
        (dt.time(1, 2, tzinfo=dt.timezone(dt.timedelta(seconds=1))), '{"$time":["01:02:00","+00:00:01"]}'),
        (dt.time(1, 2, 3, 4), '{"$time":["01:02:03.000004"]}'),
        (dt.timedelta(days=-1, microseconds=7), '{"$timedelta":[-1,0,7]}'),
    ],
)
def test_scalars_are_written_as_text_and_read_as_they_were(value, text):
    assert encode_value(value) == text

    read = decode_value(text)
    assert (read, type(read), str(read)) == (value, type(value), str(value))
    assert getattr(read, "tzinfo", None) == getattr(value, "tzinfo", None)
    assert getattr(read, "fold", 0) == getattr(value, "fold", 0)


def test_zeros_and_nans():
    assert hash_value(0.0) != hash_value(-0.0)
    assert hash_value(float("nan")) == hash_value(-float("nan"))
    assert decode_value(encode_value(float("nan"))) != decode_value(encode_value(float("nan")))


def test_an_integer_with_more_digits_than_python_reads_is_exact():
    huge = 7**10_000

    assert decode_value(encode_value(huge)) == huge


def test_utc_is_one_zone_however_it_is_named():
    moment = dt.datetime(2026, 1, 1)
    zones = [dt.UTC, ZoneInfo("UTC"), dt.timezone(dt.timedelta(0), "GMT")]

    assert len({hash_value(moment.replace(tzinfo=zone)) for zone in zones}) == 1


def test_one_instant_in_two_zones_is_two_values():
    assert hash_value(TWICE) != hash_value(TWICE.astimezone(dt.UTC))


def test_paths_of_all_flavours_are_written_with_slashes():
    texts = {encode_value(path) for path in [Path("a/b"), PurePosixPath("a/b"), PureWindowsPath("a\\b")]}

    assert texts == {'{"$path":"a/b"}'}


class Elsewhere(dt.tzinfo):
    def utcoffset(self, moment):
        return dt.timedelta(0)


def unnamed() -> ZoneInfo:
    with resources.files("tzdata.zoneinfo").joinpath("UTC").open("rb") as file:
        return ZoneInfo.from_file(file)


@pytest.mark.parametrize("zone", [Elsewhere(), unnamed()])
def test_zones_without_a_name_are_refused(zone):
    with pytest.raises(DataError, match="the time zone"):
        hash_value(dt.datetime(2026, 1, 1, tzinfo=zone))


def test_pandas_times_are_their_base_class_where_nothing_is_lost():
    assert encode_value(pd.Timestamp("2026-01-01", tz="Europe/Berlin")) == encode_value(
        dt.datetime(2026, 1, 1, tzinfo=BERLIN)
    )
    assert encode_value(pd.Timedelta("1 day 2s")) == encode_value(dt.timedelta(days=1, seconds=2))


@pytest.mark.parametrize("value", [pd.Timestamp(1), pd.Timedelta(1), pd.NaT])
def test_pandas_times_that_would_lose_something_are_refused(value):
    with pytest.raises(DataError, match="cannot be written to the microsecond"):
        hash_value(value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="<i4").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3)),
        np.zeros((0, 2), "c8"),
        np.array("x"),
        np.array(["2026-01-01", "NaT"], "M8[D]"),
        np.array([True, False])[::-1],
    ],
)
def test_arrays_are_read_as_they_were_and_read_only(array):
    read = decode_value(encode_value([array]))[0]

    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    assert read.tobytes() == array.tobytes()
    assert not read.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        read.flags.writeable = True


@pytest.mark.parametrize(
    "scalar", [np.datetime64("2026-01-01", "ns"), np.timedelta64(5, "h"), np.void(b"ab")]
)
def test_numpy_scalars_without_an_exact_python_value_are_read_as_they_were(scalar):
    read = decode_value(encode_value(scalar))

    assert (read, type(read), read.dtype) == (scalar, type(scalar), scalar.dtype)


@pytest.mark.parametrize(
    "value",
    [np.array([object()]), np.longdouble(1), np.zeros(1, [("a", "i4")]), np.ma.array([1], mask=[True])],
)
def test_arrays_that_would_lose_something_are_refused(value):
    with pytest.raises(DataError, match="an array of"):
        hash_value([value])
