"""Assets that programs in other languages make, as a team has them: scripts beside the modules, the command line."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest
from shops import Shop

MODULE = """import assetflow as af
from pydantic import BaseModel

class Rate(BaseModel):
    factor: int = 2

orders = af.source("orders", "orders.csv", identity="content")
totals = af.command(
    "totals",
    ["sh", "scripts/totals.sh", "{inputs.orders}", "{output}"],
    inputs={"orders.csv": "orders"},
    output="totals.csv",
    checks=[af.not_null("day")],
    tags=["shell"],
)
report = af.command(
    "report",
    ["node", "scripts/report.js", "--factor={config.factor}"],
    inputs=["totals"],
    output="report.json",
    config=Rate,
    env={"TITLE": "Totals of {inputs.totals}"},
)
"""
TOTALS = """#!/bin/sh
# day -> sum of amounts
echo "reading $1"
awk -F, 'NR > 1 { sum[$2] += $3 } END { print "day,total"; for (day in sum) print day "," sum[day] }' "$1" > "$2"
echo "done" >&2
"""
REPORT = """
const fs = require("fs");
const factor = Number(process.argv[2].split("=")[1]);
const head = fs.readFileSync(process.env.ASSETFLOW_INPUT_TOTALS).subarray(0, 4).toString();
console.log("title", process.env.TITLE.split(" ")[0]);
fs.writeFileSync(process.env.ASSETFLOW_OUTPUT, JSON.stringify({ format: head, factor: factor * 10 }));
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n')
    shop.write("shop.py", MODULE)
    shop.write("scripts/totals.sh", TOTALS)
    shop.write("scripts/report.js", REPORT)
    shop.write("orders.csv", "id,day,amount\n1,mon,2\n2,tue,4\n3,mon,1\n")
    return shop


def test_a_shell_script_and_a_node_program_run_once_and_again_when_something_that_decides_them_changes(
    shop: Shop,
) -> None:
    assert shutil.which("node"), "this test runs a program of Node"
    assert shop.materialize().states == {"orders": "built", "totals": "built", "report": "built"}
    assert sorted(shop.run("get", "totals", check=True).out.split()) == ["day,total", "mon,3", "tue,4"]
    assert '"factor": 20' in shop.run("get", "report", check=True).out
    assert set(shop.materialize().states.values()) == {"fresh"}

    shop.edit("scripts/totals.sh", "# day -> sum of amounts", "# sums of amounts by day")
    said = shop.materialize()
    assert said.states == {"orders": "fresh", "totals": "built", "report": "fresh"}  # the same data came out
    assert said.json["items"][1]["reasons"] == ["code changed (file scripts/totals.sh)"]

    shop.edit("orders.csv", "3,mon,1", "3,tue,1")
    assert shop.materialize().states == {"orders": "built", "totals": "built", "report": "built"}

    assert shop.materialize("--config", "report.factor=3").states["report"] == "built"


def test_explain_names_the_argument_and_the_file_that_changed(shop: Shop) -> None:
    shop.materialize()
    shop.edit("shop.py", '"--factor={config.factor}"', '"--factor={config.factor}", "--short"')
    shop.edit("scripts/totals.sh", '"reading $1"', '"reads $1"')

    report = shop.run("explain", "report", check=True).out
    assert "code changed (its command)" in report
    assert '+argument "--short"' in report
    totals = shop.run("explain", "totals", check=True).out
    assert "code changed (file scripts/totals.sh)" in totals
    assert '-echo "reading $1"' in totals


def test_what_programs_print_is_in_the_log_and_they_are_selected_by_kind(shop: Shop) -> None:
    shop.materialize()

    log = shop.run("logs", "totals", check=True).out
    assert "reading /" in log
    assert "done" in log
    assert "title Totals" in shop.run("logs", "report", check=True).out
    listed = shop.run("list", "kind:command", "--json", check=True).json
    assert {row["key"] for row in listed["assets"]} == {"totals", "report"}
    assert "scripts/report.js" in shop.run("show", "report", "--code", check=True).out


def test_a_program_that_fails_tells_what_it_said_last_and_fails_alone(shop: Shop) -> None:
    shop.edit("scripts/totals.sh", 'echo "reading $1"', 'echo "no disk" >&2; echo "no luck" >&2; exit 3')
    said = shop.materialize()

    assert said.code == 1
    assert said.states == {"orders": "built", "totals": "failed", "report": "skipped"}
    message = said.json["items"][1]["message"]
    assert message == "sh ended with exit code 3: no luck\n  no disk\n  no luck"


def test_recorded_commands_run_again(shop: Shop) -> None:
    shop.materialize()
    shop.edit("scripts/totals.sh", "sum[$2] += $3", "sum[$2] += 2 * $3")

    said = shop.run("reproduce", "totals")
    assert (said.code, "identical" in said.out) == (0, True), said


def test_included_files_decide_too_and_are_no_assets_of_their_own(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "shop"\nmodules = ["shop"]\n')
    shop.write(
        "shop/__init__.py",
        "import assetflow as af\n"
        "built = af.command('built', ['sh', '-c', 'cat shop/models/*/*.sql > $ASSETFLOW_OUTPUT'], output='all.txt',\n"
        "    includes=['models/**/*.sql'])\n",
    )
    shop.write("shop/models/core/a.sql", "select {{ ref }}")
    assert shop.materialize().states == {"built": "built"}
    assert shop.materialize().states == {"built": "fresh"}

    shop.write("shop/models/core/b.sql", "select 2")
    said = shop.materialize()
    assert said.states == {"built": "built"}
    assert said.json["items"][0]["reasons"] == ["code changed (file shop/models/core/b.sql)"]
    assert shop.run("reproduce", "built", check=True).out.count("identical") == 1


def test_a_program_is_gone_when_its_run_was_interrupted(shop: Shop) -> None:
    shop.edit("scripts/totals.sh", 'echo "reading $1"', "sleep 600 & echo $! > child; echo $$ > leader; wait")
    process = shop.start("materialize")
    pids = [shop.root / "leader", shop.root / "child"]
    deadline = time.monotonic() + 60
    while not all(path.exists() and path.read_text().strip() for path in pids):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)  # two at once are one
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 130
    deadline = time.monotonic() + 10
    while any(_is_running(int(path.read_text())) for path in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
