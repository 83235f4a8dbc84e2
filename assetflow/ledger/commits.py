"""Owns the questions about the log itself: where its head is, and what was when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from assetflow.errors import UsageError
from assetflow.ledger.queries import Queries, instant
from assetflow.storage.head import Head

HEAD_QUERY = """
    SELECT number, hash, time, store_id, read_only_because FROM assetflow.commits
    ORDER BY number DESC LIMIT 1"""


def head_of(rows: list[tuple[Any, ...]]) -> Head:
    """Return the head that ``HEAD_QUERY`` found."""
    if not rows:
        return Head()
    number, digest, time, store_id, because = rows[0]
    return Head(number, digest, instant(time), store_id, because)


class CommitQueries(Queries):
    """Questions about the log itself."""

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
        """Return the names of the environments that anything ran in, was published to, or that were created.

        One that was deleted counts again when something happens in it after that.
        """
        return [env for (env,) in self._ask(_ENVIRONMENTS, ())]


_ENVIRONMENTS = """
    SELECT env FROM (
        SELECT env, commit_number, true AS exists FROM assetflow.publications
        WHERE how NOT IN ('environment_created', 'environment_deleted')
        UNION ALL
        SELECT env, commit_number, true FROM assetflow.run_starts
        UNION ALL
        SELECT env, commit_number, exists FROM assetflow.environments)
    GROUP BY env HAVING max_by(exists, commit_number) ORDER BY env"""


def _tables_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not a time", hint="write 2026-11-23 or 2026-11-23T06:00:00Z"
        ) from error
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
