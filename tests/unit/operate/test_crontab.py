"""The crontab keeps every byte that is not assetflow's, whatever was in it, and whatever goes wrong."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import environment

import assetflow as af
from assetflow.operate import crontab
from assetflow.operate.crontab_text import CronEntry, cron_command, entries_in, with_entry, without_entry

FAKE = """#!/bin/sh
# crontab, with its table in $CRONTAB; what it is to do wrong in $CRONTAB.wrong
wrong=$(cat "$CRONTAB.wrong" 2>/dev/null)
case "$1$wrong" in
  -l) [ -e "$CRONTAB" ] && exec cat "$CRONTAB"; echo "no crontab for $(id -un)" >&2; exit 1;;
  -r) [ -e "$CRONTAB" ] && exec rm "$CRONTAB"; echo "no crontab for $(id -un)" >&2; exit 1;;
  -|-lwrite|-llose) [ "$1" = - ] && exec cat > "$CRONTAB"; exec cat "$CRONTAB";;
  -lread) echo "you ($(id -un)) are not allowed to use this program (crontab)" >&2; exit 1;;
  -write) echo "crontab: No space left on device" >&2; exit 1;;
  -lose) : > "$CRONTAB"; echo "crontab: I/O error" >&2; exit 1;;
esac
"""

others = st.lists(
    st.one_of(
        st.binary(max_size=20).map(
            lambda line: line.replace(b"\n", b"").replace(b"\r", b"").replace(b"\0", b"")
        ),
        st.sampled_from(
            [b'MAILTO=""', b"# BEGIN assetflo", b"", b"*/5 * * * * echo 100\\%", "# überall".encode()]
        ),
    ).filter(lambda line: not line.startswith(b"# BEGIN assetflow ")),
    max_size=6,
).map(b"\n".join)
tables = st.one_of(st.none(), others, others.map(lambda text: text + b"\n"))
entries = st.builds(
    CronEntry,
    project=st.sampled_from(["/srv/shop", '/srv/it\'s 100% "ours"', "/srv/ünïcode"]),
    env=st.sampled_from(["dev", "prod"]),
    schedule=st.sampled_from(["* * * * *", "*/5 * * * *"]),
    command=st.sampled_from(["cd /srv && true", r"cd '/a \% b' && python tick"]),
)


comments = st.sampled_from([b"# mine\n", b"\n", b"0 6 * * * true\n"])


def put(table: bytes | None, entry: CronEntry) -> bytes:
    text = with_entry(table, entry)
    assert entry in entries_in(text)
    return text


@given(tables, entries)
def test_what_is_put_in_and_taken_out_leaves_it_as_it_was_found(
    table: bytes | None, entry: CronEntry
) -> None:
    text = put(table, entry)
    assert text.startswith(table or b"")
    assert without_entry(text, entry.whose) == table


@given(tables, st.lists(entries, min_size=1, max_size=4, unique_by=lambda entry: entry.whose), st.randoms())
def test_blocks_come_and_go_in_any_order(
    table: bytes | None, wanted: list[CronEntry], random: object
) -> None:
    text: bytes | None = table
    for entry in wanted:
        text = put(text, entry)
    random.shuffle(wanted)  # type: ignore[attr-defined]
    for entry in wanted:
        assert text is not None
        assert entry in entries_in(text)
        text = without_entry(text, entry.whose)
    assert text == table or (table == b"" and text is None)


@given(
    tables,
    entries,
    st.binary(max_size=5).filter(lambda more: b"\n" not in more).map(lambda more: b"# " + more + b"\n"),
)
def test_what_others_add_meanwhile_stays(table: bytes | None, entry: CronEntry, more: bytes) -> None:
    text = put(table, entry) + more
    assert put(text, CronEntry(entry.project, entry.env, "0 0 * * *", "true")).endswith(more)
    left = without_entry(text, entry.whose)
    assert left is not None
    assert left.startswith(table or b"")
    assert left.endswith(more)


def test_the_same_ticks_are_put_in_once() -> None:
    first = CronEntry("/srv", "dev", "* * * * *", "true")
    again = CronEntry("/srv", "dev", "*/5 * * * *", "true")
    text = with_entry(with_entry(b"# mine\n", first), again)
    assert entries_in(text) == [again]
    assert without_entry(text, again.whose) == b"# mine\n"


@pytest.mark.parametrize(
    "damage", [b"# END assetflow\n", b'{"project"', b"* * * * * true\n", b'"found": "whole"']
)
def test_a_damaged_block_is_told_and_left_alone(damage: bytes) -> None:
    text = with_entry(b"# mine\n", CronEntry("/srv", "dev", "* * * * *", "true"))
    with pytest.raises(af.CrontabError, match="at line 2 of the crontab is damaged"):
        entries_in(text.replace(damage, b""))


SHOP = "import assetflow as af\n@af.asset(refresh=af.always)\ndef a() -> int:\n    return 1\n"
PATHS = [
    "/srv/shop",
    "/srv/100% ours",
    "/srv/it's here",
    '/srv/"quoted" $HOME `id`',
    "/srv/ünïcode;&|<>*?[]()!#~",
]


@pytest.mark.parametrize("path", PATHS)
def test_paths_come_through_cron_and_the_shell(path: str, tmp_path: Path) -> None:
    command = cron_command(path, sys.executable, "dev").replace(r"\%", "%")  # as cron does
    assert "%" not in cron_command(path, sys.executable, "dev").replace(r"\%", "")
    assert shlex.split(command)[:4] == ["cd", path, "&&", sys.executable]


@pytest.mark.parametrize("path", ["/srv/a\nb", "/srv/a\\b"])
def test_paths_that_no_crontab_can_hold_are_refused(path: str) -> None:
    with pytest.raises(af.UsageError, match="cannot stand in a crontab"):
        cron_command(path, sys.executable, "dev")


@pytest.mark.parametrize(
    ("every", "schedule"),
    [
        ("1m", "* * * * *"),
        ("5m", "*/5 * * * *"),
        ("60s", "* * * * *"),
        ("1h", "0 * * * *"),
        ("6h", "0 */6 * * *"),
        ("1d", "0 0 * * *"),
    ],
)
def test_intervals_are_written_as_cron_has_them(every: str, schedule: str) -> None:
    assert crontab.schedule_of(every) == schedule


@pytest.mark.parametrize(
    ("every", "hint"), [("7m", "6m"), ("30s", "1m"), ("5h", "4h"), ("2d", "24h"), ("often", None)]
)
def test_intervals_that_cron_does_not_have_are_told_with_the_nearest(every: str, hint: str | None) -> None:
    with pytest.raises(af.UsageError) as raised:
        crontab.schedule_of(every)
    assert hint is None or hint in (raised.value.hint or "")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crontab of its own, kept by a program that stands in for ``crontab``."""
    program = tmp_path / "bin/crontab"
    program.parent.mkdir()
    program.write_text(FAKE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CRONTAB", str(tmp_path / "table"))
    return tmp_path / "table"


def project(root: Path, env: str = "dev") -> af.Project:
    return af.Project([], root=root, store=str(root / "store"), env=env)


def go_wrong(table: Path, how: str) -> None:
    Path(f"{table}.wrong").write_text(how)


@pytest.mark.parametrize("before", [None, b"", b"MAILTO=me\n", b"# no end"])
def test_installing_and_removing_leaves_the_crontab_as_found(
    before: bytes | None, table: Path, tmp_path: Path
) -> None:
    if before is not None:
        table.write_bytes(before)
    dev, prod = project(tmp_path), project(tmp_path, "prod")
    entry = dev.cron_install()
    prod.cron_install("5m")
    assert dev.cron_entries() == prod.cron_entries() == [entry, prod.cron_install("5m")]
    assert dev.cron_remove() == entry
    assert dev.cron_remove() is None
    prod.cron_remove()
    assert (table.read_bytes() if table.exists() else None) == before


def test_the_command_that_is_put_in_is_one_that_runs(table: Path, tmp_path: Path) -> None:
    root = tmp_path / "it's 100% mine"
    root.mkdir()
    (root / "assetflow.toml").write_text('modules = ["shop"]\n')
    (root / "shop.py").write_text(
        "import assetflow as af\n@af.asset(refresh=af.always)\ndef a() -> int:\n    return 1\n"
    )
    command = af.open(root).cron_install().command.replace(r"\%", "%")
    assert subprocess.run(["sh", "-c", command], env=environment(None), check=False).returncode == 0
    assert af.open(root).load("a") == 1


@pytest.mark.parametrize("how", ["read", "write", "lose"])
def test_what_cannot_be_read_or_written_is_told_and_nothing_is_lost(
    how: str, table: Path, tmp_path: Path
) -> None:
    table.write_bytes(b"# mine\n")
    go_wrong(table, how)
    told = {
        "read": "cannot be read: you",
        "write": "is as it was: crontab: No space",
        "lose": "was lost in writing",
    }
    with pytest.raises(af.CrontabError, match=told[how]) as raised:
        project(tmp_path).cron_install()
    saved = tmp_path / ".assetflow/crontab.saved"
    assert (saved if how == "lose" else table).read_bytes() == b"# mine\n"
    assert how != "lose" or str(saved) in (raised.value.hint or "")


def test_a_machine_without_crontab_is_told_what_else_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(af.CrontabError, match="there is no program `crontab`") as raised:
        project(tmp_path).cron_install()
    assert "docs/schedules.md" in (raised.value.hint or "")


def test_a_project_without_a_folder_cannot_be_called() -> None:
    with pytest.raises(af.UsageError, match="without a folder"):
        af.Project([]).cron_install()
