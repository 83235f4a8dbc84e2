"""Owns taking a query apart at its end: what makes its rows, and the ORDER BY and LIMIT that stand behind that.

Knows nothing of the output's columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from assetflow.hashing.sql_text import Token, sql_tokens


@dataclass(frozen=True)
class Clauses:
    """The texts of a query's parts, "" for one that it has not.

    ``order``: without its ORDER BY; ``limit``: with its LIMIT, OFFSET or FETCH. ``chooses``: whether the order decides
    which rows there are (DISTINCT ON).
    """

    body: str
    order: str
    limit: str
    chooses: bool


def split(text: str) -> Clauses:
    """Take apart the one SELECT in ``text``."""
    tokens = _bared(list(sql_tokens(text)))
    outer = outermost(tokens)
    end = tokens[-1].end
    order = next((at for at in outer if _words(tokens, at) == ["order", "by"]), None)
    limit = next(
        (at for at in outer if tokens[at].word in ("limit", "offset", "fetch") and _is_clause(tokens, at)),
        None,
    )
    tail = tokens[limit].start if limit is not None else end
    return Clauses(
        body=text[tokens[0].start : tail if order is None else tokens[order].start].rstrip(),
        order="" if order is None else text[tokens[order + 1].end : tail].strip(),
        limit=text[tail:end],
        chooses=any(_words(tokens, at) == ["distinct", "on"] for at in outer),
    )


def items_of(text: str) -> list[list[Token]]:
    """Return the tokens of each item of a list, such as the keys of an ORDER BY."""
    tokens = list(sql_tokens(text))
    outer = set(outermost(tokens))
    items: list[list[Token]] = [[]]
    for at, token in enumerate(tokens):
        if token.text == "," and at in outer:
            items.append([])
        else:
            items[-1].append(token)
    return items


def outermost(tokens: list[Token]) -> list[int]:
    """Return the numbers of the tokens that stand in no parentheses, brackets or braces, but for those themselves."""
    found, depth = [], 0
    for number, token in enumerate(tokens):
        sign = token.text if token.kind == "sign" else ""
        depth -= sign in _CLOSING
        if depth == 0:
            found.append(number)
        depth += sign in _OPENING
    return found


def _bared(tokens: list[Token]) -> list[Token]:
    """Return the tokens without semicolons at the end, and without parentheses around all of them."""
    while tokens[-1].text == ";":
        tokens = tokens[:-1]
    while tokens[0].text == "(" and outermost(tokens) == [0, len(tokens) - 1]:
        tokens = tokens[1:-1]
    return tokens


def _words(tokens: list[Token], at: int) -> list[str]:
    return [token.word for token in tokens[at : at + 2]] if _is_clause(tokens, at) else []


def _is_clause(tokens: list[Token], at: int) -> bool:
    """Say whether a word begins a clause: behind AS or a point it is a name."""
    return at == 0 or (tokens[at - 1].word != "as" and tokens[at - 1].text != ".")


_OPENING = frozenset({"(", "[", "{"})
_CLOSING = frozenset({")", "]", "}"})
