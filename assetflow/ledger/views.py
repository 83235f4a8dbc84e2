"""Owns the ledger's views: what follows from the tables, for whoever asks in SQL."""

from __future__ import annotations

from assetflow.ledger.queries import PLACE
from assetflow.ledger.schema import View
from assetflow.ledger.version_tables import MATERIALIZATIONS
from assetflow.model.states import RunState

_STATES = ", ".join(f"e.{state.value}" for state in RunState)

RUNS = View(
    "runs",
    "Every run",
    (
        ("run_id", "id of the run"),
        (
            "status",
            "succeeded, failed, cancelled; unfinished while it runs, and for good when it was interrupted",
        ),
        ("env", "environment"),
        ("selection", "what was selected"),
        ("command", "the command line or call"),
        ("started_at", "when it began, UTC"),
        ("finished_at", "when it ended, UTC; null while unfinished"),
        ("seconds", "how long it took; null while unfinished"),
        *(
            (state.value, f"number of assets that were {state.value}; null while unfinished")
            for state in RunState
        ),
        ("commit_number", "number of the commit that began it"),
        ("snapshot", "number of the commit that it planned on"),
        ("tree", "object in the store that lists the project's code"),
        ("host", "machine"),
        ("user_name", "who ran it"),
        ("release", "release of assetflow"),
        ("python", "version of Python"),
        ("packages", "names and versions of installed packages, JSON"),
        ("platform", "operating system, its release, and the machine's architecture"),
        ("git_commit", "commit that the project's folder was at, null without git"),
        ("git_dirty", "whether files in it differed from that commit, null without git"),
    ),
    f"""
    SELECT s.run_id, coalesce(e.status, 'unfinished'), s.env, s.selection, s.command, s.started_at,
           e.finished_at, e.seconds, {_STATES}, s.commit_number, s.snapshot, s.tree, c.host, c.user_name,
           c.release, s.python, s.packages, s.platform, s.git_commit, s.git_dirty
    FROM assetflow.run_starts s
    JOIN assetflow.commits c ON c.number = s.commit_number
    LEFT JOIN (
        FROM assetflow.run_ends WHERE rowid IN (
            SELECT arg_min(rowid, {PLACE}) FROM assetflow.run_ends GROUP BY run_id)) e ON e.run_id = s.run_id
    WHERE s.rowid IN (SELECT arg_min(rowid, {PLACE}) FROM assetflow.run_starts GROUP BY run_id)""",  # noqa: S608 -- constants only
)

VERSIONS = View(
    "versions",
    "Every version, as its newest materialization says; columns as in materializations",
    tuple((column.name, column.comment) for column in MATERIALIZATIONS.columns),
    f"""
    SELECT * FROM assetflow.materializations WHERE rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.materializations GROUP BY version)""",  # noqa: S608 -- constants only
)

CURRENT = View(
    "current",
    "What the readers of each environment see: the version of each asset and partition",
    (
        ("env", "environment"),
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "the version that is published"),
        ("since", "since when, UTC"),
        ("run_id", "the run that published it, null where a command did"),
        ("commit_number", "number of the commit that published it"),
        ("how", "published by a run, or as the action that moved it: promoted, rolled_back, ..."),
    ),
    f"""
    SELECT env, asset, partition, version, time, run_id, commit_number, how FROM assetflow.publications
    WHERE version IS NOT NULL AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.publications GROUP BY env, asset, partition)""",  # noqa: S608 -- constants only
)

TURNED_AWAY = View(
    "turned_away",
    "What environments do not publish by themselves: all that this code makes with this config",
    (
        ("env", "environment"),
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("code_version", "hash of the code, null for sources: whatever they hold"),
        ("config_hash", "hash of the config that goes with it"),
        ("because", "promoted or rolled_back"),
        ("since", "since when, UTC"),
        ("commit_number", "number of the commit that says so"),
    ),
    f"""
    SELECT env, asset, partition, code_version, config_hash, because, time, commit_number FROM assetflow.holds
    WHERE in_force AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.holds
        GROUP BY env, asset, partition, code_version, config_hash)""",  # noqa: S608 -- constants only
)

