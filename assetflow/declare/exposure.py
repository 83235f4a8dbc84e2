"""Owns ``exposure``: how a user says who uses data outside of the project.

Knows nothing of the assets that are used; what the declaration says is read by ``exposure_spec``.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assetflow.declare.inputs import Keyed
from assetflow.declare.place import Place, place_of_frame


@dataclass(frozen=True)
class ExposureOptions:
    """The options of one ``exposure``, as written. ``unknown``: names given that are no options."""

    uses: Any
    owner: Any = None
    url: Any = None
    description: Any = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False, eq=False)
class Exposure:
    """A declared use of data."""

    name: str
    options: ExposureOptions
    place: Place

    def __repr__(self) -> str:
        return f"Exposure({self.name!r})"


def exposure(
    name: str,
    uses: Sequence[str | Keyed] | str | Keyed = (),
    *,
    owner: str | None = None,
    url: str | None = None,
    description: str | None = None,
    **unknown: Any,
) -> Exposure:
    """Declare who uses data outside of the project: a report, a dashboard, a service.

    It is shown below the assets that it uses, and where they are about to change for their readers. As with every
    declaration, what it returns must be kept under a name of the module, or in a list there.

    Args:
        name: what it is called, as a key is.
        uses: the assets or their keys.
        owner: whom to tell.
        url: where it is.
        description: what it is.
        unknown: what is no option is told with all other problems of the declarations.
    """
    options = ExposureOptions(uses, owner, url, description, tuple(unknown))
    frame = inspect.currentframe()
    return Exposure(name, options, place_of_frame(frame.f_back if frame is not None else None))
