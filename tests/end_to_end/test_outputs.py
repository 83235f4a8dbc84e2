"""One function with several outputs: each versioned, judged and skipped on its own, and one call for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cells import declared_in
from console import said_in
from noted import NOTES, note, note_and_fail_until
from shops import Shop

import assetflow as af

SPLIT = """
@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": list(range(10))})

@af.assets(outs={"small": af.Out(), "large": af.Out()})
def split(numbers: pa.Table) -> dict[str, pa.Table]:
    note("called")
    return {"small": numbers.slice(0, 3), "large": numbers.slice(3)}

@af.asset
def counted(small: pa.Table) -> int:
    note("counted")
    return small.num_rows
"""


@pytest.fixture(autouse=True)
def _nothing_noted() -> Iterator[None]:
    NOTES.clear()
    yield
    NOTES.clear()


@pytest.fixture(params=["threads", "inline"])
def executor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(tmp_path: Path, text: str, **settings: Any) -> af.Project:
    given = {"af": af, "pa": pa, "note": note, "note_and_fail_until": note_and_fail_until}
    return af.Project(declared_in(text, **given), store=str(tmp_path / "store"), **settings)


def states(run: af.Run) -> dict[str, str]:
    return {item.key: str(item.state) for item in run.items}


def test_one_call_makes_all_outputs_and_none_when_nothing_changed(tmp_path: Path, executor: str) -> None:
    project = opened(tmp_path, SPLIT, executor=executor)
    assert states(project.materialize()) == dict.fromkeys(["numbers", "small", "large", "counted"], "built")
    assert sorted(NOTES) == ["called", "counted"]
    assert project.load("small")["n"].to_pylist() == [0, 1, 2]
    assert project.load("large")["n"].to_pylist() == list(range(3, 10))
    assert not project.plan()
    assert set(states(project.materialize()).values()) == {"fresh"}
    assert len(NOTES) == 2


def test_below_an_output_that_did_not_change_nothing_runs(tmp_path: Path, executor: str) -> None:
    opened(tmp_path, SPLIT, executor=executor).materialize()
    NOTES.clear()
    run = opened(tmp_path, SPLIT.replace("range(10)", "range(12)"), executor=executor).materialize()
    assert states(run) == {"numbers": "built", "small": "built", "large": "built", "counted": "fresh"}
    assert NOTES == ["called"]


def test_only_the_output_that_is_stale_is_made_again(tmp_path: Path, executor: str) -> None:
    opened(tmp_path, SPLIT, executor=executor).materialize()
    NOTES.clear()
    changed = SPLIT.replace('"large": af.Out()', '"large": af.Out(sort_by="n")')
    run = opened(tmp_path, changed, executor=executor).materialize()
    assert states(run) == {"numbers": "fresh", "small": "fresh", "large": "built", "counted": "fresh"}
    assert NOTES == ["called"]


def test_one_alone_is_made_where_it_alone_is_selected(tmp_path: Path, executor: str) -> None:
    project = opened(tmp_path, SPLIT, executor=executor)
    assert states(project.materialize("+large")) == {"numbers": "built", "large": "built"}
    assert states(project.materialize()) == {
        "numbers": "fresh",
        "large": "fresh",
        "small": "built",
        "counted": "built",
    }
    assert NOTES.count("called") == 2


def test_force_calls_once_for_all(tmp_path: Path, executor: str) -> None:
    project = opened(tmp_path, SPLIT, executor=executor)
    project.materialize()
    NOTES.clear()
    project.materialize(force=True)
    assert NOTES == ["called", "counted"]


def test_what_belongs_together_comes_from_one_call(tmp_path: Path, executor: str) -> None:
    text = """
import random

@af.assets(outs={"train": af.Out(), "test": af.Out(), "all": af.Out()})
def split():
    drawn = random.sample(range(1000), 1000)
    return pa.table({"n": drawn[:800]}), pa.table({"n": drawn[800:]}), pa.table({"n": drawn})

@af.check("test")
def apart(test: pa.Table, train: pa.Table, all: pa.Table) -> bool:
    return train["n"].to_pylist() + test["n"].to_pylist() == all["n"].to_pylist()
"""
    project = opened(tmp_path, text, executor=executor)
    for _ in range(3):
        project.materialize(force=True).raise_for_failure()


def test_a_call_that_fails_fails_all_outputs_and_is_tried_as_often_as_one(
    tmp_path: Path, executor: str
) -> None:
    text = SPLIT.replace('note("called")', "note_and_fail_until(99)").replace(
        'assets(outs={"small": af.Out(), "large": af.Out()}',
        'assets(outs=["small", "large"], retries=af.Retry(times=2, first="1ms")',
    )
    project = opened(tmp_path, text, executor=executor)
    run = project.materialize()
    assert states(run) == {"numbers": "built", "small": "failed", "large": "failed", "counted": "skipped"}
    assert NOTES == ["called"] * 3
    failed = {item.key: str(item.error) for item in run.items if item.state == "failed"}
    assert failed == dict.fromkeys(["small", "large"], "not yet")
    attempts = project.sql("select asset, attempts from failures order by asset").to_pylist()
    assert attempts == [{"asset": "large", "attempts": 3}, {"asset": "small", "attempts": 3}]
    NOTES.extend(["called"] * 96)
    assert states(project.materialize())["large"] == "built"


def test_an_output_that_cannot_be_kept_fails_alone(tmp_path: Path, executor: str) -> None:
    text = SPLIT.replace('"large": numbers.slice(3)', '"large": [object()]').replace(
        "dict[str, pa.Table]", "dict"
    )
    run = opened(tmp_path, text, executor=executor).materialize()
    assert states(run) == {"numbers": "built", "small": "built", "large": "failed", "counted": "built"}
    first_fails = SPLIT.replace('"small": numbers.slice(0, 3)', '"small": [object()]').replace(
        "dict[str, pa.Table]", "dict"
    )
    run = opened(tmp_path, first_fails, executor=executor).materialize()
    assert states(run)["small"] == "failed"
    assert states(run)["large"] == "built"


def test_a_check_judges_its_output_alone(tmp_path: Path, executor: str) -> None:
    text = SPLIT.replace('"small": af.Out()', '"small": af.Out(checks=[af.row_count(min=5)])')
    run = opened(tmp_path, text, executor=executor).materialize()
    assert states(run) == {"numbers": "built", "small": "rejected", "large": "built", "counted": "skipped"}


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ('{"small": numbers}', "returned a dictionary of 'small'"),
        ('{"small": numbers, "large": numbers, "x": 1}', "returned a dictionary of 'small', 'large', 'x'"),
        ("(numbers,)", "returned a tuple of 1"),
        ("numbers", "returned a Table"),
        ("None", "returned a NoneType"),
    ],
)
def test_what_is_not_all_outputs_is_told(tmp_path: Path, returned: str, said: str) -> None:
    text = SPLIT.replace('{"small": numbers.slice(0, 3), "large": numbers.slice(3)}', returned)
    run = opened(tmp_path, text).materialize()
    assert states(run)["small"] == states(run)["large"] == "failed"
    assert NOTES == ["called"]
    errors = [str(item.error) for item in run.items if item.state == "failed"]
    assert all(said in error for error in errors), errors


def test_outputs_that_change_places_are_made_again(tmp_path: Path) -> None:
    text = """
@af.assets(outs=["a", "b"])
def both() -> tuple[int, int]:
    return 1, 2
"""
    project = opened(tmp_path, text)
    project.materialize()
    assert (project.load("a"), project.load("b")) == (1, 2)
    project = opened(tmp_path, text.replace('"a", "b"', '"b", "a"'))
    assert {item.reasons for item in project.plan()} == {
        ("output 1 of its function, was output 2",),
        ("output 2 of its function, was output 1",),
    }
    project.materialize()
    assert (project.load("a"), project.load("b")) == (2, 1)


def test_a_renamed_output_is_taken_over(tmp_path: Path) -> None:
    opened(tmp_path, SPLIT).materialize()
    NOTES.clear()
    text = SPLIT.replace('"large": af.Out()', '"rest": af.Out(renamed_from="large")')
    text = text.replace("return {", "return dict(zip(['small', 'rest'], {").replace(
        "numbers.slice(3)}", "numbers.slice(3)}.values()))"
    )
    text = text.replace("@af.assets(", '@af.assets(version="1", ')
    opened(
        tmp_path / "other",
        text.replace('"rest": af.Out(renamed_from="large")', '"large": af.Out()').replace(
            "'rest'", "'large'"
        ),
    ).materialize()
    NOTES.clear()
    project = opened(tmp_path / "other", text)
    assert states(project.materialize())["rest"] == "reused"
    assert NOTES == []
    assert project.load("rest")["n"].to_pylist() == list(range(3, 10))


def test_streams_are_stored_piece_by_piece(tmp_path: Path, executor: str) -> None:
    text = """
from collections.abc import Iterator

@af.assets(outs=["even", "odd", "many"])
def cut() -> tuple[Iterator[pa.RecordBatch], Iterator[pa.RecordBatch], int]:
    note("called")
    batches = [pa.record_batch({"n": [i, i + 1]}) for i in range(0, 10, 2)]
    return (b.slice(0, 1) for b in batches), (b.slice(1) for b in batches), len(batches)
