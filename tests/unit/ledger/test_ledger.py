"""The ledger follows the log, and is made anew whenever it does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ledger_builders import Project, made, published, started, tables_of

from assetflow.errors import DamagedError, StoreError, StoreFormatError
from assetflow.ledger.ledger import Ledger
from assetflow.model.actions import Unknown
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import open_store


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


class CountingLog:
    """Counts the commits that are read through it."""

    def __init__(self, log) -> None:
        self._log = log
        self.read_commits: list[int] = []

    def read(self, number):
        self.read_commits.append(number)
        return self._log.read(number)

    def read_since(self, known):
        for number, body in self._log.read_since(known):
            self.read_commits.append(number)
            yield number, body


class CountingStore:
    def __init__(self, store) -> None:
        self.url, self.store_id, self.log = store.url, store.store_id, CountingLog(store.log)


def pointers(ledger: Ledger) -> dict[str, str]:
    with ledger.session() as session:
        return {pointer.asset: pointer.version for pointer in session.pointers("dev").values()}


def test_a_store_without_commits_has_an_empty_ledger_and_gets_no_file(project):
    with project.ledger.session() as session:
        assert session.head.number == 0
        assert session.pointers("dev") == {}

    assert list(project.folder.glob("*.duckdb")) == []


def test_a_session_sees_every_commit_up_to_the_logs_head(project):
    commit = project.commit(started(), made(version="v1"), published(version="v1"))
    ledger = project.ledger

    with ledger.session() as session:
        assert (session.head.number, session.head.time) == (commit.number, commit.time)
        assert session.head.store_id == project.store.store_id
    project.commit(published(version="v2"))

    assert pointers(ledger) == {"sales": "v2"}


def test_the_head_is_where_a_writer_can_go_on(project):
    project.commit(started())
    with project.ledger.session() as session:
        writer = LogWriter(project.store, writer=project_writer(), head=session.head)

    assert writer.commit(lambda news: None if news else [made()]) is not None


def project_writer():
    from ledger_builders import WRITER

    return WRITER


def test_only_new_commits_are_read(project):
    project.commit(started(), made())
    pointers(project.ledger)
    store = CountingStore(project.store)

    pointers(Ledger(project.folder, store))
    assert store.log.read_commits == [2]  # the last one, to see that it is still what it was

    project.commit(published())
    pointers(Ledger(project.folder, store))
    assert store.log.read_commits == [2, 3]


def test_a_deleted_file_is_made_again_with_the_same_rows(project):
    project.commit(started(), made(), published())
    before = tables_of(project.ledger)
    project.file.unlink()

    assert tables_of(project.ledger) == before


def test_the_path_is_that_of_the_file_there_is_one_for(project):
    assert project.ledger.path is None
    project.commit(started())
    pointers(project.ledger)

    assert project.ledger.path == project.file
    assert project.quick.path is None


def test_rebuild_makes_the_same_rows(project):
    project.commit(started(), made(), published())
    ledger = project.ledger
    before = tables_of(ledger)

    ledger.rebuild()

    assert tables_of(ledger) == before


@pytest.mark.parametrize("at_once", [True, False])
def test_another_store_at_the_same_address_gets_a_ledger_of_its_own(project, at_once):
    project.commit(started(), made(version="old"), published(version="old"))
    pointers(project.ledger)
    old_file = project.file
    shutil.rmtree(project.root / "store")
    if not at_once:
        assert pointers(Project(project.root).ledger) == {}

    other = Project(project.root)
    other.commit(started(), made(version="new"), published(version="new"))
    other.commit(started(run="r2"))

    assert pointers(other.ledger) == {"sales": "new"}
    assert project.file != old_file  # the one of the store that is gone has gone, too


def test_a_log_that_was_replaced_by_a_copy_with_other_commits_is_read_anew(project):
    project.commit(started())
    shutil.copytree(project.root / "store", project.root / "copy")
    project.commit(made(version="lost"), published(version="lost"))
    pointers(project.ledger)
    shutil.rmtree(project.root / "store")
    (project.root / "copy").rename(project.root / "store")

    restored = Project(project.root)
    assert pointers(restored.ledger) == {}
    restored.commit(made(version="kept"), published(version="kept"))
    assert pointers(restored.ledger) == {"sales": "kept"}


def test_two_addresses_of_one_store_share_a_ledger(project):
    project.commit(started(), made(), published())
    pointers(project.ledger)
    link = project.root / "link"
    link.symlink_to(project.root / "store")
    file = project.file

    assert pointers(Ledger(project.folder, open_store(link))) == {"sales": "v1"}
    assert project.file == file


def test_a_file_of_another_release_is_made_anew(project):
    import duckdb

    project.commit(started(), made(), published())
    pointers(project.ledger)
    with duckdb.connect(project.file) as connection:
        connection.execute("UPDATE assetflow.state SET shape = '0-another'")

    assert pointers(project.ledger) == {"sales": "v1"}
    with project.ledger.session() as session:
        assert session._ask("SELECT shape FROM assetflow.state", ()) != [("0-another",)]


def damaged(data: bytes) -> list[bytes]:
    flipped = bytearray(data)
    flipped[5000] ^= 0xFF
    return [b"", b"no database", data[: len(data) // 2], os.urandom(len(data)), bytes(flipped)]


@pytest.mark.parametrize("case", range(5))
def test_a_damaged_file_is_made_anew(project, case):
    project.commit(started(), made(), published())
    before = tables_of(project.ledger)
    project.file.write_bytes(damaged(project.file.read_bytes())[case])

    assert tables_of(project.ledger) == before


def test_damage_that_shows_only_when_a_question_is_asked_is_mended_then(project):
    project.commit(started(), made(), published())
    before = tables_of(project.ledger)
    with project.ledger.session() as session:
        ((block,),) = session._ask(
            "SELECT max(block_id) FROM pragma_storage_info('assetflow.publications')", ()
        )
    place = 3 * 4096 + block * 262_144 + 100
    with project.file.open("r+b") as file:
        file.seek(place)
        file.write(b"damage")

    with project.ledger.session() as session:
        assert project.file.read_bytes()[place:].startswith(b"damage")
        assert pointers_in(session) == {"sales": "v1"}
        assert not project.file.read_bytes()[place:].startswith(b"damage")
    assert tables_of(project.ledger) == before


def test_a_question_that_is_wrong_does_not_cost_the_file(project):
    import duckdb

    project.commit(started())
    with project.ledger.session() as session, pytest.raises(duckdb.Error):
        session._ask("SELECT nonsense", ())
    before = project.file.read_bytes(), project.file.stat().st_mtime_ns

    pointers(project.ledger)
    assert (project.file.read_bytes(), project.file.stat().st_mtime_ns) == before


def test_a_folder_that_cannot_be_written_gives_a_ledger_in_memory(project, tmp_path):
    project.commit(started(), made(), published())
    (tmp_path / "file").write_text("in the way")

    ledger = Ledger(tmp_path / "file" / ".assetflow", project.store)

    assert pointers(ledger) == {"sales": "v1"}
    project.commit(published(version="v2"))
    assert pointers(ledger) == {"sales": "v2"}


def test_a_place_where_no_file_can_be_made_gives_a_ledger_in_memory(project):
    project.commit(started(), made(), published())
    pointers(project.ledger)
    file = project.file
    file.unlink()
    file.mkdir()

    project.ledger.rebuild()
    assert pointers(project.ledger) == {"sales": "v1"}


def test_a_folder_where_nothing_can_be_remembered_gives_a_ledger_in_memory(project):
    project.commit(started(), made(), published())
    (project.folder / "ledgers.json").mkdir(parents=True)

    assert pointers(project.ledger) == {"sales": "v1"}
    assert list(project.folder.glob("*.duckdb")) == []


def test_a_ledger_in_memory_can_be_made_anew(project):
    ledger = Ledger(None, project.store)
    ledger.rebuild()
    project.commit(started(), made(), published())
    ledger.rebuild()

    assert pointers(ledger) == {"sales": "v1"}


def test_without_a_folder_the_ledger_is_in_memory_and_follows_the_log(project):
    ledger = Ledger(None, project.store)
    assert pointers(ledger) == {}

    project.commit(started(), made(), published())
    assert pointers(ledger) == {"sales": "v1"}
    project.commit(published(version="v2"))
    assert pointers(ledger) == {"sales": "v2"}
    assert not project.folder.exists()


def test_a_ledger_in_memory_notices_another_store(project):
    ledger = Ledger(None, project.store)
    project.commit(started(), made(version="old"), published(version="old"))
    pointers(ledger)
    shutil.rmtree(project.root / "store")
    other = Project(project.root)
    other.commit(started(), made(version="new"), published(version="new"))

    assert pointers(Ledger(None, other.store)) == pointers(ledger) == {"sales": "new"}


def test_a_file_that_another_program_has_open_does_not_stop_anyone(project):
    project.commit(started(), made(), published())
    pointers(project.ledger)
    holds = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(project.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"

        assert pointers(project.ledger) == {"sales": "v1"}
        other.communicate("\n")


def test_a_required_action_of_a_newer_release_makes_the_store_read_only(project):
    project.commit(started(), published())
    project.commit(Unknown(type="teleported", required=True))

    for _ in range(2):
        with project.ledger.session() as session:
            assert "'teleported'" in (session.head.read_only_because or "")
            assert pointers_in(session) == {"sales": "v1"}


def pointers_in(session) -> dict[str, str]:
    return {pointer.asset: pointer.version for pointer in session.pointers("dev").values()}


def test_another_action_of_a_newer_release_is_passed_over(project):
    project.commit(started())
    project.commit(Unknown(type="noted"), published())

    with project.ledger.session() as session:
        assert session.head.read_only_because is None
        assert pointers_in(session) == {"sales": "v1"}


def test_a_commit_of_a_newer_format_is_refused_and_costs_nothing(project):
    project.commit(started(), made(), published())
    pointers(project.ledger)
    before = project.file.read_bytes()
    last = project.store.log.head()
    body = json.loads(bytes(project.store.log.read(last)))
    with project.ledger.session() as session:
        newer = {**body, "number": last + 1, "parent": session.head.hash, "format": 99, "id": "x"}
    project.store.log.append(last + 1, json.dumps(newer).encode(), "x")

    with pytest.raises(StoreFormatError, match="format 99"), project.ledger.session():
        pass
    assert project.file.read_bytes() == before


def test_a_log_with_a_hole_is_an_error_that_names_the_commit(project):
    for version in ("v1", "v2", "v3"):
        project.commit(made(version=version))
    (project.root / "store" / "log" / f"{3:020}.json").unlink()

    with pytest.raises(DamagedError, match="3"), project.ledger.session():
        pass


def test_a_copy_can_be_asked_while_the_ledger_moves_on(project, tmp_path):
    import duckdb

    project.commit(started(), made(), published())
    for number, ledger in enumerate([project.ledger, Ledger(None, project.store)]):
        copy = tmp_path / f"copy {number}'s.duckdb"
        with ledger.session() as session:
            session.copy_to(copy)
        with duckdb.connect(copy, read_only=True) as connection:
            assert connection.sql("SELECT version FROM assetflow.current").fetchall() == [("v1",)]


def test_a_file_that_is_deleted_while_it_is_open_can_still_be_copied(project, tmp_path):
    import duckdb

    project.commit(started(), made(), published())
    with project.ledger.session() as session:
        project.file.unlink()
        session.copy_to(tmp_path / "copy.duckdb")

    with duckdb.connect(tmp_path / "copy.duckdb", read_only=True) as connection:
        assert connection.sql("SELECT version FROM assetflow.current").fetchall() == [("v1",)]
    assert pointers(project.ledger) == {"sales": "v1"}


class FullDisk:
    """A connection to a file on a disk with no space left: DuckDB cannot write to it, and then gives it up."""

    def __init__(self, connection) -> None:
        self._connection = connection
        self._given_up = False

    def execute(self, query, *parameters):
        import duckdb

        self._given_up |= query == "CHECKPOINT"
        if self._given_up:
            raise duckdb.FatalException("Failed to create checkpoint: No space left on device")
        return self._connection.execute(query, *parameters)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def test_a_ledger_on_a_full_disk_is_copied_and_asked_from_memory(project, tmp_path, monkeypatch):
    import duckdb

    project.commit(started(), made(), published())
    connect = duckdb.connect

    def connect_full(path, **options):
        connection = connect(path, **options)
        return FullDisk(connection) if path == project.file else connection

    pointers(project.ledger)
    with monkeypatch.context() as patched:
        patched.setattr(duckdb, "connect", connect_full)
        with project.ledger.session() as session:
            session.copy_to(tmp_path / "copy.duckdb")
            assert [pointer.version for pointer in session.pointers("dev").values()] == ["v1"]

    with connect(tmp_path / "copy.duckdb", read_only=True) as connection:
        assert connection.sql("SELECT version FROM assetflow.current").fetchall() == [("v1",)]
    assert pointers(project.ledger) == {"sales": "v1"}


@pytest.mark.parametrize("kept", [True, False])
def test_a_copy_that_cannot_be_written_is_told_with_its_place(project, tmp_path, kept):
    project.commit(started(), made(), published())
    ledger = project.ledger if kept else project.quick

    with ledger.session() as session, pytest.raises(StoreError, match="copy of the ledger") as raised:
        session.copy_to(tmp_path / "no such folder" / "copy.duckdb")

    assert "no such folder" in raised.value.message
    assert "TMPDIR" in str(raised.value.hint)


def test_a_session_within_one_of_the_same_thread_is_that_one(project):
    project.commit(started(), made(), published())
    ledger = project.ledger
    with ledger.session() as session:
        with ledger.session() as inner:
            assert inner is session
        assert len(session.pointers("dev")) == 1
    with ledger.session() as another:
        assert another is not session


def test_a_ledger_is_not_made_anew_while_it_is_asked(project):
    ledger = project.ledger
    with ledger.session(), pytest.raises(RuntimeError, match="already"):
        ledger.rebuild()

    assert pointers(ledger) == {}


def test_sessions_of_other_threads_wait_their_turn(project):
    project.commit(started(), made(), published())
    ledger = project.ledger
    found: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: found.append(pointers(ledger))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [{"sales": "v1"}] * 4


def test_an_error_inside_a_session_leaves_the_ledger_free(project):
    project.commit(started(), made(), published())
    ledger = project.ledger
    with pytest.raises(KeyError), ledger.session():
        raise KeyError

    assert pointers(ledger) == pointers(project.ledger) == {"sales": "v1"}


def test_what_is_remembered_of_addresses_may_be_lost_or_broken(project):
    project.commit(started(), made(), published())
    pointers(project.ledger)
    remembered = project.folder / "ledgers.json"

    for text in ("{", "[]", '{"elsewhere": "x"}', json.dumps({project.store.url: "../../escape"})):
        remembered.write_text(text)
        assert pointers(project.ledger) == {"sales": "v1"}
    assert {path.name for path in project.root.iterdir()} == {"store", ".assetflow"}
