"""What a worker process does with an errand, done in this process, with all that goes to and fro pickled as ever."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import assetflow as af
from assetflow.errors import DataError
from assetflow.execution.capture import TaskLog
from assetflow.execution.errand import Errand, Question, Raised, Returned
from assetflow.execution.worker import Answer
from assetflow.operate.worker_process import Errands, Setup

ASKED: list[str] = []


class Here:
    """A worker that is no process."""

    is_fit = True
    lives = True
    forgotten = 0

    def __init__(self, program: str, setup: Setup) -> None:
        self._errands = Errands(pickle.loads(pickle.dumps(setup)), self._ask)
        assert self._errands.begin().problem is None
        self._answer: Answer = str

    def do(self, errand: Errand, *, log: TaskLog, answer: Answer, timeout: float | None) -> Returned | Raised:
        self._answer = answer
        came: Returned | Raised = pickle.loads(
            pickle.dumps(self._errands.do(pickle.loads(pickle.dumps(errand))))
        )
        return came

    def _ask(self, name: str, *arguments: Any) -> Any:
        ASKED.append(name)
        return self._answer(Question(name, arguments))

    def end(self) -> None: ...

    let_go = tell_to_end = stop = end


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assetflow.execution.worker.Worker", Here)
    ASKED.clear()


def project(folder: Path, *assets: Any) -> af.Project:
    return af.Project(assets, store=folder / "store", executor="process", jobs=1)


def test_what_is_on_record_is_asked_and_not_made_again(tmp_path: Path) -> None:
    @af.asset(checks=[af.not_null("x")])
    def made() -> pa.Table:
        return pa.table({"x": list(range(100_000))})

    shop = project(tmp_path, made)
    assert shop.materialize().counts == {"built": 1}
    assert set(ASKED) == {"artifact", "part", "verdict"}
    stored = sorted((tmp_path / "store/objects").rglob("*.parquet"))
    ASKED.clear()
    assert shop.materialize(force=True).counts == {"built": 1}
    assert "part" not in ASKED  # all of it is stored
    assert sorted((tmp_path / "store/objects").rglob("*.parquet")) == stored
    evaluated = shop.sql("select count(*) as n from evaluations").to_pylist()
    assert evaluated == [{"n": 1}]


def test_what_a_call_raises_is_tried_again_and_what_comes_after_is_not(tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    @af.asset(retries=af.Retry(times=2, first=0, on=OSError), version="1")
    def asked() -> int:
        with tries.open("a") as file:
            file.write("x")
        raise TimeoutError("no answer")

    @af.asset(retries=5)
    def cannot_be_kept() -> pa.Table:
        return object()  # type: ignore[return-value]

    @af.asset(checks=[af.range("x", max=0)])
    def rejected() -> pa.Table:
        return pa.table({"x": [1]})

    run = project(tmp_path, asked, cannot_be_kept, rejected).materialize()
    assert run.counts == {"rejected": 1, "failed": 2}
    assert tries.read_text() == "xxx"
    assert isinstance(run["asked"].error, TimeoutError)
    assert isinstance(run["cannot_be_kept"].error, DataError)


def test_a_check_that_raises_is_told_here(tmp_path: Path) -> None:
    @af.asset
    def made() -> pa.Table:
        return pa.table({"x": [1]})

    @af.check(made)
    def broken(made: pa.Table) -> bool:
        raise LookupError("no such thing")

    run = project(tmp_path, made, broken).materialize()
    assert "no such thing" in run["made"].message
    assert run["made"].error is not None


def test_want_of_memory_is_told_with_what_was_held(tmp_path: Path) -> None:
    @af.asset
    def eats() -> int:
        raise MemoryError

    message = project(tmp_path, eats).materialize()["eats"].message
    assert message.startswith("MemoryError: out of memory; the process held ")
    assert message.endswith(" MB at most")


def test_the_most_memory_counts_from_the_task_on(tmp_path: Path) -> None:
    @af.asset
    def large() -> int:
        return len(bytearray(300_000_000).replace(b"\0", b"x", 1))

    @af.asset
    def small(large: int) -> int:
        return large

    shop = project(tmp_path, large, small)
    shop.materialize()
    peaks = {key: shop.current(key).peak_memory for key in ("large", "small")}
    assert peaks["large"] - peaks["small"] > 200_000_000
