"""Owns the questions about verdicts: what checks said of which data."""

from __future__ import annotations

from collections.abc import Collection

from assetflow.ledger.queries import PLACE, Queries
from assetflow.model.verdicts import CheckEvaluated


class VerdictQueries(Queries):
    """Questions about verdicts."""

    def judged_data(self) -> frozenset[str]:
        """Return the data versions that any check ever judged."""
        rows = self._ask("SELECT DISTINCT data_version FROM assetflow.evaluations", ())
        return frozenset(data_version for (data_version,) in rows)

    def blocking(
        self, asset: str, data_version: str, accepted: Collection[str] = ()
    ) -> tuple[CheckEvaluated, ...]:
        """Return the last evaluation of each check of these data that blocks, but for those that were ``accepted``."""
        last = {one.check: one for one in self.verdicts([(asset, data_version)])}
        return tuple(one for one in last.values() if not one.passed and one.fingerprint not in accepted)

    def verdicts(self, data: Collection[tuple[str, str]]) -> list[CheckEvaluated]:
        """Return the latest evaluation of each check of these (asset, data version), oldest first."""
        wanted = [asset for asset, _ in data], [data_version for _, data_version in data]
        places = self._ask(_LATEST, wanted)
        bodies = self._bodies(places)
        return [CheckEvaluated.model_validate_json(bodies[place]) for place in places]


_LATEST = f"""
    SELECT commit_number, position FROM assetflow.evaluations WHERE rowid IN (
        SELECT arg_max(rowid, {PLACE}) FROM assetflow.evaluations
        WHERE (asset, data_version) IN (SELECT unnest(?), unnest(?))
        GROUP BY asset, data_version, fingerprint)
    ORDER BY commit_number, position"""  # noqa: S608 -- constants only
