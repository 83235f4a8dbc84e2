"""Owns writing to the log in this process's name."""

from __future__ import annotations

from assetflow.operate.workspace import Workspace
from assetflow.release import RELEASE
from assetflow.storage.head import Head
from assetflow.storage.host import this_writer
from assetflow.storage.log_writer import LogWriter


def log_writer(workspace: Workspace, head: Head) -> LogWriter:
    """Return a writer for the workspace's log, which has been read up to ``head``."""
    return LogWriter(workspace.store, writer=this_writer(RELEASE), head=head, clock=workspace.store.clock)
