"""Assets in processes of their own: what hangs, crashes or talks harms nobody else, and nothing stays behind."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest
from console import said_in
from shops import Shop

import assetflow as af

CULPRITS = """import ctypes, os, re, resource, signal, subprocess, sys, time
from pathlib import Path

import pyarrow as pa

import assetflow as af

HERE = Path(__file__).parent


@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": range(1000)})


@af.asset(executor="process")
def healthy(numbers: pa.Table) -> pa.Table:
    return numbers


@af.asset(executor="inline")
def below(healthy: pa.Table) -> int:
    return healthy.num_rows


@af.asset(timeout="0.7s")
def hangs() -> int:
    subprocess.Popen(["sleep", "1000"])
    print("about to hang")
    time.sleep(1000)


@af.asset(timeout="0.7s")
def never_looks_up() -> int:
    return len(re.findall(r"(a+)+$", "a" * 40 + "b"))


@af.asset(executor="process")
def segfaults() -> int:
    print("soon")
    return ctypes.string_at(0)


@af.asset(executor="process")
def eats() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    held = []
    while True:
        held.append(bytearray(50_000_000))


@af.asset(executor="process")
def killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)


@af.asset(executor="process")
def leaves() -> int:
    os._exit(3)


@af.asset(executor="process", retries=af.Retry(times=2, first="1ms", on=LookupError))
def third_time() -> int:
    with (HERE / "tries").open("a") as tries:
        tries.write("x")
    if (number := (HERE / "tries").stat().st_size) < 3:
        raise KeyError(number)
    return number


@af.asset(executor="process")
def talks() -> int:
    print("first words")
    for _ in range(1000):
        sys.stdout.buffer.write(b"x" * 999_999 + b"\\n")
    os.system("echo of a child")
    ctypes.CDLL(None).puts(b"last words")
    return 1
"""


@pytest.fixture
def marker(monkeypatch: pytest.MonkeyPatch) -> str:
    """What all processes have in their environment that a test starts."""
    mark = uuid4().hex
    monkeypatch.setenv("ASSETFLOW_TEST_MARK", mark)
    return mark


def left(marker: str) -> list[str]:
    """Return what still runs of all that was started with the marker, but for this process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and marker.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def gone(marker: str) -> bool:
    """Say whether all that was started has ended, soon."""
    deadline = time.monotonic() + 10
    while left(marker):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def project(folder: Path, text: str, settings: str = "") -> Shop:
    shop = Shop(folder)
    shop.write("assetflow.toml", settings)
    shop.write("assets.py", text)
    return shop


def test_whatever_an_asset_does_the_others_finish_and_it_is_told_why(tmp_path: Path, marker: str) -> None:
    shop = project(tmp_path, CULPRITS)
    said = shop.materialize("-j", "3")
    assert said.code == 1, said.err
    assert not left(marker)
    items = {item["key"]: item for item in said.json["items"]}
    built = {key for key, item in items.items() if item["state"] == "built"}
    assert built == {"numbers", "healthy", "below", "third_time", "talks"}
    told = {key: item["message"] for key, item in items.items() if item["state"] == "failed"}
    assert told["hangs"] == told["never_looks_up"] == "TimeoutError: timed out after 0.7 s"
    assert told["segfaults"] == "the worker process was killed by SIGSEGV"
    assert told["eats"].startswith("MemoryError: out of memory; the process held ")
    assert told["killed"].startswith("the worker process was killed by SIGKILL, as a system does")
    assert told["leaves"] == "the worker process ended with exit code 3"
    assert "about to hang" in said_in(shop.root, "logs", "hangs").out
    assert re.search(r'assets.py", line \d+ in segfaults', said_in(shop.root, "logs", "segfaults").out)
    assert said_in(shop.root, "logs", "third_time").out.count("--- attempt") == 2
    talk = said_in(shop.root, "logs", "talks").out
    assert talk.startswith("first words\nxxx")
    assert talk.endswith("xxx\nof a child\nlast words\n")
    assert len(talk) < 2_000_000
    assert "characters left out" in talk
    made = said_in(shop.root, "show", "healthy", "--json").json
    assert made["current"]["peak_memory"] > 1_000_000
    assert "memory" in said_in(shop.root, "runs", said.json["id"]).out
    attempts = shop.run(
        "sql", "--json", "select attempt from materializations where asset = 'third_time'"
    ).json
    assert "3" in str(attempts)


