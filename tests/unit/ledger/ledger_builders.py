"""Builds logs for the tests of the ledger: a store in a folder, and actions that say only what a test is about."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from assetflow.ledger.ledger import Ledger
from assetflow.model.actions import Action
from assetflow.model.commit import Commit, Writer
from assetflow.model.manifest import Manifest, Part
from assetflow.model.recipe import InputVersion, Recipe
from assetflow.model.runs import (
    EffectStarted,
    Failed,
    HeldBack,
    Published,
    RunFinished,
    RunStarted,
    Skipped,
    Superseded,
)
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.model.versions import Attempt, Materialized, SourceObserved
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import Store, open_store

TIME = "2026-11-23T05:00:00.000000Z"
WRITER = Writer(host="box", pid=7, user="ann", release="0.1.0")


class Live:
    """Says of which runs it was told that they are alive."""

    def __init__(self, runs: Collection[str] = ()) -> None:
        self._runs = frozenset(runs)

    def alive(self, run_id: str) -> bool:
        return run_id in self._runs


class Project:
    """A store and a project's folder below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store: Store = open_store(root / "store", durable=False)
        self.folder = root / ".assetflow"

    def commit(self, *actions: Action) -> Commit:
        writer = LogWriter(self.store, writer=WRITER)
        run = getattr(actions[0], "run", None)
        commit = writer.commit(lambda _news: actions, run=run)
        assert commit is not None
        return commit

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder, self.store)

    @property
    def quick(self) -> Ledger:
        """The same in memory, for what has nothing to do with files."""
        return Ledger(None, self.store)

    @property
    def file(self) -> Path:
        (file,) = self.folder.glob("*.duckdb")
        return file


def tables_of(ledger: Ledger) -> dict[str, list[Any]]:
    """All rows of all tables, in an order of their own."""
    from assetflow.ledger.tables import TABLES

    with ledger.session() as session:
        return {
            table.name: sorted(session._ask(f"SELECT * FROM assetflow.{table.name}", ()), key=repr)
            for table in TABLES
        }


def started(run: str = "r1", env: str = "dev", **others: Any) -> RunStarted:
    fields = {"selection": "*", "started_at": TIME, "snapshot": 0, **others}
    return RunStarted(run=run, env=env, **fields)


def finished(
    run: str = "r1", status: Any = "succeeded", left: tuple[str, ...] = (), **counts: int
) -> RunFinished:
    return RunFinished(run=run, status=status, finished_at=TIME, seconds=1.5, counts=counts, left=left)


def made(asset: str = "sales", version: str = "v1", *, run: str = "r1", **others: Any) -> Materialized:
    """A table; data version and fingerprint are called after the version."""
    fields: dict[str, Any] = {
        "kind": "python",
        "data_version": f"data-{version}",
        "fingerprint": f"print-{version}",
        "code_version": "code",
        "recipe": Recipe(code_version="code"),
        "manifest": table_manifest(version),
        "started_at": TIME,
        "seconds": 0.5,
        "rows": 3,
        "bytes": 100,
        "executor": "threads",
        "attempts": (Attempt(number=1, started_at=TIME, seconds=0.5),),
        **others,
    }
    return Materialized(run=run, asset=asset, version=version, **fields)


def table_manifest(version: str = "v1", format_name: str = "parquet") -> Manifest:
    part = Part(object=f"{version}.parquet", bytes=100, version=f"part-{version}", rows=3)
    return Manifest(
        kind="table", format=format_name, bytes=100, rows=3, columns=(("day", "h1"),), parts=(part,)
    )


def read(parameter: str, asset: str, version: str) -> InputVersion:
    return InputVersion(
        parameter=parameter, asset=asset, version=version, data_version=f"data-{version}", rows=3
    )


def observed(asset: str = "raw", version: str = "s1", *, run: str = "r1", **others: Any) -> SourceObserved:
    fields: dict[str, Any] = {
        "data_version": f"data-{version}",
        "fingerprint": f"print-{version}",
        "url": "data/raw.csv",
        "format": "csv",
        "identity": "bytes",
        "files": (),
        "observed_at": TIME,
        "seconds": 0.1,
        "bytes": 10,
        **others,
    }
    return SourceObserved(run=run, asset=asset, version=version, **fields)


def published(
    asset: str = "sales", version: str = "v1", *, run: str = "r1", env: str = "dev", **others: Any
) -> Published:
    return Published(run=run, env=env, asset=asset, version=version, **others)


def judged(
    asset: str = "sales",
    version: str = "v1",
    *,
    check: str = "unique",
    passed: bool = True,
    run: str = "r1",
    fingerprint: str = "check",
    **others: Any,
) -> CheckEvaluated:
    verdicts = others.pop("verdicts", (Verdict(name=check, severity="error", passed=passed, failing_rows=2),))
    return CheckEvaluated(
        run=run,
        asset=asset,
        version=version,
        data_version=f"data-{version}",
        check=check,
        fingerprint=fingerprint,
        code_version="code",
        verdicts=verdicts,
        started_at=TIME,
        seconds=0.1,
        **others,
    )


def failed(asset: str = "sales", *, run: str = "r1", env: str = "dev", **others: Any) -> Failed:
    attempt = Attempt(
        number=1, started_at=TIME, seconds=0.2, error="ValueError", message="no day", traceback="..."
    )
    return Failed(run=run, asset=asset, env=env, **{"fingerprint": "print", "attempts": (attempt,), **others})


def skipped(asset: str, because: str, *, run: str = "r1") -> Skipped:
    return Skipped(run=run, asset=asset, reason=f"{because} failed", because=because)


def superseded(asset: str, version: str, *, run: str = "r1") -> Superseded:
    return Superseded(
        run=run, env="dev", asset=asset, version=version, by="v9", reason="another run was first"
    )


def held_back(asset: str, version: str, because: str, *, run: str = "r1") -> HeldBack:
    return HeldBack(
        run=run, env="dev", asset=asset, version=version, because=because, reason=f"{because} failed"
    )


def effect_started(asset: str = "mail", *, run: str = "r1", env: str = "dev") -> EffectStarted:
    return EffectStarted(run=run, asset=asset, env=env, fingerprint="print", started_at=TIME)
