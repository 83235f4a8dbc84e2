"""`assetflow partitions`: keys of dynamic partitions."""

from __future__ import annotations

from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in af.dynamic(NAME).")]
Keys = Annotated[list[str], typer.Argument(metavar="PARTITION...", help="The keys to add.")]


def add(invocation: Invocation, name: Name, keys: Keys) -> int:
    """Add keys to dynamic partitions; those that are there already stay."""
    from assetflow.cli.views.words import counted

    added = invocation.open().add_partitions(name, keys)
    invocation.answer(
        lambda: {"name": name, "added": list(added)},
        lambda: f"{counted(len(added), 'key')} added to {name}" if added else f"{name} has them already",
    )
    return exit_codes.DONE


def list_keys(invocation: Invocation, name: Name) -> int:
    """List the keys of dynamic partitions, in the order that they were added."""
    keys = invocation.open().partitions(name)
    invocation.answer(
        lambda: {"name": name, "keys": list(keys)}, lambda: "\n".join(keys) or f"{name} has no key yet"
    )
    return exit_codes.DONE
