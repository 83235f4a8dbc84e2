"""Owns the question when an asset last broke: raised, was rejected, or was not tried for what broke above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assetflow.ledger.queries import Queries, instant


@dataclass(frozen=True)
class Break:
    """The last time that an asset did not come out well in an environment: an action of commit ``commit``.

    ``version``: the one rejected. ``fingerprint``: of what raised, with the ``check`` where that was one.
    ``because``: the asset above for which it was skipped; ``reason``: why, or what was raised.
    """

    kind: Literal["rejected", "failed", "skipped"]
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

    def last_break(self, env: str, asset: str) -> Break | None:
        """Return the last time that ``asset`` broke in ``env``; None where it never did."""
        rows = self._ask(_LAST, (asset, env, asset, env, asset, env))
        for kind, run, time, commit, version, fingerprint, check, because, reason in rows:
            return Break(kind, run, instant(time), commit, version, fingerprint, check, because, reason)
        return None


_OF_ENV = "run_id IN (SELECT run_id FROM assetflow.run_starts WHERE env = ?)"

_LAST = f"""
    SELECT kind, run_id, time, commit_number, version, fingerprint, check_name, because, reason FROM (
        SELECT 'failed' AS kind, run_id, time, commit_number, position, NULL AS version, fingerprint, check_name,
               NULL AS because, concat(error, ': ', message) AS reason
        FROM assetflow.failures WHERE asset = ? AND env = ?
        UNION ALL
        SELECT 'rejected', run_id, time, commit_number, position, version, fingerprint, check_name, NULL, NULL
        FROM assetflow.evaluations WHERE asset = ? AND NOT passed AND {_OF_ENV}
        UNION ALL
        SELECT 'skipped', run_id, time, commit_number, position, NULL, NULL, NULL, because, reason
        FROM assetflow.skips WHERE asset = ? AND {_OF_ENV})
    ORDER BY commit_number DESC, position DESC LIMIT 1"""  # noqa: S608 -- constants only