PINNED = View(
    "pinned",
    "The assets that stay at a version, whatever runs",
    (
        ("env", "environment"),
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "the version that it is pinned at"),
        ("since", "since when, UTC"),
        ("commit_number", "number of the commit that says so"),
    ),
    f"""
    SELECT env, asset, partition, version, time, commit_number FROM assetflow.pins
    WHERE version IS NOT NULL AND rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.pins GROUP BY env, asset, partition)""",  # noqa: S608 -- constants only
)

FORGOTTEN = View(
    "forgotten",
    "The versions whose data are not kept: forgotten, and not made again since",
    (
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "version"),
        ("data_version", "hash of the logical content"),
        ("time", "when it was forgotten, UTC"),
        ("commit_number", "number of the commit that says so"),
        ("reason", "the command that forgot it: gc or forget"),
        ("user_name", "who ran it"),
    ),
    f"""
    SELECT f.asset, f.partition, f.version, f.data_version, f.time, f.commit_number, f.reason, c.user_name
    FROM assetflow.forgettings f
    JOIN assetflow.commits c ON c.number = f.commit_number
    WHERE f.rowid IN (SELECT arg_max(rowid, {PLACE}) FROM assetflow.forgettings GROUP BY asset, partition, version)
        AND NOT EXISTS (
            FROM assetflow.materializations m
            WHERE m.asset = f.asset AND m.partition = f.partition AND m.version = f.version
                AND m.commit_number > f.commit_number)""",  # noqa: S608 -- constants only
)

ASSET_HISTORY = View(
    "asset_history",
    "Every materialization with where it ran, what its checks said, and who published its version",
    (
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "version"),
        ("data_version", "hash of the logical content"),
        ("fingerprint", "hash of all that decided the output"),
        ("kind", "kind of the asset: source, python, effect"),
        ("time", "time of the commit, UTC"),
        ("commit_number", "number of the commit"),
        ("position", "place of the action in its commit"),
        ("run_id", "the run that made it"),
        ("env", "environment of that run"),
        ("seconds", "how long it took"),
        ("rows", "number of rows, null for what is no table"),
        ("bytes", "size of the stored bytes"),
        ("passed", "whether the latest evaluation of each check lets it be published; null without checks"),
        ("published", "environments that ever published the version"),
    ),
    """
    SELECT m.asset, m.partition, m.version, m.data_version, m.fingerprint, m.kind, m.time, m.commit_number,
           m.position, m.run_id, s.env, m.seconds, m.rows, m.bytes, e.passed, coalesce(p.envs, [])
    FROM assetflow.materializations m
    LEFT JOIN (SELECT run_id, min_by(env, commit_number) AS env FROM assetflow.run_starts GROUP BY run_id) s
        USING (run_id)
    LEFT JOIN (
        SELECT asset, partition, data_version, bool_and(passed) AS passed FROM (
            SELECT * FROM assetflow.evaluations QUALIFY row_number() OVER (
                PARTITION BY asset, partition, data_version, check_name
                ORDER BY commit_number DESC, position DESC) = 1)
        GROUP BY ALL) e USING (asset, partition, data_version)
    LEFT JOIN (
        SELECT asset, partition, version, list_sort(list(DISTINCT env)) AS envs FROM assetflow.publications
        GROUP BY ALL) p USING (asset, partition, version)""",
)

