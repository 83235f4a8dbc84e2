"""What assets under test call to leave a trace: to a code version it is someone else's code."""

from __future__ import annotations

NOTES: list[object] = []


def note(what: object) -> None:
    """Remember that an asset ran."""
    NOTES.append(what)


def note_and_fail_until(count: int) -> None:
    """Remember a call, and raise TimeoutError unless it is the one with this number."""
    NOTES.append("called")
    if len(NOTES) < count:
        raise TimeoutError("not yet")
