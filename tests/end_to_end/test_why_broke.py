"""`assetflow why-broke`: what differs between what was good and what broke, and what of it breaks alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from console import Said, said_in
from shops import Shop

ASSETS = """import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

import assetflow as af
from chain.text import shift

orders_file = af.source("orders_file", "data/orders.csv")


class Rate(BaseModel):
    rate: float = 1.0
    unused: str = "a"


@af.asset
def priced(orders_file: pa.Table, config: Rate) -> pa.Table:
    return orders_file.set_column(1, "amount", pc.multiply(orders_file["amount"], config.rate))


@af.asset
def shifted(priced: pa.Table) -> pa.Table:
    return shift(priced)


@af.asset
def known() -> pa.Table:
    return pa.table({"id": [1, 2, 3]})


@af.asset(checks=[af.range("amount", min=0, max=1000)])
def report(shifted: pa.Table) -> pa.Table:
    return shifted


@af.asset
def board(report: pa.Table) -> int:
    return report.num_rows


@af.asset
def counted(priced: pa.Table) -> int:
    return priced.num_rows // 3
"""

TEXT = '''import pyarrow.compute as pc


def shift(table):
    """Add what is always added."""
    return table.set_column(1, "amount", pc.add(table["amount"], 1.0))
'''

FILES = {
    "assetflow.toml": 'name = "chain"\nmodules = ["chain"]\n[assets.priced.config]\nrate = 1.0\n',
    "data/orders.csv": "id,amount\n1,10\n2,20\n3,30\n",
    "chain/__init__.py": "",
    "chain/text.py": TEXT,
    "chain/assets.py": ASSETS,
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain of assets in which all is well."""
    shop = Shop(tmp_path_factory.mktemp("good") / "chain")
    for path, text in FILES.items():
        shop.write(path, text)
    assert said_in(shop.root, "materialize").code == 0
    return shop.root


@pytest.fixture
def shop(good: Path, tmp_path: Path) -> Shop:
    """A copy of it, to break."""
    shutil.copytree(good, tmp_path / "chain", ignore=shutil.ignore_patterns("__pycache__"))
    return Shop(tmp_path / "chain")


def materialize(shop: Shop, *more: str) -> Said:
    return said_in(shop.root, "materialize", "--json", *more)


def why(shop: Shop, key: str = "report", *more: str) -> Any:
    said = said_in(shop.root, "why-broke", key, "--json", *more)
    assert said.code == 0, said
    return said.json


def told(answer: Any) -> list[tuple[str, str, str]]:
    return [(cause["asset"], cause["kind"], "; ".join(cause["words"])) for cause in answer["causes"]]


def trials(answer: Any) -> list[tuple[str, str]]:
    return [(cause["asset"], cause["trial"]["outcome"]) for cause in answer["causes"]]


COUNTED = ("counted", "code", "code changed (its function)")
KNOWN = ("known", "code", "code changed (its function)")
CONFIG = ("priced", "config", "config rate 1.0 -> 2.0")
CODE = ("shifted", "code", "code changed (helper shift in chain/text.py)")
ROWS = ("orders_file", "source", "file orders.csv changed")


def change_config(shop: Shop) -> None:
    shop.edit("assetflow.toml", "rate = 1.0", "rate = 2.0")


def change_code(shop: Shop) -> None:
    shop.edit("chain/text.py", "1.0", "2.0")


def change_rows(shop: Shop) -> None:
    shop.write("data/orders.csv", "id,amount\n1,10\n2,-20\n3,30\n")


def test_a_break_in_three_steps_is_named_nearest_first_and_the_one_that_breaks_it_alone_leads(
    shop: Shop,
) -> None:
    for change in (change_config, change_code, change_rows):
        change(shop)
    assert materialize(shop).states["report"] == "rejected"
    before = len(shop.commits())

    answer = why(shop)
    assert told(answer) == [CODE, CONFIG, ROWS]
    assert [cause["path"] for cause in answer["causes"]] == [
        ["shifted", "report"],
        ["priced", "shifted", "report"],
        ["orders_file", "priced", "shifted", "report"],
    ]
    assert answer["failing"] == ["range(amount, min=0, max=1000)"]
    assert '+    return table.set_column(1, "amount", pc.add(table["amount"], 2.0))' in (
        answer["causes"][0]["code_changes"][0]["diff"].splitlines()
    )
    assert answer["causes"][2]["hint"].startswith("assetflow diff orders_file@")

    shop.write("chain/assets.py", "raise RuntimeError('imported')\n")
    answer = why(shop, "report", "--run")
    assert told(answer) == [ROWS, CODE, CONFIG]
    assert trials(answer) == [
        ("orders_file", "breaks"),
        ("shifted", "does not break"),
        ("priced", "does not break"),
    ]
    assert "1 of 3 rows" in answer["causes"][0]["trial"]["why"]
    assert len(shop.commits()) == before