LINEAGE = View(
    "lineage",
    "From version to version: what each was made from",
    (
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "version of the asset"),
        ("parameter", "parameter that received the input, null for what was only waited for (deps)"),
        ("input_asset", "key of the asset upstream"),
        ("input_partition", "its partition"),
        ("input_version", "its version; for deps the first that had the data version"),
    ),
    f"""
    SELECT DISTINCT i.asset, i.partition, i.version, i.parameter, i.input_asset, i.input_partition,
           coalesce(i.input_version, d.version)
    FROM assetflow.inputs i
    LEFT JOIN (
        SELECT asset, partition, data_version, min_by(version, {PLACE}) AS version
        FROM assetflow.materializations GROUP BY ALL) d
        ON i.parameter IS NULL AND d.asset = i.input_asset AND d.partition = i.input_partition
        AND d.data_version = i.input_data_version
    WHERE i.input_data_version IS NOT NULL""",  # noqa: S608 -- constants only
)

FRESHNESS = View(
    "freshness",
    "How old the data are that each environment publishes",
    (
        ("env", "environment"),
        ("asset", "key of the asset"),
        ("partition", "partition of the asset, '' where it has none"),
        ("version", "the version that is published"),
        ("published_at", "since when it is published, UTC"),
        ("built_at", "when the version was last made or observed, UTC"),
        ("age_seconds", "seconds since then"),
    ),
    """
    SELECT c.env, c.asset, c.partition, c.version, c.since, v.time, epoch(now()) - epoch(v.time)
    FROM assetflow.current c LEFT JOIN assetflow.versions v USING (version)""",
)

RUN_SUMMARY = View(
    "run_summary",
    "Every run with what the log has of it so far, counted from the tables; for interrupted runs too",
    (
        ("run_id", "id of the run"),
        ("status", "as in runs"),
        ("env", "environment"),
        ("started_at", "when it began, UTC"),
        ("seconds", "how long it took; null while unfinished"),
        ("materialized", "number of materializations"),
        ("observed", "number of observations of sources"),
        ("published", "number of versions that it published"),
        ("evaluated", "number of checks that it evaluated"),
        ("rejected", "number of evaluations that block"),
        ("failed", "number of assets and checks that raised"),
        ("skipped", "number of assets that were not tried"),
        ("rows", "number of rows that were made or observed"),
        ("bytes", "size of what was made or observed"),
        ("first_error", "asset and message of the first failure"),
    ),
    """
    SELECT r.run_id, r.status, r.env, r.started_at, r.seconds, coalesce(m.materialized, 0),
           coalesce(m.observed, 0), coalesce(p.published, 0), coalesce(e.evaluated, 0),
           coalesce(e.rejected, 0), coalesce(f.failed, 0), coalesce(s.skipped, 0), coalesce(m.rows, 0),
           coalesce(m.bytes, 0), f.first_error
    FROM assetflow.runs r
    LEFT JOIN (
        SELECT run_id, count(*) FILTER (kind <> 'source') AS materialized,
               count(*) FILTER (kind = 'source') AS observed,
               sum(rows)::BIGINT AS rows, sum(bytes)::BIGINT AS bytes
        FROM assetflow.materializations GROUP BY ALL) m USING (run_id)
    LEFT JOIN (SELECT run_id, count(*) AS published FROM assetflow.publications GROUP BY ALL) p USING (run_id)
    LEFT JOIN (
        SELECT run_id, count(*) AS evaluated, count(*) FILTER (NOT passed) AS rejected
        FROM assetflow.evaluations GROUP BY ALL) e USING (run_id)
    LEFT JOIN (
        SELECT run_id, count(*) AS failed,
               min_by(concat(asset, ': ', error, ': ', message), (commit_number, position)) AS first_error
        FROM assetflow.failures GROUP BY ALL) f USING (run_id)
    LEFT JOIN (SELECT run_id, count(*) AS skipped FROM assetflow.skips GROUP BY ALL) s USING (run_id)""",
)

VIEWS = (
    RUNS,
    VERSIONS,
    CURRENT,
    TURNED_AWAY,
    PINNED,
    FORGOTTEN,
    ASSET_HISTORY,
    LINEAGE,
    FRESHNESS,
    RUN_SUMMARY,
)
