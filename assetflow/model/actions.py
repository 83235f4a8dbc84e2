"""Owns the actions: everything that a commit can say happened.

An action of an unknown type is passed over, unless it says ``required``: then this release may only read the store.
Times are ISO 8601 in UTC. ``partition`` is "" for an asset without partitions.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from assetflow.model.manifest import Manifest, ManifestRef
from assetflow.model.recipe import Recipe
from assetflow.model.record import Record

Severity = Literal["error", "warn"]

Lineage = dict[str, tuple[tuple[str, str], ...]]
"""From which (asset, column) pairs the values of each column come."""


class Action(Record):
    """What all actions share."""

    type: str
    required: bool = False


class StoreCreated(Action):
    """The first action of commit 1: who this store is, and whose."""

    type: Literal["store_created"] = "store_created"
    required: bool = True
    store_id: str
    project: str | None = None


class RunStarted(Action):
    """A run began. ``snapshot``: the commit that it planned on. ``tree``: the object that lists its code.

    ``modules``: those of the project that were imported for their declarations. ``packages``: version by name of all
    that was installed. ``git_commit`` and ``git_dirty``: what git says of the project's folder; None where it is in no
    repository.
    """

    type: Literal["run_started"] = "run_started"
    run: str
    env: str
    selection: str
    exclude: str = ""
    started_at: str
    snapshot: int
    tree: str | None = None
    command: str = ""
    modules: tuple[str, ...] = ()
    packages: dict[str, str] = {}
    python: str = ""
    platform: str = ""
    git_commit: str | None = None
    git_dirty: bool | None = None


class SourceFile(Record):
    """One observed file of a source: path relative to the source's root, size in bytes, hash of the bytes."""

    path: str
    size: int
    hash: str


class RemoteVersion(Record):
    """A version in another project's store.

    ``store``: as it was declared; ``url``: where that was, without secrets. ``env`` published it by ``commit``.
    """

    store: str
    url: str
    store_id: str
    env: str
    asset: str
    version: str
    commit: int


class SourceObserved(Action):
    """A source was read. ``manifest`` is None where the files are not kept.

    ``options`` and ``schema_ipc`` (as in a manifest) say how its files become a table. ``remote``: of an asset of
    another project, which version of it; its data stay in that project's store.
    """

    type: Literal["source_observed"] = "source_observed"
    required: bool = True
    run: str
    asset: str
    partition: str = ""
    version: str
    data_version: str
    fingerprint: str
    url: str
    format: str
    options: dict[str, Any] = {}
    schema_ipc: str | None = None
    identity: Literal["bytes", "content"]
    files: tuple[SourceFile, ...]
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    manifest: Manifest | ManifestRef | None = None
    observed_at: str
    seconds: float
    bytes: int
    log: str | None = None
    remote: RemoteVersion | None = None

    @property
    def kind(self) -> Literal["source", "external"]:
        """The kind of the asset."""
        return "source" if self.remote is None else "external"


class Attempt(Record):
    """One call of an asset's function. ``error`` is None for the one that succeeded."""

    number: int
    started_at: str
    seconds: float
    error: str | None = None
    message: str | None = None
    traceback: str | None = None


class Materialized(Action):
    """A fingerprint gave a data version. ``reasons``: why it was made then, in words.

    ``lineage``: of what a query made, as far as it can be told. ``renamed_from``: key and version whose data it took
    over, because the asset is that one under another name; nothing ran then.
    """

    type: Literal["materialized"] = "materialized"
    required: bool = True
    run: str
    asset: str
    partition: str = ""
    kind: str
    version: str
    data_version: str
    fingerprint: str
    code_version: str
    recipe: Recipe
    manifest: Manifest | ManifestRef | None
    started_at: str
    seconds: float
    rows: int | None = None
    bytes: int
    executor: str
    reasons: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    metadata: dict[str, Any] = {}
    log: str | None = None
    tree: str | None = None
    lineage: Lineage = {}
    renamed_from: tuple[str, str] | None = None


OBSERVED_KINDS = ("source", "external")
"""Kinds of the assets of which ``SourceObserved`` tells."""

Version = Materialized | SourceObserved
"""What gives an asset a version."""


class EffectStarted(Action):
    """An effect is about to run; without a ``materialized`` or ``failed`` after it, it may have run."""

    type: Literal["effect_started"] = "effect_started"
    run: str
    asset: str
    partition: str = ""
    env: str
    fingerprint: str
    started_at: str


class Verdict(Record):
    """One judgement by one check. ``failing_rows`` is None where it does not count rows.

    ``cases``: an artifact with the first 1,000 failing rows or values.
    """

    name: str
    column: str | None = None
    severity: Severity
    passed: bool
    failing_rows: int | None = None
    message: str = ""
    cases: Manifest | ManifestRef | None = None

    @property
    def blocks(self) -> bool:
        """Whether it keeps a version from being published."""
        return not self.passed and self.severity == "error"


