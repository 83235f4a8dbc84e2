"""Owns the task: one asset's work, as a value, and what a worker has at hand and gives back.

Knows nothing of runners, plans or commits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assetflow.declare.context import Partition
from assetflow.declare.resource import Resource
from assetflow.execution.calls import Calls
from assetflow.execution.capture import TaskLog
from assetflow.execution.events import Listener
from assetflow.execution.judging import Judge
from assetflow.execution.loading import Loader
from assetflow.execution.observation import Observer
from assetflow.execution.programs import Programs
from assetflow.execution.remote import RemoteObservation
from assetflow.execution.shelf import Shelf
from assetflow.model.actions import Action
from assetflow.model.manifest import Manifest, Part
from assetflow.model.recipe import Recipe
from assetflow.model.spec import Retry
from assetflow.model.states import RunState
from assetflow.model.verdicts import Verdict
from assetflow.model.versions import Version
from assetflow.planning.resolve import Resolved
from assetflow.storage.objects import Objects

if TYPE_CHECKING:
    from assetflow.execution.errand import Returned


@dataclass(frozen=True)
class Task:
    """What is to be done for one asset.

    ``inputs``: the version of each upstream by name, None where it has none. ``previous``: what an incremental asset
    goes on from. ``recorded``: a version that is only to be judged; None where the asset is to be made (or, for a
    source, observed and kept). ``timeout``: seconds that one attempt may take, in a process; None for no limit.
    """

    asset: Resolved
    run: str
    env: str
    recipe: Recipe
    fingerprint: str
    inputs: Mapping[str, Version | None]
    retry: Retry
    executor: str
    tree: str | None = None
    recorded: Version | None = None
    reasons: tuple[str, ...] = ()
    partition: Partition | None = None
    previous: Version | None = None
    timeout: float | None = None


@dataclass(frozen=True)
class Bench:
    """What a worker has at hand.

    ``stop``: set when no attempt is to be made again. ``tell``: is told of progress.
    ``known(data version, format)`` and ``known_part(part version, format)``: what is stored and sound already.
    ``elsewhere``: what the plan saw of other projects' assets, so that a run reads one commit of each store.
    ``pool`` stores the parts of tables side by side; without it, the worker itself stores them. ``away`` does a task in
    another process, once and to its end; None where this is that process. ``programs``: those that commands run, until
    the run ends. ``calls``: what functions with several outputs gave for other tasks.
    """

    loader: Loader
    objects: Objects
    observer: Observer
    shelf: Shelf
    judge: Judge
    resources: Mapping[str, Resource]
    stop: threading.Event = field(default_factory=threading.Event)
    tell: Listener = lambda _event: None
    known: Callable[[str, str], Manifest | None] = lambda _data_version, _format: None
    known_part: Callable[[str, str], Part | None] = lambda _version, _format: None
    elsewhere: Mapping[str, RemoteObservation] = field(default_factory=dict)
    pool: Executor | None = None
    away: Callable[[Task, TaskLog], Returned] | None = None
    programs: Programs = field(default_factory=Programs)
    calls: Calls = field(default_factory=Calls)


@dataclass(frozen=True)
class TaskResult:
    """What came of a task: the actions to commit, and the version that is published when ``state`` is a good one."""

    state: RunState
    actions: tuple[Action, ...]
    version: Version | None = None
    message: str = ""
    error: BaseException | None = None
    seconds: float = 0.0
    rows: int | None = None
    log: str | None = None
    verdicts: tuple[Verdict, ...] = ()
