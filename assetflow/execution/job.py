"""Owns what a runner is given: how the run is to be carried out, how a job is done, and the job itself.

Knows nothing of the order in which jobs come.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from assetflow.execution.task import TaskResult
from assetflow.execution.work import Unwritten
from assetflow.model.actions import Action
from assetflow.model.versions import Version
from assetflow.planning.resolve import Resolved
from assetflow.planning.staleness import Judgement


@dataclass(frozen=True)
class Job:
    """Work for the executor: what is to be done, and for which asset."""

    asset: Resolved
    judgement: Judgement
    inputs: Mapping[str, Version | None]


@dataclass(frozen=True)
class RunOptions:
    """How a run is carried out.

    ``tree``: the object that lists the run's code. ``expected``: seconds that an asset took before, by key.
    ``together``: whether readers are to see what hangs together at once. ``answered``: what probes answered anew.
    ``failing_counts``: whether a run that could do nothing goes on record all the same. ``apart``: the names of what is
    made in another process, which reads what is stored alone. ``pool_of``: the pool of each name that takes a place in
    one. ``pools``: how many of each pool may run at once.
    """

    run: str
    tree: str | None
    jobs: int
    forced: Collection[str]
    fail_fast: bool
    expected: Mapping[str, float]
    together: bool = False
    answered: Sequence[Action] = ()
    failing_counts: bool = False
    apart: Collection[str] = ()
    pool_of: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Doing:
    """How jobs are done: each is made on the executor of its asset, and what it made is written on ``writers``.

    ``make`` and ``write`` run in workers and never raise.
    """

    make: Callable[[Job], TaskResult | Unwritten]
    write: Callable[[Job, Unwritten], TaskResult]
    executor_of: Callable[[Job], Executor]
    writers: Executor
