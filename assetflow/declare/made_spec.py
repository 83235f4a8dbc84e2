"""Owns how the options of whatever a project makes itself become fields of its spec.

Knows nothing of what makes it: a function, a query or a program.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypedDict

from assetflow.declare import options as read
from assetflow.declare.attached import read_checks
from assetflow.declare.made import CallOptions, OutputOptions
from assetflow.declare.partitioning import add_refresh_problems, read_partitions
from assetflow.declare.problems import Problems
from assetflow.declare.refresh_spec import read_refresh
from assetflow.keys import did_you_mean
from assetflow.model.refresh import Refresh
from assetflow.model.spec import CheckSpec, Executor, Retry

if TYPE_CHECKING:
    from assetflow.partitions.scheme import Scheme


class CallFields(TypedDict):
    """The fields of a spec that say how and when an asset is made."""

    deps: tuple[str, ...]
    retries: Retry | None
    version: str | None
    packages: tuple[str, ...]
    executor: Executor | None
    timeout: float | None
    pool: str | None
    refresh: Refresh | None
    partitions: Scheme | None


class OutputFields(TypedDict):
    """The fields of a spec that say how what is made is stored, judged and shown."""

    checks: tuple[CheckSpec, ...]
    format: str | None
    sort_by: tuple[str, ...]
    round: tuple[tuple[str, int], ...]
    schema: Any
    group: str | None
    tags: tuple[str, ...]
    owner: str | None
    description: str | None
    private: bool
    renamed_from: str | None
    fresh_within: float | None


def read_call(options: CallOptions, problems: Problems) -> CallFields:
    """Read how and when an asset is made; names that are no options are told too."""
    add_unknown(options.unknown, options.called, options.known(), problems)
    refresh = read_refresh(options.refresh, problems)
    partitions = read_partitions(options.partitions, problems)
    add_refresh_problems(partitions, refresh, problems)
    executor = read.read_executor(options.executor, problems)
    timeout = read.read_timeout(options.timeout, problems)
    if timeout is not None and executor in ("threads", "inline"):
        problems.add(
            f"timeout={options.timeout!r} stops a process, and executor={executor!r} has it run in none of its own",
            'leave executor= out, or write executor="process"',
        )
    return CallFields(
        deps=read.read_keys("deps", options.deps, problems),
        retries=read.read_retries(options.retries, problems),
        version=read.read_text("version", options.version, problems),
        packages=read.read_texts("packages", options.packages, problems),
        executor=executor,
        timeout=timeout,
        pool=read.read_text("pool", options.pool, problems),
        refresh=refresh,
        partitions=partitions,
    )


def add_unknown(names: Collection[str], called: str, known: Collection[str], problems: Problems) -> None:
    """Tell of ``names`` that are no options of what is ``called`` so."""
    for name in names:
        hint = did_you_mean(name, known) or f"its options: {', '.join(known)}"
        problems.add(f"{name}= is no option of {called}", hint)


def read_output(
    options: OutputOptions,
    key: str,
    problems: Problems,
    *,
    formats: Collection[str],
    described: str | None = None,
) -> OutputFields:
    """Read what is made under ``key``, in one of ``formats``; ``described``: what it is where no option says it."""
    return OutputFields(
        checks=read_checks(options.checks, key, problems),
        format=read.read_format(options.format, formats, problems),
        sort_by=read.read_texts("sort_by", options.sort_by, problems),
        round=read.read_round(options.round, problems),
        schema=read.read_schema(options.schema, problems),
        group=read.read_label("group", options.group, problems),
        tags=read.read_labels("tags", options.tags, problems),
        owner=read.read_text("owner", options.owner, problems),
        description=read.read_text("description", options.description, problems) or described,
        private=read.read_flag("private", options.private, problems),
        renamed_from=read.read_former_key(options.renamed_from, problems),
        fresh_within=read.read_fresh_within(options.fresh_within, problems),
    )
