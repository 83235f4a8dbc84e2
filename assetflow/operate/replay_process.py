"""Owns the process that runs recorded code: it declares from the unpacked tree, and does one step after the other.

It does them as a run does (``execution.work``), in a store of its own; it knows nothing of the project's store, log or
settings. What the user's code prints goes to the log of its step, or to stderr; answers have a way of their own.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from assetflow.declare.context import Partition
from assetflow.errors import AssetflowError, DeclarationError, UnknownNameError
from assetflow.execution.capture import TaskLog, captured, routed
from assetflow.execution.judging import Judge
from assetflow.execution.loading import Loader
from assetflow.execution.observation import Observer
from assetflow.execution.shelf import Shelf
from assetflow.execution.task import Bench, Task, TaskResult
from assetflow.execution.work import Unwritten, make, write
from assetflow.model.recipe import HIDDEN
from assetflow.model.runs import Failed
from assetflow.model.spec import Retry
from assetflow.model.states import RunState
from assetflow.model.verdicts import CheckEvaluated
from assetflow.model.versions import Materialized, Version
from assetflow.operate.replay_messages import REPLAY, Answer, Setup, Step, from_line, to_line
from assetflow.operate.workspace import Workspace
from assetflow.partitions.scheme import Moment
from assetflow.planning.fingerprints import Seen, fingerprint_of, recipe_of, seen_of
from assetflow.planning.layout import Layout
from assetflow.planning.resolve import Resolved, Resolver, read_as
from assetflow.settings.discovery import discover
from assetflow.settings.settings import Settings
from assetflow.storage.store import open_store


def serve() -> None:
    """Read steps from stdin and write their answers to stdout, until there are no more."""
    asked, answers = _own_streams()
    steps = Steps(from_line(asked.readline(), Setup))
    with routed():
        for line in asked:
            answers.write(to_line(steps.answer(from_line(line, Step))))
            answers.flush()


class Steps:
    """Does steps with the code that ``setup`` names, which is imported when the first one comes."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._store = open_store(setup.store, durable=False)

    def answer(self, step: Step) -> Answer:
        """Do one step. What goes wrong is an answer."""
        log = TaskLog()
        if _holds_secret(step.config):
            return Answer(impossible="its config holds a secret, and secrets are not on record")
        try:
            with captured(log):
                asset = self._resolved(step)
        except DeclarationError as error:
            return Answer(impossible="; ".join(problem.message for problem in error.problems), log=log.text())
        except AssetflowError as error:
            return Answer(impossible=error.message, log=log.text())
        return self._said(self._done(self._task(asset, step), step))

    def _done(self, task: Task, step: Step) -> TaskResult:
        result = make(task, self._bench)
        if not isinstance(result, Unwritten):
            return result
        if result.version.data_version != step.known:
            return write(task, self._bench, result)
        return TaskResult(state=RunState.BUILT, actions=(), version=result.version)

    def _resolved(self, step: Step) -> Resolved:
        """Return the asset as the recorded code declares it, with the checks that are asked for."""
        spec = self._workspace.specs.get(step.asset)
        if spec is None:
            modules = ", ".join(self._setup.modules)
            raise UnknownNameError(f"{step.asset} is not declared in the recorded code ({modules})")
        config = {} if step.config is None else {step.asset: step.config}
        resources = self._workspace.declared.resources
        resolver = Resolver(self._workspace.code, resources, config, step.env)
        asset = resolver.resolve_all([spec])[step.asset]
        if step.partition and self._is_known(step):
            asset = self._layout.placed_at(asset, step.partition)
        checks = tuple(check for check in asset.checks if check.spec.name in step.checks)
        inputs = read_as(asset.inputs, step.reads)
        deps = tuple(name for name, _ in step.deps)
        return asset._replace(
            checks=checks, inputs=inputs, deps=deps, partition=step.partition, token=step.token
        )

    def _is_known(self, step: Step) -> bool:
        """Whether the recorded code has this partition by itself: keys that were added are not in the code."""
        return step.partition in set(self._layout.keys(step.asset))

    @cached_property
    def _layout(self) -> Layout:
        return Layout(self._workspace.specs, Moment(datetime.now(UTC)))

    def _task(self, asset: Resolved, step: Step) -> Task:
        inputs: dict[str, Version] = {version.name: version for version in step.inputs}
        waited_for = {key: Seen("", version) for key, version in step.deps if version is not None}
        read = {key: seen_of(version) for key, version in inputs.items()}
        recipe = recipe_of(asset, {**waited_for, **read})
        return Task(
            asset=asset,
            run=REPLAY,
            env=step.env,
            recipe=recipe,
            fingerprint=fingerprint_of(asset.key, recipe, asset.partition),
            inputs={**dict.fromkeys(asset.upstream), **inputs},
            retry=asset.spec.retries or Retry(),
            executor=REPLAY,
            recorded=step.judged,
            partition=self._partition(asset, step),
            previous=step.previous,
        )

    def _partition(self, asset: Resolved, step: Step) -> Partition | None:
        if not step.partition:
            return None
        return self._layout.partition(asset) if self._is_known(step) else Partition(step.partition)

    def _said(self, result: TaskResult) -> Answer:
        evaluated = [one for one in result.actions if isinstance(one, CheckEvaluated)]
        raised = tuple(one.check for one in result.actions if isinstance(one, Failed) and one.check)
        text = bytes(self._store.objects.read(result.log)).decode(errors="replace") if result.log else ""
        return Answer(
            version=result.version if isinstance(result.version, Materialized) else None,
            verdicts=tuple(verdict for one in evaluated for verdict in one.verdicts),
            failure=result.message if result.error is not None and not raised else None,
            raised_by=raised,
            log=text,
        )

    @cached_property
    def _workspace(self) -> Workspace:
        settings = Settings(root=Path(self._setup.tree), modules=self._setup.modules, store=self._setup.store)
        return Workspace(settings, self._store, settings.root, lambda: discover(settings))

    @cached_property
    def _bench(self) -> Bench:
        root = Path(self._setup.root) if self._setup.root is not None else Path(self._setup.tree)
        shelf = Shelf()
        observer = Observer(root, None)
        loader = Loader(self._store.objects, observer, shelf, lambda _names: None)
        return Bench(
            loader=loader,
            objects=self._store.objects,
            observer=observer,
            shelf=shelf,
            judge=Judge(loader, self._store.objects, _NothingRemembered()),
            resources=self._workspace.declared.resources,
        )


class _NothingRemembered:
    """No verdict is on record here: each check is asked."""

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        del asset, data_version, fingerprint
        return None


def _holds_secret(config: Any) -> bool:
    """Whether a config on record has what pydantic writes instead of a secret."""
    if isinstance(config, dict):
        return any(map(_holds_secret, config.values()))
    return any(map(_holds_secret, config)) if isinstance(config, list) else config == HIDDEN


def _own_streams() -> tuple[TextIO, TextIO]:
    """Return where steps come from and answers go to, and leave the user's code nothing of them."""
    asked = os.fdopen(os.dup(0), encoding="ascii")
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return asked, answers
