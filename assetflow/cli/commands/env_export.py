"""`assetflow env export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation

Name = Annotated[str, typer.Argument(metavar="ENV", help="The environment.")]
Target = Annotated[
    Path, typer.Argument(metavar="FILE", help="The DuckDB file to write, such as prod.duckdb.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write the file though it exists.")]
Copy = Annotated[
    bool, typer.Option("--copy", help="Write all rows into the file, which then needs the store no more.")
]


def export_environment(
    invocation: Invocation, name: Name, target: Target, *, overwrite: Overwrite = False, copy: Copy = False
) -> int:
    """Write a DuckDB file with a view for each table that an environment publishes, for other programs."""
    from assetflow.cli.views.exported import exported_view

    exported = invocation.open(name).export_environment(target, overwrite=overwrite, copy=copy)
    invocation.answer(exported.to_dict, lambda: exported_view(exported))
    if any(asset.form == "view" for asset in exported.assets):
        invocation.hint(
            "the views are of this moment: gc keeps what is published; export again after the next publication"
        )
    return exit_codes.DONE
