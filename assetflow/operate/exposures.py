"""Owns the questions about exposures: which there are, and which of them a change of some assets reaches."""

from __future__ import annotations

from collections.abc import Collection

from assetflow.model.spec import ExposureSpec
from assetflow.operate.planning import selected
from assetflow.operate.workspace import Workspace


def list_exposures(
    workspace: Workspace, selection: str | None = None, exclude: str | None = None
) -> tuple[ExposureSpec, ...]:
    """Return the exposures that use one of the assets selected, or what is made from one; all where none is given."""
    if selection is None and exclude is None:
        return tuple(workspace.declared.exposures.values())
    return exposures_of(workspace, selected(workspace, selection, exclude))


def exposures_of(workspace: Workspace, keys: Collection[str]) -> tuple[ExposureSpec, ...]:
    """Return the exposures that use one of ``keys``, or what is made from one, in order of name.

    Keys that nothing declares any more are passed over.
    """
    graph = workspace.graph
    reached = graph.downstream(key for key in keys if key in graph)
    return tuple(
        exposure for exposure in workspace.declared.exposures.values() if reached.intersection(exposure.uses)
    )
