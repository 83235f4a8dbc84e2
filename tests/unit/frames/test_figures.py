from __future__ import annotations

import sys
import types
from concurrent.futures import ThreadPoolExecutor

import pytest
from matplotlib.figure import Figure

from assetflow.errors import DataError
from assetflow.frames.content import identify
from assetflow.frames.forms import form_of
from assetflow.frames.hand_out import hand_out
from assetflow.frames.intake import take


def drawing(title: str = "sales") -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.fill_between([0, 1], [1, 2], hatch="/")  # patterns and clips have random ids in SVG
    axes.set_title(title)
    return figure


@pytest.mark.parametrize("chosen", ["png", "svg"])
def test_the_same_drawing_has_the_same_bytes_from_any_thread(chosen):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: take(drawing(), format=chosen), range(4)))

    assert len({content.data for content in made}) == 1
    assert made[0].format == chosen
    assert identify(take(drawing("other"), format=chosen)) != identify(made[0])


def test_nothing_of_when_and_with_what_it_was_drawn_is_kept():
    svg = take(drawing(), format="svg").data

    assert b"<dc:date>" not in svg
    assert b"Matplotlib v" not in svg
    assert b"Software" not in take(drawing()).data


def test_a_figure_is_handed_out_as_its_bytes():
    content = take(drawing(), form=form_of(Figure))

    assert hand_out(content) == hand_out(content, form_of(bytes)) == content.data
    assert content.data.startswith(b"\x89PNG")


def test_a_format_that_figures_do_not_have_is_refused():
    with pytest.raises(DataError, match="cannot be stored as 'parquet'"):
        take(drawing(), format="parquet")


def test_a_plotly_figure_is_a_page_with_a_fixed_id(monkeypatch):
    base = type("BaseFigure", (), {"__module__": "plotly.basedatatypes"})

    def to_html(self, *, full_html, include_plotlyjs, div_id):
        return f"<html><div id={div_id}></div>{full_html}{include_plotlyjs}</html>"

    figure = type("Figure", (base,), {"__module__": "plotly.graph_objs._figure", "to_html": to_html})()
    monkeypatch.setitem(sys.modules, "plotly", types.ModuleType("plotly"))

    content = take(figure)
    assert (content.kind, content.format) == ("figure", "html")
    assert content.data == b"<html><div id=figure></div>TrueTrue</html>"
    with pytest.raises(DataError, match="plotly"):
        take(figure, format="png")
