"""`assetflow diff`: exit codes, and what a person sees."""

from __future__ import annotations

import pytest
from console import said_in
from shops import Shop

SETTINGS = """
name = "diff"
modules = ["diffed"]
default = "dev"
[environments.dev]
store = "dev"
[environments.prod]
store = "prod"
[environments.prod.assets.sales.config]
step = 1
"""
ASSETS = """
import assetflow as af
import pyarrow as pa
import pydantic

class Step(pydantic.BaseModel):
    step: int = 0

@af.asset(checks=[af.unique("id")])
def sales(step: Step) -> pa.Table:
    last = 4 if step.step else 3
    return pa.table({"id": [1, 2, last], "day": ["mon", "tue", "wed"], "amount": [1.0, 2.0 + step.step, 3.0]})

@af.asset(partitions=af.static(["a", "b"]), checks=[af.unique("id")])
def apart(context: af.Context) -> pa.Table:
    return pa.table({"id": [context.partition.key], "amount": [1.0]})

@af.asset
def metrics(sales: pa.Table) -> dict:
    return {"total": sum(sales["amount"].to_pylist()), "rows": len(sales)}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("diff"))
    shop.write("assetflow.toml", SETTINGS)
    shop.write("diffed.py", ASSETS)
    assert said_in(shop.root, "materialize").code == 0
    assert said_in(shop.root, "materialize", "--config", "sales.step=1").code == 0
    assert said_in(shop.root, "materialize", "--env", "prod").code == 0
    shop.write("diffed.py", "raise RuntimeError('the user\\'s modules are not imported')")
    return shop


def test_a_diff_shows_counts_columns_and_rows_old_beside_new(shop: Shop) -> None:
    said = said_in(shop.root, "diff", "sales", columns=80)
    lines = [line.split() for line in said.out.splitlines()]
    assert said.code == 1
    assert ["rows", "3", "+1", "added", "-1", "removed", "~1", "changed"] in lines
    assert ["key", "id,", "as", "a", "unique", "check", "says"] in lines
    assert ["amount", "double", "1", "50.0", "%"] in lines
    assert "1 column the same in every row: day" in said.out
    assert ["2", "2.0", "→", "3.0"] in lines
    assert ["4", "wed", "3.0"] in lines
    assert ["3", "wed", "3.0"] in lines


def test_of_rows_with_no_key_in_common_no_column_is_called_the_same(shop: Shop) -> None:
    said = said_in(shop.root, "diff", "apart|a", "apart|b")
    assert said.code == 1
    assert "1  +1 added  -1 removed" in said.out
    assert "no row is in both" in said.out
    assert "the same in every row" not in said.out


def test_versions_of_environments_with_stores_of_their_own_are_compared(shop: Shop) -> None:
    equal = said_in(shop.root, "diff", "sales@prod", "sales@dev")
    assert equal.code == 0
    assert "the same data" in equal.out
    old = said_in(shop.root, "diff", "sales@prod", "sales@HEAD~1", "--json").json
    assert old["different"]
    assert old["changes"]["rows"] == {
        "old": 3,
        "new": 3,
        "added": 1,
        "removed": 1,
        "changed": 1,
        "moved": False,
    }


def test_a_key_is_given_by_commas_or_again_and_again(shop: Shop) -> None:
    for key in (("--key", "id,day"), ("-k", "id", "-k", "day")):
        assert said_in(shop.root, "diff", "sales", *key, "--json").json["changes"]["key"] == ["id", "day"]
    assert said_in(shop.root, "diff", "sales", "--key", "id,").code == 2


def test_metrics_show_old_new_and_difference(shop: Shop) -> None:
    said = said_in(shop.root, "diff", "metrics@HEAD~1")
    assert said.code == 1
    assert ["~", "total", "6.0", "7.0", "+1"] in [line.split() for line in said.out.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "nothing"),
        (["sales@nowhere"], "nowhere"),
        (["sales", "--key", "dy"], "did you mean 'day'?"),
        (["metrics", "--key", "id"], "no table"),
        (["sales", "metrics", "--limit", "-1"], "limit"),
    ],
)
def test_what_cannot_be_compared_ends_with_2(shop: Shop, arguments: list[str], message: str) -> None:
    said = said_in(shop.root, "diff", *arguments)
    assert said.code == 2
    assert message in said.err
    assert not said.out


def test_a_missing_part_is_no_difference(shop: Shop) -> None:
    big = "pa.table({'n': list(range(20_000 + step.step))})"
    shop.write(
        "diffed.py",
        ASSETS.replace('pa.table({"id"', f'{big} if step.step > 1 else pa.table({{"id"').replace(
            'af.unique("id")', ""
        ),
    )
    assert said_in(shop.root, "materialize", "sales", "--config", "sales.step=2").code == 0
    assert said_in(shop.root, "materialize", "sales", "--config", "sales.step=3").code == 0
    for file in (shop.root / "dev/objects").rglob("*.parquet"):
        file.unlink()
    said = said_in(shop.root, "diff", "sales", "--rows")
    assert said.code == 2
    assert "sales version" in said.err
    assert "part 1 of 1" in said.err
