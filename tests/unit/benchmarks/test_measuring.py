"""A process is measured from outside, with all that it starts."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.command import Command
from benchmarks.measuring import measure

RAN = Path(__file__).resolve().parents[3] / "benchmarks" / "programs"


def python(code: str, folder: Path, **more):
    return measure(Command((sys.executable, "-c", code), folder, {"PYTHONPATH": str(RAN)}, **more))


def test_it_counts_the_functions_that_noted_themselves(tmp_path):
    measured = python("from ran import ran; ran('first'); ran('second')", tmp_path)

    assert measured.ran == ("first", "second")
    assert 0 < measured.first < measured.wall
    assert measured.numbers["ran"] == 2


def test_it_reads_the_figures_that_a_program_gives(tmp_path):
    code = "import json, os; open(os.environ['BENCH_FIGURES'], 'w').write(json.dumps({'plan': 0.5}))"

    assert python(code, tmp_path).numbers["plan"] == 0.5


def test_the_memory_of_children_counts(tmp_path):
    code = (
        "import subprocess, sys; "
        "subprocess.run([sys.executable, '-c', 'import time; held = bytearray(b\"1\" * 80_000_000); time.sleep(0.3)'])"
    )
    measured = python(code, tmp_path)

    assert measured.peak > 80_000_000
    assert measured.tree >= measured.peak


def test_the_exit_code_and_what_was_said_are_told(tmp_path):
    measured = python("import sys; print('out'); sys.exit('err')", tmp_path)

    assert (measured.exit_code, measured.out, measured.err) == (1, "out\n", "err\n")


def test_what_takes_too_long_is_killed(tmp_path):
    assert python("import time; time.sleep(60)", tmp_path, time_limit=0.3).exit_code == -9
