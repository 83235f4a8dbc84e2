"""Owns what is recorded of an asset whose probe gave no answer: a failure, with the probe's own traceback."""

from __future__ import annotations

from datetime import UTC, datetime

from assetflow.errors import ProbeError
from assetflow.execution.attempts import failed_by
from assetflow.model.runs import Failed
from assetflow.model.versions import Attempt


def unanswered_failure(key: str, error: ProbeError, *, run: str, env: str) -> Failed:
    """Return the record that ``key`` failed because its probe did."""
    begun = Attempt(number=1, started_at=datetime.now(UTC).isoformat(), seconds=0.0)
    tried = failed_by(begun, error.original or error)
    told = {"error": type(error).__qualname__, "message": failed_by(begun, error).message}
    return Failed(run=run, asset=key, env=env, fingerprint=None, attempts=(tried.model_copy(update=told),))
