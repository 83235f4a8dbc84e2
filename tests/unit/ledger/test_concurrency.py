"""Many processes at once: no lock error reaches anyone, and each sees a whole commit."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger_builders import Project, made, published, started, tables_of

from assetflow.ledger.query import run_query

ROUNDS = 6


def write(root: Path) -> int:
    project = Project(root)
    for number in range(ROUNDS):
        version = f"v{number}"
        project.commit(
            started(version),
            *(made(asset, version, run=version) for asset in ("left", "right")),
            *(published(asset, version, run=version) for asset in ("left", "right")),
        )
    return ROUNDS


def look(root: Path) -> int:
    """Ask again and again, with a new ledger each time, as so many commands would."""
    heads = [0]
    for _ in range(ROUNDS):
        with Project(root).ledger.session() as session:
            assert len({pointer.version for pointer in session.pointers("dev").values()}) <= 1
            heads.append(session.head.number)
    assert heads == sorted(heads)
    return len(heads) - 1


def query(root: Path) -> int:
    for _ in range(ROUNDS):
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "ledger.duckdb"
            with Project(root).ledger.session() as session:
                session.copy_to(copy)
            found = run_query("select count(*) as n, count(distinct version) as v from current", copy, {})
        row = found.to_pylist()[0]
        assert (row["n"], row["v"]) in {(0, 0), (2, 1)}
    return ROUNDS


def lose(root: Path) -> int:
    """Delete the file under everybody, as a person may."""
    for _ in range(ROUNDS // 3):
        with Project(root).ledger.session():
            pass
        for file in (root / ".assetflow").glob("*.duckdb"):
            file.unlink(missing_ok=True)
    return ROUNDS


def test_processes_that_write_look_query_and_delete_do_not_disturb_each_other(tmp_path):
    jobs = [write, look, query, lose]
    with ProcessPoolExecutor(len(jobs), multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(_run, jobs, [tmp_path] * len(jobs)))

    assert done == [ROUNDS] * len(jobs)
    project = Project(tmp_path)
    maintained = tables_of(project.ledger)
    project.file.unlink()
    assert maintained == tables_of(project.ledger)
    assert len(maintained["commits"]) == ROUNDS + 1


def _run(job, root: Path) -> int:
    return job(root)
