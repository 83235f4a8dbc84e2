"""A project in a folder, as a team has one: files that can be edited, and the command line, here and apart."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from console import Said, said_in

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "import sys; from assetflow.cli.main import main; sys.exit(main())"]


@dataclass(frozen=True)
class Shop:
    """A project folder."""

    root: Path

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a piece of a file that must be there."""
        file = self.root / path
        text = file.read_text()
        assert old in text, (path, old)
        file.write_text(text.replace(old, new))

    def run(self, *arguments: str, check: bool = False) -> Said:
        """Run a command of assetflow in the project, in this process."""
        said = said_in(self.root, *arguments)
        assert not check or said.code == 0, said
        return said

    def run_apart(self, *arguments: str, env: dict[str, str] | None = None, check: bool = False) -> Said:
        """Run a command in a process of its own, to its end."""
        said = self._said([*COMMAND, *arguments], env)
        assert not check or said.code == 0, said
        return said

    def python(self, script: str) -> Said:
        """Run a Python file of the project, to its end; it can import the code under test."""
        return self._said([sys.executable, script], None)

    def start(self, *arguments: str, until: str | None = None) -> subprocess.Popen[str]:
        """Start a command and return its process, the leader of a group of its own.

        ``until``: a file of the project that is waited for.
        """
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.root,
            env=environment(None),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while until is not None and not (self.root / until).exists():
            assert time.monotonic() < deadline, process.poll()
            time.sleep(0.02)
        return process

    def _said(self, command: list[str], env: dict[str, str] | None) -> Said:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment(env),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def materialize(self, *arguments: str) -> Said:
        """Materialize, with JSON output."""
        return self.run("materialize", "--json", *arguments)

    def plan(self, *arguments: str) -> Said:
        """Plan, with JSON output."""
        return self.run("plan", "--json", *arguments)

    def commits(self) -> list[Path]:
        """The commits of the log, in order; their numbers have no gap."""
        found = sorted((self.root / ".assetflow/store/log").glob("*.json"))
        assert [int(file.stem) for file in found] == list(range(1, len(found) + 1))
        return found

    def published(self) -> dict[str, str]:
        """The published data version by asset, as the log says."""
        versions: dict[str, str] = {}
        current: dict[str, str] = {}
        for file in self.commits():
            for action in json.loads(file.read_text())["actions"]:
                if action["type"] in ("materialized", "source_observed"):
                    versions[action["version"]] = action["data_version"]
                elif action["type"] == "published":
                    current[action["asset"]] = versions[action["version"]]
        return current


def environment(extra: dict[str, str] | None) -> dict[str, str]:
    """The environment of a command: this one, with the code under test importable."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(extra or {})}


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it started, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def sample_shop(folder: Path) -> Shop:
    """Copy the sample into ``folder``, without what it has materialized."""
    root = folder / "sample"
    shutil.copytree(ROOT / "sample_assets", root, ignore=shutil.ignore_patterns(".assetflow", "__pycache__"))
    return Shop(root)


SMALL = {
    "assetflow.toml": 'name = "small"\nmodules = ["small"]\n',
    "data/orders.csv": "id,day,amount\n1,2026-01-01,10\n2,2026-01-02,20\n3,2026-02-01,30\n",
    "small/__init__.py": "",
    "small/text.py": "def label(value):\n    return f'<{value}>'\n",
    "small/assets.py": """import pyarrow as pa
import pyarrow.compute as pc

import assetflow as af
from small.text import label

orders_file = af.source("orders_file", "data/orders.csv")


@af.asset(group="retail", tags=["daily"], checks=[af.range("amount", min=0)])
def orders(orders_file: pa.Table) -> pa.Table:
    return orders_file.append_column("label", pa.array([label(id) for id in orders_file["id"].to_pylist()]))


@af.asset(inputs={"orders": af.Input("orders", columns=["amount"])}, group="reports")
def total(orders: pa.Table) -> int:
    return pc.sum(orders["amount"]).as_py()


@af.asset(group="reports", tags=["daily"])
def doubled(total: int) -> int:
    return total * 2


@af.asset
def apart() -> str:
    return "apart"
""",
}


def small_shop(folder: Path) -> Shop:
    """Make a project of a CSV source and four assets, which imports little and so starts fast."""
    shop = Shop(folder / "small")
    for path, text in SMALL.items():
        shop.write(path, text)
    return shop
