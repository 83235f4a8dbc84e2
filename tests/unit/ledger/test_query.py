"""A person's SQL reads the ledger and the published assets, and can do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ledger_builders import Project, made, observed, published, read, started

from assetflow.errors import DamagedError, QueryError
from assetflow.ledger.query import run_query
from assetflow.ledger.sandbox import AssetView
from assetflow.model.recipe import Recipe


def parquet(table: pa.Table) -> Callable[[], bytes]:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    data = sink.getvalue().to_pybytes()
    return lambda: data


def never() -> bytes:
    raise AssertionError("opened, though the query does not name it")


class Asker:
    """Runs queries over one copy of a ledger and some assets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.copy = folder / "copy" / "ledger's.duckdb"
        self.copy.parent.mkdir()
        project = Project(folder)
        recipe = Recipe(code_version="c", inputs=(read("raw", "raw", "s1"),), deps=(("calendar", "data-c1"),))
        project.commit(started(), observed(), made("calendar", "c1"), made(recipe=recipe), published())
        with project.quick.session() as session:
            session.copy_to(self.copy)
        self.part = folder / "part.parquet"
        pq.write_table(pa.table({"day": [1, 2]}), self.part)
        self.views = {
            "sales": AssetView(parts=[self.part.read_bytes, parquet(pa.table({"day": [3]}))]),
            "retail/Sales-2": AssetView(table=lambda: pa.table({"x": ["ä", None]})),
            "runs": AssetView(table=lambda: pa.table({"of": ["marathon"]})),
        }

    def __call__(self, sql: str) -> list[tuple]:
        return [tuple(row.values()) for row in run_query(sql, self.copy, self.views).to_pylist()]


@pytest.fixture(scope="module")
def ask(tmp_path_factory) -> Asker:
    return Asker(tmp_path_factory.mktemp("query"))


def test_ledger_tables_are_found_with_and_without_their_schema(ask):
    query = "SELECT asset, count(*) FROM {} GROUP BY ALL ORDER BY ALL"

    expected = [("calendar", 1), ("raw", 1), ("sales", 1)]
    assert (
        ask(query.format("materializations")) == ask(query.format("assetflow.materializations")) == expected
    )


def test_published_assets_are_views_by_their_keys_in_any_case(ask):
    assert (
        ask("select sum(day), count(*) from sales") == ask("from Sales select sum(day), count(*)") == [(6, 3)]
    )
    assert ask('from "retail/Sales-2"') == ask('from "retail/sales-2"') == [("ä",), (None,)]


def test_what_is_published_but_no_table_is_told_as_that(ask):
    with pytest.raises(QueryError, match="Rate is published, but is no table") as raised:
        run_query("select * from rate", ask.copy, ask.views, {"Rate"})

    assert "`assetflow get Rate`" in str(raised.value.hint)


def test_an_asset_wins_over_a_table_of_the_ledger_that_its_schema_still_names(ask):
    assert ask("from runs") == [("marathon",)]
    assert ask("select run_id, status from assetflow.runs") == [("r1", "unfinished")]


@pytest.mark.parametrize(
    "query",
    [
        "with x as (from sales) select count(*) from x",
        "select count(*) from (select * from sales where exists (from runs))",
        "select count(*) from query_table('sales')",
        "select count(*) from query('from sales')",
    ],
)
def test_assets_are_found_wherever_a_query_names_them(ask, query):
    assert ask(query) == [(3,)]


@pytest.mark.parametrize("query", ["describe sales", "show sales", "summarize sales", "explain from sales"])
def test_assets_can_be_described_and_queries_explained(ask, query):
    assert len(ask(query)) == 1


@pytest.mark.parametrize("query", ["explain analyze from sales", "EXPLAIN /* é */ (FORMAT json)\nSELECT 1"])
def test_explain_takes_its_options(ask, query):
    assert "plan" in ask(query)[0][0]


def test_tables_and_assets_are_listed(ask):
    assert {"sales", "retail/Sales-2", "materializations", "current"} <= {
        name for (name,) in ask("show tables")
    }


def test_every_view_of_the_ledger_answers(ask):
    from assetflow.ledger.views import VIEWS

    counts = {view.name: len(ask(f"from assetflow.{view.name}")) for view in VIEWS}

    assert counts == {
        "runs": 1,
        "versions": 3,
        "current": 1,
        "turned_away": 0,
        "pinned": 0,
        "forgotten": 0,
        "asset_history": 3,
        "lineage": 2,
        "freshness": 1,
        "run_summary": 1,
    }


def test_lineage_leads_from_version_to_version_and_to_what_was_waited_for(ask):
    found = ask("select version, parameter, input_asset, input_version from lineage order by input_asset")

    assert found == [("v1", None, "calendar", "c1"), ("v1", "raw", "raw", "s1")]


def test_freshness_and_the_summary_of_runs_count_from_the_tables(ask):
    assert ask("select asset, age_seconds < 600 from freshness") == [("sales", True)]
    columns = "materialized, observed, published, failed, rows, bytes"
    assert ask(f"select {columns} from run_summary") == [(2, 1, 1, 0, 6, 210)]


def test_only_what_a_query_names_is_opened(ask):
    views = {"sales": AssetView(parts=[never]), "other": AssetView(table=never)}

    assert run_query("select 1 as one", ask.copy, views).to_pylist() == [{"one": 1}]
    assert run_query("from materializations", ask.copy, views).num_rows == 3


def test_an_asset_whose_bytes_are_damaged_is_an_error_of_the_store(ask):
    def damaged() -> bytes:
        raise DamagedError("part 1 of sales is gone")

    with pytest.raises(DamagedError, match="part 1"):
        run_query("from sales", ask.copy, {"sales": AssetView(parts=[damaged])})


