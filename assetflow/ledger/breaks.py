"""Owns the question when an asset last broke: raised, was rejected, or was not tried for what broke above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assetflow.ledger.queries import Queries, instant


@dataclass(frozen=True)
class Break:
    """The last time that an asset did not come out well in an environment: an action of commit ``commit``.

    ``partition``: of which partition; "" where it has none. ``version``: the one rejected.
    ``fingerprint``: of what raised, with the ``check`` where that was one.
    ``because``: the asset above for which it was skipped; ``reason``: why, or what was raised.
    """

    kind: Literal["rejected", "failed", "skipped"]
    partition: str
    run: str
    time: str
    commit: int
    version: str | None
    fingerprint: str | None
    check: str | None
    because: str | None
    reason: str | None


class BreakQueries(Queries):
    """Questions about what broke."""

    def last_break(self, env: str, asset: str, partition: str | None = None) -> Break | None:
        """Return the last time that ``asset`` (None: whichever partition) broke in ``env``; None where it never did."""
        rows = self._ask(_LAST, (asset, env, asset, env, asset, env, partition, partition))
        for kind, part, run, time, *rest in rows:
            return Break(kind, part, run, instant(time), *rest)
        return None

    def broken_partitions(self, env: str, asset: str) -> list[str]:
        """Return the partitions of ``asset`` that failed or were rejected in ``env``, newest first.

        Not those of which a version was published since, or whose version passes now.
        """
        return [partition for (partition,) in self._ask(_BROKEN, (asset, env, asset, env, env, asset))]


_OF_ENV = "run_id IN (SELECT run_id FROM assetflow.run_starts WHERE env = ?)"

_LAST = f"""
    SELECT kind, partition, run_id, time, commit_number, version, fingerprint, check_name, because, reason FROM (
        SELECT 'failed' AS kind, partition, run_id, time, commit_number, position, NULL AS version, fingerprint,
               check_name, NULL AS because, concat(error, ': ', message) AS reason
        FROM assetflow.failures WHERE asset = ? AND env = ?
        UNION ALL
        SELECT 'rejected', partition, run_id, time, commit_number, position, version, fingerprint,
               check_name, NULL, NULL
        FROM assetflow.evaluations WHERE asset = ? AND NOT passed AND {_OF_ENV}
        UNION ALL
        SELECT 'skipped', partition, run_id, time, commit_number, position, NULL, NULL, NULL, because, reason
        FROM assetflow.skips WHERE asset = ? AND {_OF_ENV})
    WHERE ?::VARCHAR IS NULL OR partition = ?
    ORDER BY commit_number DESC, position DESC LIMIT 1"""  # noqa: S608 -- constants only

_BROKEN = f"""
    SELECT b.partition FROM (
        SELECT partition, commit_number, position FROM assetflow.failures WHERE asset = ? AND env = ?
        UNION ALL
        SELECT partition, commit_number, position FROM (
            FROM assetflow.evaluations WHERE asset = ? AND {_OF_ENV}
            QUALIFY row_number() OVER (
                PARTITION BY version, check_name ORDER BY commit_number DESC, position DESC) = 1)
        WHERE NOT passed) b
    WHERE b.partition <> '' AND NOT EXISTS (
        FROM assetflow.publications p
        WHERE p.env = ? AND p.asset = ? AND p.partition = b.partition AND p.commit_number > b.commit_number)
    GROUP BY b.partition ORDER BY max(b.commit_number) DESC, max(b.position) DESC"""  # noqa: S608 -- constants only
