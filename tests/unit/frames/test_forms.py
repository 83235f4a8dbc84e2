from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import subprocess
import sys
import typing
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from uuid import UUID

import duckdb
import matplotlib.figure
import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas
import pandera.polars
import pandera.pyarrow
import pandera.typing.polars
import pandera.typing.pyarrow
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pydantic
import pytest

from assetflow.errors import DataError, UsageError
from assetflow.frames.forms import Form, as_form, form_named, form_of, input_form_of


class PandasModel(pandera.pandas.DataFrameModel):
    a: int


class PolarsModel(pandera.polars.DataFrameModel):
    a: int


class ArrowModel(pandera.pyarrow.DataFrameModel):
    a: int


class Settings(pydantic.BaseModel):
    a: int


@dataclasses.dataclass
class Point:
    x: int


class Colour(enum.Enum):
    RED = 1


class Row(TypedDict):
    a: int


class Pair(NamedTuple):
    a: int


Age = typing.NewType("Age", int)


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (Any, "any"),
        (object, "any"),
        (None, "none"),
        (pa.Table, "arrow"),
        (pa.RecordBatch, "arrow-batch"),
        (pa.RecordBatchReader, "arrow-reader"),
        (pyarrow.dataset.Dataset, "arrow-dataset"),
        (pd.DataFrame, "pandas"),
        (pl.DataFrame, "polars"),
        (pl.LazyFrame, "polars-lazy"),
        (duckdb.DuckDBPyRelation, "duckdb"),
        (np.ndarray, "numpy"),
        (npt.NDArray[np.float64], "numpy"),
        (matplotlib.figure.Figure, "figure"),
        (Path, "path"),
        (bytes, "bytes"),
        (str, "str"),
        (Settings, "pydantic"),
        (Point, "dataclass"),
        *(
            (annotation, "value")
            for annotation in (
                *(int, float, bool, dict, list, tuple, set, frozenset, complex, np.float64),
                *(dt.date, dt.datetime, dt.timedelta, decimal.Decimal, UUID, Colour, Row, Pair, Age),
                *(dict[str, int], list[Settings], tuple[int, ...], Mapping[str, float], Sequence[int]),
                *(Literal["a", "b"], int | str),
            )
        ),
    ],
    ids=str,
)
def test_an_annotation_stands_for_a_form(annotation, name):
    assert form_of(annotation).name == name


@pytest.mark.parametrize(
    ("annotation", "frame", "model"),
    [
        (PandasModel, "pandas", PandasModel),
        (PolarsModel, "polars", PolarsModel),
        (ArrowModel, "arrow", ArrowModel),
        (pandera.typing.DataFrame[PandasModel], "pandas", PandasModel),
        (pandera.typing.polars.DataFrame[PolarsModel], "polars", PolarsModel),
        (pandera.typing.polars.LazyFrame[PolarsModel], "polars-lazy", PolarsModel),
        (pandera.typing.pyarrow.Table[ArrowModel], "arrow", ArrowModel),
    ],
)
def test_a_pandera_model_and_its_frame_are_read_off_the_annotation(annotation, frame, model):
    form = form_of(annotation)

    assert form == Form("pandera", model, frame=frame)
    assert form.label == f"pandera:{frame}"


def test_none_beside_a_form_makes_it_optional():
    assert form_of(pl.DataFrame | None) == Form("polars", optional=True)
    assert form_of(typing.Optional[int]) == Form("value", int, optional=True)  # noqa: UP045 - the older spelling


def test_what_stands_around_a_form_does_not_matter():
    assert form_of(Annotated[pd.DataFrame, "note"]) == Form("pandas")


def test_values_keep_the_type_they_are_decoded_to():
    assert form_of(Settings).target is Settings
    assert form_of(list[Settings]).target == list[Settings]


@pytest.mark.parametrize("annotation", [Iterator[pa.RecordBatch], Generator[pa.RecordBatch, None, None]])
def test_an_iterator_of_tables_is_a_stream(annotation):
    assert form_of(annotation) == Form("stream", Form("arrow-batch"))


class WithCapsule:
    def __arrow_c_stream__(self, requested_schema=None): ...


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (pa.Table | pd.DataFrame, "several forms"),
        (pd.Series, "to_frame"),
        (pl.Series, "to_frame"),
        (pa.Array, "no form of data"),
        (Iterator[int], "no stream of tables"),
        (type(sys), "no form of data"),
        (pandera.typing.DataFrame[PolarsModel], "no form of data"),
        ("pd.DataFrame", "no form of data"),
    ],
    ids=str,
)
def test_an_annotation_without_meaning_is_refused_with_advice(annotation, told):
    with pytest.raises(DataError) as caught:
        form_of(annotation)

    assert told in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("annotation", [matplotlib.figure.Figure, None, WithCapsule])
def test_some_forms_can_only_be_given(annotation):
    form_of(annotation)
    with pytest.raises(DataError, match="cannot be asked for"):
        input_form_of(annotation)


def test_a_form_is_found_by_name_or_class():
    assert as_form(None) == Form("any")
    assert as_form("polars-lazy") == as_form(pl.LazyFrame) == Form("polars-lazy")
    with pytest.raises(UsageError, match="polars"):
        form_named("polar")


def test_looking_at_forms_imports_no_library():
    heavy = "{'numpy', 'pandas', 'polars', 'pandera', 'duckdb', 'pyarrow', 'fsspec', 'matplotlib'}"
    modules = ", ".join(
        f"assetflow.frames.{name}"
        for name in ("intake", "hand_out", "codecs", "readers", "pandera_door", "pandas_door", "polars_door")
    )
    code = f"import sys, {modules}; print({heavy} & set(sys.modules))"

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )
