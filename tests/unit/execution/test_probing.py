"""Probes are asked side by side; each answers, or says why not, and none holds up another for longer than it may."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import fsspec
import pytest

from assetflow.errors import ProbeError
from assetflow.execution.probing import AT_ONCE, MOST_SHOWN, Answered, ask_all
from assetflow.hashing.values import hash_value
from assetflow.model.refresh import Arrival, Probe

HERE = Path()


def answered(ask: Any, root: Path = HERE) -> Answered:
    answer = ask_all({"a": Probe(ask, 30.0)}, root)["a"]
    assert isinstance(answer, Answered), answer
    return answer


def test_an_answer_is_hashed_as_a_value_and_shown_shortened() -> None:
    assert answered(lambda: {"etag": 1}).answer == hash_value({"etag": 1})
    assert answered(lambda: "x").shown == '"x"'
    assert len(answered(lambda: "x" * 10_000).shown) == MOST_SHOWN


def test_none_and_equal_answers_of_other_types_are_told_apart() -> None:
    answers = [answered(lambda value=value: value).answer for value in (None, 0, False, "", [], ())]
    assert len(set(answers)) == len(answers)


def test_all_are_asked_at_once_however_many_there_are() -> None:
    together = threading.Barrier(AT_ONCE)
    probes = {str(number): Probe(lambda: together.wait(30), 60.0) for number in range(2 * AT_ONCE)}
    assert all(isinstance(answer, Answered) for answer in ask_all(probes, HERE).values())


def test_one_that_hangs_raises_or_ends_the_process_spoils_no_other() -> None:
    hanging = threading.Event()
    probes = {
        "hangs": Probe(lambda: hanging.wait(60), 0.05),
        "raises": Probe(lambda: ().index(1), 30.0),
        "exits": Probe(lambda: exit(3), 30.0),
        "odd": Probe(object, 30.0),
        "good": Probe(lambda: 1, 30.0),
    }
    answers = ask_all(probes, HERE)
    hanging.set()
    told = {key: one.message for key, one in answers.items() if isinstance(one, ProbeError)}
    assert told["hangs"] == "the probe of hangs gave no answer within 0.05 s"
    assert told["raises"] == "the probe of raises raised ValueError: tuple.index(x): x not in tuple"
    assert told["exits"].startswith("the probe of exits raised SystemExit")
    assert told["odd"].startswith("the answer of the probe of odd: ")
    assert list(answers) == list(probes)
    assert isinstance(answers["good"], Answered)
    assert isinstance(answers["raises"], ProbeError)
    assert isinstance(answers["raises"].original, ValueError)


def test_what_a_probe_prints_is_no_result_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert answered(lambda: print("chatter")).shown == "null"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("url", ["in/*.csv", "in", "in/a.csv"])
def test_files_are_told_by_name_size_and_time(tmp_path: Path, url: str) -> None:
    def look() -> str:
        return answered(Arrival(url), tmp_path).answer

    seen = [look()]
    file = tmp_path / "in/a.csv"
    file.parent.mkdir()
    file.write_text("1")
    seen += [look(), look()]
    file.write_text("22")
    seen.append(look())
    time.sleep(0.01)
    file.touch()
    seen.append(look())
    file.unlink()
    seen.append(look())
    assert seen[0] == seen[5]
    assert seen[1] == seen[2]
    assert len(set(seen)) == 4


def test_files_at_any_url_are_told(tmp_path: Path) -> None:
    fs = fsspec.filesystem("memory")
    url = f"memory://{tmp_path.name}/in/*.csv"
    none = answered(Arrival(url))
    fs.pipe(f"/{tmp_path.name}/in/a.csv", b"1")
    one = answered(Arrival(url))
    fs.pipe(f"/{tmp_path.name}/in/a.csv", b"2")
    again = answered(Arrival(url))
    assert (none.shown, "a.csv" in one.shown) == ("[]", True)
    assert len({none.answer, one.answer, again.answer}) == 3


def test_a_place_that_cannot_be_looked_at_is_no_answer() -> None:
    answer = ask_all({"a": Probe(Arrival("nowhere://x/*"), 30.0)}, HERE)["a"]
    assert isinstance(answer, ProbeError)
    assert "nowhere" in answer.message
