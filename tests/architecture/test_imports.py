"""Heavy libraries stay at the door; each start is a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"numpy", "pandas", "polars", "pandera", "duckdb", "pyarrow", "sqlglot", "fsspec", "matplotlib"}

# At the exit: a command does not come back from its end.
_TELL = """import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr))
"""


def modules_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has imported after ``code``."""
    program = f"{_TELL}{code}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_importing_assetflow_imports_nothing_heavy():
    assert modules_after("import assetflow") & (HEAVY | {"typer", "rich"}) == set()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["materialize", "--help"], ["plan", "--help"]]
)
def test_asking_the_command_line_for_help_imports_nothing_heavy(arguments):
    code = f"sys.argv = {['assetflow', *arguments]!r}; from assetflow.cli.main import main; main()"

    assert modules_after(code) & HEAVY == set()
