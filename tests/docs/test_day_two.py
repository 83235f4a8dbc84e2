"""The recipes of docs/day_two.md do what they say, from the first to the last, in a copy of the sample."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from console import Said, said_in
from shops import COMMAND, ROOT, environment, sample_shop

PAGE = ROOT / "docs" / "day_two.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"[|;&<>$*`\n]")
ENDS = re.compile(r"\s+# ends with (\d+)$")


@dataclass(frozen=True)
class Step:
    """A command, and the exit code that the page says it has."""

    text: str
    code: int


def steps() -> list[Step]:
    """Return what the page has one type; what stands between two commands belongs to the first."""
    found = []
    for block in BLOCK.findall(PAGE.read_text()):
        for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command = text.rstrip("\n")
            ends = ENDS.search(command)
            found.append(Step(ENDS.sub("", command), int(ends[1]) if ends else 0))
    return found


def _said(text: str, root: Path, around: dict[str, str]) -> Said:
    """Run what is typed: a command of assetflow alone in this process, anything else in a shell."""
    if text.startswith("assetflow ") and not SHELL.search(text):
        return said_in(root, *shlex.split(text, comments=True)[1:])
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=root,
        env=around,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_every_recipe_does_what_it_says(tmp_path: Path) -> None:
    shop = sample_shop(tmp_path)
    wrapper = tmp_path / "bin/assetflow"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {COMMAND[0]} {COMMAND[1]} "{COMMAND[2]}" "$@"\n')
    wrapper.chmod(0o755)
    around = environment({"PATH": f"{wrapper.parent}:/usr/bin:/bin"})
    wrong = []
    for step in steps():
        said = _said(step.text, shop.root, around)
        if said.code != step.code:
            wrong.append((step, said))
    assert wrong == []
    assert len(steps()) > 30
