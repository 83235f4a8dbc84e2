"""Owns the options of whatever a project makes itself, as written: how it is made, and what comes out.

Knows nothing of what they mean: ``made_spec`` reads them, whatever was given for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from datetime import timedelta

    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class _Options:
    @classmethod
    def known(cls) -> tuple[str, ...]:
        """Return the names of all options, sorted."""
        return tuple(sorted(option.name for option in fields(cls) if option.name != "unknown"))


@dataclass(frozen=True, kw_only=True)
class OutputOptions(_Options):
    """What is declared of one thing that is made, as written."""

    checks: Any = ()
    format: Any = None
    sort_by: Any = None
    round: Any = None
    schema: Any = None
    group: Any = None
    tags: Any = ()
    owner: Any = None
    description: Any = None
    private: Any = False
    renamed_from: Any = None
    fresh_within: Any = None


@dataclass(frozen=True, kw_only=True, init=False)
class Out(OutputOptions):
    """One of the outputs of a function: ``@af.assets(outs={"train": af.Out(checks=[...]), "test": af.Out()})``.

    Args:
        checks: built-in checks and pandera schemas that each new version must pass before anyone sees it.
        format: how it is stored: tables as ``"parquet"`` (default) or ``"arrow"``, figures as ``"png"`` or
            ``"svg"``, objects that have no safer form as ``"pickle"``.
        sort_by: columns to sort by before hashing and storing, where the function promises no order.
        round: decimals to round float columns to before hashing and storing.
        schema: the Arrow schema of the table, needed where a column without values has no type by itself.
        group: where it is shown.
        tags: words to select it by.
        owner: whom to ask.
        description: what it is.
        private: whether its data may never lie in a commit, which cannot be erased, however small they are.
        renamed_from: the key that it had before; what is on record of that is taken over, and nothing runs.
        fresh_within: how old what is published may be, such as ``"1d"``, counted from when it was last made, also as it
            was before; if it is older, `assetflow status` calls it late.
        unknown: what is no option is told with all other problems of the declarations.
    """

    unknown: tuple[str, ...] = field(default=(), init=False)

    def __init__(
        self,
        *,
        checks: Sequence[Any] = (),
        format: str | None = None,  # noqa: A002 - the design's word
        sort_by: str | Sequence[str] | None = None,
        round: Mapping[str, int] | None = None,  # noqa: A002 - the design's word
        schema: pa.Schema | None = None,
        group: str | None = None,
        tags: Sequence[str] = (),
        owner: str | None = None,
        description: str | None = None,
        private: bool = False,
        renamed_from: str | None = None,
        fresh_within: str | float | timedelta | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            checks=checks, format=format, sort_by=sort_by, round=round, schema=schema, group=group, tags=tags,
            owner=owner, description=description, private=private, renamed_from=renamed_from,
            fresh_within=fresh_within,
        )  # fmt: skip
        object.__setattr__(self, "unknown", tuple(unknown))


@dataclass(frozen=True, kw_only=True)
class CallOptions(_Options):
    """How and when it is made, as written. ``unknown``: names given that are no options of what is ``called`` so."""

    called: ClassVar[str]

    deps: Any = ()
    retries: Any = None
    version: Any = None
    packages: Any = ()
    executor: Any = None
    timeout: Any = None
    pool: Any = None
    refresh: Any = None
    partitions: Any = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MadeOptions(OutputOptions, CallOptions):
    """All of what makes one thing."""


@dataclass(frozen=True, kw_only=True)
class FunctionOptions(CallOptions):
    """How and when a function makes it."""

    inputs: Any = None
    includes: Any = ()
    ignore: Any = ()
