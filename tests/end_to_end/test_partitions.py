"""Partitioned and incremental assets, as a person uses them: planned, run, read, moved, rebuilt and refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from console import fresh_modules, said_in
from noted import NOTES, note
from shops import Shop

import assetflow as af
from assetflow.errors import DataError, DeclarationError, UnknownNameError, UsageError
from assetflow.ledger.ledger import Ledger
from assetflow.testing.fakes import FakeClock

FIRST = date(2026, 3, 1)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(10)]
SHOP = f'''
import assetflow as af
import polars as pl

days = af.daily("{DAYS[0]}", end="{DAYS[-1]}")
raw = af.source("raw", "data/{{partition}}.csv", partitions=days)


@af.asset(partitions=days, checks=[af.not_null("id")])
def orders(raw: pl.DataFrame, context: af.Context) -> pl.DataFrame:
    """Orders of a day."""
    if len(raw) == 9:
        raise ValueError("nine is too many")
    return raw.with_columns(day=pl.lit(context.partition.key))


@af.asset(partitions=days, inputs={{"week": af.Input("orders", partitions=af.window(-2), missing="skip")}})
def rolling(week: pl.LazyFrame) -> pl.DataFrame:
    return week.group_by("day").len().sort("day").collect()


@af.asset(inputs={{"orders": af.Input("orders", missing="skip")}})
def total(orders: pl.DataFrame) -> int:
    return len(orders)
'''


@pytest.fixture(autouse=True)
def modules_of_its_own(tmp_path: Path) -> Iterator[None]:
    """Leave no module behind that other tests call ``shop`` too."""
    with fresh_modules(tmp_path):
        yield


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "data").mkdir()
    for day in DAYS:
        write(tmp_path, day, 2)
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "assetflow.toml").write_text(
        'name = "days"\nmodules = ["shop"]\ndefault = "dev"\n[environments.dev]\n[environments.prod]\n'
    )
    return Shop(tmp_path)


def write(root: Path, day: str, rows: int) -> None:
    lines = [f"{int(day[-2:]) * 10 + row}" for row in range(rows)]
    (root / "data" / f"{day}.csv").write_text("\n".join(["id", *lines]) + "\n")


def counts(shop: Shop, *arguments: str) -> dict[str, int]:
    found: dict[str, int] = json.loads(said_in(shop.root, "materialize", *arguments, "--json").out)["counts"]
    return found


def test_what_is_below_a_rejected_partition_is_skipped_by_every_run() -> None:
    @af.asset(partitions=af.static(["bad", "good"]))
    def made(context: af.Context) -> int:
        return len(context.partition.key)

    @af.check(made)
    def is_long(made: int) -> bool:
        return made > 3

    @af.asset(partitions=af.static(["bad", "good"]))
    def below(made: int) -> int:
        return made

    project = af.Project([made, is_long, below], executor="inline")
    assert project.materialize().counts == {"built": 2, "rejected": 1, "skipped": 1}
    assert project.materialize().counts == {"fresh": 2, "rejected": 1, "skipped": 1}


FREEZES = """
import assetflow as af
import polars as pl

days = af.daily("2026-03-01", end="2026-03-03")
raw = af.source("raw", "data/{partition}.csv", partitions=days)


@af.asset(partitions=days)
def d1(raw: pl.DataFrame) -> pl.DataFrame:
    return raw


@af.asset
def total(d1: pl.DataFrame) -> int:
    return len(d1)
