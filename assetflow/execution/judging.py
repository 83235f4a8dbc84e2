"""Owns judging a version with its asset's checks: which verdicts are remembered, which checks run, what is recorded."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assetflow.checks.judge import evaluate
from assetflow.errors import CheckRaisedError
from assetflow.execution.attempts import own_traceback
from assetflow.execution.capture import TaskLog
from assetflow.execution.loading import Loader
from assetflow.frames.content import Content, identify
from assetflow.frames.hand_out import hand_out_all
from assetflow.model.actions import Attempt, CheckEvaluated, Failed, Materialized, SourceObserved, Verdict
from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, seen_of
from assetflow.planning.resolve import Resolved, ResolvedCheck
from assetflow.planning.world import World
from assetflow.storage import artifacts
from assetflow.storage.objects import Objects

Version = Materialized | SourceObserved


@dataclass(frozen=True)
class Judgements:
    """What the checks of one version came to.

    ``actions``: the evaluations that are new. ``verdicts``: all, remembered ones too. ``failed`` and ``error``:
    of a check that raised.
    """

    actions: tuple[CheckEvaluated, ...]
    verdicts: tuple[Verdict, ...]
    failed: Failed | None = None
    error: BaseException | None = None

    @property
    def blocking(self) -> bool:
        """Whether a verdict keeps the version from being published."""
        return any(verdict.blocks for verdict in self.verdicts)

    @property
    def message(self) -> str:
        """What went wrong, in words; "" when nothing did."""
        if self.error is not None:
            return str(self.error)
        bad = [verdict for verdict in self.verdicts if verdict.blocks]
        return "; ".join(
            f"{verdict.name}: {verdict.message}" if verdict.message else verdict.name for verdict in bad
        )


class Judge:
    """Judges versions; asks ``world`` for verdicts that are on record already."""

    def __init__(self, loader: Loader, objects: Objects, world: World) -> None:
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
        again: bool = False,
    ) -> Judgements:
        """Judge one version.

        Args:
            asset: whose checks are asked.
            action: the version.
            content: its data; None to have them loaded when a check needs them.
            inputs: the versions of other assets that the checks read.
            run: id of the run that asks.
            log: gets the traceback of a check that raises.
            again: do not believe remembered verdicts.
        """
        seen: dict[str, Seen | None] = {key: seen_of(version) for key, version in inputs.items()}
        actions: list[CheckEvaluated] = []
        verdicts: list[Verdict] = []
        for check in asset.checks:
            fingerprint = check_fingerprint_of(check, action.data_version, seen)
            remembered = None if again else self._world.verdict(asset.key, action.data_version, fingerprint)
            if remembered is not None:
                verdicts += remembered.verdicts
                continue
            if content is None:
                content = self._loader.content(action)
            try:
                evaluated = self._judge(check, action, content, inputs, run, fingerprint)
            except CheckRaisedError as raised:
                failed = _failed(check, action, raised.original, run, log)
                return Judgements(tuple(actions), tuple(verdicts), failed, raised)
            actions.append(evaluated)
            verdicts += evaluated.verdicts
        return Judgements(tuple(actions), tuple(verdicts))

    def _judge(
        self,
        check: ResolvedCheck,
        action: Version,
        content: Content,
        inputs: Mapping[str, Version],
        run: str,
        fingerprint: str,
    ) -> CheckEvaluated:
        started_at, begun = datetime.now(UTC).isoformat(), time.perf_counter()
        others = {
            item.spec.key: self._loader.content(inputs[item.spec.key], item.columns)
            for item in check.inputs
            if item.spec.key in inputs
        }

        with tempfile.TemporaryDirectory(prefix="assetflow-") as folder:
            judged = evaluate(
                check.spec, content, others, lambda: _arguments(check, content, others, Path(folder))
            )
        return CheckEvaluated(
            run=run,
            asset=action.asset,
            version=action.version,
            data_version=action.data_version,
            check=check.spec.name,
            fingerprint=fingerprint,
            code_version=check.code.digest,
            reads=tuple((key, inputs[key].data_version) for key in others),
            verdicts=tuple(one.verdict(self._keep(one.cases)) for one in judged),
            started_at=started_at,
            seconds=time.perf_counter() - begun,
        )

    def _keep(self, cases: Any) -> Manifest | ManifestRef | None:
        """Store the failing rows as an object of their own, never in the commit, so that they can be erased."""
        if cases is None or cases.num_rows == 0:
            return None
        content = Content("table", cases, "parquet")
        manifest = artifacts.write(content, self._objects, identity=identify(content), allow_inline=False)
        return artifacts.settle(manifest, self._objects)


def _arguments(
    check: ResolvedCheck, content: Content, others: Mapping[str, Content], scratch: Path
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
    return {**absent, **hand_out_all(inputs, scratch=scratch)}


def _failed(check: ResolvedCheck, action: Version, error: BaseException, run: str, log: TaskLog) -> Failed:
    trace = own_traceback(error)
    log.write(trace)
    return Failed(
        run=run,
        asset=action.asset,
        env="",
        fingerprint=action.fingerprint,
        check=check.spec.name,
        attempts=(
            Attempt(
                number=1,
                started_at=datetime.now(UTC).isoformat(),
                seconds=0.0,
                error=type(error).__qualname__,
                message=str(error)[:4000],
                traceback=trace,
            ),
        ),
    )