"""
    project = opened(tmp_path, text, executor=executor)
    project.materialize().raise_for_failure()
    assert NOTES == ["called"]
    assert project.load("even")["n"].to_pylist() == [0, 2, 4, 6, 8]
    assert project.load("odd")["n"].to_pylist() == [1, 3, 5, 7, 9]
    assert project.load("many") == 5


def test_each_partition_is_one_call(tmp_path: Path, executor: str) -> None:
    text = """
@af.assets(outs=["low", "high"], partitions=af.static(["a", "b", "c"]))
def cut(context: af.Context) -> dict[str, str]:
    note(context.partition.key)
    context.record(key=context.partition.key)
    return {"low": context.partition.key.lower(), "high": context.partition.key.upper()}

@af.asset
def joined(low: dict[str, str], high: dict[str, str]) -> str:
    return "".join(low[key] + high[key] for key in sorted(low))
"""
    project = opened(tmp_path, text, executor=executor)
    project.materialize().raise_for_failure()
    assert sorted(NOTES) == ["a", "b", "c"]
    assert not project.plan()
    assert project.load("joined") == "aAbBcC"
    assert project.sql("select asset, name, value from metadata").num_rows == 6
    NOTES.clear()
    project.materialize("low high", partition="b", force=True)
    assert NOTES == ["b"]


def test_a_config_that_is_set_for_one_output_is_a_call_of_its_own(tmp_path: Path) -> None:
    text = """
from pydantic import BaseModel

class Rate(BaseModel):
    rate: int = 2

@af.assets(outs=["a", "b", "c"])
def scaled(config: Rate) -> dict[str, int]:
    note(config.rate)
    return dict.fromkeys("abc", config.rate)
"""
    project = opened(tmp_path, text)
    project.materialize(config={"b": {"rate": 3}}).raise_for_failure()
    assert sorted(NOTES) == [2, 3]
    assert [project.load(key) for key in "abc"] == [2, 3, 2]


def test_they_share_the_places_of_a_pool_with_others(tmp_path: Path) -> None:
    text = SPLIT.replace("@af.assets(", '@af.assets(pool="p", ').replace(
        "@af.asset\n", '@af.asset(pool="p")\n'
    )
    project = opened(tmp_path, text, pools={"p": 1})
    project.materialize().raise_for_failure()
    assert sorted(NOTES) == ["called", "counted"]


def test_several_outputs_cannot_be_incremental(tmp_path: Path) -> None:
    text = """
@af.assets(outs=["a", "b"])
def both(context: af.Context) -> dict[str, int]:
    return dict.fromkeys("ab", context.previous or 1)
"""
    run = opened(tmp_path, text).materialize()
    assert states(run) == {"a": "failed", "b": "failed"}
    assert "cannot go on from what there is" in str(run.items[0].error)


PROCESS = """import os
from pathlib import Path

import pyarrow as pa

import assetflow as af

CALLS = Path(__file__).parent / "calls.txt"


@af.assets(outs={"small": af.Out(checks=[af.not_null("n")]), "large": af.Out()}, executor="process")
def split(context: af.Context) -> dict[str, pa.Table]:
    with CALLS.open("a") as calls:
        calls.write(f"{os.getpid()}\\n")
    context.record(pid=os.getpid())
    numbers = pa.table({"n": range(100_000)})
    return {"small": numbers.slice(0, 3), "large": numbers.slice(3)}


@af.assets(outs=["a", "b"], timeout="0.5s")
def hangs() -> dict[str, int]:
    CALLS.with_name("hung.txt").open("a").write("once\\n")
    import time

    time.sleep(60)


@af.asset(executor="process")
def below(small: pa.Table, large: pa.Table) -> int:
    return small.num_rows + large.num_rows
"""


def test_a_process_makes_all_outputs_by_one_call_and_says_what_it_did(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["cut"]\n')
    shop.write("cut.py", PROCESS)
    run = said_in(tmp_path, "materialize", "--json")
    assert run.code == 1
    assert run.states == {**dict.fromkeys(["small", "large", "below"], "built"), "a": "failed", "b": "failed"}
    assert len((tmp_path / "calls.txt").read_text().split()) == 1
    assert (tmp_path / "hung.txt").read_text() == "once\n"
    messages = {item["key"]: item["message"] for item in run.json["items"] if item["state"] == "failed"}
    assert messages["a"] == messages["b"]
    assert "timed out after 0.5 s" in messages["a"]
    logs = [said_in(tmp_path, "logs", key).out for key in ("small", "large")]
    assert sum("given by the call for" in log for log in logs) == 1
    assert "small" in said_in(tmp_path, "show", "large").out
    shop.edit("cut.py", "slice(3)", "slice(4)")
    reproduced = said_in(tmp_path, "reproduce", "large", "small", "--json")
    assert [item["verdict"] for item in reproduced.json["versions"]] == ["identical", "identical"], reproduced
    assert said_in(tmp_path, "get", "large", "-o", str(tmp_path / "large.parquet")).code == 0
