"""Owns the runtime: the Python, the platform and the packages that a run's code ran with, and how two of them differ.

Knows nothing of runs.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assetflow.model.runs import RunStarted
from assetflow.release import RELEASE

_ENDINGS = (".dist-info", ".egg-info")


@dataclass(frozen=True)
class Runtime:
    """What code runs with. ``packages``: version by name, as pip writes it; assetflow's own among them."""

    python: str
    platform: str
    packages: Mapping[str, str]


@dataclass(frozen=True)
class RuntimeChange:
    """One thing that is not what it was. ``now`` is None for a package that is not installed any more."""

    name: str
    then: str
    now: str | None


def runtime_now() -> Runtime:
    """Return the runtime of this process."""
    system = platform.uname()
    packages = {**installed_packages(sys.path), "assetflow": RELEASE}
    return Runtime(
        python=platform.python_version(),
        platform=f"{system.system} {system.release} {system.machine}",
        packages=dict(sorted(packages.items())),
    )


def installed_packages(paths: Iterable[str]) -> dict[str, str]:
    """Return the version of each distribution that is installed on ``paths``; the first of a name counts.

    By the names of the folders that installers leave (``typing_extensions-4.12.2.dist-info``): to read what lies in
    them takes a hundred times as long.
    """
    found: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        for name, version in _distributions(path):
            found.setdefault(name, version)
    return found


def changes_since(start: RunStarted, now: Runtime) -> tuple[RuntimeChange, ...]:
    """Return what differs between the runtime of a run and ``now``: Python and platform first, then packages by name.

    Packages that were installed since are not told: they cannot have been used.
    """
    then = {"python": start.python, "platform": start.platform, **start.packages}
    today: dict[str, str] = {"python": now.python, "platform": now.platform, **now.packages}
    return tuple(
        RuntimeChange(name, version, today.get(name))
        for name, version in then.items()
        if version and today.get(name) != version
    )


def _distributions(path: str) -> Iterator[tuple[str, str]]:
    try:
        names = os.listdir(path or ".")  # noqa: PTH208 - a thousand names, and none of them is looked into
    except OSError:  # a zip file, or a folder that is not there
        return
    for name in names:
        stem, ending = os.path.splitext(name)  # noqa: PTH122 - as above
        project, _, version = stem.partition("-")
        if ending in _ENDINGS and version:
            yield project.lower().replace("_", "-"), version.partition("-")[0]
