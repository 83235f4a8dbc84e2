"""Owns the words and signs that a selection is written in, each with its place in the text.

Knows nothing of what they mean together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assetflow.lineage.pointing import Span, pointed

Kind = Literal["word", "quoted", "+", "@", ",", "(", ")", "end"]

_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"""[^\s,()+"'@][^\s,()+"']*""")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"' + r"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BARE = re.compile(r"[A-Za-z0-9_/.:~^@-]+")


@dataclass(frozen=True)
class Token:
    """One word or sign. ``text``: of a quoted one, what stands between the quotes.

    ``glued``: nothing stands between it and the token before.
    """

    kind: Kind
    text: str
    span: Span
    glued: bool


def tokenize(text: str) -> list[Token]:
    """Cut ``text`` into tokens, an ``end`` last; raise SelectionError at a quote that is never closed."""
    tokens: list[Token] = []
    place = 0
    while True:
        start = _blank_end(text, place)
        if start == len(text):
            return [*tokens, Token("end", "", (start, start), glued=False)]
        token = _token_at(text, start, glued=bool(tokens) and start == place)
        tokens.append(token)
        place = token.span[1]


def quote(text: str) -> str:
    """Return ``text`` in quotes, such that ``tokenize`` gives it back."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def is_bare(text: str) -> bool:
    """Whether ``text`` can stand in a selection without quotes, as one word without wildcards."""
    return _BARE.fullmatch(text) is not None


def _blank_end(text: str, place: int) -> int:
    blank = _BLANK.match(text, place)
    return blank.end() if blank else place


def _token_at(text: str, start: int, *, glued: bool) -> Token:
    char = text[start]
    if word := _WORD.match(text, start):
        return Token("word", word[0], word.span(), glued)
    if quoted := _QUOTED.match(text, start):
        inner = quoted[1] if quoted[1] is not None else quoted[2]
        return Token("quoted", _ESCAPED.sub(r"\1", inner), quoted.span(), glued)
    match char:
        case "+" | "@" | "," | "(" | ")":
            return Token(char, char, (start, start + 1), glued)
    raise pointed("this quote is never closed", text, (start, len(text)))
