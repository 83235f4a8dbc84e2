"""Results to stdout, talk to stderr."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.layout import Columns, cell


def terminal(*, watched: bool = False, quiet: bool = False, **environ: str) -> Terminal:
    out, err = Screen(watched=watched), Screen(watched=watched)
    return Terminal(out, err, {"TERM": "xterm", **environ}, quiet=quiet)


def wide_table() -> Columns:
    table = Columns("key", "text", folding=("text",))
    table.add_row(cell("a"), cell("word " * 60, "red"))
    return table


def test_results_and_talk_go_their_own_ways():
    screen = terminal()
    screen.show("result")
    screen.talk("talk")
    assert (screen.out.text, screen.err.text) == ("result\n", "talk\n")


def test_quiet_leaves_out_the_talk_but_not_complaints():
    screen = terminal(quiet=True)
    screen.talk("talk")
    screen.complain("complaint")
    assert screen.err.text == "complaint\n"


def test_off_a_terminal_nothing_is_wrapped_coloured_or_padded():
    screen = terminal()
    screen.show(wide_table())
    assert screen.out.text.splitlines() == ["key  text", "a    " + ("word " * 60).rstrip()]


def test_on_a_terminal_text_is_wrapped_and_coloured():
    screen = terminal(watched=True, COLUMNS="40")
    screen.show(wide_table())
    assert "\x1b[31m" in screen.out.text
    assert len(screen.out.text.splitlines()) > 5


def test_no_color_is_obeyed():
    screen = terminal(watched=True, COLUMNS="40", NO_COLOR="1")
    screen.show(wide_table())
    assert "\x1b[31m" not in screen.out.text


def test_foreign_text_is_not_taken_for_markup():
    screen = terminal()
    screen.show("[bold]x[/bold] :smile:")
    screen.show(cell("[red]y[/red]"))
    assert screen.out.text == "[bold]x[/bold] :smile:\n[red]y[/red]\n"


@pytest.mark.parametrize("watched", [True, False])
def test_a_dumb_terminal_is_watched_by_nobody(watched):
    assert not terminal(watched=watched, TERM="dumb").is_watched


def test_a_reader_that_leaves_is_no_error():
    program = (
        "import sys; from assetflow.cli.terminal import standard_terminal\n"
        "terminal = standard_terminal()\n"
        "for number in range(100_000): terminal.write(f'{number}\\n')\n"
        "terminal.write_bytes(b'more')\n"
        "sys.exit(7)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"0\n"
    writer.stdout.close()
    assert writer.stderr is not None
    assert writer.stderr.read() == b""
    assert writer.wait(30) == 7


def test_what_the_encoding_has_no_sign_for_is_escaped(monkeypatch):
    from io import BytesIO, TextIOWrapper

    from assetflow.cli.terminal import standard_terminal

    stream = TextIOWrapper(BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    standard_terminal().write("a → b\n")
    assert stream.buffer.getvalue() == b"a \\u2192 b\n"
