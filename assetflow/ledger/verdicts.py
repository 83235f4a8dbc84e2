"""Owns the questions about verdicts: what checks said of which data."""

from __future__ import annotations

from collections.abc import Collection

from assetflow.ledger.queries import Queries
from assetflow.model.actions import CheckEvaluated


class VerdictQueries(Queries):
    """Questions about verdicts."""

    def verdicts(self, data: Collection[tuple[str, str]]) -> list[CheckEvaluated]:
        """Return the latest evaluation of each check of these (asset, data version), oldest first."""
        wanted = [asset for asset, _ in data], [data_version for _, data_version in data]
        return [CheckEvaluated.model_validate_json(body) for (body,) in self._ask(_VERDICTS, wanted)]


_VERDICTS = """
    SELECT a.body FROM (
        SELECT commit_number, position FROM assetflow.evaluations
        WHERE (asset, data_version) IN (SELECT unnest(?), unnest(?))
        QUALIFY row_number() OVER (
            PARTITION BY asset, data_version, fingerprint ORDER BY commit_number DESC, position DESC) = 1)
    JOIN assetflow.actions a USING (commit_number, position)
    ORDER BY commit_number, position"""
