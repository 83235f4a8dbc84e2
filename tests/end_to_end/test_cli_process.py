"""What only a process of its own can show: signals, pipes, the cost of a start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shops import COMMAND, Shop, environment, small_shop

SLOW = """import time
import assetflow as af


@af.asset
def slow() -> int:
    time.sleep({seconds})
    return 1
"""
CHEAPEST_OF = 5
# Target 0.2 s, promised 0.3 s; slow machines take their time.
MOST_SECONDS = 0.6


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return small_shop(tmp_path)


def wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    pytest.fail(f"{words!r} was never said")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_waits_for_what_runs_and_ends_with_130(shop: Shop, number: signal.Signals) -> None:
    shop.write("small/slow.py", SLOW.format(seconds=1.5))
    process = shop.start("materialize", "slow")
    wait_for_line(process, "build")
    time.sleep(0.3)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out.startswith("1 built in ")
    assert shop.run_apart("runs", "--json").json["runs"][0]["status"] == "cancelled"
    assert set(shop.materialize("slow").states.values()) == {"fresh"}


def test_a_second_interrupt_waits_for_nothing(shop: Shop) -> None:
    shop.write("small/slow.py", SLOW.format(seconds=120))
    process = shop.start("materialize", "slow")
    wait_for_line(process, "build")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    wait_for_line(process, "interrupted")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "1 cancelled" in out
    assert "Traceback" not in err


def test_an_interrupt_while_modules_are_imported_is_no_traceback(shop: Shop) -> None:
    shop.write(
        "small/text.py", "import sys, time\nprint('importing', file=sys.stderr, flush=True)\ntime.sleep(60)\n"
    )
    process = shop.start("plan")
    wait_for_line(process, "importing")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_a_reader_that_leaves_is_no_error(shop: Shop) -> None:
    assert shop.materialize().code == 0
    listing = shop.start("sql", "select unnest(range(50000)) as n")
    assert listing.stdout is not None
    listing.stdout.readline()
    listing.stdout.close()
    assert listing.stderr is not None
    assert "Traceback" not in listing.stderr.read()
    assert listing.wait(60) == 0


def cheapest(arguments: list[str], root: Path, extra: dict[str, str] | None = None) -> float:
    """The least time of the processor that a start took: what runs beside it counts little, and only adds to it."""
    took = []
    for _ in range(CHEAPEST_OF):
        before = os.times()
        done = subprocess.run(arguments, cwd=root, env=environment(extra), capture_output=True, check=False)
        after = os.times()
        took.append(
            after.children_user - before.children_user + after.children_system - before.children_system
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    return min(took)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_are_there_at_once(tmp_path: Path, option: str) -> None:
    assert cheapest([*COMMAND, option], tmp_path) < MOST_SECONDS


def test_completion_answers_while_a_person_types(shop: Shop) -> None:
    assert shop.run_apart("list").code == 0
    asked = {"_ASSETFLOW_COMPLETE": "complete_bash", "COMP_WORDS": "assetflow\nplan\n+or", "COMP_CWORD": "2"}
    assert cheapest(COMMAND, shop.root, asked) < MOST_SECONDS / 2
    done = subprocess.run(
        COMMAND, cwd=shop.root, env=environment(asked), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["+orders", "+orders_file"]


def test_completion_imports_neither_typer_nor_anything_heavy(shop: Shop) -> None:
    code = (
        "import sys; from assetflow.cli.main import run; run([])\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'typer', 'rich', 'pydantic', 'duckdb'}))"
    )
    asked = {"_ASSETFLOW_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "assetflow plan "}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=shop.root,
        env=environment(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_of_typer_ask_as_completion_expects(tmp_path: Path, shell: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--show-completion", shell],
        cwd=tmp_path,
        env=environment({"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"_ASSETFLOW_COMPLETE=complete_{shell}" in done.stdout
    assert ("COMP_WORDS" if shell == "bash" else "_TYPER_COMPLETE_ARGS") in done.stdout


def test_bash_completes_by_the_script(shop: Shop, tmp_path: Path) -> None:
    """The script itself, evaluated by bash, with the words as bash cuts them."""
    assert shop.run_apart("list").code == 0
    command = tmp_path / "bin" / "assetflow"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from assetflow.cli.main import main; main()" "$@"\n'
    )
    command.chmod(0o755)
    script = (
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION=1; export _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION\n"
        'eval "$(assetflow --show-completion bash)"\n'
        "COMP_WORDS=(assetflow plan tag : da); COMP_CWORD=4\n"
        '_assetflow_completion assetflow; printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=shop.root,
        env=environment({"PATH": path}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["daily"]
