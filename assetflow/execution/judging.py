"""Owns judging a version with its asset's checks: which verdicts are remembered, which checks run, what is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from assetflow.checks.judge import check_raised, evaluate
from assetflow.errors import CheckRaisedError
from assetflow.execution.attempts import failed_by
from assetflow.execution.capture import TaskLog
from assetflow.execution.inputs import handed_out
from assetflow.execution.loading import Loader
from assetflow.frames.content import Content
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.runs import Failed
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.model.versions import Attempt, Version
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, seen_of
from assetflow.planning.resolve import Resolved, ResolvedCheck
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects


class Remembering(Protocol):
    """What knows the verdicts that are on record (``planning.World`` does)."""

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        """Return the last evaluation with this check fingerprint."""


@dataclass(frozen=True)
class Judgements:
    """What the checks of one version came to.

    ``actions``: the evaluations that are new. ``verdicts``: all, remembered ones too. ``failures`` and ``errors``: of
    the checks that raised, one each.
    """

    actions: tuple[CheckEvaluated, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    failures: tuple[Failed, ...] = ()
    errors: tuple[CheckRaisedError, ...] = ()

    @property
    def error(self) -> CheckRaisedError | None:
        """The first error."""
        return self.errors[0] if self.errors else None

    @property
    def blocking(self) -> bool:
        """Whether a verdict keeps the version from being published."""
        return any(verdict.blocks for verdict in self.verdicts)

    @property
    def message(self) -> str:
        """What went wrong, in words; "" when nothing did."""
        bad = [verdict for verdict in self.verdicts if verdict.blocks]
        words = [f"{verdict.name}: {verdict.message}" if verdict.message else verdict.name for verdict in bad]
        return "; ".join([*(error.message for error in self.errors), *words])


@dataclass(frozen=True)
class _Case:
    """One version that is judged, with what its checks may read."""

    action: Version
    content: Callable[[bool], Content]
    inputs: Mapping[str, Version]
    run: str
    env: str


class Judge:
    """Judges versions; asks ``world`` for verdicts that are on record already."""

    def __init__(self, loader: Loader, objects: Objects, world: Remembering) -> None:
        self._loader = loader
        self._objects = objects
        self._world = world

    def evaluate(
        self,
        asset: Resolved,
        action: Version,
        content: Content | None,
        inputs: Mapping[str, Version],
        run: str,
        log: TaskLog,
        *,
        env: str,
        again: bool = False,
    ) -> Judgements:
        """Judge one version with every check of its asset, whatever the others say.

        A check that raises, or cannot be handed what it reads, gives no verdict: it is a failure, and nothing is
        remembered of it.

        Args:
            asset: whose checks are asked.
            action: the version.
            content: its data; None to have them loaded when a check needs them.
            inputs: the versions of other assets that the checks read.
            run: id of the run that asks.
            log: gets the traceback of a check that raises.
            env: the run's environment.
            again: do not believe remembered verdicts.
        """
        if not asset.checks:
            return Judgements()
        case = _Case(action, self._held(action, content), inputs, run, env)
        judgements = Judgements()
        for check in asset.checks:
            judgements = _joined(judgements, self._judgement(check, case, log, again=again))
        return judgements

    def _held(self, action: Version, content: Content | None) -> Callable[[bool], Content]:
        """Return what gives the version's data, lazily or not: loaded once, and only when asked."""

        @cache
        def held(lazily: bool) -> Content:
            return content if content is not None else self._loader.content(action, lazily=lazily)

        return held

    def _judgement(self, check: ResolvedCheck, case: _Case, log: TaskLog, *, again: bool) -> Judgements:
        seen: dict[str, Seen | None] = {key: seen_of(version) for key, version in case.inputs.items()}
        action = case.action
        fingerprint = check_fingerprint_of(check, action.data_version, seen)
        if not again:
            remembered = self._world.verdict(action.asset, action.data_version, fingerprint)
            if remembered is not None:
                return Judgements(verdicts=remembered.verdicts)
        started_at, begun = datetime.now(UTC).isoformat(), time.perf_counter()
        try:
            evaluated = self._evaluated(check, case, fingerprint, started_at)
        except Exception as error:  # noqa: BLE001 - of this check alone: the version that is made must not be lost
            raised = error if isinstance(error, CheckRaisedError) else check_raised(check.spec, error)
            attempt = Attempt(number=1, started_at=started_at, seconds=time.perf_counter() - begun)
            failed = _failed(check, case, failed_by(attempt, raised.original), log)
            return Judgements(failures=(failed,), errors=(raised,))
        return Judgements((evaluated,), evaluated.verdicts)

    def _evaluated(
        self, check: ResolvedCheck, case: _Case, fingerprint: str, started_at: str
    ) -> CheckEvaluated:
        begun = time.perf_counter()
        builtin = check.spec.builtin is not None
        content = case.content(builtin or (check.spec.function is not None and check.form.streams))
        others = {
            item.spec.key: self._loader.content(
                case.inputs[item.spec.key], item.columns, lazily=builtin or item.form.streams
            )
            for item in check.inputs
            if item.spec.key in case.inputs
        }
        with ExitStack() as stack:
            judged = evaluate(check.spec, content, others, lambda: handed_to(check, content, others, stack))
        return CheckEvaluated(
            run=case.run,
            asset=case.action.asset,
            version=case.action.version,
            data_version=case.action.data_version,
            check=check.spec.name,
            fingerprint=fingerprint,
            code_version=check.code.digest,
            arguments=check.arguments_hash,
            reads=tuple((key, case.inputs[key].data_version) for key in others),
            verdicts=tuple(one.verdict(self._keep(one.cases)) for one in judged),
            started_at=started_at,
            seconds=time.perf_counter() - begun,
        )

    def _keep(self, cases: Any) -> Manifest | ManifestRef | None:
        """Store the failing rows as an object of their own, never in the commit, so that they can be erased."""
        if cases is None or cases.num_rows == 0:
            return None
        content = Content("table", cases, "parquet")
        manifest = artifacts.write(content, self._objects, allow_inline=False).manifest
        return artifacts.settle(manifest, self._objects)


def handed_to(
    check: ResolvedCheck, content: Content, others: Mapping[str, Content], stack: ExitStack
) -> dict[str, Any]:
    """Return what a user's check is called with, by parameter; None for what has no version."""
    inputs = {check.spec.parameter: (content, check.form)}
    inputs.update(
        {
            item.spec.parameter: (others[item.spec.key], item.form)
            for item in check.inputs
            if item.spec.key in others
        }
    )
    absent = {item.spec.parameter: None for item in check.inputs if item.spec.key not in others}
    return {**absent, **handed_out(inputs, stack)}


def _failed(check: ResolvedCheck, case: _Case, attempt: Attempt, log: TaskLog) -> Failed:
    log.write(attempt.traceback or "")
    return Failed(
        run=case.run,
        asset=case.action.asset,
        env=case.env,
        fingerprint=case.action.fingerprint,
        check=check.spec.name,
        code_version=check.code.digest,
        arguments=check.arguments_hash,
        attempts=(attempt,),
        inputs=tuple((key, version.version) for key, version in case.inputs.items()),
    )


def _joined(one: Judgements, other: Judgements) -> Judgements:
    return Judgements(
        (*one.actions, *other.actions),
        (*one.verdicts, *other.verdicts),
        (*one.failures, *other.failures),
        (*one.errors, *other.errors),
    )
