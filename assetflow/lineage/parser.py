"""Owns the grammar of selections (docs/selection.md); recursive descent, with the place of every error.

::

    union        = intersection { ["or"] intersection }
    intersection = negation { ("," | "and") negation }
    negation     = { "not" } reach
    reach        = "@" atom  |  [[N] "+"] atom ["+" [N]]            without blanks in between
    atom         = key | pattern | method ":" value | ("roots" | "sinks") "(" union ")" | "(" union ")"

Knows nothing of any graph.
"""

from __future__ import annotations

from collections.abc import Mapping

from assetflow.errors import SelectionError
from assetflow.keys import did_you_mean
from assetflow.lineage.pointing import Span, pointed
from assetflow.lineage.selection import (
    KEYWORDS,
    Around,
    Expression,
    Glob,
    Intersection,
    Key,
    Method,
    Not,
    Reach,
    Roots,
    Selection,
    Sinks,
    Union,
)
from assetflow.lineage.tokens import Token, tokenize
from assetflow.model.states import RunState

STATES = ("stale", "fresh", "missing", "failed", "never_built", "rejected", "held")
RESULTS = ("error", *(state.value for state in RunState))
KINDS = ("source", "external", "sql", "command", "python", "effect")
METHODS = ("tag", "group", "owner", "kind", "path", "check", "state", "result", "changed")

_FUNCTIONS: Mapping[str, type[Roots | Sinks]] = {"roots": Roots, "sinks": Sinks}
_DEEPEST = 30  # brackets and "not" within each other; each costs up to 16 of Python's 1,000 frames
_LONGEST_NUMBER = 9  # digits of a number of steps


def parse(text: str) -> Selection:
    """Parse a selection; arguments of a command line are joined by blanks first.

    Raises:
        SelectionError: it is not one; the message shows the place.
    """
    return Selection(_Parser(text).whole(), text)


