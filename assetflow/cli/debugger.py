"""Owns opening a debugger where an exception was raised: the one that PYTHONBREAKPOINT names, else Python's own.

Knows nothing of what raised it.
"""

from __future__ import annotations

import importlib
import pdb
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

VARIABLE = "PYTHONBREAKPOINT"


def post_mortem(environ: Mapping[str, str]) -> Callable[[TracebackType], Any] | None:
    """Return what opens the debugger at the last line of a traceback; None where ``PYTHONBREAKPOINT=0`` forbids it.

    Debuggers are named by what ``breakpoint()`` calls (``ipdb.set_trace``); what opens one after the fact is called
    ``post_mortem`` in the same module, in all that are known. A module without it, or that is not there, leaves pdb.
    """
    named = environ.get(VARIABLE, "")
    if named == "0":
        return None
    try:
        module = importlib.import_module(named.rpartition(".")[0]) if "." in named else pdb
    except ImportError:
        module = pdb
    return getattr(module, "post_mortem", pdb.post_mortem)
