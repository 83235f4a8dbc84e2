"""The page on partitions: its assets are declared, and its commands typed, as they stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from console import said_in

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "partitions.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [
    command
    for line in re.findall(r"^    (assetflow .*)$", PAGE, re.MULTILINE)
    for command in line.split("  #")[0].split("; ")
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("partitions")
    (root / "data").mkdir()
    for day in ("2026-01-02", "2026-01-03", "2026-01-04"):
        (root / "data" / f"{day}.csv").write_text(f"id\n{day[-1]}\n7\n")
    (root / "data" / "inbox.csv").write_text("id\n1\n2\n")
    (root / "of_the_page.py").write_text("\n\n".join(CODE))
    (root / "assetflow.toml").write_text('name = "page"\nmodules = ["of_the_page"]\n')
    text = (root / "of_the_page.py").read_text()
    # days of which there are no files at all would leave `weekly` and `total` without a version
    (root / "of_the_page.py").write_text(text.replace("window(-6, 0)", 'window(-6, 0), missing="skip"'))
    said = said_in(root, "materialize", "orders")
    assert said.code == 0, said
    return root


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_does_not_fail_as_usage(project: Path, command: str) -> None:
    said = said_in(project, *shlex.split(command)[1:])
    assert said.code in (0, 1), said
    assert "Traceback" not in said.err


def test_the_page_names_each_scheme_and_mapping_that_there_is() -> None:
    import assetflow as af

    homes = {name: getattr(af, name).__module__ for name in af.__all__ if not name.startswith("_")}
    ours = {name for name, module in homes.items() if module.startswith("assetflow.partitions.")}
    assert {name for name in ours if f"af.{name}" not in PAGE} == {"same"}


def test_the_incremental_assets_of_the_page_take_in_each_row_once(project: Path) -> None:
    before = _materialized(project)
    (project / "data" / "2026-01-05.csv").write_text("id\n5\n7\n")
    (project / "data" / "inbox.csv").write_text("id\n2\n3\n")
    assert before == {"log": 2, "latest": 2, "journal": 6}
    assert _materialized(project) == {"log": 4, "latest": 3, "journal": 8}
    assert _materialized(project) == {"log": 4, "latest": 3, "journal": 8}
    assert _materialized(project, "--force") == {"log": 6, "latest": 3, "journal": 8}


def _materialized(project: Path, *options: str) -> dict[str, int]:
    """Build the incremental assets of the page, and return how many rows each has."""
    said = said_in(project, "materialize", "+log", "+latest", "+journal", *options)
    assert said.code == 0, said
    found = {}
    for key in ("log", "latest", "journal"):
        counted = said_in(project, "sql", f"select count(*) as n from {key}", "--json")
        found[key] = int(json.loads(counted.out)["rows"][0]["n"])
    return found
