from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from assetflow.errors import StoreError, StoreFormatError
from assetflow.model.commit import Writer
from assetflow.model.runs import Skipped
from assetflow.model.store import Forgotten
from assetflow.storage.head import Head, advance, chain
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import open_store
from assetflow.testing.fakes import FakeClock

WRITER = Writer(host="box", pid=7, user="ann", release="0.1.0")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def note(text="x"):
    return Skipped(run="r", asset="a", reason=text)


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "store", project="shop", durable=False)


@pytest.fixture
def writer(store, clock):
    return LogWriter(store, writer=WRITER, clock=clock)


def raw(store, number):
    return json.loads(bytes(store.log.read(number)))


def test_the_first_commit_says_whose_store_it_is(writer, store):
    writer.commit(lambda _news: [note()], run="run-1")
    first = raw(store, 1)

    assert first["actions"][0]["type"] == "store_created"
    assert first["actions"][0]["project"] == "shop"
    assert first["actions"][0]["store_id"] == store.store_id == writer.head.store_id
    assert (first["number"], first["parent"], first["run"]) == (1, "", None)


def test_a_commit_has_the_fields_of_the_format(writer, store, clock):
    writer.commit(lambda _news: [note("why")], run="run-1")
    body = raw(store, 2)

    assert list(body) == ["format", "id", "number", "parent", "time", "wall", "writer", "run", "actions"]
    assert body["format"] == 1
    assert body["parent"] == chain(store.log.read(1))
    assert body["wall"] == "2026-11-23T12:00:00.000000Z"
    assert body["time"] == "2026-11-23T12:00:00.001000Z"
    assert body["writer"] == {"host": "box", "pid": 7, "user": "ann", "release": "0.1.0"}
    assert body["run"] == "run-1"
    assert [action["reason"] for action in body["actions"]] == ["why"]


def test_each_commit_has_an_id_of_its_own(writer, store):
    for _ in range(3):
        writer.commit(lambda _news: [note()])

    assert len({raw(store, number)["id"] for number in range(1, 5)}) == 4


@pytest.mark.parametrize("nothing", [None, (), []])
def test_nothing_to_say_commits_nothing_and_makes_no_store(writer, store, tmp_path, nothing):
    assert writer.commit(lambda _news: nothing) is None
    assert list(tmp_path.iterdir()) == []


def test_time_goes_on_when_the_clock_goes_back(writer, store, clock):
    writer.commit(lambda _news: [note()])
    clock.advance(minutes=-1)
    commit = writer.commit(lambda _news: [note()])

    assert commit.time == "2026-11-23T12:00:00.002000Z"
    assert commit.wall == "2026-11-23T11:59:00.000000Z"
    assert writer.warning is None


def test_a_log_that_lies_ahead_is_a_warning(store, clock):
    LogWriter(store, writer=WRITER, clock=clock).commit(lambda _news: [note()])
    late = LogWriter(store, writer=WRITER, clock=FakeClock(NOON - timedelta(hours=1)))
    late.commit(lambda _news: [note()])

    assert "ahead of this machine's clock" in late.warning


def test_a_writer_that_knows_the_head_reads_only_what_is_new(writer, store, clock):
    writer.commit(lambda _news: [note("old")])
    head = writer.head
    writer.commit(lambda _news: [note("new")])
    seen = []
    LogWriter(store, writer=WRITER, clock=clock, head=head).commit(seen.extend)

    assert [commit.number for commit in seen] == [3]


def test_its_own_commits_are_no_news_to_a_writer(writer):
    writer.commit(lambda _news: [note()])
    seen = []
    writer.commit(seen.extend)

    assert seen == []


def test_after_a_failure_the_same_news_come_again(writer, store, clock):
    LogWriter(store, writer=WRITER, clock=clock).commit(lambda _news: [note("theirs")])

    def broken(news):
        raise RuntimeError("the rules could not be applied")

    with pytest.raises(RuntimeError):
        writer.commit(broken)
    seen = []
    writer.commit(seen.extend)

    assert [commit.number for commit in seen] == [1, 2]


def test_patience_ends(store, clock):
    other = LogWriter(store, writer=WRITER, clock=clock)
    writer = LogWriter(store, writer=WRITER, clock=FakeClock(NOON))

    def build(_news):
        other.commit(lambda _news: [note("faster")])
        return [note("slower")]

    with pytest.raises(StoreError, match="200 times in a row"):
        writer.commit(build)


def append_action_of_a_newer_release(writer, store, *, required):
    writer.commit(lambda _news: [note()])
    body = raw(store, 2) | {"id": "newer", "number": 3, "parent": writer.head.hash}
    body["writer"]["release"] = "9.0.0"
    body["actions"] = [{"type": "teleported", "required": required, "where": "elsewhere"}]
    assert store.log.append(3, json.dumps(body).encode(), "newer")


def test_an_unknown_action_that_is_required_makes_the_store_read_only(writer, store):
    append_action_of_a_newer_release(writer, store, required=True)

    with pytest.raises(StoreFormatError, match=r"'teleported'.*release 9\.0\.0"):
        writer.commit(lambda _news: [note()])
    assert store.log.head(3) == 3


def test_an_unknown_action_that_is_not_required_is_passed_over(writer, store):
    append_action_of_a_newer_release(writer, store, required=False)

    assert writer.commit(lambda _news: [note()]).number == 4


def test_a_store_that_is_known_to_be_read_only_is_not_written(store, writer, clock):
    writer.commit(lambda _news: [note()])
    head = Head(
        2, writer.head.hash, writer.head.time, writer.head.store_id, read_only_because="commit 2 is newer"
    )

    with pytest.raises(StoreFormatError, match="commit 2 is newer"):
        LogWriter(store, writer=WRITER, clock=clock, head=head).commit(lambda _news: [note()])


def test_a_store_that_was_replaced_is_not_written(writer, store, clock):
    writer.commit(lambda _news: [note()])
    head = Head(2, writer.head.hash, writer.head.time, store_id="of the store that was there before")

    with pytest.raises(StoreFormatError, match="was replaced"):
        LogWriter(store, writer=WRITER, clock=clock, head=head).commit(lambda _news: [note()])


def test_a_commit_that_does_not_follow_the_one_before_is_refused(writer, store):
    writer.commit(lambda _news: [note()])
    body = raw(store, 2)
    head, _ = advance(Head(), 1, store.log.read(1))
    for change in ({"parent": "0" * 64}, {"number": 3}):
        with pytest.raises(StoreFormatError, match="does not follow"):
            advance(head, 2, json.dumps(body | change).encode())


def test_a_log_that_does_not_begin_with_a_store_is_refused(writer, store):
    writer.commit(lambda _news: [note()])
    body = raw(store, 1) | {"actions": [note().model_dump()]}

    with pytest.raises(StoreFormatError, match="not a store of assetflow"):
        advance(Head(), 1, json.dumps(body).encode())


def test_a_commit_that_names_what_was_forgotten_is_refused_and_one_that_says_what_is_no_text_is_not(
    writer, store, clock
):
    name = store.objects.put(b"data", "parquet")
    writer.commit(lambda _news: [Forgotten(versions=(), objects=(name,), reason="gc")])
    other = LogWriter(store, writer=WRITER, clock=clock)

    other.commit(lambda _news: [note("caf\udce9")])
    with pytest.raises(StoreError, match=f"object {name} was forgotten by commit 2"):
        other.commit(lambda _news: [note(name)])
    assert writer.commit(lambda _news: [Forgotten(versions=(), objects=(name,), reason="gc")]) is not None