SLOW = """import os, subprocess, time
from pathlib import Path

import assetflow as af


@af.asset
def quick() -> int:
    return 1


@af.asset(executor="process")
def slow(quick: int) -> int:
    subprocess.Popen(["sleep", "1000"])
    Path("running").touch()
    time.sleep(1000)
"""


def test_an_interrupted_run_leaves_no_process(tmp_path: Path, marker: str) -> None:
    shop = project(tmp_path, SLOW)
    process = shop.start("materialize", until="running")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert gone(marker), left(marker)
    assert set(shop.published()) == {"quick"}


def test_workers_end_with_a_killed_run(tmp_path: Path, marker: str) -> None:
    shop = project(tmp_path, SLOW)
    process = shop.start("materialize", until="running")
    process.kill()
    process.communicate()
    assert gone(marker), left(marker)
    assert "interrupted" in said_in(shop.root, "runs").out


def test_a_program_that_hangs_is_stopped_too(tmp_path: Path, marker: str) -> None:
    text = """import assetflow as af

hangs = af.command("hangs", ["sh", "-c", "echo begun; sleep 1000; true"], output="x.txt", timeout="500ms")
"""
    shop = project(tmp_path, text)
    said = shop.materialize()
    assert said.json["items"][0]["message"] == "TimeoutError: timed out after 0.5 s"
    assert gone(marker), left(marker)
    assert "begun" in said_in(shop.root, "logs", "hangs").out


def test_new_text_never_runs_under_the_old_fingerprint(tmp_path: Path) -> None:
    shop = project(
        tmp_path,
        """import assetflow as af
from pathlib import Path


@af.asset
def first() -> int:
    here = Path(__file__)
    here.write_text(here.read_text().replace("return 2", "return 3"))
    return 1


@af.asset(executor="process")
def second(first: int) -> int:
    return 2
""",
    )
    said = shop.materialize()
    assert said.states == {"first": "built", "second": "failed"}
    assert "code of second changed on disk" in str(said.json)
    said = shop.materialize()
    assert said.states["second"] == "built"
    assert said_in(shop.root, "get", "second").out.strip() == "3"


def test_modules_that_cannot_be_imported_again_are_told(tmp_path: Path) -> None:
    text = """import sys
from pathlib import Path

import assetflow as af

print("importing", file=sys.stderr)
with Path("imported").open("x"):
    pass


@af.asset(executor="process", retries=3)
def one() -> int:
    return 1


@af.asset(executor="process")
def two() -> int:
    return 2
"""
    said = project(tmp_path, text).materialize("-j", "1")
    assert said.states == {"one": "failed", "two": "failed"}
    assert all("cannot import the project" in item["message"] for item in said.json["items"])
    (tmp_path / "imported").unlink()
    assert "importing" in said_in(tmp_path, "logs", "two").out


def test_a_store_in_memory_is_refused_before_anything_runs(tmp_path: Path) -> None:
    shop = project(tmp_path, SLOW, 'store = "memory://"')
    said = shop.run("materialize")
    assert said.code == 2
    assert "slow is to be made in a process of its own, and the store is in the memory" in said.err
    assert not (tmp_path / "running").exists()


def test_a_pool_that_is_not_in_the_settings_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = "import assetflow as af\n\n@af.asset(pool='databse')\ndef a() -> int:\n    return 1\n"
    shop = project(tmp_path, text, "[pools]\ndatabase = 2")
    said = shop.run("plan")
    assert said.code == 2
    assert "assets.py:3: asset 'a': there is no pool 'databse'" in said.err
    assert "database" in said.err


