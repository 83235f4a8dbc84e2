"""Owns how a run is carried out, as a caller asks for it, and the id that it goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from assetflow.execution.events import Listener


@dataclass(frozen=True)
class How:
    """How a run is carried out.

    ``jobs``: assets at once, None for the settings' or the number of processors. ``fail_fast``: start nothing more
    after the first failure. ``command``: what the person typed, for the record. ``full_refresh``: incremental
    assets get nothing to go on from. ``trigger``: what began it, where no person did.
    """

    jobs: int | None = None
    fail_fast: bool = False
    command: str = ""
    listener: Listener = lambda _event: None
    full_refresh: bool = False
    trigger: Literal["", "tick"] = ""


def new_run_id() -> str:
    """Return an id that sorts by time: the second in UTC, and eight random hex digits."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:8]}"
