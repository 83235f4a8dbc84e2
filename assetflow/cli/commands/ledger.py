"""`assetflow ledger`."""

from __future__ import annotations

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation


def ledger_path(invocation: Invocation) -> int:
    """Say which file the ledger is; any DuckDB can open a copy of it."""
    path = invocation.open().ledger_path
    invocation.answer(
        lambda: {"path": str(path) if path else None}, lambda: str(path or "none yet: nothing is on record")
    )
    return exit_codes.DONE


def sync_ledger(invocation: Invocation) -> int:
    """Bring the ledger to the log's head. Every other command does so too."""
    return _answer(invocation, invocation.open().sync_ledger())


def rebuild_ledger(invocation: Invocation) -> int:
    """Make the ledger anew from the log. Nothing is lost: the log is the truth."""
    return _answer(invocation, invocation.open().rebuild_ledger())


def _answer(invocation: Invocation, commit: int) -> int:
    invocation.answer(
        lambda: {"commit": commit}, lambda: f"at commit #{commit}" if commit else "the log is empty"
    )
    return exit_codes.DONE