SCRIPT = """import os

import pyarrow as pa
from pydantic import BaseModel

import assetflow as af
import helpers

RATE = 3


class Config(BaseModel):
    times: int = 2


class OwnError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def helper(value):
    return value * RATE


@af.asset(executor="process", checks=[af.not_null("x")])
def made(config: Config) -> pa.Table:
    return pa.table({"x": [helper(config.times), helpers.one(), os.getpid()]})


@af.asset(timeout="1h", retries=af.Retry(times=1, first="1ms", on=OwnError))
def fails(made: pa.Table) -> int:
    raise OwnError(1, 2)


@af.check(made)
def apart(made: pa.Table) -> bool:
    return made["x"][2].as_py() == os.getpid()


project = af.Project([made, fails, apart], store="store", root=".", jobs=2)
run = project.materialize(config={"made": {"times": 5}})
print(run["made"].message, project.load("made")["x"].to_pylist()[:2], run["fails"].message, run.counts)
print(project.load("made")["x"][2].as_py() != os.getpid())
"""


def test_what_a_script_defines_goes_to_its_processes_too(tmp_path: Path, marker: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "helpers.py").write_text("def one():\n    return 1\n")
    said = Shop(tmp_path).python("script.py")
    assert said.out.splitlines() == [
        " [15, 1] OwnError: 1 and 2 {'built': 1, 'failed': 1}",
        "True",
    ], said.err
    assert not left(marker)