def test_times_with_a_zone_are_in_utc(ask):
    assert run_query("select now() as t", ask.copy, {}).schema.field("t").type == pa.timestamp("us", "UTC")


def test_parts_are_read_by_many_threads_at_once(ask):
    rows = 300_000
    big = pa.table({"n": range(rows), "text": [f"row {number}" for number in range(rows)]})
    views = {
        "big": AssetView(parts=[parquet(big.slice(start, rows // 4)) for start in range(0, rows, rows // 4)])
    }

    found = run_query("select sum(n), count(distinct text), count(*) from big", ask.copy, views)

    assert list(found.to_pylist()[0].values()) == [rows * (rows - 1) // 2, rows, rows]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from salse", "no table or published asset 'salse'\n  did you mean 'sales'"),
        ("from materialisations", "did you mean 'materializations'"),
        ("select nonsense from sales", '"nonsense" not found'),
        ("selec 1", 'syntax error at or near "selec"'),
        ("", "holds no statement"),
        ("-- nothing", "holds no statement"),
        ("select 1; select 2", "holds 2 statements"),
        ("from '/etc/passwd'", "no table or published asset '/etc/passwd'"),
        ("pivot sales on day", "name the values"),
        ("explain (format 'json') select 1", "EXPLAIN of something else, which is not allowed"),
        ("select " + "abs(" * 900 + "1" + ")" * 900, "nested too deeply"),
    ],
)
def test_what_cannot_run_is_told(ask, query, message):
    with pytest.raises(QueryError) as error:
        ask(query)

    assert message in str(error.value)


WRITES = [
    "copy (select 1) to '{folder}/new.csv'",
    "copy sales to 'parts://0' (use_tmp_file false)",
    "explain analyze copy (select 1) to '{part}' (use_tmp_file false)",
    "explain (analyze) copy (select 1) to '{part}' (use_tmp_file false)",
    "explain /* a /* b */ select 1 -- */ analyze copy (select 1) to '{part}' (use_tmp_file false)",
    "explain analyze /* select 1 */ copy (select 1) to '{part}' (use_tmp_file false)",
    "with x as (copy (select 1 as x) to '{part}' (format parquet, use_tmp_file false)) from x",
    "with x as (copy (select 1 as x) to 'parts://0' (format parquet, use_tmp_file false)) from x, sales",
    "explain analyze with x as (copy (select 1) to '{part}' (use_tmp_file false)) from x",
    "from query('with x as (copy (select 1) to ''{part}'' (use_tmp_file false)) from x')",
    "from query('with x as (copy (select 1) to ''parts://0'' (use_tmp_file false)) from x'), sales",
    "with x as (insert into assetflow.state values ('x') returning *) from x",
    "with x as (delete from assetflow.commits returning *) from x",
    "with x as (update assetflow.state set shape = 'x' returning *) from x",
    "insert into assetflow.state values ('x')",
    "delete from assetflow.commits",
    "merge into assetflow.state using sales on true when matched then delete",
    "drop view sales",
    "create table mine as select 1",
    "create or replace view sales as select 1",
    "alter table assetflow.state rename to mine",
    "export database '{folder}/export'",
    "attach '{folder}/new.duckdb'",
    "detach ledger",
    "checkpoint",
    "vacuum",
    "from enable_profiling('json', save_location='{folder}/profile.json')",
    "from enable_logging('QueryLog', storage='file', storage_path='{folder}/logs')",
]

ESCAPES = [
    "from read_csv('/etc/passwd')",
    "from read_text('{part}')",
    "from read_blob('{part}')",
    "from read_parquet('{part}')",
    "from read_parquet('{folder}/*.parquet')",
    "from read_json('/etc/passwd')",
    "from read_duckdb('{copy}')",
    "from parquet_metadata('{part}')",
    "from sniff_csv('/etc/passwd')",
    "from glob('/etc/*')",
    "from query('from read_text(''/etc/passwd'')')",
    "from sales, read_text('/etc/passwd')",
    "from read_csv('http://localhost:1/x.csv')",
    "from 's3://bucket/x.parquet'",
    "select getenv('HOME')",
    "from secret_of_mine",
    "install httpfs",
    "load httpfs",
    "load '{folder}/evil.duckdb_extension'",
    "set enable_external_access = true",
    "set threads = 1",
    "reset lock_configuration",
    "pragma enable_progress_bar",
    "pragma database_list",
    "call enable_profiling()",
    "use ledger",
    "begin",
    "prepare p as select 1",
    "execute p",
    "create secret s (type s3)",
]


@pytest.mark.parametrize("query", [*WRITES, *ESCAPES])
def test_nothing_is_written_and_nothing_else_is_read(ask, query):
    secret_of_mine = pa.table({"password": ["x"]})  # a variable of the caller is no table
    before = state_of(ask.folder)

    with pytest.raises(QueryError):
        ask(query.format(folder=ask.folder, part=ask.part, copy=ask.copy))

    assert secret_of_mine.num_rows == 1
    assert state_of(ask.folder) == before
    assert ask("select sum(day) from sales") == [(6,)]


def state_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("query", WRITES[:9])
def test_even_without_the_judgement_of_statements_no_part_can_be_written(ask, query, monkeypatch):
    from assetflow.ledger import query as module
    from assetflow.ledger.statement import Statement

    monkeypatch.setattr(module, "read_statement", lambda _connection, sql: Statement(sql, None))
    before = state_of(ask.folder)

    with pytest.raises(QueryError):
        ask(query.format(folder=ask.folder, part=ask.part, copy=ask.copy))

    assert state_of(ask.folder) == before
