"""Stores many versions of one large table and tells how many bytes they take: KIND ROWS VERSIONS FOLDER.

KIND: ``append`` (1 % of the first rows, each time), ``change`` (100 consecutive rows), ``move`` (100 rows inserted or
deleted, in turns).
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from figures import tell
from pydantic import BaseModel
from table import table

import assetflow as af

EDITED = 100


class Tables:
    """The table as it stands, and how it goes on."""

    def __init__(self, kind: str, rows: int, versions: int) -> None:
        self._random = random.Random(7)
        share = rows // 100
        self._all = table(rows + share * versions) if kind == "append" else table(rows)
        self.now = self._all.slice(0, rows)
        self._steps: dict[str, Callable[[int], pa.Table]] = {
            "append": lambda number: self._all.slice(0, rows + share * number),
            "change": lambda number: self._with(EDITED, number),
            "move": lambda number: self._with(0, number) if number % 2 else self._with(EDITED, None),
        }
        self._step = self._steps[kind]

    def go_on(self, number: int) -> None:
        """Make the next version."""
        self.now = self._step(number)

    def _with(self, removed: int, more: int | None) -> pa.Table:
        """Return the table without some rows in the middle, or with EDITED more there, their amounts raised."""
        at = self._random.randrange(len(self.now) - EDITED)
        parts = [self.now.slice(0, at), self.now.slice(at + removed)]
        if more is not None:
            rows = self.now.slice(at, EDITED)
            place = rows.schema.get_field_index("amount")
            parts.insert(1, rows.set_column(place, "amount", pc.add(rows["amount"], float(more))))
        return pa.concat_tables(parts)


class Which(BaseModel):
    """Which version of the table; in the config, so that each is another fingerprint."""

    number: int = 0


@af.asset
def sales(which: Which, tables: Annotated[Any, af.Resource("tables")]) -> pa.Table:  # noqa: ARG001 - see Which
    """Return the table as it stands."""
    return tables.now


def project_of(tables: Tables, store: Path) -> af.Project:
    """Return a project whose one asset is the table as it stands."""
    return af.Project(assets=[sales, af.Resource("tables", lambda: tables)], store=str(store))


def main(kind: str, rows: int, versions: int, folder: Path) -> None:
    """Store all of them, then the last one alone, and tell both."""
    tables = Tables(kind, rows, versions)
    project = project_of(tables, folder / "all")
    seconds = []
    for number in range(versions + 1):
        if number:
            tables.go_on(number)
        begin = time.perf_counter()
        run = project.materialize(config={"sales": {"number": number}})
        seconds.append(time.perf_counter() - begin)
        run.raise_for_failure()
    assert project.load("sales").equals(tables.now), "the last version does not come back as it was"
    one = project_of(tables, folder / "one")
    one.materialize().raise_for_failure()
    all_bytes, one_bytes = _bytes(folder / "all"), _bytes(folder / "one")
    tell(
        {
            "versions": versions + 1,
            "rows of the last": len(tables.now),
            "one version MB": one_bytes / 1e6,
            "all versions MB": all_bytes / 1e6,
            "bytes in versions": all_bytes / one_bytes,
            "parts, each read by DuckDB and polars": _opened(folder / "all"),
            "first version s": seconds[0],
            "each further version s": statistics.median(seconds[1:]),
        }
    )


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _opened(store: Path) -> int:
    """Read every part with DuckDB and with polars, which must agree; return how many there are."""
    files = sorted(store.rglob("*.parquet"))
    for file in files:
        ((rows, ids),) = duckdb.sql(
            f"select count(*), sum(id)::bigint from read_parquet('{file}')"
        ).fetchall()
        frame = pl.read_parquet(file)
        assert (rows, ids) == (len(frame), frame["id"].sum()), file
    return len(files)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
