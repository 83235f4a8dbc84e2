"""Who is told of what, and how often: a project on the command line, and a local webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import said_in
from shops import Shop
from webhook import Webhook, webhook

SETTINGS = """name = "shop"
modules = ["shop"]

[notify]
webhook = "${HOOK}"
"""
MODULE = """import assetflow as af
import pyarrow as pa

orders = af.source("orders", "orders.csv")

@af.asset(checks=[af.unique("id")])
def sales(orders: pa.Table) -> pa.Table:
    return orders

@af.asset
def total(sales: pa.Table) -> int:
    return 100 // sales.num_rows
"""


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as heard:
        yield heard


@pytest.fixture
def shop(tmp_path: Path, hook: Webhook) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", SETTINGS)
    shop.write(".env", f"HOOK={hook.url}\n")
    shop.write("shop.py", MODULE)
    shop.write("orders.csv", "id\n1\n2\n")
    return shop


def test_a_failing_check_is_told_once_and_its_recovery_once(shop: Shop, hook: Webhook) -> None:
    shop.materialize()
    assert hook.received == []

    shop.write("orders.csv", "id\n1\n1\n")
    shop.materialize()
    shop.materialize()
    shop.write("orders.csv", "id\n1\n1\n1\n")
    shop.materialize()
    assert hook.events == [("rejected", ["sales"])]
    (told,) = hook.received
    assert told["env"] == "dev"
    assert told["project"] == "shop"
    assert told["assets"][0]["why"].startswith("unique(id)")
    assert told["assets"][0]["look"] == "assetflow why-broke sales --env dev"
    assert told["text"].startswith("shop dev: sales was rejected\nsales: unique(id)")

    shop.write("orders.csv", "id\n1\n2\n")
    shop.materialize()
    shop.materialize()
    assert hook.events[1:] == [("recovered", ["sales"])]
    phases = "select phase, count(*) as n from notifications group by phase order by phase"
    assert shop.run("sql", phases, "--json", check=True).json["rows"] == [
        {"phase": "telling", "n": 2},
        {"phase": "told", "n": 2},
    ]


BY_DAY = """import assetflow as af
import pyarrow as pa

days = af.daily("2026-03-01", end="2026-03-03")
orders = af.source("orders", "data/{partition}.csv", partitions=days)

@af.asset(partitions=days, checks=[af.unique("id")])
def sales(orders: pa.Table) -> pa.Table:
    if orders.num_rows == 3:
        raise ValueError("three")
    return orders
