"""Owns having the user's crontab call ``assetflow tick``: it is read and written by ``crontab``, and by it alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from assetflow.declare.durations import seconds_of
from assetflow.errors import CrontabError, UsageError
from assetflow.operate.crontab_text import CronEntry, cron_command, entries_in, with_entry, without_entry

PATIENCE = 30.0  # seconds that `crontab` may take
SAVED = "crontab.saved"
_MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
_ELSEWHERE = "something else can call `assetflow tick` as well: docs/schedules.md"


def install(root: Path, env: str, every: str, kept: Path) -> CronEntry:
    """Have the crontab call a tick for an environment of the project at ``root``; an earlier block is replaced.

    It is run by the interpreter that runs this, in the project's folder. ``kept``: a folder for the crontab as it was,
    should it be lost in writing.

    Raises:
        UsageError: cron cannot call so often, or no crontab can hold the path.
        CrontabError: the crontab cannot be read or written.
    """
    entry = CronEntry(str(root), env, schedule_of(every), cron_command(str(root), sys.executable, env))
    found = _read()
    _write(with_entry(found, entry), found, kept)
    return entry


def installed() -> list[CronEntry]:
    """Return all blocks in the crontab.

    Raises:
        CrontabError: it cannot be read, or a block in it is damaged.
    """
    return entries_in(_read() or b"")


def remove(root: Path, env: str, kept: Path) -> CronEntry | None:
    """Take the block of an environment of the project at ``root`` out of the crontab; return it, None for none.

    Raises:
        CrontabError: the crontab cannot be read or written.
    """
    found = _read() or b""
    whose = (str(root), env)
    entry = next((one for one in entries_in(found) if one.whose == whose), None)
    if entry is not None:
        _write(without_entry(found, whose), found, kept)
    return entry


def schedule_of(every: str) -> str:
    """Return the five fields of a crontab for an interval.

    Raises:
        UsageError: it is no duration, or none that divides an hour or a day evenly.
    """
    try:
        minutes = seconds_of(every) / 60
    except ValueError as error:
        raise UsageError(f"--every: {error}") from error
    if minutes in _MINUTES:
        return "* * * * *" if minutes == 1 else f"*/{minutes:.0f} * * * *"
    if minutes / 60 in _HOURS:
        hours = round(minutes / 60)
        return {1: "0 * * * *", 24: "0 0 * * *"}.get(hours, f"0 */{hours} * * *")
    possible = [*_MINUTES, *(60 * hours for hours in _HOURS)]
    nearest = min(possible, key=lambda one: abs(one - minutes))
    shown = f"{nearest}m" if nearest < 60 else f"{nearest // 60}h"
    raise UsageError(
        f"--every {every}: cron cannot call so often, evenly", hint=f"the nearest is --every {shown}"
    )


def _read() -> bytes | None:
    """Return the crontab, None where there is none."""
    done = _call("-l")
    if done.returncode == 0:
        return done.stdout
    if b"no crontab for" in done.stderr:
        return None
    raise CrontabError(f"the crontab cannot be read: {_said(done)}", hint=_ELSEWHERE)


def _write(text: bytes | None, found: bytes | None, kept: Path) -> None:
    """Write the crontab (None: have none), and see that it is what was written."""
    done = _call("-r") if text is None else _call("-", text)
    if done.returncode == 0 and _is(text):
        return
    why = _said(done) if done.returncode else "it is not what was written"
    if _is(found):
        raise CrontabError(f"the crontab cannot be written, and is as it was: {why}", hint=_ELSEWHERE)
    kept.mkdir(parents=True, exist_ok=True)
    saved = kept / SAVED
    saved.write_bytes(found or b"")
    raise CrontabError(
        f"the crontab was lost in writing: {why}", hint=f"what it was is in {saved}: `crontab {saved}`"
    )


def _is(text: bytes | None) -> bool:
    try:
        return (_read() or b"") == (text or b"")
    except CrontabError:
        return False


def _call(argument: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["crontab", argument],
            input=text or b"",
            capture_output=True,
            check=False,
            timeout=PATIENCE,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        hint = f"install cron (Debian: apt install cron); {_ELSEWHERE}"
        raise CrontabError("there is no program `crontab` on this machine", hint=hint) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CrontabError(f"`crontab {argument}` gave no answer: {error}", hint=_ELSEWHERE) from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = done.stderr.decode(errors="replace").strip()
    return text or f"`crontab` ended with {done.returncode}"
