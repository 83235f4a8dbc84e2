"""What is on record, by hand: a fake world, and builders of the assets that are planned in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assetflow.frames.forms import ANY
from assetflow.hashing.code import CodeVersion, Reached
from assetflow.hashing.fingerprint import source_fingerprint, version_id
from assetflow.ledger.pointers import TurnedAway
from assetflow.ledger.records import Recorded
from assetflow.model.manifest import Manifest
from assetflow.model.recipe import Recipe
from assetflow.model.spec import AssetKind, AssetSpec, CheckSpec, InputSpec, SourceSpec
from assetflow.model.verdicts import CheckEvaluated, Verdict
from assetflow.model.versions import Materialized, SourceObserved
from assetflow.partitions.scheme import Moment
from assetflow.planning.fingerprints import Seen, check_fingerprint_of, fingerprint_of, recipe_of, seen_of
from assetflow.planning.layout import Layout
from assetflow.planning.plan import Plan
from assetflow.planning.planner import Planner
from assetflow.planning.resolve import Resolved, ResolvedCheck, ResolvedInput
from assetflow.planning.world import Standing


@dataclass
class FakeWorld:
    """What is on record, by hand."""

    published: dict[str, Recorded] = field(default_factory=dict)
    known: list[Recorded] = field(default_factory=list)
    verdicts: dict[tuple[str, str, str], CheckEvaluated] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    interrupted: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, str] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    turned_away: Mapping[str, list[TurnedAway]] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    env: str = "dev"
    head: int = 7

    def records(self, asset: str, fingerprint: str) -> list[Recorded]:
        """Return what is on record for this asset and fingerprint, newest first."""
        return [r for r in self.known if (r.asset, r.fingerprint) == (asset, fingerprint)]

    def version(self, asset: str, version: str) -> Recorded | None:
        """Return the newest record of one version."""
        return next((r for r in self.known if (r.asset, r.version) == (asset, version)), None)

    def verdict(self, asset: str, data_version: str, fingerprint: str) -> CheckEvaluated | None:
        """Return the last evaluation with this check fingerprint."""
        return self.verdicts.get((asset, data_version, fingerprint))

    def unsound(self, records: Collection[Recorded]) -> frozenset[str]:
        """Return the versions among ``records`` that were lost."""
        return frozenset(r.version for r in records if r.version in self.lost)

    def standings(self, asset: str) -> Mapping[str, Standing]:
        """Return nothing: these assets have no partitions."""
        return {}

    def unsound_partitions(self, asset: str) -> frozenset[str]:
        """Return nothing, as above."""
        return frozenset()

    def on_record(self) -> frozenset[str]:
        """Return all fingerprints on record."""
        return frozenset(r.fingerprint for r in self.known)

    def passed(self, asset: str) -> frozenset[tuple[str, str]]:
        """Return nothing, as above."""
        return frozenset()

    def holds_of(self, asset: str) -> bool:
        """Return that nothing is, as above."""
        return False

    def turned_away_wholly(self, asset: str) -> Sequence[TurnedAway]:
        """Return nothing, as above."""
        return ()

    def expect(self, assets: Sequence[Resolved]) -> None:
        """Do nothing: all is at hand."""

    def record(
        self, asset: Resolved, data: str, *, publish: bool = True, columns: Mapping[str, str] | None = None
    ) -> Recorded:
        """Put on record that ``asset``, reading what is published, gave ``data``, a table if it has ``columns``."""
        recipe = recipe_of(asset, {key: self.seen(key) for key in asset.spec.upstream})
        fingerprint = fingerprint_of(asset.key, recipe)
        return self._add(materialized(asset.key, fingerprint, data, recipe, columns), publish)

    def observe(self, key: str, data: str, source: SourceSpec) -> Recorded:
        """Put on record that a source was read, and publish it."""
        fingerprint = source_fingerprint(key, data)
        return self._add(
            SourceObserved(
                run="r",
                asset=key,
                version=version_id(key, "", fingerprint, data),
                data_version=data,
                fingerprint=fingerprint,
                url=source.url,
                format=source.format,
                options=dict(source.options),
                identity=source.identity,
                files=(),
                observed_at="",
                seconds=0,
                bytes=0,
            ),
            True,
        )

    def judged(
        self, asset: Resolved, recorded: Recorded, *, passed: bool, reading: Collection[str] = ()
    ) -> None:
        """Put on record what the first check of ``asset`` said, ``reading`` what is published."""
        seen = {key: self.seen(key) for key in reading}
        fingerprint = check_fingerprint_of(asset.checks[0], recorded.data_version, seen)
        verdict = Verdict(name="positive", severity="error", passed=passed)
        self.verdicts[(asset.key, recorded.data_version, fingerprint)] = CheckEvaluated(
            run="r",
            asset=asset.key,
            version=recorded.version,
            data_version=recorded.data_version,
            check="positive",
            fingerprint=fingerprint,
            code_version="",
            verdicts=(verdict,),
            started_at="",
            seconds=0,
        )

    def seen(self, key: str) -> Seen | None:
        """Return what a consumer sees of what is published."""
        published = self.published.get(key)
        return seen_of(published) if published else None

    def _add(self, action: Materialized | SourceObserved, publish: bool) -> Recorded:
        recorded = Recorded(action, 1, len(self.known), "", "dev")
        self.known.insert(0, recorded)
        if publish:
            self.published[action.asset] = recorded
        return recorded


def materialized(
    asset: str, fingerprint: str, data: str, recipe: Recipe, columns: Mapping[str, str] | None = None
) -> Materialized:
    """Build a record of ``asset``."""
    manifest = None
    if columns is not None:
        pairs = tuple(columns.items())
        manifest = Manifest(kind="table", format="parquet", bytes=0, rows=3, columns=pairs)
    return Materialized(
        run="r",
        asset=asset,
        kind="python",
        version=version_id(asset, "", fingerprint, data),
        data_version=data,
        fingerprint=fingerprint,
        code_version=recipe.code_version,
        recipe=recipe,
        manifest=manifest,
        started_at="",
        seconds=0,
        rows=3 if columns is not None else None,
        bytes=0,
        executor="inline",
    )


def asset(
    key: str,
    *inputs: str | InputSpec,
    code: str = "1",
    check: str | None = None,
    check_reads: tuple[str, ...] = (),
    missing: str = "fail",
    deps: tuple[str, ...] = (),
    kind: AssetKind = "python",
) -> Resolved:
    """Build an asset that reads ``inputs``; its check, when it has one, has the code version ``check``."""
    parts = (
        Reached(f"shop:{key}", "same", "shop.py", 1, "function"),
        Reached("shop.text:tidy", code, "shop/text.py", 5, "function"),
    )
    specs = tuple(
        InputSpec(item, item, missing=missing) if isinstance(item, str) else item  # type: ignore[arg-type]
        for item in inputs
    )
    checks = ()
    if check is not None:
        others = tuple(ResolvedInput(InputSpec(name, name), ANY, "any", None) for name in check_reads)
        checks = (ResolvedCheck(CheckSpec("positive", key), CodeVersion(check), "", others, ANY),)
    return Resolved(
        AssetSpec(key, kind, "", "", "", inputs=specs, deps=deps),
        CodeVersion(code, listed=lambda: parts),
        inputs=tuple(ResolvedInput(spec, ANY, "any", spec.columns) for spec in specs),
        checks=checks,
        deps=deps,
    )


def plan(
    world: FakeWorld,
    *assets: Resolved,
    forced: Collection[str] = (),
    observed: Mapping[str, str] | None = None,
) -> Plan:
    """Plan ``assets``, parents first."""
    layout = Layout({item.key: item.spec for item in assets}, Moment(datetime(2026, 11, 23, tzinfo=UTC)))
    planner = Planner(world, observed or {}, layout, forced)
    for asset in assets:
        planner.add(asset)
    return planner.plan("")


def states(made: Plan) -> dict[str, str]:
    """Return the states of a plan by key."""
    return {item.key: item.state.value for item in made}
