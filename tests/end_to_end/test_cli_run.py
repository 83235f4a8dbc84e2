"""The commands that run, as a person types them: what they say, and the exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from console import Said, said_in
from shops import Shop, small_shop

BAD_ROW = ("2026-01-02,20", "2026-01-02,-20")


@pytest.fixture(scope="module")
def materialized(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = small_shop(tmp_path_factory.mktemp("cli"))
    said = said_in(shop.root, "materialize")
    assert said.code == 0, said
    return shop


@pytest.fixture
def shop(materialized: Shop, tmp_path: Path) -> Shop:
    root = tmp_path / "small"
    shutil.copytree(materialized.root, root)
    return Shop(root)


@pytest.fixture
def new_shop(tmp_path: Path) -> Shop:
    return small_shop(tmp_path)


@pytest.mark.parametrize("example", ["starter", "sales"])
def test_an_example_runs_at_once_and_says_what_to_type_next(tmp_path: Path, example: str) -> None:
    said = said_in(tmp_path, "init", "--example", example, "project")
    assert said.code == 0, said
    assert "project/assetflow.toml" in said.out.splitlines()
    assert "assetflow materialize" in said.err
    assert "cd project" in said.err
    run = said_in(tmp_path / "project", "materialize")
    assert run.code == 0, run
    assert run.out.splitlines()[-1].startswith(("3 built in", "4 built in"))
    assert said_in(tmp_path / "project", "plan", "--exit-code").code == 0
    assert said_in(tmp_path, "init", "--example", example, "project").code == 2


def test_a_plan_says_what_would_run_and_why(new_shop: Shop) -> None:
    said = said_in(new_shop.root, "plan", "--exit-code")
    assert said.code == 3
    assert [line.split()[:3] for line in said.out.splitlines()[1:-2]] == [
        ["+", "build", "apart"],
        ["+", "build", "orders_file"],
        ["+", "build", "orders"],
        ["waits", "for", "orders_file"],
        ["+", "build", "total"],
        ["waits", "for", "orders"],
        ["+", "build", "doubled"],
        ["waits", "for", "total"],
    ] or "never built" in said.out
    assert said.out.splitlines()[-1] == "5 build"
    assert not (new_shop.root / ".assetflow/store/log").exists()


def test_a_plan_with_nothing_to_do_is_one_line_unless_verbose(shop: Shop) -> None:
    assert said_in(shop.root, "plan").out == "Nothing would run: 5 fresh\n"
    assert said_in(shop.root, "plan", "-v").out.count("= fresh") == 5


def test_the_reason_of_a_change_is_named(shop: Shop) -> None:
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    out = said_in(shop.root, "plan").out
    assert "+ build  orders   code changed (helper label in small/text.py)" in out
    assert "? maybe  total    waits for orders" in out


def test_the_last_line_has_the_counts(shop: Shop) -> None:
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    said = said_in(shop.root, "materialize")
    assert said.code == 0
    assert said.out.startswith("1 built, 4 fresh in ")
    assert "orders" in said.err


def test_a_dry_run_is_a_plan(new_shop: Shop) -> None:
    assert said_in(new_shop.root, "materialize", "--dry-run").out == said_in(new_shop.root, "plan").out
    assert not (new_shop.root / ".assetflow/store/log").exists()


def test_force_runs_what_is_fresh(shop: Shop) -> None:
    assert said_in(shop.root, "materialize", "--force", "apart").out.startswith("1 built in ")


def test_a_rejection_shows_the_rows_what_it_stops_and_the_ways_on(shop: Shop) -> None:
    shop.edit("data/orders.csv", *BAD_ROW)
    for _ in range(2):  # judged now; and remembered
        said = said_in(shop.root, "materialize")
        assert said.code == 1
        lines = [" ".join(line.split()) for line in said.out.splitlines()]
        assert lines[0] == "orders rejected"
        assert lines[1].startswith("x range(amount, min=0): 1 of 3 rows")
        assert "1 2 2026-01-02 -20 <2>" in lines
        assert "skipped total, doubled" in lines
        assert any(line.startswith("readers keep version ") for line in lines)
        assert any("--force" in line for line in lines)
        assert ", 1 rejected, 2 skipped in " in lines[-1]


def test_a_rejected_plan_alone_is_1(shop: Shop) -> None:
    shop.edit("data/orders.csv", *BAD_ROW)
    said_in(shop.root, "materialize")
    said = said_in(shop.root, "plan", "--exit-code")
    assert said.code == 1
    assert "x rejected  orders" in said.out
    assert said_in(shop.root, "plan").code == 0


def test_a_failure_shows_the_users_frames_the_inputs_and_the_log(shop: Shop) -> None:
    shop.edit(
        "small/text.py", "    return f'<{value}>'", "    secret = 'hunter2'\n    return 1 / (secret == value)"
    )
    said = said_in(shop.root, "materialize")
    assert said.code == 1
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[0] == "orders failed: ZeroDivisionError: division by zero"
    assert lines[1].startswith("small/assets.py:")
    assert any(line.startswith("small/text.py:3 in label") for line in lines)
    assert any(line.startswith("inputs orders_file@") for line in lines)
    assert "skipped total, doubled" in lines
    (log,) = [line.removeprefix("log assetflow ") for line in lines if line.startswith("log ")]
    assert "ZeroDivisionError" in said_in(shop.root, *log.split()).out
    assert "Traceback" not in said.out + said.err
    assert "'hunter2'" not in said.out.replace("secret = 'hunter2'", "")


def test_a_warning_is_told_and_publishes(shop: Shop) -> None:
    shop.edit("small/assets.py", 'af.range("amount", min=0)', "af.range('amount', min=15, severity='warn')")
    said = said_in(shop.root, "materialize")
    assert said.code == 0
    assert said.out.startswith("! warning orders: range(amount, min=15): 1 of 3 rows")


@pytest.mark.parametrize(
    ("selection", "keys"),
    [
        (["+total"], {"orders_file", "orders", "total"}),
        (["--select", "+total"], {"orders_file", "orders", "total"}),
        (["-s", "total", "apart"], {"total", "apart"}),
        (["@orders"], {"orders_file", "orders", "total", "doubled"}),
        (["(orders+ and not total)"], {"orders", "doubled"}),
        (["orders+", "and", "not", "total"], {"orders", "doubled"}),
        (["2+doubled", "--exclude", "total", "--exclude", "orders_file"], {"orders", "doubled"}),
        (["--", "+total"], {"orders_file", "orders", "total"}),
    ],
)
def test_selections_pass_the_option_parser_untouched(
    shop: Shop, selection: list[str], keys: set[str]
) -> None:
    said = said_in(shop.root, "plan", "--json", *selection)
    assert set(said.states) - {"orders_file"} == keys - {"orders_file"}


def test_config_is_set_for_one_call(new_shop: Shop) -> None:
    new_shop.edit(
        "small/assets.py",
        "import assetflow as af",
        "from pydantic import BaseModel\n\nimport assetflow as af",
    )
    new_shop.write(
        "small/more.py",
        "from pydantic import BaseModel\nimport assetflow as af\n\n\nclass C(BaseModel):\n    rate: float = 0.1\n\n\n"
        "@af.asset(key='retail/taxed')\ndef taxed(config: C) -> float:\n    return config.rate\n",
    )
    assert (
        said_in(new_shop.root, "materialize", "retail/taxed", "--config", "retail/taxed.rate=0.5").code == 0
    )
    assert said_in(new_shop.root, "get", "retail/taxed").out == "0.5\n"
    assert (
        said_in(
            new_shop.root, "plan", "retail/taxed", "--config", "retail/taxed.rate=0.5", "--exit-code"
        ).code
        == 0
    )
    assert "config rate 0.5 -> 0.1" in said_in(new_shop.root, "plan", "retail/taxed").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["materialize", "ordres+"], "did you mean 'orders'"),
        (["plan", "orders and ("], "^"),
        (["plan", "tag:nothing"], "error: "),
        (["plan", "--env", "prod"], "there is no environment 'prod'"),
        (["plan", "-C", "nowhere"], "nowhere"),
        (["plan", "--jobs", "x"], "No such option"),
        (["materialize", "--jobs", "0"], "--jobs"),
        (["explain", "ordrs"], "did you mean 'orders'"),
        (["planx"], "Did you mean 'plan'"),
        (["history", "ordrs"], "orders"),
        (["runs", "zzz"], "there is no run 'zzz'"),
        (["plan", "--config", "orders.x"], "KEY.FIELD=VALUE"),
        (["logs"], "whose logs?"),
        (["list", "--recorded", "orders"], "--recorded"),
        (["sql", "drop table x"], "only SELECT"),
        ([], "Usage: assetflow"),
    ],
)
def test_a_wrong_request_is_2_and_says_how_to_mend_it(shop: Shop, arguments: list[str], told: str) -> None:
    said = said_in(shop.root, *arguments)
    assert said.code == 2
    assert told in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_declaration_errors_come_all_at_once_with_their_places(shop: Shop) -> None:
    shop.edit("small/assets.py", "def doubled(total: int)", "def doubled(totl: int)")
    shop.edit("small/assets.py", "def apart()", "def apart(nothing: int)")
    said = said_in(shop.root, "plan")
    assert said.code == 2
    assert said.err.startswith("error: 2 problems")
    assert said.err.count("small/assets.py:") == 2
    assert "'total'" in said.err


def test_a_module_that_cannot_be_imported_shows_its_own_frames(shop: Shop) -> None:
    shop.write("small/text.py", "def broken():\n    raise RuntimeError('at import')\n\n\nbroken()\n")
    said = said_in(shop.root, "plan")
    assert said.code == 2
    assert "RuntimeError: at import" in said.err
    assert "small/text.py:2 in broken" in said.err
    assert "Traceback" not in said.err


def test_outside_of_a_project_the_way_in_is_told(tmp_path: Path) -> None:
    said = said_in(tmp_path, "plan")
    assert said.code == 2
    assert "assetflow init" in said.err


def test_errors_are_json_when_json_was_asked_for(shop: Shop) -> None:
    for arguments, code in (
        [["plan", "ordres"], "selection"],
        [["plan", "--nonsense"], "usage"],
        [["show", "x"], "unknown_name"],
    ):
        said = said_in(shop.root, *arguments, "--json")
        assert said.code == 2
        assert said.json["error"]["code"] == code
        assert said.err == ""


def test_progress_can_be_told_to_programs(shop: Shop) -> None:
    said = said_in(shop.root, "materialize", "--force", "apart", "--json", "--log-format", "json")
    events = [json.loads(line)["event"] for line in said.err.splitlines()]
    assert events == ["run_began", "task_began", "item_done", "run_ended"]
    assert said.json["counts"] == {"built": 1}


def test_quiet_says_nothing_when_all_is_well(shop: Shop) -> None:
    shop.edit("small/assets.py", 'return "apart"', 'return "changed"')
    assert said_in(shop.root, "materialize", "-q") == Said(0, "", "")
    shop.edit("data/orders.csv", *BAD_ROW)
    said = said_in(shop.root, "materialize", "-q")
    assert (said.code, said.err) == (1, "")
    assert "rejected" in said.out


def test_on_a_terminal_lines_are_coloured_and_end_with_the_counts(shop: Shop) -> None:
    said = said_in(shop.root, "materialize", "--force", "total", watched=True, columns=80)
    assert "\x1b[32m+ built" in said.err
    assert "1 built" in said.out
    assert "\x1b[32m1 built" in said.out


def test_the_typed_command_is_on_record(shop: Shop) -> None:
    said_in(shop.root, "materialize", "--force", "-s", "+total")
    (run, *_) = said_in(shop.root, "runs", "--json").json["runs"]
    assert run["command"] == "assetflow materialize --force -s +total"


def test_a_verdict_is_shown_once_whatever_the_check_was_before(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    shop.edit("small/assets.py", "min=0", 'min=15, severity="warn"')
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("small/assets.py", 'min=15, severity="warn"', "min=15")
    judged, remembered = (said_in(shop.root, "materialize") for _ in range(2))
    for said in (judged, remembered):
        assert said.code == 1
        assert [line.strip()[:1] for line in said.out.splitlines() if "range(amount, min=15)" in line] == [
            "x"
        ]
    shown = said_in(shop.root, "show", "orders@dev").out
    assert shown.count("2026-01-01") == 1
