"""A reader in another process, while runs that publish together go on: 20 assets, one checksum, never a mixture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cells import declared_in
from shops import environment

import assetflow as af

ASSETS = 20
READER = """
import sys
from pathlib import Path
import assetflow as af

store, end = sys.argv[1], Path(sys.argv[2])
project = af.Project([], store=store)
seen = []
while True:
    is_last = end.exists()
    with project.snapshot() as snapshot:
        numbers = {snapshot.load(key) for key in snapshot.keys}
        if len(numbers) > 1:
            sys.exit(f"a mixture of {numbers}")
        seen += [number for number in numbers if number not in seen]
    print(len(snapshot.keys), seen, flush=True)
    if is_last:
        break
"""


def project(store: str, number: int, *, broken: bool) -> af.Project:
    """Twenty assets that all say the same number, in two chains from one root; ``broken``: the last one fails."""
    text = f"@af.asset\ndef a0() -> int:\n    return {number}\n"
    for index in range(1, ASSETS):
        above = f"a{max(0, index - 2)}"
        value = f"{above} // 0" if broken and index == ASSETS - 1 else above
        text += f"\n@af.asset\ndef a{index}({above}: int) -> int:\n    return {value}\n"
    return af.Project(declared_in(text, af=af), store=store, publish="run")


def test_a_reader_sees_every_run_whole_or_not_at_all(tmp_path: Path) -> None:
    store, end = str(tmp_path / "store"), tmp_path / "end"
    project(store, 0, broken=False).materialize().raise_for_failure()
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, store, str(end)],
        env=environment(None),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == f"{ASSETS} [0]\n"
    for number in range(1, 6):
        run = project(store, number, broken=number % 3 == 0).materialize()
        assert run.status == ("failed" if number % 3 == 0 else "succeeded")
    end.touch()
    out, err = reader.communicate(timeout=240)
    assert (reader.returncode, err) == (0, "")
    count, _, numbers = out.splitlines()[-1].partition(" ")
    seen = set(map(int, numbers.strip("[]").split(",")))
    assert int(count) == ASSETS
    assert 5 in seen
    assert 3 not in seen