def test_a_scripts_own_modules_never_run_with_new_text_either(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("""from pathlib import Path

import assetflow as af
import helpers


@af.asset
def edits() -> int:
    Path("helpers.py").write_text("def one():\\n    return 2\\n")
    return helpers.one()


@af.asset(executor="process")
def reads(edits: int) -> int:
    return helpers.one()


run = af.Project([edits, reads], store="store", root=".").materialize()
print(run["reads"].message)
""")
    (tmp_path / "helpers.py").write_text("def one():\n    return 1\n")
    said = Shop(tmp_path).python("script.py")
    assert said.out == "the code of reads changed on disk after this run read it: helpers:one\n", said.err


def test_what_cannot_be_copied_is_told(tmp_path: Path) -> None:
    lock = threading.Lock()

    @af.asset(executor="process")
    def guarded() -> int:
        with lock:
            return 1

    run = af.Project([guarded], store=tmp_path).materialize()
    assert run["guarded"].message.startswith("what this project declares cannot be sent to a process: ")
    assert run["guarded"].error is not None


def test_settings_say_where_an_asset_runs_and_how_long(tmp_path: Path) -> None:
    text = """import time

import assetflow as af


@af.asset
def one() -> int:
    return 1


@af.asset(timeout="1h")
def two() -> int:
    time.sleep(1000)


@af.asset(executor="process")
def three() -> int:
    return 3
"""
    settings = "[assets]\none.executor = 'process'\ntwo.timeout = '300ms'\nthree.executor = 'inline'"
    shop = project(tmp_path, text, settings)
    said = shop.materialize()
    assert said.states == {"one": "built", "three": "built", "two": "failed"}
    made = said_in(
        shop.root, "sql", "--json", "select asset, executor from materializations order by asset"
    ).json
    assert [tuple(row.values()) for row in made["rows"]] == [
        ("one", "process"),
        ("three", "inline"),
    ]
    refused = shop.run_apart("materialize", "--force", env={"ASSETFLOW_TIMEOUT": "soon"})
    assert refused.code == 2
    assert "timeout is 'soon', but must be seconds, or text such as" in refused.err


def test_no_more_run_at_once_than_their_pool_and_the_run_have_places_for(tmp_path: Path) -> None:
    lock, running, most = threading.Lock(), [], {"pool": 0, "all": 0}

    def worker(name: str, pool: str | None):
        @af.asset(name, pool=pool, version="1")
        def work() -> int:
            with lock:
                running.append(pool)
                most["pool"] = max(most["pool"], running.count("database"))
                most["all"] = max(most["all"], len(running))
            time.sleep(0.02)
            with lock:
                running.remove(pool)
            return 1

        return work

    pooled = [worker(f"a{number}", "database") for number in range(6)]
    others = [worker(f"b{number}", None) for number in range(6)]
    run = af.Project([*pooled, *others], store=tmp_path, jobs=4, pools={"database": 2}).materialize()
    assert run.counts == {"built": 12}
    assert most == {"pool": 2, "all": 4}  # what has no pool did not wait for those that come before it


def test_the_settings_put_an_asset_into_a_pool(tmp_path: Path) -> None:
    text = """
import time
from pathlib import Path

import assetflow as af

TAKEN = Path(__file__).with_name("taken")


def alone() -> int:
    TAKEN.touch(exist_ok=False)
    time.sleep(0.02)
    TAKEN.unlink()
    return 1


for number in range(4):
    globals()[f"a{number}"] = af.asset(f"a{number}")(alone)
"""
    settings = "max_parallel = 4\n[pools]\ndisk = 1\n" + "".join(
        f"[assets.a{n}]\npool = 'disk'\n" for n in range(4)
    )
    assert project(tmp_path, text, settings).materialize().states == {f"a{n}": "built" for n in range(4)}


def test_a_process_makes_and_judges_what_a_thread_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources kept and not, SQL, checks of all kinds, effects, what a check alone makes run again."""
    text = """import polars as pl
import pyarrow as pa
from pydantic import BaseModel, SecretStr

import assetflow as af

kept = af.source("kept", "kept.csv")
loose = af.source("loose", "kept.csv", keep=False)
summed = af.sql("summed", "SELECT sum(a) AS a FROM kept", checks=[af.not_null("a")])


class Config(BaseModel):
    rate: int
    key: SecretStr = SecretStr("none")


@af.asset(checks=[af.unique("a"), af.range("a", max=2, severity="warn")])
def scaled(loose: pl.LazyFrame, config: Config, context: af.Context) -> pl.LazyFrame:
    context.record(key=len(config.key.get_secret_value()))
    return loose.with_columns(pl.col("a") * config.rate)


@af.check(scaled)
def positive(scaled: pa.Table, summed: pa.Table) -> bool:
    return summed["a"][0].as_py() > 0


@af.asset(checks=[af.range("a", min=100)])
def wrong(scaled: pa.Table) -> pa.Table:
    return scaled


@af.asset
def told(scaled: pa.Table) -> None:
    print(scaled.num_rows)


@af.asset(retries=af.Retry(times=1, first="1ms", on=TimeoutError))
def never(scaled: pa.Table) -> int:
    raise TimeoutError("no answer")
"""
    settings = "[assets.scaled.config]\nrate = 3\nkey = '${KEY}'"
    records = []
    for executor in ("threads", "process"):
        shop = project(tmp_path / executor, text, settings)
        shop.write("kept.csv", "a\n1\n2\n")
        shop.write(".env", "KEY=swordfish\n")
        monkeypatch.setenv("ASSETFLOW_EXECUTOR", executor)
        first = said_in(shop.root, "materialize", "--json")
        assert "swordfish" not in first.out + first.err
        shop.edit("assets.py", "max=2", "max=1")
        second = said_in(shop.root, "materialize", "--json")
        query = "select m.asset, m.version, value from materializations m left join metadata using (asset)"
        counted = "select asset, check_name, name, passed, message from checks order by all"
        failed = "select asset, error, message, attempts from failures order by all"
        ran = said_in(
            shop.root, "sql", "--json", "select distinct executor from materializations order by all"
        ).json
        assert ran["rows"][0] == {"executor": executor}
        records.append(
            [
                first.states,
                second.states,
                [[item["message"], item["reasons"], item["rows"]] for item in second.json["items"]],
                *(
                    said_in(shop.root, "sql", "--json", asked + extra).json
                    for asked, extra in ((query, " order by all"), (counted, ""), (failed, ""))
                ),
                said_in(shop.root, "logs", "told").out,
            ]
        )
    assert records[0] == records[1]
    assert records[1][0]["wrong"] == "rejected"
    assert records[1][1]["scaled"] == "checked"
    assert records[1][6] == "2\n"
