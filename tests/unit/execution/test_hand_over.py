from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from assetflow.execution.hand_over import HandOver
from assetflow.execution.shelf import Shelf
from assetflow.frames.content import Content

TABLE = Content("table", pa.table({"a": list(range(100))}), "parquet")


@dataclass(frozen=True)
class Version:
    data_version: str


A: Any = Version("a")
B: Any = Version("b")
GRAPH = {"a": (), "b": ("a",), "c": ("a", "b")}


def test_what_is_written_and_lent_is_held_until_both_have_ended() -> None:
    shelf = Shelf(10)
    hand_over = HandOver(shelf, GRAPH)
    hand_over.being_written(A, TABLE)
    assert hand_over.is_full
    lent = hand_over.lend([A, None, B])
    assert lent == ("a",)
    hand_over.written(A)
    assert shelf.get("a") is TABLE
    hand_over.give_back(lent)
    assert shelf.get("a") is None
    assert not hand_over.is_full


def test_what_no_later_task_reads_is_let_go() -> None:
    shelf = Shelf()
    hand_over = HandOver(shelf, GRAPH)
    shelf.put("a", TABLE)
    shelf.put("b", TABLE)
    hand_over.settled("a", {"a": A})
    hand_over.settled("b", {"a": A, "b": B})
    assert shelf.get("a") is TABLE
    hand_over.unsettled("b")
    hand_over.settled("c", {"a": A, "b": B})
    assert shelf.get("a") is TABLE
    assert shelf.get("b") is None
    hand_over.settled("b", {"a": A, "b": B})
    assert shelf.get("a") is None
