"""Owns where text goes: results to stdout, talk to stderr; how wide it may be, and whether it has colours.

Knows nothing of what is shown.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from assetflow.cli.json_text import json_text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

UNBOUNDED = 100_000  # columns where nobody looks: what reads a pipe wants whole lines


class Terminal:
    """The two streams of a process.

    Args:
        out: for results.
        err: for talk and for errors.
        environ: environment variables: ``NO_COLOR``, ``COLUMNS``, ``TERM``.
        quiet: leave out the talk.
    """

    def __init__(self, out: TextIO, err: TextIO, environ: Mapping[str, str], *, quiet: bool = False) -> None:
        self.out = out
        self.err = err
        self.quiet = quiet
        self._environ = environ

    @property
    def is_watched(self) -> bool:
        """Whether a person sees the talk as it comes."""
        return self.err.isatty() and self._environ.get("TERM") != "dumb"

    @property
    def shows_results(self) -> bool:
        """Whether a person sees the results, rather than a file or another program."""
        return self.out.isatty()

    @cached_property
    def width(self) -> int:
        """Columns for results."""
        return _width(self.out, self._environ) or self._results.width

    def show(self, shown: RenderableType) -> None:
        """Write a result."""
        self.write(_rendered(self._results, shown))

    def document(self, value: Any) -> None:
        """Write a result as one JSON document."""
        self.write(json_text(value) + "\n")

    def write(self, text: str) -> None:
        """Write text to stdout as it is. Once its reader has gone, nothing more is written, in silence."""
        self.out = _written(self.out, text)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes to stdout, as ``write`` does text."""
        try:
            self.out.flush()
            self.out.buffer.write(data)
            self.out.buffer.flush()
        except BrokenPipeError:
            self.out = _nowhere(self.out)

    def talk(self, shown: RenderableType) -> None:
        """Say something beside the result."""
        if not self.quiet:
            self.complain(shown)

    def complain(self, shown: RenderableType) -> None:
        """Say something that must be heard."""
        self.err = _written(
            self.err, shown + "\n" if isinstance(shown, str) else _rendered(self.talking, shown)
        )

    @cached_property
    def talking(self) -> Console:
        """The console on stderr, for what draws itself there."""
        return _console(self.err, self._environ)

    @cached_property
    def _results(self) -> Console:
        return _console(self.out, self._environ)


def _console(stream: TextIO, environ: Mapping[str, str]) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        width=_width(stream, environ),
        markup=False,
        emoji=False,
        highlight=False,
        _environ=environ,
    )


def _width(stream: TextIO, environ: Mapping[str, str]) -> int | None:
    """Return the columns to fill; None where the terminal is to be asked."""
    given = environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return None if stream.isatty() else UNBOUNDED


def _rendered(console: Console, shown: RenderableType) -> str:
    with console.capture() as captured:
        console.print(shown)
    text = captured.get()
    if console.is_terminal:
        return text
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _written(stream: TextIO, text: str) -> TextIO:
    """Write ``text``; return the stream to write to from now on."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        return _nowhere(stream)
    return stream


def _nowhere(stream: TextIO) -> TextIO:
    """Let what is still to come, at the end of the process too, go where it troubles nobody."""
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere.fileno(), stream.fileno())
    return nowhere


def standard_terminal(*, quiet: bool = False) -> Terminal:
    """Return the terminal of this process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a locale without "→" is no reason to fail
    return Terminal(sys.stdout, sys.stderr, os.environ, quiet=quiet)
