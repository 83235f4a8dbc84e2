"""Owns how an error about a selection shows the place: the text, and carets under what is meant.

Knows nothing of the selection language.
"""

from __future__ import annotations

from assetflow.errors import SelectionError

Span = tuple[int, int]
_WIDTH = 96
_BEFORE = 40


def pointed(message: str, text: str, span: Span, *, hint: str | None = None) -> SelectionError:
    """Make the error that says ``message`` of the ``span`` of ``text``; a long text is cut around it."""
    start, end = span
    first = 0 if len(text) <= _WIDTH else max(0, start - _BEFORE)
    shown = "".join(" " if char.isspace() else char for char in text[first : first + _WIDTH])
    carets = "^" * max(1, min(end, first + _WIDTH) - start)
    drawn = f"{message}\n    {shown}\n    {' ' * (start - first)}{carets}"
    return SelectionError(drawn, text=text, position=start, hint=hint)