def test_changes_that_came_one_run_after_the_other_are_all_named(shop: Shop) -> None:
    shop.edit("assetflow.toml", "rate = 1.0", "rate = -1.0")
    assert materialize(shop).states["report"] == "rejected"
    change_code(shop)
    assert materialize(shop).states["report"] == "rejected"
    shop.write("data/orders.csv", "id,amount\n1,10\n2,20\n3,31\n")
    assert materialize(shop).states["report"] == "rejected"
    assert told(why(shop)) == [CODE, ("priced", "config", "config rate 1.0 -> -1.0"), ROWS]


def test_changes_that_were_published_before_the_last_one_broke_it_are_found_by_naming_what_was_good(
    shop: Shop,
) -> None:
    first = said_in(shop.root, "history", "report", "--json").json["versions"][0]["version"]
    change_config(shop)
    assert materialize(shop).code == 0
    change_rows(shop)
    assert materialize(shop).states["report"] == "rejected"
    assert told(why(shop)) == [ROWS]
    assert told(why(shop, "report", "--good", first)) == [CONFIG, ROWS]


def test_only_what_differs_in_data_is_followed(shop: Shop) -> None:
    """Two fields of a config are two differences, and a change without effect upstream is none."""
    shop.edit("assetflow.toml", "rate = 1.0", 'rate = -1.0\nunused = "b"')
    shop.edit("chain/text.py", "def shift", "RATE = 1\n\n\ndef shift")
    assert materialize(shop).states["report"] == "rejected"
    answer = why(shop, "report", "--run")
    assert told(answer) == [
        ("priced", "config", "config rate 1.0 -> -1.0"),
        ("priced", "config", "config unused 'a' -> 'b'"),
    ]
    assert [cause["trial"]["outcome"] for cause in answer["causes"]] == ["breaks", "does not break"]
    assert answer["causes"][1]["trial"]["why"] == "report comes out as it was"


def test_of_an_asset_that_was_skipped_what_broke_above_it_is_told(shop: Shop) -> None:
    change_rows(shop)
    assert materialize(shop).states["board"] == "skipped"
    answer = why(shop, "board")
    assert (answer["asked"], answer["key"]) == ("board", "report")
    assert told(answer) == [ROWS]


def test_an_asset_that_raises_is_compared_by_the_recipe_of_the_attempt(shop: Shop) -> None:
    change_config(shop)
    shop.edit("chain/assets.py", "priced.num_rows // 3", "priced.num_rows // 0")
    assert materialize(shop).states["counted"] == "failed"
    answer = why(shop, "counted", "--run")
    assert told(answer) == [
        COUNTED,
        ("priced", "config", "config rate 1.0 -> 2.0"),
    ]
    assert trials(answer) == [("counted", "breaks"), ("priced", "does not break")]
    assert "ZeroDivisionError" in answer["error"]
    assert "ZeroDivisionError" in answer["causes"][0]["trial"]["why"]


def test_a_difference_that_cannot_be_tried_says_why(shop: Shop) -> None:
    change_rows(shop)
    shop.edit(
        "chain/text.py",
        "    return",
        "    if table.num_rows != 3 or min(table['amount'].to_pylist()) >= 0:\n"
        "        raise ValueError('only for bad rows')\n    return",
    )
    assert materialize(shop).states["report"] == "rejected"
    answer = why(shop, "report", "--run")
    assert trials(answer) == [("orders_file", "breaks"), ("shifted", "cannot be tried")]
    assert "only for bad rows" in answer["causes"][1]["trial"]["why"]


def test_a_check_that_was_changed_is_the_cause_of_what_it_rejects(shop: Shop) -> None:
    shop.edit("chain/assets.py", "max=1000", "max=30")
    assert materialize(shop).states["report"] == "rejected"
    answer = why(shop, "report", "--run")
    assert answer["good"] == answer["bad"]
    assert [cause["kind"] for cause in answer["causes"]] == ["check"]
    assert trials(answer) == [("report", "breaks")]


