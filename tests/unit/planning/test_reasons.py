"""Each reason names the part that differs, and no part that does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from on_record import FakeWorld, asset, plan

from assetflow.frames.forms import ANY
from assetflow.hashing.code import CodeVersion
from assetflow.model.spec import AssetSpec, InputSpec, SourceSpec
from assetflow.planning.resolve import Resolved, ResolvedInput

BEFORE = {"a": "1", "b": "1", "c": "1"}


def reader(*columns: str) -> Resolved:
    """Return a reader of some columns of sales, or of all."""
    return asset("report", InputSpec("sales", "sales", columns=columns or None))


def reasons(
    old: Resolved,
    new: Resolved,
    *,
    before: Mapping[str, str] = BEFORE,
    after: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return why ``new`` is built where ``old`` was; between them sales may have got other columns."""
    world = FakeWorld()
    world.record(asset("sales"), "v1", columns=before)
    world.record(old, "r1")
    if after is not None:
        world.record(asset("sales"), "v2", columns=after)
    return plan(world, new)["report"].reasons


def test_columns_declared_are_told() -> None:
    assert reasons(reader(), reader("a", "b")) == ("now reads only columns a, b of sales",)


def test_columns_declared_no_more_are_told() -> None:
    assert reasons(reader("a"), reader()) == ("now reads all columns of sales",)


def test_widened_columns_are_no_change_of_the_data() -> None:
    assert reasons(reader("a"), reader("a", "b")) == ("now reads column b of sales",)


def test_narrowed_columns_and_their_order_are_told() -> None:
    assert reasons(reader("a", "b", "c"), reader("a")) == ("no longer reads columns b, c of sales",)
    assert reasons(reader("a", "b"), reader("b", "a")) == ("now reads the columns of sales in another order",)


def test_a_column_that_is_there_no_more_is_told_as_gone() -> None:
    told = reasons(reader("a", "b", "c"), reader("a"), after={"a": BEFORE["a"], "c": BEFORE["c"]})
    assert told == ("sales has no column b any more", "no longer reads column c of sales")


def test_of_changed_data_only_what_is_read_before_and_after_is_named() -> None:
    after = {"a": "2", "b": "2", "c": "1"}
    assert reasons(reader(), reader(), after=after) == ("sales changed in columns a, b",)
    assert reasons(reader("a", "c"), reader("a", "c"), after=after) == ("sales changed in column a",)
    assert reasons(reader("c"), reader("a", "c"), after=after) == ("now reads column a of sales",)
    assert reasons(reader(), reader("a", "c"), after=after) == (
        "sales changed in column a",
        "now reads only columns a, c of sales",
    )


def test_columns_in_another_order_are_a_change_of_the_data() -> None:
    assert reasons(reader(), reader(), after={"c": "1", "b": "1", "a": "1"}) == ("sales changed",)


def test_a_parameter_that_reads_another_asset_says_so() -> None:
    world = FakeWorld()
    world.record(asset("old"), "1")
    world.record(asset("new"), "2")
    world.record(asset("report", InputSpec("sales", "old")), "r")
    made = plan(world, asset("report", InputSpec("sales", "new")))
    assert made["report"].reasons == ("sales reads new, was old",)


def test_columns_of_a_source_by_its_bytes_decide_too() -> None:
    csv = SourceSpec("raw.csv", "csv")
    world = FakeWorld()
    world.observe("sales", "v1", csv)
    world.record(reader("a"), "r")
    assert not plan(world, reader("a"))
    assert plan(world, reader("a", "b"))["report"].reasons == ("now reads column b of sales",)
    world.observe("sales", "v2", csv)
    assert plan(world, reader("a"))["report"].reasons == ("sales changed",)


def test_what_is_asked_for_otherwise_is_told_apart() -> None:
    def asked(form: str, missing: str = "fail") -> Resolved:
        spec = InputSpec("sales", "sales", missing=missing)  # type: ignore[arg-type]
        code = CodeVersion("1")
        return Resolved(
            AssetSpec("report", "python", "", "", "", inputs=(spec,)),
            code,
            inputs=(ResolvedInput(spec, ANY, form, None),),
        )

    assert reasons(asked("pandas"), asked("polars")) == ("input sales is asked for as polars, was pandas",)
    assert reasons(asked("pydantic:1"), asked("pydantic:2")) == (
        "input sales is asked for as pydantic, of another type",
    )
    assert reasons(asked("pandas"), asked("pandas", "none")) == ("input sales: missing fail -> none",)


CSV = SourceSpec("raw.csv", "csv", options={"null_values": ("NA",)})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "its files changed"),
        ({"options": {"null_values": ["NA"]}}, "its files changed"),
        ({"options": {"delimiter": ";"}}, "read with other options"),
        ({"schema": pa.schema([("a", pa.int64())])}, "read with another schema"),
        ({"format": "text"}, "read as text, was csv"),
        ({"identity": "content"}, "identity bytes -> content"),
    ],
)
def test_a_source_read_otherwise_is_not_said_to_have_other_files(change: dict[str, Any], told: str) -> None:
    world = FakeWorld()
    world.observe("raw", "1", CSV)
    now = AssetSpec("raw", "source", "", "", "", source=replace(CSV, **change))
    made = plan(world, Resolved(now, CodeVersion("")), observed={"raw": "2"})
    assert made["raw"].reasons == (told,)


def test_an_asset_that_was_a_source_says_so_and_the_other_way_round() -> None:
    world = FakeWorld()
    world.observe("raw", "1", CSV)
    assert plan(world, asset("raw"))["raw"].reasons == ("it was a source",)
    world.record(asset("raw"), "1")
    now = Resolved(AssetSpec("raw", "source", "", "", "", source=CSV), CodeVersion(""))
    assert plan(world, now, observed={"raw": "2"})["raw"].reasons == ("it was no source",)
