"""Owns what people write after ``@``: ``sales@prod``, ``@3f2a91``, ``@HEAD~1``, ``@2026-11-01``, ``@#42``.

An environment's name comes first (of the settings, which may keep its versions in a store of its own; then of any
that this store knows), then HEAD~n, a commit (#n), a time, and last the beginning of a version.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from assetflow.errors import ForgottenError, UnknownNameError, UsageError
from assetflow.keys import did_you_mean, name_of, split_name, typed
from assetflow.ledger.forgotten import Forgetting
from assetflow.ledger.records import Recorded
from assetflow.ledger.session import Session
from assetflow.operate.workspace import Workspace
from assetflow.partitions.quoting import quoted

Opened = Callable[[str], Workspace]
"""Returns the project as another environment of its settings sees it."""

_HEAD = re.compile(r"HEAD(?:~(\d+))?")
_COMMIT = re.compile(r"#(\d+)")
_DIGITS = re.compile(r"[0-9a-f]+")
_MEANINGS = "an environment, HEAD~1, a date or time, #42 for a commit, or the first digits of a version"


def split_reference(text: str) -> tuple[str, str | None]:
    """Split ``key@reference``; the reference is None where there is none.

    Raises:
        UsageError: one of the two is missing.
    """
    key, at, reference = text.partition("@")
    if at and not (key and reference):
        missing = "what stands after @" if key else "the asset before @"
        raise UsageError(f"{text!r} lacks {missing}", hint=f"after @ stands {_MEANINGS}")
    return key, reference or None


def of_key(key: str, text: str) -> str:
    """Return ``key@REF`` for a version of ``key`` that is named as ``REF`` or as ``key@REF``.

    ``key`` may be the name of a partition, of which either name stands before the ``@``.

    Raises:
        UsageError: it is a version of another asset.
    """
    asset, at, reference = text.partition("@")
    if at and asset not in (key, split_name(key)[0]):
        raise UsageError(f"{text!r} is no version of {key}", hint=f"name one of {key}: {_MEANINGS}")
    return f"{key}@{reference if at else text}"


def opened_for(workspace: Workspace, text: str, opened: Opened) -> tuple[Workspace, str, str | None]:
    """Return where ``key[@reference]`` is to be looked up, the key, and what is left of the reference.

    The name of an environment of the settings says where, and leaves nothing.
    """
    key, reference = split_reference(text)
    if reference is None or reference not in workspace.settings.environments:
        return workspace, key, reference
    return (workspace if reference == workspace.env else opened(reference)), key, None


def find_version(session: Session, key: str, reference: str | None, env: str) -> Recorded:
    """Return the version of ``key`` that ``reference`` means: what ``env`` publishes now, where it is None.

    ``key`` may be the name of a partition (``keys.name_of``).

    Raises:
        UnknownNameError: there is no such asset, partition or version.
        ForgottenError: there is, but its data are no longer kept.
    """
    recorded = find_record(session, key, reference, env)
    require_data(session, [recorded], env)
    return recorded


def require_data(session: Session, records: Iterable[Recorded], env: str) -> None:
    """Raise ForgottenError for the first of ``records`` whose data are no longer kept; ``env`` was asked."""
    forgotten = session.forgotten([recorded.version for recorded in records])
    for one in forgotten.values():
        raise forgotten_error(one, env)


def forgotten_error(one: Forgetting, env: str) -> ForgottenError:
    """Return the error that says when the data of a version were forgotten, and by which command.

    ``env``: the environment that was asked for them, in whose store the record is.
    """
    return ForgottenError(
        f"the data of {one.asset} version {one.version[:12]} were forgotten at {one.time[:19]}Z "
        f"by `assetflow {one.reason}` (commit #{one.commit}, {one.user})",
        hint=f"its record stays: `assetflow show {one.asset}@{one.version[:12]} --env {env}`; "
        f"`assetflow history {one.asset} --env {env}` lists the other versions",
    )


def find_record(session: Session, key: str, reference: str | None, env: str) -> Recorded:
    """Return the same as ``find_version``, also where only the record is kept and not the data."""
    if reference is None:
        return _published(session, key, env, None)
    if reference in session.environments():
        return _published(session, key, reference, None)
    head = _HEAD.fullmatch(reference)
    if head is not None:
        return _before(session, key, env, int(head[1] or 0))
    commit = commit_of(session, reference)
    if commit is not None:
        return _published(session, key, env, commit)
    session.require_recorded(split_name(key)[0])
    if not _DIGITS.fullmatch(reference):
        environments = session.environments()
        raise UnknownNameError(
            f"{reference!r} means no version of {key}: it is no environment, no time, no commit",
            hint=did_you_mean(reference, [*environments, "HEAD", "HEAD~1"])
            or f"after @ stands {_MEANINGS}; environments: {', '.join(environments)}",
        )
    return session.find_version(reference, split_name(key)[0])


def commit_of(session: Session, reference: int | str | datetime) -> int | None:
    """Return the commit that ``reference`` means (``#42``, 42, or the last one at a time); None for other text.

    Raises:
        UnknownNameError: the log has no such commit, or none so early.
    """
    number = reference if isinstance(reference, int) else None
    if isinstance(reference, str) and (match := _COMMIT.fullmatch(reference)):
        number = int(match[1])
    if number is not None:
        if not 0 < number <= session.head.number:
            raise UnknownNameError(
                f"there is no commit {number}", hint=f"the log ends with {session.head.number}"
            )
        return number
    moment = _moment(reference)
    if moment is None:
        return None
    found = session.commit_at(moment.isoformat())
    if not found:
        raise UnknownNameError(
            f"nothing was on record at {moment.isoformat()}",
            hint="name a later time; `assetflow runs` lists what there was",
        )
    return found


def _moment(reference: int | str | datetime) -> datetime | None:
    """Return a time in UTC; a date means its end, a time without zone is local."""
    if isinstance(reference, datetime):
        return reference.astimezone(UTC)
    try:
        moment = datetime.fromisoformat(str(reference))
    except ValueError:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(reference)):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    elif str(reference).isdigit():
        return None  # a compact date looks like the beginning of a version
    return moment.astimezone(UTC)


def _published(session: Session, key: str, env: str, at: int | None) -> Recorded:
    asset, partition = split_name(key)
    pointers = session.pointers(env, at, partitioned=bool(partition))
    pointer = pointers.get((asset, partition))
    if pointer is None:
        _require_recorded(session, asset, env)
        _require_partition(session, asset, partition, env)
        if at is None:
            _refuse_rejected(session, key, env)
        when = f" at commit {at}" if at is not None else ""
        if partition and (asset, "") in pointers:
            raise UnknownNameError(
                f"{asset} has no partitions, so {partition!r} is none of it", hint="name the asset alone"
            )
        known = {asset for asset, _ in pointers}
        raise UnknownNameError(
            f"{key} has no published version in {env}{when}",
            hint=did_you_mean(key, known) or _making(asset, partition, env),
        )
    return session.versions({pointer.version})[pointer.version]


def _require_partition(session: Session, asset: str, partition: str, env: str) -> None:
    """Raise UnknownNameError where an asset has partitions and none is named, or another one than there is."""
    known = session.published_partitions(env, asset)
    if not known or partition in known:
        return
    if partition:
        raise UnknownNameError(
            f"{asset} has no published version of {partition!r} in {env}",
            hint=did_you_mean(partition, known) or _making(asset, partition, env),
        )
    raise UnknownNameError(
        f"{asset} has {len(known):,} partitions in {env}, each with versions of its own",
        hint=f"name one: '{asset}|{max(known)}', or --partition {shlex.quote(max(known))}",
    )


def _making(asset: str, partition: str, env: str) -> str:
    """Say what makes a version of an asset or partition."""
    named = typed(name_of(f"+{asset}", partition and quoted(partition)))
    return f"`assetflow materialize {named} --env {env}` makes one"


def _require_recorded(session: Session, key: str, env: str) -> None:
    """Raise UnknownNameError where nothing is on record of ``key``: it is mistyped, or was never made."""
    known = session.recorded_kinds()
    if key not in known:
        raise UnknownNameError(
            f"nothing is on record of an asset {key!r}",
            hint=did_you_mean(key, known)
            or f"`assetflow materialize +{key} --env {env}` makes it, if it is declared",
        )


def _refuse_rejected(session: Session, key: str, env: str) -> None:
    """Raise UnknownNameError where the newest version of ``key`` was made in ``env``, and checks reject it."""
    asset, partition = split_name(key)
    newest = next(iter(session.history(asset, 1, partition=partition)), None)
    if newest is None or newest.env != env or newest.passed is not False:
        return
    evaluations = session.verdicts([(asset, newest.data_version)])
    names = dict.fromkeys(evaluation.check for evaluation in evaluations if not evaluation.passed)
    version = newest.version[:12]
    raise UnknownNameError(
        f"{key} has no published version in {env}: {version} is rejected by {', '.join(names)}",
        hint=f"`assetflow show {asset}@{version} --env {env}` shows what fails; mend the data, the code or the check",
    )


def _before(session: Session, key: str, env: str, steps: int) -> Recorded:
    asset, partition = split_name(key)
    versions = session.published_versions(env, asset, partition)
    if not versions:
        session.require_recorded(asset)
        _require_partition(session, asset, partition, env)
    if steps >= len(versions):
        times = {0: "never published", 1: "published once"}.get(
            len(versions), f"published {len(versions)} times"
        )
        raise UsageError(
            f"{key} was {times} in {env}; there is no HEAD~{steps}",
            hint=f"`assetflow history {typed(key)} --env {env}` lists its versions",
        )
    version = versions[steps]
    return session.versions({version})[version]
