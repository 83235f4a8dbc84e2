"""Owns the tokens of a SQL text, and the form of it in which comments, layout and the case of keywords do not count.

Knows no grammar: of keywords it folds only those that cannot be names where they stand, because the case of a name
may show in the result. What is doubtful counts, so that two texts of one form always mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assetflow.hashing.digest import digest


@dataclass(frozen=True)
class SqlText:
    """A query, and the name of the file that it stands in, or is kept as where it stands in Python."""

    text: str
    name: str


@dataclass(frozen=True)
class Token:
    """One word, literal or sign; ``start`` and ``end`` are offsets into the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in lower case; "" for what is none."""
        return self.text.lower() if self.kind == "word" else ""


def sql_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of ``text`` without whitespace and comments; what is unterminated comes sign by sign."""
    at = 0
    while match := _TOKEN.match(text, at):
        kind, at = match.lastgroup or "", match.end()
        if kind == "comment" and (end := _comment_end(text, at)) is not None:
            at = end
        elif kind != "nothing":
            yield Token("sign" if kind == "comment" else kind, match.group(), match.start(), at)


def sql_digest(text: str) -> str:
    """Return the hash of a query's meaning, as far as its tokens tell it."""
    return digest("code-sql/1", *_normal(list(sql_tokens(text))))


def _comment_end(text: str, start: int) -> int | None:
    """Return where a comment that is open at ``start`` ends, with the comments in it; None where it does not."""
    depth = 1
    for sign in _COMMENT.finditer(text, start):
        depth += 1 if sign.group() == "/*" else -1
        if not depth:
            return sign.end()
    return None


def _normal(tokens: list[Token]) -> Iterator[str]:
    """Yield the texts that count; a last semicolon does not."""
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    for number, token in enumerate(tokens):
        before = tokens[number - 1] if number else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        yield token.word if _is_keyword(token, before, after) else token.text


def _is_keyword(token: Token, before: Token | None, after: Token | None) -> bool:
    """Say whether a word cannot be a name where it stands: behind AS and a point, any word is one."""
    if before is not None and (before.word == "as" or before.text == "."):
        return False
    if after is not None and after.text in (":", ":=", "=>"):
        return False
    if token.word == "by":
        return before is not None and before.word in ("group", "order", "partition")
    return token.word in _KEYWORDS


_TOKEN = re.compile(
    r"""
    (?P<nothing> \s+ | --[^\r\n]* )
  | (?P<comment> /\* )
  | (?P<string>
        [eE]'(?:[^'\\]|\\.|'')*'
      | (?:[xXbB])?'(?:[^']|'')*'
      | \$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$
    )
  | (?P<quoted> "(?:[^"]|"")*" )
  | (?P<number> (?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w* )
  | (?P<word> [^\W\d]\w* )
  | (?P<sign> ->>|->|::|:=|=>|<=|>=|<>|!=|==|\|\||<<|>>|\*\*|//|. )
    """,
    re.VERBOSE | re.DOTALL,
)

_COMMENT = re.compile(r"/\*|\*/")

# DuckDB's reserved words, and those that can name functions and types only.
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
    create default deferrable desc describe distinct do else end except false fetch for foreign from group
    having in initially intersect into lambda lateral leading limit not null offset on only or order pivot
    pivot_longer pivot_wider placing primary qualify references returning select show some summarize
    symmetric table then to trailing true union unique unpivot using variadic when where window with anti
    asof cross full glob ilike inner is isnull join left like natural notnull outer overlaps positional
    right semi similar tablesample try_cast
    """,
    )
)
