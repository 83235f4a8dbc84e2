"""Owns the rendering of figures to bytes that depend on what is drawn alone: no times, no random ids.

Knows matplotlib and plotly by the figures that it is given; imports neither before.
"""

from __future__ import annotations

import io
import threading
from typing import Any

from assetflow.errors import DataError
from assetflow.frames.forms import class_names

_METADATA: dict[str, dict[str, None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
_HASH_SALT = "assetflow"

# matplotlib's settings are global: two threads that render would restore each other's.
_RENDERING = threading.Lock()


def is_figure(value: Any) -> bool:
    """Whether a value is a matplotlib or plotly figure."""
    return bool({("matplotlib", "Figure"), ("plotly", "BaseFigure")} & set(class_names(type(value))))


def render(figure: Any, format: str | None) -> tuple[bytes, str]:  # noqa: A002 - the user's word
    """Return a figure's bytes and format: ``png`` (default) or ``svg`` of matplotlib, ``html`` of plotly."""
    if ("plotly", "BaseFigure") in class_names(type(figure)):
        return _render_plotly(figure, format or "html"), "html"
    wanted = format or "png"
    if wanted not in _METADATA:
        raise DataError(
            f"a matplotlib figure cannot be stored as {wanted!r}", hint='use format="png" or format="svg"'
        )
    import matplotlib as mpl

    sink = io.BytesIO()
    with _RENDERING, mpl.rc_context({"svg.hashsalt": _HASH_SALT}):
        figure.savefig(sink, format=wanted, metadata=_METADATA[wanted])
    return sink.getvalue(), wanted


def _render_plotly(figure: Any, wanted: str) -> bytes:
    if wanted != "html":
        raise DataError(
            f"a plotly figure cannot be stored as {wanted!r}", hint='use format="html", or leave it out'
        )
    page: str = figure.to_html(full_html=True, include_plotlyjs=True, div_id="figure")
    return page.encode()
