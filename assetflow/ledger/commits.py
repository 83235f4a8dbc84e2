"""Owns the questions about the log itself: where its head is, whose store it is, what was when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from assetflow.errors import UsageError
from assetflow.ledger.queries import Queries, instant


@dataclass(frozen=True)
class Head:
    """The last commit that a session sees. An empty log has ``number`` 0, and no ``store_id``.

    ``read_only_because``: why this release must not write to the store, None when it may.
    """

    number: int = 0
    hash: str = ""
    time: str = ""
    store_id: str | None = None
    project: str | None = None
    read_only_because: str | None = None


class CommitQueries(Queries):
    """Questions about the log itself."""

    def read_head(self) -> Head:
        """Return the last commit and what the first says of the store."""
        rows = self._ask(_HEAD, ())
        if not rows:
            return Head()
        number, digest, time, created, unknown = rows[0]
        store = json.loads(created) if created else {}
        because = _read_only_because(*unknown.values()) if unknown else None
        return Head(number, digest, instant(time), store.get("store_id"), store.get("project"), because)

    def commit_at(self, time: str) -> int:
        """Return the number of the last commit that was made at or before ``time``, 0 for none.

        ``time`` is ISO 8601, in UTC where it names no zone; a date means its first moment.

        Raises:
            UsageError: ``time`` is not one.
        """
        query = "SELECT coalesce(max(number), 0) FROM assetflow.commits WHERE time <= ?"
        number: int = self._ask(query, (_tables_time(time),))[0][0]
        return number

    def environments(self) -> list[str]:
        """Return the names of the environments that anything ran in or was published to."""
        query = """
            SELECT env FROM assetflow.publications UNION SELECT env FROM assetflow.run_starts ORDER BY env"""
        return [env for (env,) in self._ask(query, ())]


def _tables_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a time", hint="write 2026-11-23 or 2026-11-23T06:00:00Z"
        ) from error
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _read_only_because(number: int, types: list[str], release: str) -> str:
    names = ", ".join(repr(name) for name in types)
    return (
        f"commit {number} holds {names}, which this release does not know; use assetflow {release} or newer"
    )


_HEAD = """
    SELECT number, hash, time,
           (SELECT body FROM assetflow.actions WHERE commit_number = 1 AND type = 'store_created' LIMIT 1),
           (SELECT {'number': number, 'types': unknown, 'release': release} FROM assetflow.commits
            WHERE len(unknown) > 0 ORDER BY number DESC LIMIT 1)
    FROM assetflow.commits ORDER BY number DESC LIMIT 1"""
