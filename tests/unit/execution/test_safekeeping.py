"""What a run relies on is stored again where it was forgotten: once for each object, not once for each result."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from assetflow.execution.safekeeping import Safekeeping
from assetflow.model.commit import Commit, Writer
from assetflow.model.runs import RunStarted
from assetflow.model.store import Forgotten
from assetflow.model.versions import SourceFile, SourceObserved
from assetflow.storage.objects import Objects, names_in
from assetflow.storage.store import open_store

TIME = "2026-11-23T05:00:00.000000Z"


class Counting(Objects):
    """Objects that count how often each is read."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(objects._folder)
        self.reads: Counter[str] = Counter()

    def read(self, name: str):
        self.reads[name] += 1
        return super().read(name)


@pytest.fixture
def objects() -> Counting:
    store = open_store("memory://")
    counting = Counting(store.objects)
    counting.store = store  # what lies in memory goes with the last who knows it
    return counting


def forget(objects: Objects, safekeeping: Safekeeping, number: int, *names: str) -> None:
    """Have a commit of somebody else forget these objects."""
    writer = Writer(host="h", pid=1, user="u", release="0")
    action = Forgotten(versions=(), objects=names, reason="gc")
    commit = Commit(id="c", number=number, parent="", time=TIME, wall=TIME, writer=writer, actions=(action,))
    objects.forget(dict.fromkeys(names, number))
    safekeeping.learn(commit)


def started(tree: str) -> RunStarted:
    return RunStarted(run="r", env="dev", selection="", started_at=TIME, snapshot=0, tree=tree)


def test_a_list_is_read_once_for_all_that_name_it_and_again_when_more_is_forgotten(objects):
    code = [objects.put(b"code %d" % number, "py") for number in range(2)]
    tree = objects.put(json.dumps(code).encode(), "json")
    safekeeping = Safekeeping(objects)
    forget(objects, safekeeping, 7, code[0])

    first = {safekeeping.action(started(tree)).tree for _ in range(5)}

    (kept,) = first
    assert names_in(bytes(objects.read(kept)).decode()) == {code[0].replace(".", "-7."), code[1]}
    assert (objects.reads[tree], objects.reads[code[0]]) == (1, 1)
    forget(objects, safekeeping, 8, code[1])
    again = safekeeping.action(started(tree)).tree
    assert names_in(bytes(objects.read(again)).decode()) == {
        code[0].replace(".", "-7."),
        code[1].replace(".", "-8."),
    }


def test_a_file_whose_name_is_no_text_is_kept_too(objects):
    data = objects.put(b"data", "csv")
    safekeeping = Safekeeping(objects)
    forget(objects, safekeeping, 7, data)
    observed = SourceObserved(
        run="r",
        asset="orders",
        version="v",
        data_version="d",
        fingerprint="f",
        url="orders",
        format="csv",
        options={"kept": data},
        identity="bytes",
        files=(SourceFile(path="caf\udce9.csv", size=4, hash="h"),),
        observed_at=TIME,
        bytes=4,
        seconds=0.1,
    )

    kept = safekeeping.action(observed)

    assert kept.options["kept"] == data.replace(".", "-7.")
    assert kept.files == observed.files
