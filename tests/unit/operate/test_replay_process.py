"""What the process that runs recorded code does, asked in this one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import source_tree

from assetflow.operate.replay_messages import REPLAY, Answer, Setup, Step, from_line, to_line
from assetflow.operate.replay_process import Steps

CODE = """
import pyarrow as pa
from pydantic import BaseModel

import assetflow as af


class Times(BaseModel):
    times: int = 1


@af.asset
def numbers(config: Times) -> pa.Table:
    print("making numbers")
    return pa.table({"n": list(range(10_000 * config.times))})


@af.asset(checks=[af.row_count(min=1), af.row_count(max=2)])
def few(numbers: pa.Table) -> pa.Table:
    return numbers.slice(0, 5)


@af.check(few)
def picky(few: pa.Table) -> bool:
    raise KeyError("nothing pleases it")


@af.asset
def broken() -> int:
    raise ValueError("as always")
"""


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    with source_tree(tmp_path / "code", {"replayed.py": CODE}) as tree:
        setup = Setup(tree=str(tree.folder), modules=("replayed",), store=str(tmp_path / "store"), root=None)
        yield Steps(setup)


def test_what_is_made_can_be_read_by_the_next_step_and_judged(steps: Steps) -> None:
    numbers = steps.answer(Step(asset="numbers", env="dev", config={"times": 2})).version
    assert numbers is not None
    assert (numbers.rows, numbers.run, numbers.recipe.config) == (20_000, REPLAY, {"times": 2})

    few = steps.answer(Step(asset="few", env="dev", inputs=(numbers,))).version
    assert few is not None
    assert few.recipe.inputs[0].version == numbers.version
    judged = steps.answer(Step(asset="few", env="dev", judged=few, checks=("row_count(max=2)", "picky")))
    assert [(one.name, one.passed) for one in judged.verdicts] == [("row_count(max=2)", False)]
    assert (judged.raised_by, judged.failure) == (("picky",), None)


def test_parts_of_what_is_known_are_not_stored(steps: Steps, tmp_path: Path) -> None:
    first = steps.answer(Step(asset="numbers", env="dev", config={}, known="something else")).version
    assert first is not None
    stored = set((tmp_path / "store").rglob("*.parquet"))
    assert len(stored) == 1
    for path in stored:
        path.unlink()
    again = steps.answer(Step(asset="numbers", env="dev", config={}, known=first.data_version)).version
    assert again is not None
    assert again.data_version == first.data_version
    assert set((tmp_path / "store").rglob("*.parquet")) == set()


def test_what_the_code_raises_is_an_answer(steps: Steps) -> None:
    answer = steps.answer(Step(asset="broken", env="dev"))
    assert (answer.version, answer.impossible, answer.failure) == (None, None, "ValueError: as always")


@pytest.mark.parametrize(
    ("asset", "config", "why"),
    [
        ("absent", None, "absent is not declared in the recorded code (replayed)"),
        ("numbers", {"unknown": 1}, "config numbers.unknown: Times has no field 'unknown'"),
        ("numbers", {"deep": [{"password": "**********"}]}, "secrets are not on record"),
    ],
)
def test_what_cannot_even_be_asked_says_why(
    steps: Steps, asset: str, config: dict[str, object] | None, why: str
) -> None:
    answer = steps.answer(Step(asset=asset, env="dev", config=config))
    assert answer.version is None
    assert why in (answer.impossible or "")


def test_code_that_cannot_be_imported_says_why(tmp_path: Path) -> None:
    with source_tree(tmp_path / "code", {"replayed.py": "import nowhere_at_all\n"}) as tree:
        setup = Setup(tree=str(tree.folder), modules=("replayed",), store=str(tmp_path / "store"), root=None)
        answer = Steps(setup).answer(Step(asset="numbers", env="dev"))
    assert "No module named 'nowhere_at_all'" in (answer.impossible or "")


def test_messages_are_lines_of_ascii_whatever_they_say() -> None:
    answer = Answer(failure="ü\n\udc80", log="line\nline")
    line = to_line(answer)
    assert line.isascii()
    assert line.count("\n") == 1
    assert from_line(line, Answer) == answer