"""


def test_partitions_recover_when_the_data_of_before_are_back(shop: Shop, hook: Webhook) -> None:
    shop.write("shop.py", BY_DAY)
    files = [f"data/2026-03-0{day}.csv" for day in (1, 2, 3)]
    for file in files:
        shop.write(file, "id\n1\n2\n")
    said_in(shop.root, "materialize")
    shop.write(files[0], "id\n1\n1\n")
    shop.write(files[1], "id\n1\n2\n3\n")
    said_in(shop.root, "materialize")
    said_in(shop.root, "materialize")
    assert sorted(hook.events) == [("failed", ["sales"]), ("rejected", ["sales"])]
    failed, rejected = sorted((one["assets"][0] for one in hook.received), key=lambda one: one["event"])
    assert rejected["look"] == "assetflow why-broke sales -p 2026-03-01 --env dev"
    assert failed["look"] == f"assetflow logs sales -p 2026-03-02 --run {failed['run']} --env dev"
    assert sorted(one["text"].partition("\n")[0] for one in hook.received) == [
        "shop dev: sales|2026-03-01 was rejected",
        "shop dev: sales|2026-03-02 failed",
    ]

    for file in files[:2]:
        shop.write(file, "id\n1\n2\n")
    assert json.loads(said_in(shop.root, "materialize", "--json").out)["counts"] == {"reused": 2, "fresh": 4}
    said_in(shop.root, "materialize")
    assert hook.events[2:] == [("recovered", ["sales", "sales"])]
    told = hook.received[2]
    assert [one["partition"] for one in told["assets"]] == ["2026-03-01", "2026-03-02"]
    assert told["text"].startswith("shop dev: 2 partitions recovered")


def test_a_failure_is_told_with_its_error_and_another_state_anew(shop: Shop, hook: Webhook) -> None:
    shop.edit("shop.py", "100 // sales.num_rows", "100 // 0")
    shop.materialize()
    shop.edit("shop.py", "100 // 0", "int('x')")
    shop.materialize()
    assert hook.events == [("failed", ["total"])]
    item = hook.received[0]["assets"][0]
    assert item["why"].startswith("ZeroDivisionError: ")
    assert item["look"] == f"assetflow logs total --run {item['run']} --env dev"

    shop.edit("shop.py", "int('x')", "1")
    shop.materialize()
    shop.edit("shop.py", "return 1", "return 1 // 0")
    shop.materialize()
    assert hook.events[1:] == [("recovered", ["total"]), ("failed", ["total"])]


def test_what_is_late_is_told_once_by_status_and_by_runs(shop: Shop, hook: Webhook) -> None:
    shop.materialize()
    shop.write("assetflow.toml", SETTINGS + '[assets.sales]\nfresh_within = "1ms"\n')
    shop.run("status")
    assert hook.received == []
    shop.run("status", "--notify", check=True)
    shop.run("status", "--notify", check=True)
    shop.materialize()
    assert hook.events == [("late", ["sales"])]
    assert hook.received[0]["assets"][0]["look"] == "assetflow status sales --env dev"

    shop.write("assetflow.toml", SETTINGS + '[assets.sales]\nfresh_within = "1d"\n')
    shop.materialize()
    assert hook.events[1:] == [("recovered", ["sales"])]


def test_what_the_webhook_does_not_take_fails_no_run_and_is_told_by_the_next(
    shop: Shop, hook: Webhook
) -> None:
    hook.status = 500
    shop.write("orders.csv", "id\n1\n1\n")
    said = shop.run("materialize")
    assert said.code == 1
    assert (
        "warning: nobody was notified that shop dev: sales was rejected: the webhook at 127.0.0.1" in said.err
    )
    assert "answered 500; the next run tries again" in said.err
    assert "s3cret" not in said.out + said.err

    hook.status = 200
    assert "warning" not in shop.run("materialize").err
    assert hook.events == [("rejected", ["sales"])]


def test_only_what_is_asked_for_is_told_in_each_environment(shop: Shop, hook: Webhook) -> None:
    own = '[environments.dev]\n[environments.dev.notify]\non = ["rejected"]\n'
    shop.write("assetflow.toml", f"{SETTINGS}{own}")
    for rows in ("1\n1", "1\n2", "1\n1"):
        shop.write("orders.csv", f"id\n{rows}\n")
        shop.materialize()

    assert hook.events == [("rejected", ["sales"]), ("rejected", ["sales"])]


LOGIN = """
class Login(pydantic.BaseModel):
    word: pydantic.SecretStr = pydantic.SecretStr("hunter2")

@af.asset
def total(login: Login) -> int:
    raise OSError("no entry for " + login.word.get_secret_value())
"""


def test_secrets_are_in_no_message(shop: Shop, hook: Webhook) -> None:
    shop.write("shop.py", f"import assetflow as af\nimport pydantic\n{LOGIN}")
    shop.materialize()

    assert hook.received[0]["assets"][0]["why"] == "OSError: no entry for ***"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('webhook = "ftp://host/x"', "notify.webhook must be an http or https URL"),
        ('on = ["failing"]', "notify.on is ['failing'], but must be a list of"),
        ('webhok = "https://host"', "notify.webhok is unknown (did you mean 'webhook'?)"),
    ],
)
def test_settings_that_make_no_sense_are_refused(shop: Shop, written: str, told: str) -> None:
    shop.write("assetflow.toml", f'name = "shop"\nmodules = ["shop"]\n[notify]\n{written}\n')
    said = shop.run("status")

    assert said.code == 2
    assert told in said.err


def test_the_address_is_not_shown_with_the_settings(shop: Shop, hook: Webhook) -> None:
    assert "${HOOK}" in shop.run("config", check=True).out
    shop.write("assetflow.toml", SETTINGS.replace("${HOOK}", hook.url))
    said = shop.run("config", check=True).out
    assert "s3cret" not in said
    assert "**********" in said


def test_a_tick_that_has_nothing_to_run_tells_what_is_late_once(shop: Shop, hook: Webhook) -> None:
    shop.edit("shop.py", "@af.asset\n", '@af.asset(fresh_within="1s")\n')
    shop.materialize()
    time.sleep(1.1)
    for _ in range(2):
        said = shop.run("tick")
        assert (said.code, said.out, said.err) == (0, "", "")
    assert hook.events == [("late", ["total"])]
