from __future__ import annotations

import dataclasses
import gc
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pydantic
import pytest

from assetflow.errors import DataError
from assetflow.frames.content import identify
from assetflow.frames.forms import form_named, form_of
from assetflow.frames.hand_out import hand_out, hand_out_all
from assetflow.frames.intake import take

TABLE = pa.table({"n": [1, 2], "x": [0.5, 1.5], "s": ["x", None], "l": [[1], [2]]})


class Settings(pydantic.BaseModel):
    rate: float
    names: list[str] = []


@dataclasses.dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (pa.Table, pa.Table),
        (pa.RecordBatch, pa.RecordBatch),
        (pa.RecordBatchReader, pa.RecordBatchReader),
        (pyarrow.dataset.Dataset, pyarrow.dataset.Dataset),
        (pd.DataFrame, pd.DataFrame),
        (pl.DataFrame, pl.DataFrame),
        (pl.LazyFrame, pl.LazyFrame),
        (duckdb.DuckDBPyRelation, duckdb.DuckDBPyRelation),
    ],
)
def test_a_table_is_handed_out_in_the_form_asked_for(annotation, kind):
    content = take(TABLE)
    handed = hand_out(content, form_of(annotation))

    assert isinstance(handed, kind)
    assert identify(take(handed)).data_version == identify(content).data_version


def test_a_stream_is_handed_out_element_by_element():
    frames = list(hand_out(take(TABLE), form_of(Iterator[pl.DataFrame])))

    assert [type(frame) for frame in frames] == [pl.DataFrame]
    assert take(iter(frames)).data.equals(TABLE)


def test_a_table_without_rows_is_one_empty_batch():
    assert hand_out(take(TABLE.slice(0, 0)), form_named("arrow-batch")).num_rows == 0


def _spoil_pandas(frame):
    frame.loc[0, "n"] = 99
    frame["x"] *= 0
    frame["s"] = "spoilt"
    for block in frame._mgr.blocks:
        if isinstance(block.values, np.ndarray):
            block.values[...] = 7


def _spoil_polars(frame):
    frame[0, "n"] = 99
    frame.extend(frame)


def _spoil_relation(relation):
    relation.create("other")
    relation.query("input", "drop view input")


def _spoil_list(value):
    value.append(3)


def _spoil_settings(value):
    value.names.append("spoilt")


def _spoil_file(path):
    path.write_text("spoilt")


@pytest.mark.parametrize(
    ("made", "annotation", "spoil"),
    [
        (TABLE, pd.DataFrame, _spoil_pandas),
        (TABLE, pl.DataFrame, _spoil_polars),
        (TABLE, duckdb.DuckDBPyRelation, _spoil_relation),
        ([1, 2], list, _spoil_list),
        (Settings(rate=1), Settings, _spoil_settings),
    ],
)
def test_a_consumer_that_changes_what_it_was_given_harms_nobody(made, annotation, spoil):
    form = form_of(annotation)
    content = take(made)
    before = identify(content)

    spoil(hand_out(content, form))
    assert identify(content) == before
    assert identify(take(hand_out(content, form), form=form)).data_version == before.data_version


def test_a_path_is_a_private_copy_under_the_scratch_folder(tmp_path):
    (tmp_path / "report.txt").write_text("good")
    content = take(tmp_path / "report.txt")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    first, second = (hand_out(content, form_of(Path), scratch=scratch) for _ in range(2))
    _spoil_file(first)
    assert second.read_text() == "good"
    assert second.name == "report.txt"
    assert scratch in second.parents
    assert hand_out(content, form_of(bytes)) == b"good"


def test_arrays_cannot_be_written_to():
    handed = hand_out(take(np.arange(3)))

    with pytest.raises(ValueError):
        handed[0] = 9
    with pytest.raises(ValueError):
        handed.flags.writeable = True


def test_values_are_decoded_into_the_class_that_the_annotation_names():
    assert hand_out(take(Point(1)), form_of(Point)) == Point(1)
    assert hand_out(take(Settings(rate=2)), form_of(Settings)) == Settings(rate=2)
    assert hand_out(take([Point(1)]), form_of(list[Point])) == [Point(1)]
    assert hand_out(take({"rate": 2}), form_of(Settings)) == Settings(rate=2)
    assert hand_out(take(Point(1))) == {"x": 1}


def test_relations_for_one_call_can_be_joined_and_stay_alive():
    relation = form_of(duckdb.DuckDBPyRelation)
    handed = hand_out_all({"left": (take(TABLE), relation), "right": (take(TABLE), relation)})
    left, right = handed["left"], handed["right"]
    del handed
    gc.collect()

    assert left.join(right, "n").count("n").fetchall() == [(2,)]
    assert right.query("r", 'select count(*) from "left" join r using (n)').fetchall() == [(2,)]


def test_relations_show_instants_in_utc():
    instants = pa.table({"t": pa.array([0], pa.timestamp("us", "Europe/Berlin"))})
    relation = hand_out(take(instants), form_of(duckdb.DuckDBPyRelation))

    assert relation.project("t::varchar").fetchall() == [("1970-01-01 00:00:00+00",)]


@pytest.mark.parametrize(
    ("made", "annotation", "told"),
    [
        (TABLE, np.ndarray, "a table cannot be handed out as numpy"),
        (TABLE, dict, "a table cannot be handed out as value"),
        ({"a": 1}, pd.DataFrame, "a value cannot be handed out as pandas"),
        ({"a": 1}, str, "a value of type dict cannot be handed out as str"),
        (Path(__file__).parent, bytes, "a folder cannot be handed out as bytes"),
        (Path(__file__), dict, "a file cannot be handed out as value"),
        ("text", bytes, "a text cannot be handed out as bytes"),
        (b"bytes", Path, "a bytes cannot be handed out as pathlib.Path"),
        (np.arange(2), pa.Table, "a numpy cannot be handed out as pyarrow.Table"),
        ({"a": 1}, Settings, "Settings"),
        (pa.table({"i": pa.array([None], pa.month_day_nano_interval())}), pl.DataFrame, "column 'i'"),
        (pa.table({"h": pa.array([1.0], pa.float16())}), duckdb.DuckDBPyRelation, "column 'h'"),
    ],
)
def test_a_form_that_does_not_fit_is_refused(made, annotation, told):
    with pytest.raises(DataError) as caught:
        hand_out(take(made), form_of(annotation))

    assert told in str(caught.value)
