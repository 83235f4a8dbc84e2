"""Owns what a selection selects from a graph.

Knows nothing of where traits come from and how an oracle finds its answers.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from assetflow.errors import SelectionError
from assetflow.keys import did_you_mean
from assetflow.lineage.graph import Graph
from assetflow.lineage.parser import parse
from assetflow.lineage.pointing import pointed
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
from assetflow.lineage.traits import Oracle, Traits
from assetflow.model.states import RunState

Keys = frozenset[str]


def select(
    selection: Selection | str,
    graph: Graph,
    traits: Mapping[str, Traits],
    oracle: Oracle,
    *,
    exclude: Selection | str | None = None,
    may_be_empty: bool = False,
) -> Keys:
    """Return the keys that ``selection`` selects and ``exclude`` does not.

    ``traits`` has an entry for each key of ``graph``. ``may_be_empty``: whether it may select nothing.

    Raises:
        SelectionError: a text that does not parse, a key that no asset has, or nothing is left.
    """
    chosen = parse(selection) if isinstance(selection, str) else selection
    evaluation = _Evaluation(chosen, graph, traits, oracle)
    if may_be_empty and exclude is None:
        return evaluation.keys(chosen.expression)
    selected = evaluation.result()
    if exclude is None:
        return selected
    removed = parse(exclude) if isinstance(exclude, str) else exclude
    left = selected - _Evaluation(removed, graph, traits, oracle).keys(removed.expression)
    if not left:
        raise SelectionError(
            f"{chosen.text!r} without {removed.text!r} selects nothing",
            text=chosen.text,
            hint=f"all that is selected is excluded: {_some(selected)}",
        )
    return left


class _Evaluation:
    """One selection over one graph."""

    def __init__(
        self, selection: Selection, graph: Graph, traits: Mapping[str, Traits], oracle: Oracle
    ) -> None:
        self._selection = selection
        self._graph = graph
        self._traits = traits
        self._oracle = oracle
        self._all = frozenset(graph)

    def result(self) -> Keys:
        selected = self.keys(self._selection.expression)
        if not selected:
            raise self._nothing_selected()
        return selected

    def keys(self, expression: Expression) -> Keys:
        match expression:
            case Key():
                return self._key(expression)
            case Glob():
                return frozenset(filter(_matcher(expression.pattern, wild=True), self._all))
            case Method():
                return self._method(expression)
            case Reach(of, up, down):
                inner = self.keys(of)
                return self._graph.upstream(inner, up) | self._graph.downstream(inner, down)
            case Around(of):
                return self._graph.upstream(self._graph.downstream(self.keys(of)))
            case Roots(of):
                return self._graph.roots(self.keys(of))
            case Sinks(of):
                return self._graph.sinks(self.keys(of))
            case Not(of):
                return self._all - self.keys(of)
            case Intersection(parts):
                return self._all.intersection(*map(self.keys, parts))
            case Union(parts):
                return frozenset().union(*map(self.keys, parts))

    def _key(self, key: Key) -> Keys:
        if key.text in self._all:
            return frozenset((key.text,))
        raise pointed(
            f"there is no asset {key.text!r}", self._selection.text, key.span, hint=self._meant(key.text)
        )

    def _meant(self, text: str) -> str | None:
        if text.lower() in KEYWORDS:
            return f"the word is written {text.lower()!r}"
        if any(key.startswith(f"{text}/") for key in self._all):
            return f"did you mean '{text}/*'?"
        return did_you_mean(text, self._all) or f"there are {_some(self._all)}"

    def _method(self, method: Method) -> Keys:
        value, _, rest = method.value.partition("@" if method.name == "result" else ":")
        match method.name:
            case "state":
                return self._all.intersection(self._oracle.in_state(method.value))
            case "result":
                result = RunState.FAILED if value == "error" else RunState(value)
                return self._all.intersection(self._oracle.with_result(result, rest or None))
            case "changed":
                return self._all.intersection(self._oracle.changed_since(rest or None))
        is_meant = (
            _path_matcher(method) if method.name == "path" else _matcher(method.value, wild=method.wild)
        )
        return frozenset(key for key in self._all if any(map(is_meant, self._values(key, method.name))))

    def _values(self, key: str, name: str) -> Iterable[str]:
        """Return what the asset ``key`` has of the trait that the method ``name`` asks for."""
        traits = self._traits[key]
        match name:
            case "tag":
                return traits.tags
            case "check":
                return traits.checks
            case "kind" if traits.also is not None:
                return (traits.kind, traits.also)
        value: str | None = getattr(traits, name)
        return () if value is None else (value,)

    def _nothing_selected(self) -> SelectionError:
        """Point at the first value that no asset has; most often that is the typo."""
        text = self._selection.text
        for part in _atoms(self._selection.expression):
            match part:
                case Glob(pattern) if not self.keys(part):
                    return pointed(f"no asset's key matches {pattern!r}", text, part.span)
                case Method(name, value) if not self.keys(part):
                    known = (
                        {value for key in self._all for value in self._values(key, name)}
                        if name in _OPEN
                        else ()
                    )
                    return pointed(
                        f"no asset has {name}:{value}", text, part.span, hint=did_you_mean(value, known)
                    )
        return pointed("the selection selects nothing", text, (0, len(text)))


_OPEN = ("tag", "group", "owner", "path", "check")


def _atoms(expression: Expression) -> Iterator[Expression]:
    match expression:
        case Union(parts) | Intersection(parts):
            for part in parts:
                yield from _atoms(part)
        case Key() | Glob() | Method():
            yield expression
        case _:
            yield from _atoms(expression.of)


def _matcher(value: str, *, wild: bool) -> Callable[[str], bool]:
    if not wild:
        return value.__eq__
    pattern = re.compile(fnmatch.translate(value))
    return lambda text: pattern.match(text) is not None


def _path_matcher(method: Method) -> Callable[[str], bool]:
    """Match a file, or a folder that it lies in."""
    matches = _matcher(method.value.removeprefix("./").rstrip("/"), wild=method.wild)

    def lies_in(path: str) -> bool:
        steps = path.split("/")
        return any(matches("/".join(steps[:count])) for count in range(1, len(steps) + 1))

    return lies_in


def _some(keys: Iterable[str], count: int = 5) -> str:
    names = sorted(keys)
    more = "" if len(names) <= count else f" and {len(names) - count} more"
    return ", ".join(names[:count]) + more
