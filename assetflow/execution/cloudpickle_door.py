"""Owns the one place where cloudpickle is imported: what a process is sent that cannot be imported there."""

from __future__ import annotations

from typing import Any

from assetflow.errors import UsageError


def pickled(value: Any, what: str) -> bytes:
    """Return ``value`` as bytes for a process of this run: code of modules by name, of a notebook or a script whole.

    Raises:
        UsageError: it holds what cannot be copied, such as a lock or an open connection; ``what`` it is.
    """
    import cloudpickle

    try:
        data: bytes = cloudpickle.dumps(value)
    except Exception as error:  # whatever the user's objects raise
        raise UsageError(
            f"{what} cannot be sent to a process: {error}",
            hint='define it in a module and open what it uses in the function; or run it with executor="threads"',
        ) from error
    return data
