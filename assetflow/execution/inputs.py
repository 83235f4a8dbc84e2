"""Owns the inputs of one call of a user's function or check: handed out, with room for copies of files where needed.

Knows nothing of what is called.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from assetflow.frames.content import Content
from assetflow.frames.forms import Form
from assetflow.frames.hand_out import hand_out_all
from assetflow.model.versions import Version
from assetflow.planning.resolve import ResolvedInput


def handed_out(inputs: Mapping[str, tuple[Content, Form]], stack: ExitStack) -> dict[str, Any]:
    """Return the inputs of one call, by parameter, in the forms asked for.

    Copies of files lie in a folder that ``stack`` removes. Without files there is none: to make and remove a folder
    takes longer than many a function.
    """
    has_files = any(content.kind == "files" for content, _ in inputs.values())
    return hand_out_all(inputs, scratch=temporary_folder(stack) if has_files else None)


def present_versions(
    item: ResolvedInput, versions: Mapping[str, Version | None]
) -> list[tuple[str, Version]]:
    """Return what there is of an input, by partition ("" for an asset without), in their order."""
    found = (
        (partition, versions.get(name)) for partition, name in zip(item.partitions, item.names, strict=True)
    )
    return [(partition, version) for partition, version in found if version is not None]


def temporary_folder(stack: ExitStack) -> Path:
    """Make a folder that ``stack`` removes."""
    folder = Path(tempfile.mkdtemp(prefix="assetflow-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
