"""Owns which types of actions this release knows, and reading an action of any release.

An action of an unknown type is passed over, unless it says ``required``: then this release may only read the store.
"""

from __future__ import annotations

from typing import Any

from assetflow.model.actions import Action, Unknown
from assetflow.model.environments import (
    Accepted,
    EnvironmentCreated,
    EnvironmentDeleted,
    Pinned,
    Promoted,
    RolledBack,
    Unpinned,
)
from assetflow.model.notices import Notified
from assetflow.model.runs import (
    EffectStarted,
    Failed,
    HeldBack,
    ProbeAnswered,
    Published,
    RunFinished,
    RunStarted,
    Skipped,
    Superseded,
)
from assetflow.model.store import Forgotten, PartitionAdded, StoreCreated
from assetflow.model.verdicts import CheckEvaluated
from assetflow.model.versions import Materialized, SourceObserved

KNOWN_ACTIONS: dict[str, type[Action]] = {
    model.model_fields["type"].default: model
    for model in (
        StoreCreated,
        RunStarted,
        SourceObserved,
        Materialized,
        EffectStarted,
        CheckEvaluated,
        Failed,
        Skipped,
        Published,
        Promoted,
        RolledBack,
        Accepted,
        Pinned,
        Unpinned,
        EnvironmentCreated,
        EnvironmentDeleted,
        Superseded,
        HeldBack,
        ProbeAnswered,
        PartitionAdded,
        Forgotten,
        Notified,
        RunFinished,
    )
}
"""The model of each type; no union of them, which would take longer to make than most commands take to read a log."""


def parse_action(body: Any) -> Action:
    """Read an action as it stands in a commit; raise ValidationError where it lacks what its type demands."""
    if isinstance(body, dict) and body.get("type") in KNOWN_ACTIONS:
        return KNOWN_ACTIONS[body["type"]].model_validate(body)
    return Unknown.model_validate(body)
