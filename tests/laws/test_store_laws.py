"""The laws of the store (design: Laws): whatever is done to it, and in whatever order."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from assetflow.errors import DamagedError, StoreError
from assetflow.hashing.digest import hash_bytes
from assetflow.model.commit import Writer
from assetflow.model.runs import Skipped
from assetflow.storage.clock import parse_time
from assetflow.storage.damage import DamageList
from assetflow.storage.head import Head, advance
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import open_store
from assetflow.testing.fakes import FakeClock

WRITER = Writer(host="h", pid=1, user="u", release="0")
texts = st.text(max_size=20)


@given(st.binary(max_size=5000), st.lists(st.integers(0, 5000), max_size=5))
def test_the_name_is_the_hash_of_the_bytes_however_they_came(data, cuts):
    objects = open_store("memory://").objects
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[low:high] for low, high in itertools.pairwise(places)]
    name = objects.put(data, "bin")

    assert objects.put_stream(pieces, "bin") == (name, len(data))
    assert name == f"{hash_bytes(data)}.bin"
    assert bytes(objects.read(name)) == data


@given(st.binary(max_size=3000), st.data())
def test_what_was_changed_in_any_way_is_never_handed_out(data, draw):
    store = open_store("memory://")
    name = store.objects.put(data, "bin")
    wrong = draw.draw(st.binary(max_size=3000).filter(lambda other: other != data), "wrong bytes")
    store.folder.replace(f"objects/{name[:2]}/{name}", wrong)

    with pytest.raises(DamagedError):
        store.objects.read(name)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9a-f./-]{30,36}\.[a-z/.]{1,6}")))
def test_a_name_leads_into_the_objects_folder_or_nowhere(name):
    with tempfile.TemporaryDirectory() as place:
        objects = open_store(place).objects
        try:
            path = objects.local_path(name)
        except StoreError:
            return
    assert path.parent.parent == Path(place) / "objects"
    assert path.name == name
    assert ".." not in path.parts


@given(
    st.lists(st.tuples(st.sampled_from(["note", "forget"]), st.sets(st.sampled_from("abcdef"))), max_size=12)
)
def test_the_list_of_the_damaged_is_a_set(steps):
    with tempfile.TemporaryDirectory() as place:
        expected = set()
        for verb, names in steps:
            getattr(DamageList(Path(place) / "damaged"), verb)(names)
            expected = expected | names if verb == "note" else expected - names
            assert DamageList(Path(place) / "damaged").known() == expected


class Log(RuleBasedStateMachine):
    """Writers with clocks of their own, in any order, some behind, against a list."""

    def __init__(self):
        super().__init__()
        self.store = open_store("memory://", project="shop")
        clocks = [FakeClock() for _ in range(3)]
        self.clocks = clocks
        self.writers = [LogWriter(self.store, writer=WRITER, clock=clock) for clock in clocks]
        self.notes: list[str] = []
        self.bodies: list[bytes] = []

    @rule(n=st.integers(0, 2), text=texts)
    def commit(self, n, text):
        commit = self.writers[n].commit(lambda _news: [Skipped(run="r", asset="a", reason=text)])
        self.notes.append(text)
        assert commit.number == len(self.notes) + 1

    @rule(n=st.integers(0, 2), faster=st.integers(0, 2), text=texts)
    def lose_a_race(self, n, faster, text):
        rounds = []

        def build(news):
            rounds.append(news)
            if len(rounds) == 1 and faster != n:
                self.commit(faster, f"{text} first")
            return [Skipped(run="r", asset="a", reason=text)]

        self.writers[n].commit(build)
        self.notes.append(text)
        seen = [
            action.reason for commit in rounds[-1] for action in commit.actions if isinstance(action, Skipped)
        ]
        assert seen == self.notes[-1 - len(seen) : -1]

    @rule(n=st.integers(0, 2))
    def say_nothing(self, n):
        assert self.writers[n].commit(lambda _news: None) is None

    @rule(n=st.integers(0, 2), seconds=st.integers(-1000, 1000))
    def turn_a_clock(self, n, seconds):
        self.clocks[n].advance(seconds=seconds)

    @precondition(lambda self: self.notes)
    @rule(number=st.integers(1, 1000))
    def take_a_number_that_is_taken(self, number):
        number = 1 + number % (len(self.notes) + 1)
        assert not self.store.log.append(number, b'{"id": "x"}', "x")

    @invariant()
    def the_log_is_one_chain_without_gaps_whose_time_goes_on_and_nothing_in_it_changed(self):
        head, times, notes, bodies = Head(), [], [], []
        for number, body in self.store.log.read_since(0):
            head, commit = advance(head, number, body)
            times.append(parse_time(commit.time))
            notes += [action.reason for action in commit.actions if isinstance(action, Skipped)]
            bodies.append(bytes(body))
        assert notes == self.notes
        assert times == sorted(set(times))
        assert bodies[: len(self.bodies)] == self.bodies
        self.bodies = bodies


TestLog = Log.TestCase
TestLog.settings = settings(stateful_step_count=15)  # each step reads the whole log


@given(st.lists(texts, min_size=1, max_size=4), st.data())
def test_an_edited_log_breaks_or_ends_in_another_head(notes, draw):
    store = open_store("memory://")
    writer = LogWriter(store, writer=WRITER, clock=FakeClock())
    for text in notes:
        writer.commit(lambda _news, text=text: [Skipped(run="r", asset="a", reason=text)])
    number = draw.draw(st.integers(1, len(notes) + 1), "edited commit")
    body = json.loads(store.log.read(number))
    store.folder.replace(f"log/{number:020d}.json", json.dumps(body | {"user": "someone else"}).encode())

    assert head_of(store) != writer.head


def head_of(store):
    head = Head()
    for number, body in store.log.read_since(0):
        try:
            head, _ = advance(head, number, body)
        except StoreError:
            return None
    return head
