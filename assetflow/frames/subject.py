"""Owns how a failure is made to name the asset or input it belongs to, whoever found it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assetflow.errors import DataError


@contextmanager
def about(subject: str) -> Iterator[None]:
    """Put ``subject`` in front of the message of a DataError raised inside.

    An empty subject changes nothing.
    """
    try:
        yield
    except DataError as error:
        if subject:
            error.message = f"{subject}: {error.message}"
        raise