class _Parser:
    """One pass over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        if self._token.kind == "end":
            raise pointed(
                "the selection is empty", self._text, self._token.span, hint="'*' selects all assets"
            )
        expression = self._union()
        if self._token.kind == ")":
            raise self._error("this bracket was never opened")
        return expression

    def _union(self) -> Expression:
        parts = [self._intersection()]
        while self._token.kind not in ("end", ")"):
            if self._is_word("or"):
                self._take()
            parts.append(self._intersection())
        return parts[0] if len(parts) == 1 else Union(tuple(parts))

    def _intersection(self) -> Expression:
        parts = [self._negation()]
        while self._token.kind == "," or self._is_word("and"):
            self._take()
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Intersection(tuple(parts))

    def _negation(self) -> Expression:
        if not self._is_word("not"):
            return self._reach()
        self._enter(self._take())
        expression = Not(self._negation())
        self._depth -= 1
        return expression

    def _reach(self) -> Expression:
        if self._token.kind == "@":
            expression = self._around()
        else:
            up = self._steps_up()
            expression = self._atom()
            down = self._steps_down()
            if (up, down) != (0, 0):
                expression = Reach(expression, up, down)
        if self._token.glued and self._token.kind not in (",", ")"):
            raise self._error(
                f"{self._token.text!r} may not follow directly",
                hint="put a blank, 'and' or 'or' between two selections ('a+ and +b' is all from a to b), "
                "and quotes around a name with such characters",
            )
        return expression

    def _around(self) -> Expression:
        sign = self._take()
        if not _starts_atom(self._token):
            raise self._error("'@' must touch the asset that it belongs to", sign.span)
        around = Around(self._atom())
        if self._token.glued and self._token.kind == "+":
            raise self._error("'@' takes all descendants already; '+' adds nothing")
        return around

    def _steps_up(self) -> int | None:
        number = None
        if _is_number(self._token) and self._peek(1).kind == "+" and self._peek(1).glued:
            if not _starts_atom(self._peek(2)):
                return 0  # `2+` is the asset "2" with its descendants
            number = self._take()
        if self._token.kind != "+":
            return 0
        sign = self._take()
        if not _starts_atom(self._token):
            raise self._error("'+' must touch the asset that it belongs to", sign.span)
        return self._steps(number) if number else None

    def _steps_down(self) -> int | None:
        sign, number = self._token, self._peek(1)
        if sign.kind != "+" or not sign.glued:
            return 0
        self._take()
        if number.glued and _is_number(number):
            return self._steps(self._take())
        return None

    def _steps(self, number: Token) -> int:
        if len(number.text) > _LONGEST_NUMBER:
            raise self._error("no graph has that many steps", number.span)
        return int(number.text)

    def _atom(self) -> Expression:
        token = self._token
        if token.kind == "(":
            return self._brackets()
        if token.kind == "quoted":
            return Key(self._take().text, token.span)
        if token.kind != "word" or token.text in KEYWORDS:
            raise self._expected_an_asset()
        self._take()
        if self._token.kind == "(" and self._token.glued:
            return self._function(token)
        name, colon, value = token.text.partition(":")
        if colon:
            return self._method(name, value, token.span)
        return Glob(token.text, token.span) if _is_wild(token.text) else Key(token.text, token.span)

    def _function(self, name: Token) -> Expression:
        if name.text not in _FUNCTIONS:
            hint = did_you_mean(name.text, _FUNCTIONS) or "there are roots(...) and sinks(...)"
            raise self._error(f"there is no function {name.text!r}", name.span, hint=hint)
        return _FUNCTIONS[name.text](self._brackets())

    def _brackets(self) -> Expression:
        opening = self._take()
        self._enter(opening)
        expression = self._union()
        if self._token.kind != ")":
            raise self._error("this bracket is never closed", opening.span)
        self._take()
        self._depth -= 1
        return expression

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"more than {_DEEPEST} brackets and 'not' within each other", token.span)

    def _method(self, name: str, value: str, span: Span) -> Method:
        quoted = not value and self._token.kind == "quoted" and self._token.glued
        if quoted:
            closing = self._take()
            value, span = closing.text, (span[0], closing.span[1])
        if name not in METHODS:
            hint = did_you_mean(name, METHODS) or f"there are {', '.join(f'{known}:' for known in METHODS)}"
            raise self._error(f"there is no method {name + ':'!r}", span, hint=hint)
        if not value:
            raise self._error(f"{name + ':'!r} needs a value that touches it", span)
        method = Method(name, value, not quoted and _is_wild(value), span)
        self._check_value(method)
        return method

    def _check_value(self, method: Method) -> None:
        """Refuse values that no asset can ever have."""
        known = {"state": STATES, "result": RESULTS, "kind": KINDS, "changed": ("git",)}.get(method.name)
        if known is None:
            return
        value, separator = method.value, {"result": "@", "changed": ":"}.get(method.name)
        if separator:
            value, given, rest = value.partition(separator)
            if given and not rest:
                raise self._error(f"nothing follows {method.value!r}", method.span)
        if value not in known:
            hint = did_you_mean(value, known) or f"one of {', '.join(known)}"
            raise self._error(f"{method.name!r} cannot be {value!r}", method.span, hint=hint)

    def _expected_an_asset(self) -> SelectionError:
        token = self._token
        if token.kind == "word":
            return self._error(
                f"{token.text!r} needs a selection on both sides"
                if token.text != "not"
                else "'not' stands before '+' and '@': not +a",
                hint=f'an asset of this name is written "{token.text}"',
            )
        found = "the selection ends" if token.kind == "end" else f"{token.text!r} stands"
        return self._error(f"{found} where an asset was expected")

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _peek(self, ahead: int) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _is_word(self, word: str) -> bool:
        return self._token.kind == "word" and self._token.text == word

    def _error(self, message: str, span: Span | None = None, *, hint: str | None = None) -> SelectionError:
        return pointed(message, self._text, span or self._token.span, hint=hint)


def _starts_atom(token: Token) -> bool:
    return token.glued and token.kind in ("word", "quoted", "(")


def _is_number(token: Token) -> bool:
    return token.kind == "word" and token.text.isascii() and token.text.isdecimal()


def _is_wild(text: str) -> bool:
    return any(sign in text for sign in "*?[")
