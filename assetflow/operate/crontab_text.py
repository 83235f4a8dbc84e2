"""Owns the marked blocks in the text of a crontab: finding them, putting one in, taking one out again.

Everything else stays byte for byte. A block's first line says, in JSON, whose it is and how the crontab was found
(``absent``; ``open``: its last line had no end; ``whole``), so that it can be left as it was.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from assetflow.errors import CrontabError, UsageError

Found = Literal["absent", "open", "whole"]

_BEGIN, _END = b"# BEGIN assetflow ", b"# END assetflow\n"
_MEND = (
    "mend or delete it by `crontab -e`: from `# BEGIN assetflow` there are three lines to `# END assetflow`"
)


@dataclass(frozen=True)
class CronEntry:
    """What a block has cron call: the ticks of one environment of one project.

    ``schedule`` and ``command`` stand there as they are.
    """

    project: str
    env: str
    schedule: str
    command: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return asdict(self)

    @property
    def whose(self) -> tuple[str, str]:
        """What there is one block of."""
        return self.project, self.env


@dataclass(frozen=True)
class _Block:
    entry: CronEntry
    found: Found
    start: int
    end: int

    @property
    def text(self) -> bytes:
        entry = self.entry
        head = json.dumps({"project": entry.project, "env": entry.env, "found": self.found})
        return b"".join(
            [_BEGIN, head.encode(), b"\n", os.fsencode(f"{entry.schedule} {entry.command}"), b"\n", _END]
        )


def entries_in(text: bytes) -> list[CronEntry]:
    """Return what the blocks in a crontab have cron call; raise CrontabError where one is damaged."""
    return [block.entry for block in _blocks(text)]


def with_entry(found: bytes | None, entry: CronEntry) -> bytes:
    """Return a crontab (None: there is none) with the block of ``entry``, in place of an earlier one of the same."""
    text = found or b""
    for block in _blocks(text):
        if block.entry.whose == entry.whose:
            return text[: block.start] + replace(block, entry=entry).text + text[block.end :]
    state: Found = "absent" if found is None else "open" if text and not text.endswith(b"\n") else "whole"
    return text + (b"\n" if state == "open" else b"") + _Block(entry, state, 0, 0).text


def without_entry(text: bytes, whose: tuple[str, str]) -> bytes | None:
    """Return a crontab without one block; None where there was no crontab before, and nothing else is in it."""
    block = next(block for block in _blocks(text) if block.entry.whose == whose)
    before, after = text[: block.start], text[block.end :]
    if block.found == "open" and not after:
        before = before.removesuffix(b"\n")
    rest = _handed_on(before + after, block.found, len(before))
    return None if block.found == "absent" and not rest else rest


def cron_command(root: str, python: str, env: str) -> str:
    """Return the command by which cron calls a tick, quoted for the shell and for cron.

    Raises:
        UsageError: a path has what no crontab can hold.
    """
    for path in (root, python):
        if set(path) & set("\\\n\r\0"):
            raise UsageError(
                f"{path!r} cannot stand in a crontab: it has a backslash or a line break in it",
                hint="move the project, or have something else call `assetflow tick` (docs/schedules.md)",
            )
    command = f"cd {shlex.quote(root)} && {shlex.quote(python)} -m assetflow.cli tick --env {env} --quiet"
    return command.replace("%", r"\%")


def _handed_on(rest: bytes, found: Found, place: int) -> bytes:
    """Return ``rest`` with what is known of how the crontab was found in another of its blocks."""
    heirs = [block for block in _blocks(rest) if block.found == "whole"]
    if found == "open":
        heirs = [block for block in heirs if block.start == place]
    if found == "whole" or not heirs:
        return rest
    heir = heirs[0]
    return rest[: heir.start] + replace(heir, found=found).text + rest[heir.end :]


def _blocks(text: bytes) -> Iterator[_Block]:
    lines = text.splitlines(keepends=True)
    place = 0
    for number, line in enumerate(lines):
        if line.startswith(_BEGIN):
            called, end = (*lines[number + 1 : number + 3], b"", b"")[:2]
            yield _read(line, called, end, place, number + 1)
        place += len(line)


def _read(begin: bytes, called: bytes, end: bytes, place: int, number: int) -> _Block:
    """Read a block: its three lines, from line ``number`` of the crontab on."""
    try:
        if end != _END:
            raise ValueError(end)
        head = json.loads(begin.removeprefix(_BEGIN))
        *schedule, command = os.fsdecode(called).rstrip("\n").split(" ", 5)
        entry = CronEntry(head["project"], head["env"], " ".join(schedule), command)
        return _Block(entry, head["found"], place, place + len(begin) + len(called) + len(end))
    except (ValueError, KeyError, TypeError) as error:
        raise CrontabError(
            f"the block of assetflow at line {number} of the crontab is damaged", hint=_MEND
        ) from error
