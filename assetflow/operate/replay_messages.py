"""Owns what is said between a session and the process that runs recorded code for it: one JSON document on each line.

Knows nothing of either.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import Field

from assetflow.model.recipe import Recipe
from assetflow.model.record import Record
from assetflow.model.verdicts import Verdict
from assetflow.model.versions import Materialized, SourceObserved

Message = TypeVar("Message", bound=Record)
AnyVersion = Annotated[Materialized | SourceObserved, Field(discriminator="type")]


REPLAY = "replay"
"""What stands for the id of a run in what is made again."""


class Setup(Record):
    """What the process is for: the code below ``tree``, declared in ``modules``.

    ``store``: folder of the store that it reads from and writes to, which is nobody else's. ``root``: the project's own
    folder, where sources that are not kept still lie; None where it has none.
    """

    tree: str
    modules: tuple[str, ...]
    store: str
    root: str | None


class Step(Record):
    """One asset's work: to be made anew from ``inputs``; or ``judged``, by those of its ``checks`` that are named.

    ``deps``: the data version of each asset that it waited for. ``config`` and ``token``: as they are on record.
    ``known``: a data version whose parts need not be stored, should it come out. ``reads``: by parameter the partitions
    that are read, and how they were found. ``previous``: what an incremental asset went on from.
    """

    asset: str
    partition: str = ""
    env: str
    config: dict[str, Any] | None = None
    inputs: tuple[AnyVersion, ...] = ()
    deps: tuple[tuple[str, str | None], ...] = ()
    reads: dict[str, tuple[tuple[str, ...], str]] = Field(default_factory=dict)
    previous: AnyVersion | None = None
    token: str | None = None
    known: str | None = None
    judged: AnyVersion | None = None
    checks: tuple[str, ...] = ()


class Answer(Record):
    """What came of a step.

    ``version``: what was made, with the recipe that it was made by. ``impossible``: why the code could not even be
    asked. ``failure``: what it raised, in one line. ``raised_by``: the checks that raised. ``log``: what it printed.
    """

    version: Materialized | None = None
    verdicts: tuple[Verdict, ...] = ()
    impossible: str | None = None
    failure: str | None = None
    raised_by: tuple[str, ...] = ()
    log: str = ""


def partitions_read(recipe: Recipe) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return by parameter the partitions that ``recipe`` read, and how they were found."""
    read: dict[str, tuple[list[str], str]] = {}
    for item in recipe.inputs:
        read.setdefault(item.parameter, ([], item.mapping))[0].append(item.partition)
    return {parameter: (tuple(partitions), mapping) for parameter, (partitions, mapping) in read.items()}


def to_line(message: Record) -> str:
    """Return a message as one line of ASCII: file names may hold what is no text."""
    return json.dumps(message.model_dump(mode="json")) + "\n"


def from_line(line: str, kind: type[Message]) -> Message:
    """Return the message that ``to_line`` wrote."""
    return kind.model_validate(json.loads(line))