def test_what_the_check_reads_of_another_asset_is_followed_too(shop: Shop) -> None:
    check = 'af.range("amount", min=0, max=1000)'
    shop.edit("chain/assets.py", check, 'af.relationships("id", to=known)')
    assert materialize(shop).code == 0
    shop.edit("chain/assets.py", "[1, 2, 3]", "[1, 2]")
    change_config(shop)
    assert materialize(shop).states["report"] == "rejected"
    answer = why(shop, "report", "--run")
    assert told(answer) == [KNOWN, CONFIG]
    assert trials(answer) == [("known", "breaks"), ("priced", "does not break")]


SOME = """@af.check(orders_file)
def some(orders_file: pa.Table) -> bool:
    return orders_file.num_rows > 2


@af.asset
def priced"""

SANE = """@af.check(report)
def sane(report: pa.Table, known: pa.Table) -> bool:
    return 1 / (known.num_rows - 2) > 0


@af.asset
def board"""


def test_a_check_that_raises_is_asked_again_with_what_it_read(shop: Shop) -> None:
    shop.edit("chain/assets.py", "@af.asset\ndef board", SANE)
    assert materialize(shop).code == 0
    shop.edit("chain/assets.py", "[1, 2, 3]", "[1, 2]")
    change_config(shop)
    assert materialize(shop).states["report"] == "failed"
    answer = why(shop, "report", "--run")
    assert (answer["failing"], "ZeroDivisionError" in answer["error"]) == (["sane"], True)
    assert told(answer) == [KNOWN, CONFIG]
    assert trials(answer) == [("known", "breaks"), ("priced", "does not break")]


def test_a_source_that_its_own_check_rejects_is_compared_by_its_files(shop: Shop) -> None:
    shop.edit("chain/assets.py", "@af.asset\ndef priced", SOME)
    assert materialize(shop).code == 0
    shop.write("data/orders.csv", "id,amount\n1,10\n")
    assert materialize(shop).states["orders_file"] == "rejected"
    answer = why(shop, "board", "--run")
    assert (answer["key"], told(answer)) == ("orders_file", [ROWS])
    assert trials(answer) == [("orders_file", "breaks")]


def test_what_was_only_waited_for_is_followed_too(shop: Shop) -> None:
    shop.edit("chain/assets.py", "@af.asset\ndef counted", '@af.asset(deps=["known"])\ndef counted')
    assert materialize(shop).code == 0
    shop.edit("chain/assets.py", "[1, 2, 3]", "[1, 2]")
    shop.edit("chain/assets.py", "priced.num_rows // 3", "priced.num_rows // 0")
    assert materialize(shop).states["counted"] == "failed"
    answer = why(shop, "counted", "--run")
    assert told(answer) == [
        COUNTED,
        KNOWN,
    ]
    assert trials(answer) == [("counted", "breaks"), ("known", "does not break")]


def test_other_data_of_the_same_recipe_are_told_as_chance(shop: Shop) -> None:
    shop.write("chance.txt", "1")
    shop.edit("chain/text.py", "1.0", f"float(open({str(shop.root / 'chance.txt')!r}).read())")
    change_config(shop)  # so that the report is made anew, from what this code made
    assert materialize(shop).code == 0
    shop.write("chance.txt", "-900")
    assert materialize(shop, "shifted+", "--force").states["report"] == "rejected"
    answer = why(shop, "report", "--run")
    assert [(cause["asset"], cause["kind"]) for cause in answer["causes"]] == [("shifted", "data")]
    assert trials(answer) == [("shifted", "breaks")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["report"], "no attempt at report was rejected or failed"),
        (["nothing"], "nothing is on record of an asset 'nothing'"),
        (["report", "--bad", "zz"], "'zz' means no version of report"),
        (["report", "--bad", "HEAD", "--good", "2001-01-01"], "nothing was on record"),
        (["report@HEAD~1"], "report@HEAD~1 is one of its versions"),
        (["report", "--bad", "shifted@HEAD"], "'shifted@HEAD' is no version of report"),
        (["report", "--bad", "HEAD", "--good", "shifted@HEAD"], "'shifted@HEAD' is no version of report"),
        (["report", "--bad", "report@"], "lacks what stands after @"),
    ],
)
def test_what_did_not_break_or_does_not_exist_is_wrong_usage(
    good: Path, arguments: list[str], why: str
) -> None:
    said = said_in(good, "why-broke", *arguments)
    assert (said.code, why in " ".join(said.err.split())) == (2, True)


APART = """default = "dev"
[environments.dev]
store = ".assetflow/store"
[environments.prod]
store = ".assetflow/prod"
"""


