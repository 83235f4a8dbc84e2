"""Owns writing to the log in this process's name."""

from __future__ import annotations

import getpass
import os
import socket

from assetflow import __version__
from assetflow.model.commit import Writer
from assetflow.operate.workspace import Workspace
from assetflow.storage.head import Head
from assetflow.storage.log_writer import LogWriter


def log_writer(workspace: Workspace, head: Head) -> LogWriter:
    """Return a writer for the workspace's log, which has been read up to ``head``."""
    return LogWriter(workspace.store, writer=this_writer(), head=head)


def this_writer() -> Writer:
    """Return who this process is."""
    return Writer(host=socket.gethostname(), pid=os.getpid(), user=_user(), release=__version__)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid())  # a container's user may have no name
