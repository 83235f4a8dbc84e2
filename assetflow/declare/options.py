"""Owns how options are read: each value comes out as the spec holds it, or as a problem and a stand-in.

Knows nothing of what the options do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast, get_args

from assetflow.declare.durations import seconds_of
from assetflow.declare.inputs import key_of
from assetflow.declare.problems import Problems
from assetflow.declare.retry import policy_of, timeout_of
from assetflow.keys import did_you_mean, key_problem
from assetflow.model.spec import Executor
from assetflow.model.spec import Retry as Policy

EXECUTORS: tuple[str, ...] = get_args(Executor)
_LABEL = re.compile(r"[^\s,()]+")


def read_text(name: str, value: object, problems: Problems) -> str | None:
    """Read an option that is a text or None."""
    if value is None or isinstance(value, str):
        return value
    problems.add(f"{name}={value!r} is not text", f"write {name}={str(value)!r}")
    return None


def read_flag(name: str, value: object, problems: Problems) -> bool:
    """Read an option that is True or False."""
    if not isinstance(value, bool):
        problems.add(f"{name}={value!r} is neither True nor False")
    return value is True


def read_former_key(value: object, problems: Problems) -> str | None:
    """Read ``renamed_from=``: a key or None."""
    text = read_text("renamed_from", value, problems)
    wrong = key_problem(text) if text is not None else None
    if wrong is not None:
        problems.add(f"renamed_from=: {wrong}")
        return None
    return text


def read_label(name: str, value: object, problems: Problems) -> str | None:
    """Read an option that selections name, so that it must be one word."""
    text = read_text(name, value, problems)
    if text is not None and not _LABEL.fullmatch(text):
        problems.add(
            f"{name}={text!r} cannot be selected", "use one word without spaces, commas and parentheses"
        )
        return None
    return text


def read_labels(name: str, value: object, problems: Problems) -> tuple[str, ...]:
    """Read an option that is a list of words."""
    labels = (read_label(name, item, problems) for item in read_sequence(name, value, problems))
    return tuple(label for label in labels if label is not None)


def read_texts(name: str, value: object, problems: Problems) -> tuple[str, ...]:
    """Read an option that is a list of different texts; a single text counts as a list of one."""
    items = read_sequence(name, value, problems)
    wrong = [item for item in items if not isinstance(item, str)]
    if wrong:
        problems.add(f"{name}= has {wrong[0]!r}, which is not text")
        return ()
    if len(set(items)) < len(items):
        problems.add(f"{name}={list(items)!r} names something twice")
    return tuple(items)


def read_sequence(name: str, value: object, problems: Problems) -> tuple[Any, ...]:
    """Read an option that is a list; a single text counts as a list of one, None as an empty one."""
    if value is None or type(value) is tuple:
        return value or ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return tuple(value) if isinstance(value, Sequence) else tuple(sorted(value, key=repr))
    problems.add(f"{name}= is {value!r}, which is not a list", f"write {name}=[...]")
    return ()


def read_keys(name: str, value: object, problems: Problems) -> tuple[str, ...]:
    """Read an option that is a list of keys and assets; a single one counts as a list of one."""
    keys = []
    single = key_of(value)
    for item in read_sequence(name, value, problems) if single is None else (single,):
        key = key_of(item)
        if key is None:
            problems.add(f"{name}= has {item!r}, which is neither a key nor an asset")
        else:
            keys.append(key)
    return tuple(dict.fromkeys(keys))


def read_mapping(name: str, value: object, problems: Problems) -> Mapping[str, Any]:
    """Read an option that is a mapping from names; None as an empty one."""
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    problems.add(f"{name}={value!r} is not a mapping from names", f"write {name}={{'name': ...}}")
    return {}


def read_round(value: object, problems: Problems) -> tuple[tuple[str, int], ...]:
    """Read ``round=``: decimals by column."""
    decimals = read_mapping("round", value, problems)
    wrong = {column: places for column, places in decimals.items() if not _is_whole(places)}
    if wrong:
        column, places = next(iter(wrong.items()))
        problems.add(
            f"round={{{column!r}: {places!r}}} is not a number of decimals", "write a whole number such as 2"
        )
        return ()
    return tuple(sorted(decimals.items()))


def read_fresh_within(value: object, problems: Problems) -> float | None:
    """Read ``fresh_within=``: seconds, more than none."""
    try:
        seconds = None if value is None else seconds_of(value)
    except ValueError as error:
        problems.add(f"fresh_within: {error}")
        return None
    if seconds == 0:
        problems.add(f"fresh_within={value!r}: nothing is ever as new", "write a duration such as '1d'")
        return None
    return seconds


def read_retries(value: object, problems: Problems) -> Policy | None:
    """Read ``retries=``."""
    if value is None:
        return None
    try:
        return policy_of(value)
    except ValueError as error:
        problems.add(f"retries: {error}")
        return None


def read_executor(value: object, problems: Problems) -> Executor | None:
    """Read ``executor=``."""
    if value is None or value in EXECUTORS:
        return cast("Executor | None", value)
    near = did_you_mean(value, EXECUTORS) if isinstance(value, str) else None
    problems.add(f"executor={value!r} is not one of {', '.join(EXECUTORS)}", near)
    return None


def read_timeout(value: object, problems: Problems) -> float | None:
    """Read ``timeout=``: seconds."""
    if value is None:
        return None
    try:
        return timeout_of(value)
    except ValueError as error:
        problems.add(f"timeout: {error}")
        return None


def read_format(value: object, known: Collection[str], problems: Problems) -> str | None:
    """Read ``format=``: one of ``known`` or None."""
    if value is None or (isinstance(value, str) and value in known):
        return value
    near = did_you_mean(value, known) if isinstance(value, str) else None
    problems.add(f"format={value!r} is not one of {', '.join(known)}", near)
    return None


def read_schema(value: object, problems: Problems) -> Any:
    """Read ``schema=``: a ``pyarrow.Schema``."""
    pyarrow = sys.modules.get("pyarrow")  # a schema cannot exist before it is imported
    if value is None or (pyarrow is not None and isinstance(value, pyarrow.Schema)):
        return value
    problems.add(
        f"schema= is a {type(value).__name__}, not a pyarrow.Schema", "pandera schemas belong in checks=[...]"
    )
    return None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
