"""The commands that give the data out: get and sql."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from console import Screen, said_in
from shops import Shop, small_shop

MORE = """
@af.asset
def odd() -> pa.Table:
    return pa.table({"text": ["[bold]a\\nb", "日本語", None], "list": [[1], None, []]})


@af.asset
def raw() -> bytes:
    return b"\\x00\\x01"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = small_shop(tmp_path_factory.mktemp("data"))
    shop.write("small/assets.py", (shop.root / "small/assets.py").read_text() + MORE)
    assert said_in(shop.root, "materialize").code == 0
    return shop


def test_a_query_is_drawn_in_columns(shop: Shop) -> None:
    said = said_in(shop.root, "sql", "select id, label, amount from orders order by id limit 2")
    assert said.out == "id  label  amount\n--  -----  ------\n 1  <1>        10\n 2  <2>        20\n"
    assert said.err == "(2 rows)\n"


def test_foreign_text_breaks_no_line_and_is_no_markup(shop: Shop) -> None:
    said = said_in(shop.root, "sql", "select * from odd")
    assert said.out.splitlines()[2:] == ["[bold]a\\nb  [1]", "日本語      NULL", "NULL        []"]


def test_a_query_answers_in_json_and_csv(shop: Shop) -> None:
    query = "select asset, count(*) as n from materializations where asset = 'total' group by all"
    assert said_in(shop.root, "sql", "--json", query).json["rows"] == [{"asset": "total", "n": 1}]
    assert (
        said_in(
            shop.root, "sql", "--csv", "select id, label from orders order by id limit 1"
        ).out.splitlines()[1]
        == '1,"<1>"'
    )
    assert said_in(shop.root, "sql", "--csv", "--json", query).code == 2


def test_a_terminal_shows_the_first_rows_and_a_pipe_all(shop: Shop) -> None:
    query = "select unnest(range(100)) as n"
    assert len(said_in(shop.root, "sql", query).out.splitlines()) == 102
    watched = said_in(shop.root, "sql", query, watched=True, columns=80)
    assert len(watched.out.splitlines()) == 42
    assert "40 shown" in watched.err
    assert len(said_in(shop.root, "sql", query, "-n", "0", watched=True, columns=80).out.splitlines()) == 102


def test_columns_without_room_are_counted_and_named(shop: Shop) -> None:
    said = said_in(shop.root, "sql", "from assetflow.materializations", watched=True, columns=60)
    assert all(len(line) <= 60 for line in said.out.splitlines())
    assert "columns left out: " in said.err


def test_a_query_may_come_from_stdin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("select 7 as n"))
    assert said_in(shop.root, "sql").out == "n\n-\n7\n"


def test_nobody_waits_for_a_query_that_is_not_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Screen(watched=True))
    assert said_in(shop.root, "sql").code == 2


def test_a_plan_of_a_query_is_drawn(shop: Shop) -> None:
    out = said_in(shop.root, "sql", "explain select * from orders").out
    assert len(out.splitlines()) > 3
    assert "\\n" not in out


def test_a_mistyped_table_is_named_with_the_nearest(shop: Shop) -> None:
    said = said_in(shop.root, "sql", "select * from ordres")
    assert said.code == 2
    assert "did you mean 'orders'" in said.err


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "parquet", "arrow"])
def test_data_go_into_a_file_by_its_suffix(shop: Shop, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"orders.{suffix}"
    said = said_in(shop.root, "get", "orders@dev", "-o", str(target))
    assert said.code == 0, said
    assert said.out.startswith(str(target))
    assert target.stat().st_size > 0
    again = said_in(shop.root, "get", "orders", "-o", str(target))
    assert again.code == 2
    assert "--overwrite" in again.err
    assert said_in(shop.root, "get", "orders", "-o", str(target), "--overwrite").code == 0
    if suffix == "parquet":
        assert pq.read_table(target)["amount"].to_pylist() == [10, 20, 30]


def test_data_go_to_stdout_when_no_file_is_named(shop: Shop) -> None:
    assert said_in(shop.root, "get", "orders").out.splitlines()[:2] == [
        "id,day,amount,label",
        "1,2026-01-01,10,<1>",
    ]
    assert [row["amount"] for row in said_in(shop.root, "get", "orders", "--json").json] == [10, 20, 30]
    assert json.loads(said_in(shop.root, "get", "orders", "-f", "jsonl").out.splitlines()[0])["id"] == 1
    assert said_in(shop.root, "get", "total").out == "60\n"
    assert said_in(shop.root, "get", "apart").out == "apart"


def test_bytes_are_kept_from_a_terminal(shop: Shop) -> None:
    said = said_in(shop.root, "get", "raw", watched=True)
    assert said.code == 2
    assert "--output" in said.err
    assert said_in(shop.root, "get", "raw").out == "\x00\x01"


def test_a_version_that_is_not_there_is_named(shop: Shop) -> None:
    said = said_in(shop.root, "get", "orders@ffff")
    assert said.code == 2
    assert "ffff" in said.err
