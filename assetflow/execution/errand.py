"""Owns what is said between a run and its worker processes: a task without its asset, questions, what came of it.

Everything here can be pickled, and is: both ends are the same program, and nobody else can reach the way between them.
Knows nothing of processes.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from assetflow.errors import WorkerError
from assetflow.execution.attempts import RaisedElsewhere, may_pass, told_of
from assetflow.execution.task import TaskResult
from assetflow.model.actions import Action
from assetflow.model.runs import Failed
from assetflow.model.spec import Retry
from assetflow.model.states import RunState
from assetflow.model.versions import Attempt, Materialized, SourceObserved
from assetflow.planning.resolve import Resolved, ResolvedInput, read_as


@dataclass(frozen=True)
class Place:
    """One partition of an asset, and what it reads: by parameter the partitions, and how they were found.

    ``checks``: the same of what its checks read, in their order.
    """

    partition: str = ""
    reads: Mapping[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    checks: tuple[Mapping[str, tuple[tuple[str, ...], str]], ...] = ()
    deps: tuple[str, ...] = ()

    @classmethod
    def of(cls, asset: Resolved) -> Self:
        """Return where ``asset`` stands."""
        checks = tuple(_reads(check.inputs) for check in asset.checks)
        return cls(asset.partition, _reads(asset.inputs), checks, asset.deps)

    def put(self, asset: Resolved) -> Resolved:
        """Return ``asset``, of no partition in particular, as it stands here."""
        checks = tuple(
            replace(check, inputs=read_as(check.inputs, reads))
            for check, reads in zip(asset.checks, self.checks, strict=True)
        )
        return asset._replace(
            partition=self.partition, inputs=read_as(asset.inputs, self.reads), checks=checks, deps=self.deps
        )


def _reads(inputs: Sequence[ResolvedInput]) -> dict[str, tuple[tuple[str, ...], str]]:
    return {item.spec.parameter: (item.partitions, item.mapping) for item in inputs}


@dataclass(frozen=True)
class Errand:
    """A task for a worker process, which finds the asset itself, by its key.

    ``task``: the fields of the task but for its asset. ``config``: the asset's, pickled. ``code``: digests of the code
    that was hashed and is imported there, the asset's and its checks', by name. ``forgotten``: objects that were
    forgotten since the last errand. ``place``: which partition of the asset.
    """

    key: str
    task: Mapping[str, Any]
    config: bytes | None
    code: Mapping[str, str]
    forgotten: Mapping[str, int] = field(default_factory=dict)
    place: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Ready:
    """The worker can be given errands; or why it cannot."""

    problem: str | None = None


@dataclass(frozen=True)
class Question:
    """Something that the run knows, asked while a task is done: ``name`` of what answers, and with what."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Returned:
    """What came of a task whose call succeeded. ``peak_memory``: bytes, the most that the worker held meanwhile."""

    result: TaskResult
    peak_memory: int | None = None

    def counted(self, attempts: tuple[Attempt, ...], log: str | None, seconds: float) -> TaskResult:
        """Return the result with all attempts that were made, the last of which it knows, and the log of all."""
        made = {id(one): self._counted(one, attempts, log) for one in self.result.actions}
        version = made.get(id(self.result.version), self.result.version)
        assert version is None or isinstance(version, Materialized | SourceObserved)
        return replace(self.result, version=version, actions=tuple(made.values()), seconds=seconds, log=log)

    def _counted(self, action: Action, attempts: tuple[Attempt, ...], log: str | None) -> Action:
        if isinstance(action, Failed) and action.check is not None:
            return action.model_copy(update={"log": log})
        if not isinstance(action, Materialized | Failed) or self.result.state is RunState.CHECKED:
            return action
        last = action.attempts[-1].model_copy(update={"number": len(attempts)})
        own = {"peak_memory": self.peak_memory} if isinstance(action, Materialized) else {}
        return action.model_copy(update={"attempts": (*attempts[:-1], last), "log": log, **own})


@dataclass(frozen=True)
class Raised:
    """What a task's call raised. ``told``: for the record of the attempt; ``error``: pickled, where that can be.

    ``worn``: the worker should not be used again.
    """

    told: Mapping[str, str]
    may_pass: bool
    error: bytes | None = None
    worn: bool = False

    @classmethod
    def by(cls, error: BaseException, retry: Retry) -> Self:
        """Return what can be told of ``error`` elsewhere."""
        worn = isinstance(
            error, MemoryError
        )  # its address space may be full of what was left behind, or limited
        return cls(told_of(error), may_pass(error, retry), _pickled(error), worn)

    def elsewhere(self) -> RaisedElsewhere:
        """Return it as an exception."""
        error = _unpickled(self.error)
        if error is None:
            error = _in_words(self.told)
        return RaisedElsewhere(error, self.told, may_pass=self.may_pass)


def portable(error: BaseException | None) -> BaseException | None:
    """Return ``error`` as it can be sent: itself, or where it cannot be, one that says the same."""
    if error is None or _unpickled(_pickled(error)) is not None:
        return error
    return _in_words(told_of(error))


def _in_words(told: Mapping[str, str]) -> WorkerError:
    return WorkerError(f"{told['error']}: {told['message']}".rstrip(": "))


def _pickled(error: BaseException) -> bytes | None:
    with contextlib.suppress(Exception):  # it is the user's class: its pickling may raise anything
        return pickle.dumps(error)
    return None


def _unpickled(data: bytes | None) -> BaseException | None:
    if data is not None:
        with contextlib.suppress(Exception):  # the same: many a class cannot be made again from its arguments
            error = pickle.loads(data)  # noqa: S301 - our own worker pickled it
            return error if isinstance(error, BaseException) else None
    return None
