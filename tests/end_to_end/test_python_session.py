"""A Python session with no project folder: declared in cells, kept in memory, loaded in every form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from cells import declared_in, run_cell
from noted import NOTES, note, note_and_fail_until
from pydantic import BaseModel

import assetflow as af

CELL = """
import pyarrow as pa
import pandas as pd
import polars as pl
import numpy as np

@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": [1, 2, None], "text": ["a", None, "c"]})

@af.asset
def as_pandas(numbers: pd.DataFrame) -> pd.DataFrame:
    numbers["n"] = 0
    return numbers

@af.asset
def as_polars(numbers: pl.DataFrame) -> pl.LazyFrame:
    return numbers.lazy()

@af.asset
def settings(numbers: pa.Table) -> dict:
    return {"rows": numbers.num_rows, "nested": [1, (2, 3)]}

@af.asset
def array(numbers: pa.Table) -> np.ndarray:
    return np.arange(3.0)

@af.asset
def note(settings: dict) -> str:
    settings["rows"] = 99
    return f"{settings['rows']}"
"""


@pytest.fixture(scope="module")
def project() -> af.Project:
    project = af.Project(assets=declared_in(CELL, af=af), store="memory://")
    project.materialize().raise_for_failure()
    return project


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (pa.Table, pa.Table),
        (pa.RecordBatchReader, pa.RecordBatchReader),
        (ds.Dataset, ds.Dataset),
        (pd.DataFrame, pd.DataFrame),
        (pl.DataFrame, pl.DataFrame),
        (pl.LazyFrame, pl.LazyFrame),
        (duckdb.DuckDBPyRelation, duckdb.DuckDBPyRelation),
        (None, pa.Table),
        ("pandas", pd.DataFrame),
    ],
)
def test_a_table_is_loaded_in_every_form(project: af.Project, form: Any, kind: type) -> None:
    assert isinstance(project.load("numbers", as_type=form), kind)


def test_values_arrays_and_text_come_back_as_they_were(project: af.Project) -> None:
    assert project.load("settings") == {"rows": 3, "nested": [1, (2, 3)]}
    assert np.array_equal(project.load("array", as_type=np.ndarray), np.arange(3.0))
    assert project.load("note") == "99"


def test_a_consumer_that_mutates_what_it_was_given_harms_nobody(project: af.Project) -> None:
    assert project.load("numbers")["n"].to_pylist() == [1, 2, None]
    assert project.load("as_pandas")["n"].to_pylist() == [0, 0, 0]
    assert project.load("settings")["rows"] == 3
    frame = project.load("numbers", as_type=pd.DataFrame)
    frame.loc[0, "n"] = 100
    assert project.load("numbers")["n"].to_pylist() == [1, 2, None]


def test_equal_tables_from_everywhere_have_one_data_version(project: af.Project) -> None:
    assert project.current("as_polars").data_version == project.current("numbers").data_version


def test_decorated_functions_are_plain_callables() -> None:
    cell = run_cell(CELL, af=af)
    assert cell["settings"](pa.table({"n": [1]}))["rows"] == 1


def test_an_output_is_of_the_class_that_is_declared() -> None:
    cell = """
@af.asset
def names() -> list:
    return {"a", "b"}

@af.asset
def rate() -> float:
    return 1

@af.asset
def nothing() -> dict:
    return None

@af.asset
def perhaps() -> dict | None:
    return None
"""
    project = af.Project(assets=declared_in(cell, af=af), store="memory://")

    run = project.materialize()
    assert run.counts == {"built": 2, "failed": 2}
    assert "annotated to return list, but returned a set" in run["names"].message
    assert "returned None" in run["nothing"].message
    assert (project.load("rate"), project.load("perhaps")) == (1, None)


LOADING = """
import os
from pathlib import Path
import assetflow as af

@af.asset
def report() -> Path:
    Path("report.txt").write_text("all is well")
    return Path("report.txt")

def copies():
    project = af.Project(assets=[report], store="memory://")
    project.materialize().raise_for_failure()
    return project.load("report"), project.load("report", as_type=Path)

one, other = copies()
one.write_text("mine")
child = os.fork()
if child == 0:
    raise SystemExit
os.waitpid(child, 0)
print(one.read_text(), other.read_text(), sep=", ")
"""


def test_files_handed_to_a_person_are_copies_that_go_with_the_process(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (tmp_path / "session.py").write_text(LOADING)

    said = subprocess.run(
        [sys.executable, "session.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "mine, all is well\n"
    assert list(temporary.iterdir()) == []


def test_a_second_run_does_nothing(project: af.Project) -> None:
    run = project.materialize()
    assert set(run.counts) == {"fresh"}
    assert not run.committed


def test_a_failure_is_a_value_and_the_rest_goes_on() -> None:
    text = """
@af.asset
def good() -> int:
    return 1

@af.asset
def bad() -> int:
    return 1 // 0

@af.asset
def below(bad: int) -> int:
    return bad
"""
    project = af.Project(declared_in(text, af=af))
    run = project.materialize()
    assert run.counts == {"built": 1, "failed": 1, "skipped": 1}
    assert isinstance(run["bad"].error, ZeroDivisionError)
    with pytest.raises(af.AssetflowError) as raised:
        run.raise_for_failure()
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def test_every_attempt_is_recorded() -> None:
    NOTES.clear()
    text = """
