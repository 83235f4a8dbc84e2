"""Owns comparing two ledgers row by row. Knows nothing of how either came to be."""

from __future__ import annotations

from pathlib import Path

from assetflow.frames.sql_quotes import literal
from assetflow.ledger.schema import SCHEMA, Table
from assetflow.ledger.tables import COMMITS, STATE, TABLES


def differing_tables(one: Path, other: Path, last: int) -> dict[str, int]:
    """Return the tables in which two ledgers differ up to commit ``last``, and how many rows only one of them has."""
    import duckdb

    found: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        for table in TABLES:
            if table is not STATE:
                rows = connection.execute(_differing(table), [last]).fetchall()[0][0]
                if rows:
                    found[table.name] = rows
    return found


def _differing(table: Table) -> str:
    number = "number" if table is COMMITS else "commit_number"
    mine, theirs = (f"(FROM {name}.{SCHEMA}.{table.name} WHERE {number} <= $1)" for name in ("one", "other"))
    return f"""
        SELECT (SELECT count(*) FROM ({mine} EXCEPT ALL {theirs}))
             + (SELECT count(*) FROM ({theirs} EXCEPT ALL {mine}))"""  # noqa: S608 -- names of tables only
