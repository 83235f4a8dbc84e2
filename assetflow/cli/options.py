"""Owns the options and arguments that several commands share: their names, their help, what they mean together.

A metavar says what kind of value it stands for; completion goes by that (``completion.VALUES``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assetflow.errors import UsageError

Selected = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SELECTION", help="Which assets: sales+, tag:daily, '(a or b) and not c'. All when left out."
    ),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        "-s",
        metavar="SELECTION",
        help="The same as a bare selection; both together select what either does.",
    ),
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="SELECTION", help="Which assets not.")
]
Config = Annotated[
    list[str] | None,
    typer.Option(
        "--config",
        metavar="KEY.FIELD=VALUE",
        help="Set a field of an asset's config for this call. VALUE as in TOML, else text.",
    ),
]
Partition = Annotated[
    str | None,
    typer.Option(
        "--partition",
        "-p",
        metavar="PARTITIONS",
        help="Which partitions: 2026-11-01, 2026-11-01..2026-11-23, latest, missing, failed, rejected, stale. "
        "All when left out.",
    ),
]
OnePartition = Annotated[
    str,
    typer.Option(
        "--partition",
        "-p",
        metavar="PARTITION",
        help="One partition of an asset that has some; the same as KEY|PARTITION, in quotes.",
    ),
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The asset.")]
Reference = Annotated[
    str,
    typer.Argument(
        metavar="KEY[@VERSION]",
        help="The asset; after @ an environment, the beginning of a version, HEAD~1, a date, or #42 for a commit.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", "-n", metavar="N", min=0, help="How many at most; 0 for all.")]

Environment = Annotated[
    str | None,
    typer.Option(
        "--env", "-e", metavar="ENV", help="The environment; else ASSETFLOW_ENV, else the project's default."
    ),
]
Folder = Annotated[
    Path,
    typer.Option(
        "--project",
        "-C",
        metavar="DIR",
        exists=True,
        file_okay=False,
        show_default=False,
        help="The project's folder, or one below it; else the current folder.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only results and errors; no talk.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def reference_of(reference: str, partition: str) -> str:
    """Return ``KEY[|PARTITION][@VERSION]`` of what a person named, the partition there or by ``--partition``.

    Raises:
        UsageError: two partitions are named, or none where one is meant.
    """
    from assetflow.keys import name_of, split_name

    name, at, version = reference.partition("@")
    key, named = split_name(name)
    if "|" in name and not (key and named):
        raise UsageError(
            f"{reference!r} lacks {'its partition after' if key else 'the asset before'} the |",
            hint="write it as in 'sales|2026-11-23'",
        )
    if named and partition and named != partition:
        raise UsageError(
            f"{reference} is another partition than {partition}",
            hint=f"leave out --partition, or name {key} alone",
        )
    return f"{name_of(key, partition or named)}{at}{version}"


def names_partition(reference: str) -> bool:
    """Return whether a reference of ``reference_of`` is to one partition."""
    return "|" in reference.partition("@")[0]


def selection_of(*given: Sequence[str] | None) -> str | None:
    """Return what was selected by options and bare arguments as one text: their union; None when nothing was."""
    words = [word for words in given for word in words or ()]
    return " ".join(words) if words else None


def limit_of(limit: int) -> int | None:
    """Return a limit as the facade takes it."""
    return limit or None


def config_of(given: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """Return the config fields given as ``KEY.FIELD=VALUE``, by asset key.

    Raises:
        UsageError: one is not of that form.
    """
    config: dict[str, dict[str, Any]] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        key, dot, field = name.strip().partition(".")
        if not (equals and dot and key and field.isidentifier()):
            raise UsageError(
                f"--config {name}{equals and '=...'} is not KEY.FIELD=VALUE",
                hint="such as --config rfm_segments.churn_days=90",
            )
        config.setdefault(key, {})[field] = _literal(value.strip())
    return config


def _literal(text: str) -> Any:
    """Read a value as TOML would: 90, 0.2, true, [1, 2], 1998-06-30, "text"; anything else is text as it stands."""
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