@af.asset(retries=af.Retry(times=3, first="10ms", jitter=False, on=(TimeoutError,)))
def slow() -> int:
    fail_until(3)
    return 7
"""
    project = af.Project(declared_in(text, af=af, fail_until=note_and_fail_until))
    run = project.materialize()
    assert run.status == "succeeded", run["slow"].message
    attempts = project.sql("select attempt from materializations where asset = 'slow'")
    assert attempts["attempt"].to_pylist() == [3]


def test_resources_are_opened_closed_and_part_of_the_fingerprint() -> None:
    events: list[str] = []

    def project(identity: str, store: str = "memory://") -> af.Project:
        db = af.Resource(
            "db", lambda: {"rows": 3}, close=lambda _: events.append("closed"), identity=identity
        )
        text = """
@af.asset
def counted(db: Annotated[dict, af.Resource("db")]) -> int:
    return db["rows"]
"""
        from typing import Annotated

        return af.Project([*declared_in(text, af=af, Annotated=Annotated), db], store=store)

    first = project("host/one")
    assert first.materialize().counts == {"built": 1}
    assert events == ["closed"]
    assert project("host/one", first.store).materialize().counts == {"fresh": 1}
    assert project("host/two", first.store).materialize().counts == {"built": 1}


def test_config_comes_by_model_and_changes_only_what_takes_it() -> None:
    class Window(BaseModel):
        days: int = 30

    text = """
@af.asset
def window(config: Window) -> int:
    return config.days

@af.asset
def other() -> int:
    return 1
"""
    project = af.Project(declared_in(text, af=af, Window=Window))
    project.materialize()
    plan = project.plan(config={"window": {"days": 60}})
    assert {item.key: item.state for item in plan} == {"other": "fresh", "window": "build"}
    assert "config days 30 -> 60" in plan["window"].reasons
    assert project.materialize(config={"window": {"days": 60}}).counts == {"built": 1, "fresh": 1}
    assert project.load("window") == 60


def test_effects_run_after_publication_and_once_for_the_same_inputs() -> None:
    NOTES.clear()
    text = """
@af.asset
def figure() -> int:
    return 5

@af.asset
def mail(figure: int, context: af.Context) -> None:
    send(figure)
    context.record(sent=figure)
"""
    project = af.Project(declared_in(text, af=af, send=note))
    assert project.materialize().counts == {"built": 2}
    assert project.materialize().counts == {"fresh": 2}
    assert NOTES == [5]
    assert project.current("mail").metadata == {"sent": 5}


def test_snapshot_is_one_commit_throughout() -> None:
    text = "@af.asset\ndef number() -> int:\n    return {}\n"
    first = af.Project(declared_in(text.format(1), af=af))
    first.materialize()
    snapshot = first.snapshot()
    af.Project(declared_in(text.format(2), af=af), store=first.store).materialize()
    assert snapshot.load("number") == 1
    assert first.load("number") == 2
    assert first.load("number", at=snapshot.commit) == 1
    assert first.load("number", version="HEAD~1") == 1


def test_what_a_task_prints_is_kept(tmp_path: Path) -> None:
    text = """
@af.asset
def loud(context: af.Context) -> int:
    print("printed")
    context.logger.warning("logged")
    return 1
"""
    project = af.Project(declared_in(text, af=af))
    project.materialize()
    _, log = project.logs("loud")[0]
    assert "printed" in log
    assert "logged" in log


def test_a_check_on_another_asset_is_judged_again_when_that_changes() -> None:
    text = """
@af.asset
def limit() -> int:
    return {limit}

@af.asset
def number() -> int:
    return 5

@af.check(number)
def below_limit(number: int, limit: int) -> bool:
    return number < limit
"""
    first = af.Project(declared_in(text.format(limit=10), af=af))
    assert first.materialize().counts == {"built": 2}
    second = af.Project(declared_in(text.format(limit=3), af=af), store=first.store)
    run = second.materialize()
    assert {item.key: item.state for item in run} == {"limit": "built", "number": "rejected"}
    assert second.load("number") == 5


def test_a_check_that_raises_is_no_verdict() -> None:
    text = """
@af.asset
def number() -> int:
    return 5

@af.check(number)
def broken(number: int) -> bool:
    return number / {divisor} > 0
"""
    first = af.Project(declared_in(text.format(divisor=0), af=af))
    run = first.materialize()
    assert run.counts == {"failed": 1}
    assert "number" not in first.snapshot().keys
    mended = af.Project(declared_in(text.format(divisor=1), af=af), store=first.store)
    assert mended.materialize().counts == {"checked": 1}
    assert mended.load("number") == 5


@pytest.mark.parametrize("text", ['f"hé {x}"', 'f"é"', 'f"{x} é"', '"a" f"{x!r:>{x}}é"', 'f"""€\n{x}"""'])
def test_text_in_any_alphabet_is_code_like_any_other(text: str) -> None:
    cell = "@af.asset\ndef x() -> int:\n    return 3\n\n@af.asset\ndef told(x: int) -> str:\n    return {}\n"
    project = af.Project(declared_in(cell.format(text), af=af))
    project.materialize().raise_for_failure()
    assert project.load("told") == eval(text, {"x": 3})
    changed = declared_in(cell.format(text.replace("é", "è").replace("€", "$")), af=af)
    assert af.Project(changed, store=project.store).plan()["told"].state == "build"
