from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from cells import declared_in

import assetflow as af

CELL = """
@af.asset
def table() -> pa.Table:
    return pa.table({"n": [1, 2]})

@af.asset
def value() -> dict:
    return {"a": [1.5, float("nan")], "b": float("inf")}

@af.asset
def array() -> np.ndarray:
    return np.arange(3)

@af.asset
def text() -> str:
    return "a,b"

@af.asset
def file() -> Path:
    path = Path(tempfile.mkdtemp(), "f.bin")
    path.write_bytes(b"bytes")
    return path
"""


@pytest.fixture(scope="module")
def project() -> af.Project:
    import tempfile

    project = af.Project(declared_in(CELL, af=af, pa=pa, np=np, Path=Path, tempfile=tempfile))
    project.materialize().raise_for_failure()
    return project


def test_a_value_is_written_as_json_that_every_reader_takes(project: af.Project, tmp_path: Path) -> None:
    target = project.get("value", tmp_path / "v.json")
    assert json.loads(target.read_text(), parse_constant=int) == {"a": [1.5, None], "b": None}


@pytest.mark.parametrize(
    ("key", "name", "hint"),
    [
        ("value", "v.csv", ".json"),
        ("value", "v", ".json"),
        ("array", "a.csv", ".npy"),
        ("table", "t.xls", ".csv, .parquet, .json, .jsonl, .arrow"),
    ],
)
def test_a_suffix_that_promises_something_else_is_refused(
    project: af.Project, tmp_path: Path, key: str, name: str, hint: str
) -> None:
    with pytest.raises(af.UsageError) as raised:
        project.get(key, tmp_path / name)
    assert hint in str(raised.value.hint)
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_is_said_needs_no_suffix(project: af.Project, tmp_path: Path) -> None:
    assert project.get("table", tmp_path / "t", table_format="csv").read_text() == "n\n1\n2\n"
    assert project.get("value", tmp_path / "v", table_format="csv").read_text().startswith("{")
    with pytest.raises(af.UsageError, match=r"\.xls"):
        project.get("table", tmp_path / "other", table_format="xls")


def test_text_goes_into_a_file_of_any_name(project: af.Project, tmp_path: Path) -> None:
    assert project.get("text", tmp_path / "t.csv").read_text() == "a,b"


def test_a_file_replaces_one_that_exists_when_told_so(project: af.Project, tmp_path: Path) -> None:
    target = tmp_path / "f.bin"
    target.write_text("old")
    with pytest.raises(af.UsageError, match="exists"):
        project.get("file", target)
    assert project.get("file", target, overwrite=True).read_bytes() == b"bytes"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_told(project: af.Project, tmp_path: Path) -> None:
    with pytest.raises(af.UsageError, match="no folder"):
        project.get("table", tmp_path / "missing" / "t.csv")
    with pytest.raises(af.UsageError, match="is a folder"):
        project.get("table", _folder(tmp_path / "t.csv"), overwrite=True)
    with pytest.raises(af.UsageError, match="cannot be written"):
        project.get("table", tmp_path / ("long" * 100 + ".csv"))


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
