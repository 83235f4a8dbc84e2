"""The ledger's tables are a public schema: commented, documented, and written without quotes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ledger_builders import Project, started

from assetflow.ledger.apply import shape
from assetflow.ledger.schema import shape_of
from assetflow.ledger.tables import TABLES
from assetflow.ledger.views import VIEWS

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "ledger.md").read_text()
COLUMNS = {table.name: [column.name for column in table.columns] for table in TABLES} | {
    view.name: [name for name, _ in view.columns] for view in VIEWS
}


def test_the_ledger_has_the_tables_and_views_that_the_design_promises():
    tables = "commits, materializations, inputs, columns, parts, checks, publications, failures, observations, metadata"
    views = "runs, current, asset_history, lineage, freshness, run_summary"

    assert {table.name for table in TABLES} >= set(tables.split(", "))
    assert {view.name for view in VIEWS} >= set(views.split(", "))


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_every_table_and_column_is_documented_and_no_other(name):
    section = re.search(rf"^### `{name}`\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert section is not None

    documented = re.findall(r"^\| `(\w+)`", section[1], re.MULTILINE)
    assert documented == COLUMNS[name]


def test_no_table_is_documented_that_does_not_exist():
    assert set(re.findall(r"^### `(\w+)`", DOCUMENT, re.MULTILINE)) == set(COLUMNS)


def test_every_table_view_and_column_of_the_file_has_a_comment(tmp_path):
    project = Project(tmp_path)
    project.commit(started())
    with project.ledger.session() as session:
        found = session._ask(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal", ()
        )
        tables = session._ask(
            "SELECT comment FROM duckdb_tables() UNION ALL SELECT comment FROM duckdb_views()", ()
        )

    assert {(table, column) for table, column, _ in found} == {
        (name, column) for name, columns in COLUMNS.items() for column in columns
    }
    assert [(table, column) for table, column, comment in found if not comment] == []
    assert len([comment for (comment,) in tables if comment]) == len(COLUMNS)


def test_every_column_can_be_written_without_quotes(tmp_path):
    with Project(tmp_path).quick.session() as session:
        for name, columns in COLUMNS.items():
            assert session._ask(f"SELECT {', '.join(columns)} FROM assetflow.{name} WHERE false", ()) == []


def test_a_release_that_knows_another_action_has_ledgers_of_another_shape():
    known = frozenset({"materialized"})

    assert shape_of("tables", known, 1) == shape_of("tables", known, 1)
    assert (
        len(
            {
                shape_of("tables", known, 1),
                shape_of("tables", known | {"promoted"}, 1),
                shape_of("t", known, 1),
            }
        )
        == 3
    )
    assert shape_of("tables", known, 1) != shape_of("tables", known, 2)
    assert shape() == shape()