"""


def test_a_day_that_never_comes_fails_the_readers_of_all_and_says_how_to_go_on(shop: Shop) -> None:
    shop.write("shop.py", FREEZES)
    missing = shop.root / "data" / "2026-03-02.csv"
    missing.unlink()
    said = said_in(shop.root, "materialize")
    assert said.code == 1
    way_on = 'd1 2026-03-02 has no version; af.Input("d1", missing="skip") reads what is there'
    assert f"total skipped: {way_on}" in said.out
    assert "4 built, 3 skipped" in said.out
    plan = json.loads(said_in(shop.root, "plan", "--json").out)
    assert plan["items"][-1]["reasons"] == [way_on]
    alone = said_in(shop.root, "materialize", "-s", "total")
    assert alone.code == 1
    assert "select +total, or af.Input(" in alone.out
    write(shop.root, "2026-03-02", 2)
    assert said_in(shop.root, "materialize").code == 0
    missing.unlink()
    assert said_in(shop.root, "materialize").code == 0  # what was published of it stays


def test_what_is_asked_for_and_skipped_says_why_and_so_does_what_is_gone(shop: Shop) -> None:
    shop.write("shop.py", FREEZES)
    days = ["2026-03-02", "2026-03-03"]
    (shop.root / "data" / f"{days[0]}.csv").unlink()
    reasons = [
        f"raw skipped: 1 of 3: {days[0]}; no file is there",
        f"d1 skipped: 1 of 3: {days[0]}; raw is skipped",
    ]
    asked = said_in(shop.root, "materialize", "-s", "raw d1", "-p", days[0])
    assert asked.code == 0
    assert asked.out.splitlines()[:2] == reasons
    silent = said_in(shop.root, "materialize", "-s", "raw d1")
    assert "no file" not in silent.out
    verbose = said_in(shop.root, "materialize", "-v", "-s", "raw d1")
    assert verbose.out.splitlines()[:2] == reasons
    (shop.root / "data" / f"{days[1]}.csv").unlink()
    gone = said_in(shop.root, "materialize", "-s", "raw d1")
    assert gone.out.splitlines()[0] == (
        f"raw skipped: 1 of 3: {days[1]}; no file is there any more; what is published stays"
    )


def test_a_partition_without_any_of_its_files_is_skipped_in_silence(shop: Shop) -> None:
    shop.write("shop.py", FREEZES)
    (shop.root / "data" / "2026-03-02.csv").unlink()
    assert said_in(shop.root, "materialize", "-s", "raw d1").code == 0


def test_a_partition_that_a_person_holds_back_fails_no_reader() -> None:
    @af.asset(partitions=af.static(["a", "b"]))
    def part(context: af.Context) -> str:
        return context.partition.key

    @af.asset
    def total(part: dict[str, str]) -> str:
        return "".join(part.values())

    project = af.Project([part, total], executor="inline")
    project.materialize("part", partition="a")
    project.materialize("part", partition="b")
    project.rollback()
    run = project.materialize()
    assert run.status == "succeeded"
    assert run.counts == {"fresh": 1, "skipped": 1, "held": 1}
    assert run["total"].message == "part is held and has no version"


def test_a_backfill_a_change_and_a_file_that_is_gone(shop: Shop) -> None:
    assert counts(shop) == {"built": 31}
    assert counts(shop) == {"fresh": 31}
    write(shop.root, DAYS[3], 5)
    planned = json.loads(said_in(shop.root, "plan", "--json").out)
    by_key = {item["key"]: item["partitions"] for item in planned["items"]}
    assert by_key["raw"]["groups"][-1]["partitions"] == DAYS[3]
    assert by_key["rolling"]["counts"] == {"fresh": 7, "maybe": 3}
    assert counts(shop) == {"built": 6, "fresh": 25}
    (shop.root / "data" / f"{DAYS[5]}.csv").unlink()
    assert counts(shop) == {"fresh": 30, "skipped": 1}  # what was there stays published
    assert af.open(shop.root).load("total") == 23


def test_what_failed_is_named_with_its_partition_and_made_by_that_word(shop: Shop) -> None:
    write(shop.root, DAYS[4], 9)
    said = said_in(shop.root, "materialize")
    assert said.code == 1
    assert f"orders {DAYS[4]} failed: ValueError: nine is too many" in said.out
    assert "partitions: 9 built, 1 failed" in said.err
    status = said_in(shop.root, "status").out
    assert "9 of 10" in status
    assert "nine is too many" in status
    write(shop.root, DAYS[4], 3)
    assert counts(shop, "orders", "--partition", "failed") == {"built": 2}
    assert counts(shop) == {"built": 4, "fresh": 27}


@pytest.mark.parametrize(
    ("text", "built"),
    [
        ("latest", 1),
        (f"{DAYS[2]}..{DAYS[4]}", 3),
        (f"{DAYS[0]},{DAYS[9]}", 2),
        ("missing", 10),
        ("stale", 10),
    ],
)
def test_partitions_are_chosen_by_range_and_by_word(shop: Shop, text: str, built: int) -> None:
    assert counts(shop, "orders", "--partition", text) == {"built": 2 * built}


def test_what_is_stale_is_not_forced_as_well(shop: Shop) -> None:
    said = said_in(shop.root, "materialize", "orders", "--partition", "stale", "--force")
    assert (said.code, "cannot be forced" in said.err) == (2, True)


def test_a_partition_is_read_by_its_key_and_all_of_them_as_one(shop: Shop) -> None:
    counts(shop)
    project = af.open(shop.root)
    assert project.load("orders", pl.DataFrame, partition=DAYS[1])["id"].to_list() == [20, 21]
    assert project.load("orders", pl.DataFrame).height == 20
    assert project.load("rolling", dict)[DAYS[0]].num_rows == 1
    assert project.current("orders", partition=DAYS[2]).rows == 2
    assert said_in(shop.root, "get", "orders", "-p", DAYS[1]).out.splitlines()[1] == f"20,{DAYS[1]}"
    assert said_in(shop.root, "sql", "select count(*) as n from orders", "--json").out.count("20") == 1
    assert DAYS[7] in said_in(shop.root, "show", "orders", "-p", DAYS[7]).out
    assert (
        len(json.loads(said_in(shop.root, "history", "orders", "-p", DAYS[7], "--json").out)["versions"]) == 1
    )
    with project.snapshot() as snapshot:
        assert snapshot.load("orders").num_rows == 20
        assert snapshot.load("orders", partition=DAYS[0]).num_rows == 2


def test_what_was_built_in_one_environment_is_promoted_and_rolled_back(shop: Shop) -> None:
    counts(shop)
    promoted = af.open(shop.root).promote("dev", "prod")
    assert len(promoted.moves) == 31
    prod = af.open(shop.root, env="prod")
    assert not prod.plan()
    write(shop.root, DAYS[9], 4)
    assert prod.materialize().counts == {"built": 4, "fresh": 27}
    assert len(prod.rollback().moves) == 4
    assert prod.load("orders").num_rows == 20
    said = said_in(shop.root, "env", "diff", "dev", "prod")
    assert said.code == 0, said


RATE = """from pydantic import BaseModel

