"""Owns the use case of verifying a store: every object against its name, the log against itself, the ledger against it.

Changes nothing, but with ``repair``: then it notes what is to be made again, and makes the ledger anew.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assetflow.errors import AssetflowError, DamagedError, UsageError
from assetflow.frames.pipeline import in_order
from assetflow.ledger.comparing import differing_tables
from assetflow.ledger.keeping import MadeVersion
from assetflow.ledger.ledger import Ledger, Remembered
from assetflow.operate.reach import names_by_list, names_of
from assetflow.operate.workspace import Workspace
from assetflow.storage.log_check import SHORTEST, BrokenCommit, LogCheck, check_log
from assetflow.storage.objects import Objects

Told = Callable[[int, int], None]
_RESTORE = "restore it from a copy of the store"
_THREADS = (
    os.cpu_count() or 1
) + 2  # objects read at once; of one far away each takes at most 16 MiB of memory


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. ``kind``: object, commit, head or ledger. ``repaired``: whether it was mended now."""

    kind: str
    message: str
    hint: str
    repaired: bool = False


@dataclass(frozen=True)
class Verified:
    """What was found. ``head``, ``hash``: the last commit, to be trusted later by ``--head``."""

    head: int
    hash: str
    commits: int
    objects: int
    bytes: int
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong that is not mended."""
        return all(problem.repaired for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        return {"sound": self.is_sound, **asdict(self)}


@dataclass(frozen=True)
class _Wanted:
    """An object that must be sound. ``by``: the newest version whose data need it, None for logs, rows and code."""

    name: str
    by: MadeVersion | None
    envs: tuple[str, ...] = ()


def verify(
    workspace: Workspace,
    keys: Collection[str] | None = None,
    *,
    repair: bool = False,
    trusted: str | None = None,
    told: Told = lambda _done, _all: None,
) -> Verified:
    """Look the whole store over; of objects only those of the assets ``keys``, where given.

    Args:
        workspace: the project.
        keys: the assets whose data are read; None for all, and logs, failing rows and code as well.
        repair: note damaged data so that the next materialize makes them again; make a wrong ledger anew.
        trusted: hash of a commit that the log must have, or its first digits.
        told: is called with the number of objects read, and of all.
    """
    if trusted is not None and (len(trusted) < SHORTEST or set(trusted) - set("0123456789abcdef")):
        raise UsageError(
            f"{trusted!r} is no hash of a commit", hint=f"give at least {SHORTEST} of its digits"
        )
    remembered = workspace.ledger.remembered()
    log = check_log(workspace.store.log, {**remembered.hashes, **remembered.lost}, trusted)
    problems = [*_log_problems(log, remembered, trusted)]
    objects = size = 0
    try:
        wanted = _wanted(workspace, keys)
    except AssetflowError as error:
        message = f"what the log names cannot be told: {error.message}"
        problems.append(Problem("object", f"objects were not read: {message}", "mend the log first"))
    else:
        problems += _ledger_problems(workspace, log, repair)
        objects, size, found = _read_all(workspace, wanted, repair, told)
        problems += found
    return Verified(log.head, log.hash, log.commits, objects, size, tuple(problems))


def _log_problems(log: LogCheck, remembered: Remembered, trusted: str | None) -> Iterator[Problem]:
    for first, last, what in _ranges(log.broken):
        hint = f"a commit cannot be made again: {_RESTORE} (log/{first:020d}.json)"
        if remembered.lost.keys() & range(first, last + 1):
            hint += f"; if it was put back to an older state on purpose, delete {remembered.notes}"
        who = f"commit {first}" if first == last else f"commits {first} to {last}"
        yield Problem("commit", f"{who}: {what}", hint)
    if not log.trusted_is_there:
        yield Problem(
            "head", f"no commit of this log has the hash {trusted}", f"the log was changed: {_RESTORE}"
        )


def _ranges(broken: Sequence[BrokenCommit]) -> list[tuple[int, int, str]]:
    """Return what is wrong with the log, what is wrong in the same way with commits in a row only once."""
    found: list[tuple[int, int, str]] = []
    for one in broken:
        if found and found[-1][1:] == (one.number - 1, one.what):
            found[-1] = (found[-1][0], one.number, one.what)
        else:
            found.append((one.number, one.number, one.what))
    return found


def _ledger_problems(workspace: Workspace, log: LogCheck, repair: bool) -> Iterator[Problem]:
    """Compare the ledger with one made anew. Where the log is broken, none can be made."""
    if log.broken:
        return
    with tempfile.TemporaryDirectory(prefix="assetflow-verify-") as folder:
        maintained, rebuilt = Path(folder, "maintained.duckdb"), Path(folder, "rebuilt.duckdb")
        with workspace.ledger.session() as session:
            session.copy_to(maintained)
            last = session.head.number
        with Ledger(Path(folder, "scratch"), workspace.store).session() as session:
            session.copy_to(rebuilt)
        differing = differing_tables(maintained, rebuilt, last)
    if not differing:
        return
    if repair:
        workspace.ledger.rebuild()
        workspace.ledger.follow()
    tables = ", ".join(f"{name} ({rows} rows)" for name, rows in differing.items())
    hint = (
        "it was made anew" if repair else f"`assetflow verify --repair --env {workspace.env}` makes it anew"
    )
    yield Problem("ledger", f"the ledger differs from the log in {tables}", hint, repaired=repair)


def _wanted(workspace: Workspace, keys: Collection[str] | None) -> list[_Wanted]:
    """Return every object that what is on record needs, each once."""
    objects = workspace.store.objects
    with workspace.ledger.session() as session:
        made = {one.version: one for one in session.made_versions() if keys is None or one.asset in keys}
        envs = _envs_by_version(
            (env, pointer.version)
            for env in session.environments()
            for pointer in session.pointers(env).values()
        )
        parts = [part for part in session.stored_parts() if part.version in made]
        rest = frozenset[str]()
        if keys is None:
            rest = rest.union(*names_of(session, made.values(), ()).values())
            rest |= {mention.object for mention in session.named_otherwise()}
        lists, forgotten = session.lists_of_objects(), session.forgotten_objects()
    inner = names_by_list(rest.union(part.object for part in parts) & lists, objects)
    by: dict[str, MadeVersion] = {}
    for part in sorted(
        parts, key=lambda part: part.version in envs
    ):  # what is published is said last, and stands
        for name in (part.object, *inner.get(part.object, ())):
            by[name] = made[part.version]
    more = rest.union(*(inner.get(name, ()) for name in rest))
    names = (by.keys() | more) - forgotten.keys()
    return [_wanted_one(name, by.get(name), envs) for name in sorted(names)]


def _wanted_one(name: str, by: MadeVersion | None, envs: Mapping[str, tuple[str, ...]]) -> _Wanted:
    return _Wanted(name, by, envs.get(by.version, ()) if by is not None else ())


def _envs_by_version(pairs: Iterator[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for env, version in pairs:
        found[version] = (*found.get(version, ()), env)
    return found


def _read_all(
    workspace: Workspace, wanted: Sequence[_Wanted], repair: bool, told: Told
) -> tuple[int, int, list[Problem]]:
    """Read every object; return their number, their bytes, and what is wrong with them."""
    size = 0
    broken: list[tuple[_Wanted, DamagedError]] = []
    with ThreadPoolExecutor(_THREADS) as pool:
        results = in_order(lambda one: _read(workspace.store.objects, one), iter(wanted), pool, 2 * _THREADS)
        for done, (one, result) in enumerate(results, 1):
            if isinstance(result, DamagedError):
                broken.append((one, result))
            else:
                size += result
            told(done, len(wanted))
    if repair:
        workspace.damage.note(one.name for one, _ in broken if one.by is not None)
    return len(wanted), size, [_object_problem(one, error, repair) for one, error in broken]


def _read(objects: Objects, one: _Wanted) -> tuple[_Wanted, int | DamagedError]:
    try:
        return one, objects.require_sound(one.name)
    except DamagedError as error:
        return one, error


def _object_problem(one: _Wanted, error: DamagedError, repair: bool) -> Problem:
    if one.by is None:
        hint = f"it holds code, a log or rows that failed a check, and cannot be made again: {_RESTORE}"
        return Problem("object", error.message, hint)
    message = f"{one.by.asset} version {one.by.version[:12]}: {error.message}"
    if not one.envs:
        hint = f"no environment publishes it, so nothing makes it again: {_RESTORE}, or leave it to `assetflow gc`"
        return Problem("object", message, hint)
    command = " and ".join(f"`assetflow materialize {one.by.asset} --env {env}`" for env in one.envs)
    noted = "it is noted as damaged: " if repair else "with --repair it is noted as damaged; then "
    return Problem("object", message, f"{noted}{command} makes it again")
