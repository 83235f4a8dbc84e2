"""What a stranger relies on: the README's commands exist, and so does what it links to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_every_make_target_that_is_written_about_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    written = [README, (ROOT / ".ci" / "run").read_text(), (ROOT / "docs" / "architecture.md").read_text()]

    assert set(re.findall(r"\bmake ([a-z]+)\b(?= *[`\n#])", "\n".join(written))) - targets == set()
    assert {"demo", "test", "check", "torture", "bench", "help"} <= targets


def test_ci_runs_the_test_command_of_the_readme_and_then_the_checks():
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line.startswith("make ")]

    assert commands == ["make test", "make check"]
    assert "make test" in README


def test_the_changelog_tells_of_the_version_or_of_what_comes():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings[0] in {"Unreleased", version}


def test_links_within_the_documentation_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_every_floor_is_drawn_in_the_architecture():
    drawn = (ROOT / "docs" / "architecture.md").read_text()
    floors = {path.name for path in (ROOT / "assetflow").iterdir() if path.suffix == ".py" or path.is_dir()}

    assert {floor for floor in floors - {"__init__.py", "__pycache__"} if floor not in drawn} == set()