class CheckEvaluated(Action):
    """A check judged a data version. ``fingerprint`` is the hash of the check's code, arguments and all it read.

    ``arguments``: the hash of the arguments alone; "" where an older release did not record it.
    """

    type: Literal["check_evaluated"] = "check_evaluated"
    run: str
    asset: str
    partition: str = ""
    version: str
    data_version: str
    check: str
    fingerprint: str
    code_version: str
    arguments: str = ""
    reads: tuple[tuple[str, str], ...] = ()
    verdicts: tuple[Verdict, ...]
    started_at: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether none of its verdicts blocks."""
        return not any(verdict.blocks for verdict in self.verdicts)


class Failed(Action):
    """An asset's function, or a check of it (``check``), raised in its last attempt.

    ``recipe`` and ``tree`` are what the version would have. Where a check raised, the version is on record, and
    ``code_version`` and ``arguments`` are the check's, as in ``CheckEvaluated``.
    """

    type: Literal["failed"] = "failed"
    run: str
    asset: str
    partition: str = ""
    env: str
    fingerprint: str | None
    check: str | None = None
    attempts: tuple[Attempt, ...]
    inputs: tuple[tuple[str, str], ...] = ()
    recipe: Recipe | None = None
    tree: str | None = None
    code_version: str = ""
    arguments: str = ""
    log: str | None = None


class Skipped(Action):
    """An asset was not tried. ``because`` names the asset upstream that is the cause."""

    type: Literal["skipped"] = "skipped"
    run: str
    asset: str
    partition: str = ""
    reason: str
    because: str | None = None


class Published(Action):
    """An environment's pointer moved."""

    type: Literal["published"] = "published"
    required: bool = True
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    previous: str | None = None


class Move(Record):
    """Where one pointer of an environment goes; ``version`` is None where it has none from then on."""

    asset: str
    partition: str = ""
    version: str | None
    previous: str | None = None


class Hold(Record):
    """What an environment must not publish of an asset by itself: all that this code makes with this config.

    ``code_version`` is None for a source, which nothing but its data tells apart. ``because``: how it came about.
    """

    asset: str
    partition: str = ""
    code_version: str | None
    config_hash: str = ""
    because: Literal["promoted", "rolled_back"]

    @property
    def what(self) -> tuple[str, str, str | None, str]:
        """What is turned away, however that came about."""
        return (self.asset, self.partition, self.code_version, self.config_hash)


class Moved(Action):
    """What all actions share that move pointers of ``env`` without a run.

    ``holds``: what the environment turns away from then on; ``lifts``: what it turns away no longer.
    """

    required: bool = True
    env: str
    moves: tuple[Move, ...] = ()
    holds: tuple[Hold, ...] = ()
    lifts: tuple[Hold, ...] = ()


class Promoted(Moved):
    """Pointers went to the versions that environment ``source`` had at commit ``source_commit`` of its store.

    ``source_store``: the id of that store, where it is another one.
    """

    type: Literal["promoted"] = "promoted"
    source: str
    source_store: str | None = None
    source_commit: int


class RolledBack(Moved):
    """Pointers went back to where they were at commit ``to``, or of one asset to another version."""

    type: Literal["rolled_back"] = "rolled_back"
    to: int | None


class Accepted(Moved):
    """Somebody took responsibility: what was turned away may come, what failed the ``checks`` is published.

    ``checks``: fingerprints of evaluations that block no longer in ``env``.
    """

    type: Literal["accepted"] = "accepted"
    checks: tuple[str, ...] = ()


class Pinned(Moved):
    """The moved assets stay at their versions, whatever runs."""

    type: Literal["pinned"] = "pinned"


class Unpinned(Action):
    """An asset is pinned no longer."""

    type: Literal["unpinned"] = "unpinned"
    required: bool = True
    env: str
    asset: str
    partition: str = ""


class EnvironmentCreated(Moved):
    """An environment began, with the pointers of ``origin`` where there is one."""

    type: Literal["environment_created"] = "environment_created"
    origin: str | None = None


class EnvironmentDeleted(Moved):
    """An environment ended: no pointer is left."""

    type: Literal["environment_deleted"] = "environment_deleted"


class Superseded(Action):
    """A version lost to another that a run published meanwhile (``by``), and was not published."""

    type: Literal["superseded"] = "superseded"
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    by: str | None
    reason: str


class HeldBack(Action):
    """A version was recorded and not published, because it hangs together with ``because``, which is not good."""

    type: Literal["held_back"] = "held_back"
    run: str
    env: str
    asset: str
    partition: str = ""
    version: str
    because: str
    reason: str


class ForgottenVersion(Record):
    """A version whose data are gone, or will be; its record stays."""

    asset: str
    partition: str = ""
    version: str
    data_version: str


class Forgotten(Action):
    """The data of ``versions`` are no longer kept: they are as if never made, until they are made again after this.

    ``objects``: names that nothing needs any more. No commit names one of them after this one, so that they can be
    deleted whenever there is time: of ``gc`` a day later, of ``forget`` at once.
    """

    type: Literal["forgotten"] = "forgotten"
    required: bool = True
    versions: tuple[ForgottenVersion, ...] = ()
    objects: tuple[str, ...] = ()
    reason: Literal["gc", "forget"]


class RunFinished(Action):
    """A run ended: ``succeeded``, ``failed`` or ``cancelled``. ``counts`` are by state.

    ``left``: the assets that it left undone, because they failed, were not tried, or not published.
    """

    type: Literal["run_finished"] = "run_finished"
    run: str
    status: Literal["succeeded", "failed", "cancelled"]
    finished_at: str
    seconds: float
    counts: dict[str, int]
    left: tuple[str, ...] = ()


class Unknown(Action):
    """An action of a newer release."""

    type: str


KnownAction = Annotated[
    StoreCreated
    | RunStarted
    | SourceObserved
    | Materialized
    | EffectStarted
    | CheckEvaluated
    | Failed
    | Skipped
    | Published
    | Promoted
    | RolledBack
    | Accepted
    | Pinned
    | Unpinned
    | EnvironmentCreated
    | EnvironmentDeleted
    | Superseded
    | HeldBack
    | Forgotten
    | RunFinished,
    Field(discriminator="type"),
]
