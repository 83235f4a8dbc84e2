"""Owns the bench of a project: what a task has at hand, in whatever process it is done.

Knows nothing of tasks.
"""

from __future__ import annotations

from assetflow.execution.judging import Judge, Remembering
from assetflow.execution.task import Bench
from assetflow.operate.workspace import Workspace


def bench_of(workspace: Workspace, verdicts: Remembering) -> Bench:
    """Return what a task of this project has at hand; ``verdicts``: knows those that are on record."""
    objects = workspace.store.objects
    return Bench(
        loader=workspace.loader,
        objects=objects,
        observer=workspace.observer,
        shelf=workspace.shelf,
        judge=Judge(workspace.loader, objects, verdicts),
        resources=workspace.declared.resources,
    )
