"""`python -m benchmarks` as a person types it, at sizes that a test can bear."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_quick_run_prints_its_section_and_its_promises_and_leaves_the_page(tmp_path):
    page = (ROOT / "docs" / "benchmarks.md").read_bytes()

    done = benchmarks("--quick", "--only", "hashing", "--repeat", "1", "--scratch", str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "| short strings | assetflow |" in done.stdout
    assert "| hashing | short strings, as a ratio to xxh3-128 | at least 0.500 x |" in done.stdout
    assert list(json.loads((tmp_path / "quick.json").read_text())) == ["hashing"]
    assert (ROOT / "docs" / "benchmarks.md").read_bytes() == page


def test_an_unknown_workload_is_refused_with_those_that_there_are(tmp_path):
    done = benchmarks("--quick", "--only", "W9", "--scratch", str(tmp_path))

    assert done.returncode == 2
    assert "no workload W9; there are hashing, W1, W2, W3, W4, W5, W6, W7" in done.stderr
