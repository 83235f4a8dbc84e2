"""`verify`: what it finds, what it says of it, what `--repair` mends, and what readers get meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from cells import declared_in

import assetflow as af
from assetflow.errors import DamagedError, StoreError, UsageError

TEXT = """
@af.asset
def sales() -> pa.Table:
    print("made")
    return pa.table({"amount": [str(AMOUNT * i) for i in range(2000)]})

@af.asset
def report(sales: pa.Table) -> pa.Table:
    return sales.slice(0, 1500)
"""


class Place:
    """A project in a folder, opened anew each time, as by another process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / "store"

    def project(self, amount: int = 2) -> af.Project:
        declared = declared_in(TEXT, af=af, pa=pa, AMOUNT=amount)
        return af.Project(declared, store=self.store, root=self.root, executor="inline")

    def object(self, key: str) -> Path:
        """The file of the published data."""
        rows = self.project().sql(
            f"select object from parts join versions using (commit_number, position) join current using (version) "
            f"where versions.asset = '{key}'"
        )
        name = rows["object"][0].as_py()
        return self.store / "objects" / name[:2] / name

    def commit(self, number: int) -> Path:
        return self.store / f"log/{number:020d}.json"

    @property
    def ledger(self) -> Path:
        (file,) = (self.root / ".assetflow").glob("*.duckdb")
        return file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of two assets; nothing is wrong with them."""
    place = Place(tmp_path_factory.mktemp("made"))
    for amount in (1, 2):
        place.project(amount).materialize().raise_for_failure()
    place.project().sync_ledger()
    return place.root


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Place:
    """The same, to do harm to."""
    import shutil

    shutil.copytree(made, tmp_path / "shop")
    settings = tmp_path / "shop/.assetflow/ledgers.json"
    settings.write_text(settings.read_text().replace(str(made), str(tmp_path / "shop")))
    return Place(tmp_path / "shop")


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def kinds(verified: Any) -> list[str]:
    return [problem.kind for problem in verified.problems]


def test_a_sound_store_is_sound(place):
    told: list[tuple[int, int]] = []
    verified = place.project().verify(told=lambda done, all_: told.append((done, all_)))

    assert verified.is_sound
    assert verified.problems == ()
    assert (verified.head, verified.commits) == (3, 3)
    assert verified.objects == len(list((place.store / "objects").rglob("*.*")))
    assert verified.bytes == sum(file.stat().st_size for file in (place.store / "objects").rglob("*.*"))
    assert told[-1] == (verified.objects, verified.objects)


def test_each_list_is_read_once_for_its_names_whoever_names_it(place, monkeypatch):
    project = place.project()
    read: Counter[str] = Counter()
    objects = project._workspace.store.objects
    monkeypatch.setattr(
        objects, "read", lambda name, read_one=objects.read: read.update([name]) or read_one(name)
    )

    assert project.verify().is_sound

    trees = {file.name for file in (place.store / "objects").rglob("*.json")}
    assert trees
    assert read == dict.fromkeys(trees, 1)


def test_a_store_that_nobody_wrote_is_sound(tmp_path):
    verified = Place(tmp_path).project().verify()

    assert (verified.is_sound, verified.head, verified.objects) == (True, 0, 0)


@pytest.mark.parametrize("harm", [flip, Path.unlink])
def test_a_damaged_part_is_found_told_and_made_again(place, harm):
    harm(place.object("sales"))
    version = place.project().current("sales").version

    found = place.project().verify()
    assert kinds(found) == ["object"]
    assert f"sales version {version[:12]}" in found.problems[0].message
    assert "`assetflow materialize sales --env dev` makes it again" in found.problems[0].hint
    with pytest.raises(DamagedError, match=f"sales version {version[:12]}: part 1 of 1"):
        place.project().load("sales")

    repaired = place.project().verify(repair=True)
    assert not repaired.is_sound
    assert "it is noted as damaged" in repaired.problems[0].hint
    run = place.project().materialize("sales")
    assert run["sales"].state == "built"
    assert place.project().verify().is_sound
    assert place.project().load("sales").num_rows == 2000


def test_damage_that_no_reader_met_is_noted_for_the_next_materialize(place):
    """Without it a plan would believe what it does not read."""
    flip(place.object("report"))
    assert not place.project().plan()

    place.project().verify(repair=True)

    assert place.project().plan()["report"].reasons == ("artifact missing",)


def test_what_no_environment_publishes_is_told_as_lost(place):
    old = place.project().history("sales")[1].version
    name = (
        place.project()
        .sql(
            f"select object from parts join versions using (commit_number, position) where version = '{old}'"
        )["object"][0]
        .as_py()
    )
    flip(place.store / "objects" / name[:2] / name)

    (problem,) = place.project().verify().problems

    assert f"sales version {old[:12]}" in problem.message
    assert "no environment publishes it" in problem.hint


def test_a_damaged_log_is_told_as_what_cannot_be_made_again(place):
    (log,) = (place.store / "objects").rglob("*.log")
    flip(log)

    (problem,) = place.project().verify(repair=True).problems

    assert log.name in problem.message
    assert "restore it from a copy" in problem.hint


def test_of_a_selection_only_the_data_are_read(place):
    flip(place.object("sales"))

    assert place.project().verify("report").is_sound
    assert not place.project().verify("+report").is_sound


def test_an_edited_commit_is_found_with_the_ledger_and_without(place):
    edit(place.commit(2), '"amount"', '"amounT"')

    (problem,) = place.project().verify().problems
    assert problem.message == "commit 2: changed after it was written: another hash is remembered"
    place.ledger.unlink()
    found = place.project().verify()
    assert "commit 2: not what commit 3 was written after" in found.problems[0].message
    assert f"{2:020d}.json" in found.problems[0].hint
    with pytest.raises(StoreError, match="the log was changed after it was written"):
        place.project().load("sales")


def test_an_edited_last_commit_is_found_as_the_ledger_remembers_it(place):
    edit(place.commit(3), '"amount"', '"amounT"')

    assert "commit 3: changed" in place.project().verify().problems[0].message


def test_a_last_commit_that_is_gone_is_found_also_when_other_commands_came_first(place):
    place.commit(3).unlink()
    copy = json.dumps(kinds(place.project().verify()))
    assert copy == '["commit"]'

    place.project().history("sales")
    (problem,) = place.project().verify().problems

    assert problem.message == "commit 3: missing"
    assert ".lost" in problem.hint


def test_a_last_commit_that_was_replaced_is_found_also_when_other_commands_came_first(place):
    edit(place.commit(3), '"amount"', '"amounT"')
    place.project().history("sales")

    assert "commit 3: changed" in place.project().verify().problems[0].message


@pytest.mark.parametrize("number", [1, 2])
def test_a_commit_that_is_gone_is_found(place, number):
    place.commit(number).unlink()

    found = place.project().verify()

    assert found.problems[0].message == f"commit {number}: missing"
    assert not found.is_sound


def test_a_commit_that_is_none_any_more_is_found(place):
    place.commit(2).write_text("not a commit")
    place.ledger.unlink()

    assert "commit 2: cannot be understood" in place.project().verify().problems[0].message


def test_a_log_that_was_rewritten_with_care_is_found_by_a_trusted_hash(place):
    trusted = place.project().verify().hash
    assert place.project().verify(head=trusted).is_sound
    assert place.project().verify(head=trusted[:12]).is_sound
    edit(place.commit(3), '"amount"', '"amounT"')
    place.ledger.unlink()

    assert place.project().verify().is_sound
    (problem,) = place.project().verify(head=trusted).problems
    assert problem.kind == "head"
    assert trusted in problem.message


@pytest.mark.parametrize("head", ["", "abc", "xyz" * 20])
def test_a_hash_that_is_none_is_refused(place, head):
    with pytest.raises(UsageError, match="is no hash of a commit"):
        place.project().verify(head=head)


def test_a_ledger_that_differs_is_found_and_made_anew(place):
    with duckdb.connect(place.ledger) as ledger:
        ledger.execute("update assetflow.publications set version = 'else' where asset = 'sales'")

    (problem,) = place.project().verify().problems
    assert problem.kind == "ledger"
    assert "publications" in problem.message
    assert not place.project().verify().is_sound

    repaired = place.project().verify(repair=True)

    assert repaired.is_sound
    assert [problem.repaired for problem in repaired.problems] == [True]
    assert place.project().verify().problems == ()
    assert place.project().load("sales").num_rows == 2000


def test_everything_at_once_is_told_at_once(place):
    flip(place.object("sales"))
    place.object("report").unlink()
    edit(place.commit(2), '"amount"', '"amounT"')

    assert sorted(kinds(place.project().verify())) == ["commit", "object", "object"]


def test_commits_in_a_row_that_are_gone_are_told_together(place):
    place.commit(2).unlink()
    place.commit(3).unlink()

    (problem,) = place.project().verify().problems

    assert problem.message == "commits 2 to 3: missing"


def test_nothing_is_collected_while_the_log_lacks_what_this_ledger_has_seen(place):
    place.commit(3).unlink()
    before = sorted((place.store / "objects").rglob("*.*"))

    with pytest.raises(DamagedError, match="commit 3 of the log is not what it was, or is missing"):
        place.project().gc(yes=True, grace=0)

    assert sorted((place.store / "objects").rglob("*.*")) == before
    next((place.root / ".assetflow").glob("*.lost")).unlink()
    place.project().gc(yes=True, grace=0)
    assert place.project().verify().is_sound
