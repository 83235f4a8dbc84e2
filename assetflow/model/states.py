"""Owns the states of a plan's items and of a run's items, and of runs."""

from __future__ import annotations

from enum import StrEnum


class PlanState(StrEnum):
    """What a plan says of an asset."""

    FRESH = "fresh"
    REUSE = "reuse"
    CHECK = "check"
    REJECTED = "rejected"
    BUILD = "build"
    MAYBE = "maybe"
    HELD = "held"
    SKIPPED = "skipped"


class RunState(StrEnum):
    """What became of an asset in a run."""

    BUILT = "built"
    REUSED = "reused"
    FRESH = "fresh"
    CHECKED = "checked"
    REJECTED = "rejected"
    HELD = "held"
    FAILED = "failed"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


class RunStatus(StrEnum):
    """How a run stands."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    RUNNING = "running"