class Rate(BaseModel):
    rate: int = 1

days = """


@pytest.mark.parametrize("spoilt", ["code", "config"])
def test_a_new_partition_is_not_made_by_what_was_turned_away(shop: Shop, spoilt: str) -> None:
    shop.edit("shop.py", "context: af.Context)", "context: af.Context, rate: Rate)")
    shop.edit("shop.py", "days = ", RATE)
    (shop.root / "data" / f"{DAYS[9]}.csv").unlink()
    counts(shop, "orders")
    if spoilt == "code":
        shop.edit("shop.py", "day=pl.lit(context", "bad=pl.lit(1), day=pl.lit(context")
    else:
        shop.edit(
            "assetflow.toml", "[environments.dev]", "[assets.orders.config]\nrate = 2\n[environments.dev]"
        )
    assert counts(shop, "orders")["built"] == 9
    assert len(af.open(shop.root).rollback().moves) == 9
    write(shop.root, DAYS[9], 2)
    assert counts(shop, "orders") == {"built": 1, "held": 10, "fresh": 9}
    assert "rolled back from this code and config" in said_in(shop.root, "plan", "orders").out
    said_in(shop.root, "accept", "orders", "--yes")
    assert counts(shop, "orders")["built"] == 1
    assert DAYS[9] in af.open(shop.root).load("orders", pl.DataFrame)["day"].to_list()


def test_a_new_partition_is_made_where_only_another_one_was_taken_back(shop: Shop) -> None:
    (shop.root / "data" / f"{DAYS[9]}.csv").unlink()
    counts(shop, "orders")
    project = af.open(shop.root)
    first = project.current("orders", partition=DAYS[0]).version
    shop.edit("shop.py", "day=pl.lit(context", "bad=pl.lit(1), day=pl.lit(context")
    counts(shop, "orders")
    assert len(project.rollback(to=first[:12], selection="orders").moves) == 1
    write(shop.root, DAYS[9], 2)
    assert counts(shop, "orders") == {"built": 2, "held": 1, "fresh": 17}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["materialize", "--partition", "2026-03-99"], "there is no partition '2026-03-99'"),
        (["materialize", "--partition", "2027-01-01"], "2027-01-01"),
        (["materialize", "orders", "--partition", f"{DAYS[4]}..{DAYS[1]}"], DAYS[1]),
        (["plan", "total", "--partition", "latest"], "has partitions"),
        (["get", "orders", "-p", "2026-03-77"], "2026-03-77"),
        (["show", "orders", "-p", "yesterday"], "yesterday"),
    ],
)
def test_a_partition_that_makes_no_sense_is_refused_and_nothing_runs(
    shop: Shop, arguments: list[str], told: str
) -> None:
    counts(shop, "orders", "--partition", DAYS[0])
    commits = shop.commits()
    said = said_in(shop.root, *arguments)
    assert said.code == 2, said
    assert told in said.err
    assert shop.commits() == commits


def test_declarations_that_make_no_sense_are_told_all_at_once() -> None:
    days, months = af.daily("2026-01-01", tz="Europe/Berlim"), af.monthly("2026-01")
    twice = af.static(["de", "de"])

    @af.asset(partitions=days)
    def a() -> int:
        return 1

    @af.asset(partitions=twice)
    def b() -> int:
        return 1

    @af.asset(partitions="daily")
    def c() -> int:
        return 1

    @af.asset(partitions=months)
    def d() -> int:
        return 1

    @af.asset(partitions=af.daily("2026-01-01"))
    def e(d: int) -> int:
        return d

    with pytest.raises(DeclarationError) as caught:
        af.Project([a, b, c, d, e, af.source("s", "data.csv", partitions=months)], store="memory://").plan()
    told = str(caught.value)
    for words in ("Europe/Berlin", "'de'", "'daily' is no scheme", "covering", "{partition}"):
        assert words in told, told


def test_types_that_do_not_go_together_are_told_by_partition() -> None:
    @af.asset(partitions=af.static(["x", "y"]))
    def part(context: af.Context) -> pa.Table:
        return pa.table({"n": [1] if context.partition.key == "x" else ["one"]})

    project = af.Project([part], store="memory://")
    project.materialize()
    with pytest.raises(DataError, match="column n is int64 in x, and string in y"):
        project.load("part")
    with pytest.raises(UnknownNameError, match="'z'"):
        project.load("part", partition="z")
    with pytest.raises(UsageError, match="has no partitions"):
        af.Context("whole").partition  # noqa: B018 -- asking is what raises


def test_an_incremental_asset_goes_on_from_what_is_published(tmp_path: Path) -> None:
    def project(factor: int = 1) -> af.Project:
        @af.asset
        def log(context: af.Context, new: pl.DataFrame) -> pl.DataFrame:
            return af.append(context.previous, new.with_columns(pl.col("id") * factor))

        @af.asset(on_code_change="rebuild")
        def table(context: af.Context, new: pl.DataFrame) -> pl.DataFrame:
            return af.upsert(context.previous, new.with_columns(n=pl.col("id") + factor), "id")

        return af.Project(
            [af.source("new", str(tmp_path / "new.csv")), log, table], store=str(tmp_path / "store")
        )

    (tmp_path / "new.csv").write_text("id\n1\n2\n")
    assert project().materialize().counts == {"built": 3}
    assert project().materialize().counts == {"fresh": 3}
    (tmp_path / "new.csv").write_text("id\n2\n3\n")
    project().materialize()
    assert project().load("log", pl.DataFrame)["id"].to_list() == [1, 2, 2, 3]
    assert project().load("table", pl.DataFrame)["id"].to_list() == [1, 2, 3]
    assert project().materialize().counts == {"fresh": 3}
    assert project(10).materialize().counts == {"built": 2, "fresh": 1}  # other code
    assert project(10).load("log", pl.DataFrame)["id"].to_list() == [1, 2, 2, 3, 20, 30]
    assert project(10).load("table", pl.DataFrame)["id"].to_list() == [2, 3]
    assert project(10).materialize(force=True, full_refresh=True).counts == {"built": 3}
    assert project(10).load("log", pl.DataFrame)["id"].to_list() == [20, 30]


def test_rows_without_a_sound_key_are_not_put_in_place() -> None:
    old = pa.table({"id": [1, 2], "v": ["a", "b"]})
    assert af.upsert(old, pa.table({"id": [2, 3], "v": ["B", "c"]}), "id").to_pylist() == [
        {"id": 1, "v": "a"}, {"id": 2, "v": "B"}, {"id": 3, "v": "c"},
    ]  # fmt: skip
    with pytest.raises(DataError, match="repeat a key"):
        af.upsert(old, pa.table({"id": [3, 3], "v": ["c", "d"]}), "id")
    with pytest.raises(DataError, match="have no id"):
        af.upsert(old, pa.table({"id": pa.array([None], pa.int64()), "v": ["c"]}), "id")
    with pytest.raises(DataError, match="no column 'key'"):
        af.upsert(old, old, "key")
    with pytest.raises(DataError, match="do not go with"):
        af.append(old, pa.table({"id": ["x"], "v": ["c"]}))


def test_a_morning_makes_the_partition_that_has_ended_and_no_other() -> None:
    """A thousand days under a schedule: one is made each morning; a week asleep is made up in one tick."""
    today = datetime.now(UTC).date()
    made = NOTES
    made.clear()

    @af.asset(partitions=af.daily(str(today - timedelta(days=300))), refresh=af.cron("0 6 * * *"))
    def fetched(context: af.Context) -> str:
        note(context.partition.key)
        return "the same each day"

    @af.asset(inputs={"fetched": af.Input("fetched", partitions=af.last())})
    def newest(fetched: str) -> str:
        return fetched

    project = af.Project([fetched, newest], executor="inline")
    clock = FakeClock(datetime(today.year, today.month, today.day, 12, tzinfo=UTC))
    project._workspace.store.clock = clock
    assert len(project.materialize().items) == 301
    made.clear()
    assert project.tick().run is None
    clock.advance(hours=17, minutes=59)  # five in the morning: the day has ended, its tick has not come
    assert project.tick().run is None
    assert not project.plan()
    clock.advance(minutes=2)
    project.tick()
    assert made == [str(today)]
    assert project.tick().run is None
    clock.advance(days=7)
    project.tick()
    assert sorted(made) == [str(today + timedelta(days=n)) for n in range(8)]
    assert project.tick().run is None
    project.materialize()
    assert len(made) == 8


@pytest.mark.parametrize(
    ("partitions", "refresh", "told"),
    [
        (af.daily("2026-01-01"), af.always, "neither af.cron nor af.every"),
        (af.static(["a"]), af.every("1h"), 'have no time to be due by (.|\n)*write partitions="all"'),
        (af.grid(a=af.daily("2026"), b=af.daily("2026")), af.every("1h"), "more than one time"),
        (af.static(["a"]), af.every("1h", again=1, partitions="all"), "each tick makes all again"),
        (af.static(["a"]), af.every("1h", again=1), "have no time"),
    ],
)
def test_a_refresh_that_says_nothing_of_partitions_is_refused(partitions, refresh, told: str) -> None:
    @af.asset(partitions=partitions, refresh=refresh)
    def a() -> int:
        return 1

    with pytest.raises(DeclarationError, match=told):
        af.Project([a], store="memory://").plan()


def test_dynamic_partitions_are_those_that_were_added_and_only_the_new_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "import assetflow as af\n\n\n@af.asset(partitions=af.dynamic('customers'))\n"
        "def report(context: af.Context) -> str:\n    return context.partition.key\n"
    )
    (tmp_path / "assetflow.toml").write_text('name = "customers"\nmodules = ["shop"]\n')
    shop = Shop(tmp_path)
    assert counts(shop) == {}
    assert "2 keys added" in said_in(tmp_path, "partitions", "add", "customers", "zenith", "acme").out
    assert counts(shop) == {"built": 2}
    assert "has them already" in said_in(tmp_path, "partitions", "add", "customers", "acme").out
    assert af.open(tmp_path).add_partitions("customers", ["acme", "nova"]) == ("nova",)
    assert counts(shop) == {"built": 1, "fresh": 2}
    assert said_in(tmp_path, "partitions", "list", "customers").out.split() == ["zenith", "acme", "nova"]
    for arguments, told in (
        (["customer", "x"], "did you mean 'customers'?"),
        (["customers", "a|b"], "a|b"),
    ):
        said = said_in(tmp_path, "partitions", "add", *arguments)
        assert said.code == 2
        assert told in said.err


def test_a_partition_and_an_incremental_version_are_made_again_from_what_they_were_made_from(
    shop: Shop,
) -> None:
    with (shop.root / "shop.py").open("a") as file:
        file.write(
            "\n\n@af.asset\ndef log(context: af.Context, total: int) -> pl.DataFrame:\n"
            "    return af.append(context.previous, pl.DataFrame({'total': [total]}))\n"
        )
    counts(shop)
    write(shop.root, DAYS[4], 5)
    counts(shop)
    for reference in (f"orders|{DAYS[4]}", f"rolling|{DAYS[5]}", "log", "total"):
        said = said_in(shop.root, "reproduce", reference)
        assert said.code == 0, said
        assert "identical" in said.out


PROGRAMS = f"""
import assetflow as af