def test_the_good_version_may_lie_in_the_store_of_another_environment(shop: Shop) -> None:
    shop.write("assetflow.toml", FILES["assetflow.toml"].replace("[assets", f"{APART}[assets"))
    assert materialize(shop, "--env", "prod").code == 0
    change_config(shop)
    change_rows(shop)
    assert materialize(shop).states["report"] == "rejected"
    for reference in ("prod", "report@prod"):
        answer = why(shop, "report", "--good", reference)
        assert told(answer) == [CONFIG, ROWS]
    said = said_in(shop.root, "why-broke", "report@prod", "--bad", "dev")
    assert said.code == 2  # what dev publishes is older than all that prod has
    assert "prod had published no version of report" in " ".join(said.err.split())
    said = said_in(shop.root, "why-broke", "report", "--good", "prod", "--run")
    assert said.code == 2
    assert "two stores" in " ".join(said.err.split())


@pytest.mark.parametrize(("checks", "rows"), [("", True), (', checks=[af.unique("id")]', False)])
def test_the_command_that_shows_more_can_be_typed_as_it_is_told(shop: Shop, checks: str, rows: bool) -> None:
    shop.write("assetflow.toml", FILES["assetflow.toml"].replace("[assets", f"{APART}[assets"))
    shop.edit("chain/assets.py", '"data/orders.csv"', f'"data/orders.csv"{checks}')
    assert materialize(shop, "--env", "prod").code == 0
    change_rows(shop)
    assert materialize(shop, "--env", "prod").states["report"] == "rejected"
    (cause,) = why(shop, "report", "--env", "prod")["causes"]
    command, *arguments = cause["hint"].split()
    assert (command, "--rows" in arguments) == ("assetflow", rows)
    said = said_in(shop.root, *arguments)
    assert (said.code, "orders_file" in said.out) == (1, True), said


def test_what_is_mended_since_is_told_as_mended(shop: Shop) -> None:
    change_rows(shop)
    assert materialize(shop).states["report"] == "rejected"
    answer = why(shop)
    assert answer["mended_by"] is None
    assert "mended" not in said_in(shop.root, "why-broke", "report").out
    shop.write("data/orders.csv", "id,amount\n1,10\n2,21\n3,30\n")
    assert materialize(shop).states["report"] == "built"
    published = said_in(shop.root, "show", "report@HEAD", "--json").json["version"]
    later = why(shop)
    assert later == answer | {"mended_by": published}
    assert f"mended since: {published[:12]}" in said_in(shop.root, "why-broke", "report").out


def test_a_break_is_mended_by_accepting_the_bad_version_and_not_by_a_rollback(shop: Shop) -> None:
    change_rows(shop)
    assert materialize(shop).states["report"] == "rejected"
    bad = why(shop)["bad"]
    assert said_in(shop.root, "accept", "report").code == 0
    assert why(shop)["mended_by"] == bad
    assert said_in(shop.root, "rollback").code == 0
    assert why(shop)["mended_by"] is None


def test_without_anything_good_there_is_nothing_to_compare(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "chain")
    for path, text in FILES.items():
        shop.write(path, text)
    change_rows(shop)
    assert materialize(shop).states["report"] == "rejected"
    said = said_in(shop.root, "why-broke", "report")
    assert said.code == 2
    assert "no version of report before it broke" in said.err


def test_versions_are_explained_against_each_other(shop: Shop) -> None:
    change_code(shop)
    assert materialize(shop).code == 0
    change_config(shop)
    assert materialize(shop).code == 0
    shop.write("chain/assets.py", "raise RuntimeError('imported')\n")

    explained = said_in(shop.root, "explain", "shifted@HEAD", "--json").json
    assert explained["reasons"] == ["priced changed in column amount"]
    explained = said_in(shop.root, "explain", "shifted", "--against", "HEAD~2", "--json").json
    assert explained["reasons"] == [CODE[2], "priced changed in column amount"]
    assert [change["name"] for change in explained["code_changes"]] == ["chain.text:shift"]
    said = said_in(shop.root, "explain", "shifted@HEAD~1", "--against", "HEAD~1")
    assert "nothing that decides it differs" in said.out
    assert said_in(shop.root, "explain", "orders_file@HEAD").code == 2
    assert said_in(shop.root, "explain", "shifted", "--against", "shifted@HEAD~2").code == 0
    said = said_in(shop.root, "explain", "shifted", "--against", "priced@HEAD~1")
    assert (said.code, "'priced@HEAD~1' is no version of shifted" in said.err) == (2, True)
    assert said_in(shop.root, "explain", "shifted@HEAD", "--config", "priced.rate=3").code == 2
