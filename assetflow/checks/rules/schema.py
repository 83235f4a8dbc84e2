"""Owns the rule that a table has the columns and types that its readers rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assetflow.checks.finding import Finding
from assetflow.checks.rows import MOST_CASES, Rows
from assetflow.checks.rules.rule import labelled
from assetflow.errors import UsageError
from assetflow.keys import did_you_mean

_SPELLINGS = {
    "float16": "halffloat",
    "float32": "float",
    "float64": "double",
    "boolean": "bool",
    "str": "string",
    "utf8": "string",
    "large_string": "string",
    "string_view": "string",
    "large_binary": "binary",
    "binary_view": "binary",
    "large_list": "list",
    "list_view": "list",
    "large_list_view": "list",
    "decimal": "decimal128",
    "decimal32": "decimal128",
    "decimal64": "decimal128",
}
_NAMES = frozenset(
    {"null", "bool", "halffloat", "float", "double", "decimal128", "decimal256", "string", "binary"}
    | {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
    | {"date32", "date64", "time32", "time64", "timestamp", "duration", "month_day_nano_interval"}
    | {"list", "fixed_size_list", "struct", "map", "fixed_size_binary", "extension"}
)
_WORD = re.compile(r"\w+")
_NOISE = re.compile(r" not null|\b(?:item|element): |(?<=date32)\[day\]|(?<=date64)\[ms\]|\s+")
_DICTIONARY = re.compile(r"dictionary<values=(.*?), indices=\w+, ordered=\d>")


@dataclass(frozen=True)
class Schema:
    """The table fails as a whole when a column is missing or of another type; order does not matter.

    ``types``: (column, type text) as ``type_text_of`` gives it. ``additive``: whether other columns may be
    there too.
    """

    types: tuple[tuple[str, str], ...]
    additive: bool
    columns: ClassVar[tuple[str, ...]] = ()
    others: ClassVar[tuple[str, ...]] = ()

    @property
    def label(self) -> str:
        """Return the check's name."""
        names = [name for name, _ in self.types]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        return labelled("schema", shown, additive=None if self.additive else False)

    @property
    def arguments(self) -> dict[str, object]:
        """Return what decides what it finds."""
        return {"types": dict(self.types), "additive": self.additive}

    def judge(self, rows: Rows, others: Mapping[str, Rows]) -> Finding:
        """Find the columns that are not as expected: as cases (column, expected, found), null for none."""
        import pyarrow as pa

        del others
        expected = dict(self.types)
        found = {field.name: type_text_of(field.type) for field in rows.schema}
        names = [*expected, *(name for name in found if name not in expected and not self.additive)]
        wrong = [name for name in names if expected.get(name) != found.get(name)]
        if not wrong:
            return Finding(self.label, passed_by_itself=True)
        cases = pa.table(
            {
                "column": pa.array(wrong[:MOST_CASES], pa.string()),
                "expected": pa.array([expected.get(name) for name in wrong[:MOST_CASES]], pa.string()),
                "found": pa.array([found.get(name) for name in wrong[:MOST_CASES]], pa.string()),
            }
        )
        message = "; ".join(_sentence(name, expected.get(name), found) for name in wrong[:3])
        message += f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        column = wrong[0] if len(wrong) == 1 else None
        return Finding(self.label, passed_by_itself=False, column=column, message=message, cases=cases)


def type_text_of(type_: object) -> str:
    """Return one spelling for all that assetflow stores alike; raise UsageError where no Arrow type is named.

    ``type_``: a pyarrow type, or its text: ``int64``, ``string``, ``timestamp[us, tz=UTC]``, ``decimal(10,
    2)``, ``list<string>``.
    """
    text = _NOISE.sub("", _DICTIONARY.sub(r"\1", str(type_)))
    text = _WORD.sub(lambda word: _SPELLINGS.get(word[0], word[0]), text)
    outermost = _WORD.match(text)
    if outermost is None or outermost[0] not in _NAMES:
        near = did_you_mean(str(type_), [*_NAMES, *_SPELLINGS])
        raise UsageError(
            f"{str(type_)!r} is not an Arrow type", hint=near or "write a pyarrow type, or its text"
        )
    return text


def _sentence(name: str, expected: str | None, found: Mapping[str, str]) -> str:
    if expected is None:
        return f"column {name} is not expected"
    if name not in found:
        near = did_you_mean(name, found)
        return f"column {name} is missing" + (f" ({near})" if near else "")
    return f"column {name} is {found[name]}, not {expected}"
