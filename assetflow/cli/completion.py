"""Owns the answers to shells that ask what could come next, in the manner of the scripts that typer installs.

A table of the commands and the remembered words of the project are all it reads; it imports neither typer nor
anything of the project's, because a person waits for it at every key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetflow.cli.completion_cache import Words, recall
from assetflow.cli.shells import SHELLS, Asked

TABLE = Path(__file__).with_name("commands.json")
METHODS = {
    "tag": "tags",
    "group": "groups",
    "owner": "owners",
    "check": "checks",
    "kind": ("command", "effect", "external", "python", "source", "sql"),
    "state": ("failed", "fresh", "held", "missing", "never_built", "rejected", "stale"),
    "result": ("built", "checked", "error", "failed", "fresh", "rejected", "reused", "skipped", "superseded"),
    "path": (),
    "changed": ("git",),
}
_LAST_OPERAND = re.compile(
    r"""(?P<before>(?:.*[\s,()'"])?(?:[@+]|\d+\+)?)(?P<word>[^\s,()+"'@]*)""", re.DOTALL
)


@dataclass(frozen=True)
class Candidate:
    """One word that could come next, and what it is."""

    text: str
    help: str = ""


def answer(environ: Mapping[str, str]) -> tuple[str, int] | None:
    """Return what a shell is told, and the exit code; None where typer is to answer."""
    what, _, name = environ.get("_ASSETFLOW_COMPLETE", "").partition("_")
    shell = SHELLS.get(name)
    if what != "complete" or shell is None:
        return None
    asked = shell.asked(environ)
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    found = list(dict.fromkeys(candidates(table, asked.words, asked.incomplete, _recalled(asked))))
    return shell.told([(one.text, one.help) for one in found], asked, environ)


def candidates(
    table: Mapping[str, Any], words: Sequence[str], incomplete: str, known: Words
) -> Iterator[Candidate]:
    """Yield what could stand for ``incomplete`` after ``words`` (without the program's name)."""
    command, open_option, given = _read(table, words)
    if open_option is not None:
        yield from _values(open_option["value"], incomplete, known)
        return
    name, equals, value = incomplete.partition("=")
    if equals and (option := _option(command, name)) and option["value"]:
        yield from (Candidate(f"{name}={one.text}") for one in _values(option["value"], value, known))
    elif incomplete.startswith("-"):
        for option in command["options"]:
            long = [name for name in option["names"] if name.startswith("--")]
            yield from _matching(((name, option["help"]) for name in long), incomplete)
    elif command["commands"] and not given:
        yield from _matching(
            ((name, below["help"]) for name, below in command["commands"].items()), incomplete
        )
    elif command["arguments"]:
        yield from _values(command["arguments"][min(given, len(command["arguments"]) - 1)], incomplete, known)


def _read(
    table: Mapping[str, Any], words: Sequence[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None, int]:
    """Return the command that ``words`` lead to, the option that waits for its value, the count of arguments."""
    command, waiting, given = table, None, 0
    for word in words:
        if waiting is not None:
            waiting = None
        elif word.startswith("-") and len(word) > 1:
            option = _option(command, word)
            waiting = option if option is not None and option["value"] is not None else None
        elif not given and word in command["commands"]:
            command = command["commands"][word]
        else:
            given += 1
    return command, waiting, given


def _option(command: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return next((option for option in command["options"] if name in option["names"]), None)


def _values(metavar: str, incomplete: str, known: Words) -> Iterator[Candidate]:
    """Yield values of the kind that ``metavar`` names; none for files, which shells know better."""
    if "|" in metavar:
        yield from _matching(((choice, "") for choice in metavar.split("|")), incomplete)
    elif metavar == "SELECTION":
        yield from _selections(incomplete, known)
    elif metavar == "ENV":
        yield from _matching(((name, "environment") for name in known.get("environments", [])), incomplete)
    elif metavar.startswith("KEY"):
        key, at, _ = incomplete.partition("@")
        if not at:
            yield from _matching(((name, "asset") for name in known.get("keys", [])), incomplete)
        elif metavar == "KEY[@VERSION]":
            names = [*known.get("environments", []), "HEAD", "HEAD~1"]
            yield from _matching(((f"{key}@{name}", "") for name in names), incomplete)


def _selections(incomplete: str, known: Words) -> Iterator[Candidate]:
    operand = _LAST_OPERAND.fullmatch(incomplete)
    if operand is None:
        return
    before, word = operand["before"], operand["word"]
    method, colon, _ = word.partition(":")
    if colon and method in METHODS:
        values = METHODS[method]
        names = known.get(values, []) if isinstance(values, str) else values
        found = _matching(((f"{method}:{name}", "") for name in names), word)
    else:
        keys = ((name, "asset") for name in known.get("keys", []))
        methods = ((f"{name}:", "assets by this") for name in METHODS)
        found = iter([*_matching(keys, word), *_matching(methods, word)])
    yield from (Candidate(before + one.text, one.help) for one in found)


def _matching(words: Iterable[tuple[str, str]], incomplete: str) -> Iterator[Candidate]:
    yield from (Candidate(text, help_) for text, help_ in words if text.startswith(incomplete))


def _recalled(asked: Asked) -> Words:
    """Return the words of the project that the command would open."""
    folder = Path()
    for option, value in zip(asked.words, asked.words[1:], strict=False):
        if option in ("-C", "--project"):
            folder = Path(value)
    return recall(folder.resolve())