days = af.daily("{DAYS[0]}", end="{DAYS[3]}")
raw = af.source("raw", "data/{{partition}}.csv", partitions=days)
counted = af.sql("counted", "SELECT count(*) AS n, sum(id) AS ids FROM raw", partitions=days)
week = af.sql(
    "week", "SELECT sum(n)::BIGINT AS n FROM counted", partitions=days,
    inputs={{"counted": af.Input("counted", partitions=af.window(-1))}},
)
told = af.command(
    "told",
    ["sh", "tell.sh", "{{partition}}", "{{partition.start}}", "{{inputs.raw}}", "{{output}}"],
    inputs={{"raw.csv": "raw"}}, output="told.txt", partitions=days,
)
total = af.sql("total", "SELECT sum(n)::BIGINT AS n FROM counted")
"""


def test_queries_and_programs_have_partitions(shop: Shop) -> None:
    shop.write("shop.py", PROGRAMS)
    shop.write("tell.sh", 'echo "$1 $2 $ASSETFLOW_PARTITION_END $(wc -l < $3)" > $4')
    assert counts(shop) == {"built": 17}
    assert not af.open(shop.root).plan()
    project = af.open(shop.root)
    assert project.load("counted", dict)[DAYS[1]].to_pylist() == [{"n": 2, "ids": 41}]
    assert project.load("week", dict)[DAYS[1]].to_pylist() == [{"n": 4}]
    assert project.load("total").to_pylist() == [{"n": 8}]
    day, start, end, rows = project.load("told", str, partition=DAYS[1]).split()
    assert (day, start[:10], end[:10], rows) == (DAYS[1], DAYS[1], DAYS[2], "3")
    write(shop.root, DAYS[1], 3)
    assert counts(shop) == {"built": 6, "fresh": 11}
    assert af.open(shop.root).load("week", dict)[DAYS[2]].to_pylist() == [{"n": 5}]


def test_what_queries_and_programs_cannot_say_of_partitions_is_told() -> None:
    days = af.daily(DAYS[0])
    declared = [
        af.source("raw", "data/{partition}.csv", partitions=days),
        af.sql("a", "SELECT * FROM raw", inputs={"raw": af.Input("raw", columns=["id"])}, partitions=days),
        af.command("b", ["sh", "{partition}"]),
        af.command("c", ["sh", "{partition.day}"], partitions=days),
        af.sql("d", "SELECT * FROM raw", partitions="daily"),
    ]
    with pytest.raises(DeclarationError) as raised:
        af.Project(declared).plan()
    told = str(raised.value)
    assert "what only a function can be told" in told
    assert "there is no placeholder {partition}" in told
    assert "there is no placeholder {partition.day}" in told
    assert "partitions='daily' is no scheme" in told


@pytest.mark.parametrize("method", ["plan", "materialize"])
def test_a_misspelt_argument_is_refused_with_the_nearest(method: str) -> None:
    @af.asset(partitions=af.static(["de"]))
    def a() -> int:
        return 1

    project = af.Project([a], store="memory://")
    with pytest.raises(af.UsageError, match=f"^{method} takes no partitions=") as raised:
        getattr(project, method)(partitions="de")
    assert raised.value.hint == "did you mean 'partition'?"


def test_a_partition_is_pinned_and_what_was_taken_back_of_it_accepted(shop: Shop) -> None:
    counts(shop, "orders")
    name = f"orders|{DAYS[3]}"
    assert said_in(shop.root, "pin", name, "--yes").code == 0
    write(shop.root, DAYS[3], 3)
    assert counts(shop, "orders") == {"built": 1, "held": 1, "fresh": 18}
    assert said_in(shop.root, "unpin", name, "--yes").code == 0
    assert counts(shop, "orders") == {"built": 1, "fresh": 19}
    af.open(shop.root).rollback()
    assert counts(shop, "orders") == {"held": 1, "fresh": 19}
    assert said_in(shop.root, "accept", name, "--yes").code == 0
    assert counts(shop, "orders")["reused"] == 1


def test_the_ledger_is_opened_as_often_for_many_partitions_as_for_few(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of all of them was once looked up partition by partition, 70 ms each."""
    opened: list[int] = []
    real = Ledger._open
    monkeypatch.setattr(Ledger, "_open", lambda self, folder: (opened.append(1), real(self, folder))[1])
    counts(shop, "rolling", "orders")
    needed = []
    for chosen in (DAYS[:2], DAYS):
        shop.write("shop.py", SHOP.replace(DAYS[-1], chosen[-1]))
        project = af.open(shop.root)
        opened.clear()
        assert project.materialize("total", force=True).status == "succeeded"
        needed.append(len(opened))
    assert needed[0] == needed[1]
