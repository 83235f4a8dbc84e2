"""The public facade: open a project, and one method for each thing that can be done with it.

Every face (command line, notebooks, pages) calls these and shows what they return. No rules of its own.
"""

from __future__ import annotations

from pathlib import Path

from assetflow.project.data import Data
from assetflow.project.declared import Declared
from assetflow.project.environments import Environments
from assetflow.project.keeping import Keeping
from assetflow.project.opened import open_workspace
from assetflow.project.past import Past
from assetflow.project.running import Running
from assetflow.project.ticking import Ticking


def open_project(path: str | Path = ".", env: str | None = None) -> Project:
    """Open the project that the folder ``path`` lies in, as the environment ``env`` sees it.

    The user's modules are imported when something needs the declarations, not before.

    Raises:
        SettingsError: there are no settings, or they do not say what they must.
    """
    return Project._of(open_workspace(path, env))  # noqa: SLF001 - the other way to make one


class Project(Running, Ticking, Data, Declared, Past, Environments, Keeping):
    """A project, opened in one environment.

    Args:
        assets: the declared assets, sources, checks and resources.
        store: where versions are kept: a path, or any fsspec URL; ``memory://`` keeps them in this object alone.
        env: name of the environment.
        name: name of the project; a store remembers whose it is.
        root: folder that relative paths are relative to, where ledger and caches are kept; None: in memory.
        jobs: how many assets run at once; None for the number of processors.
        executor: ``threads``; ``process`` to make each asset in a process of its own; ``inline`` to run everything in
            the caller's thread.
        publish: what readers see at once: each ``asset`` as it passes its checks, or what a whole ``run`` changed.
        timeout: how long an attempt may take that declares nothing itself: seconds, or text such as ``"10m"``.
        pools: how many assets of each pool may run at once.

    Raises:
        SettingsError: the store's URL makes no sense.
    """

    def in_environment(self, env: str) -> Project:
        """Return the same project, opened in another environment."""
        return Project._of(self._in(env))
