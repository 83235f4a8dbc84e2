"""Owns how it is shown what an environment was exported as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.cli.views.layout import Columns, cell, quiet, stack
from assetflow.cli.views.words import counted, number, short

if TYPE_CHECKING:
    from rich.console import RenderableType

    from assetflow.operate.environment_export import ExportedEnvironment


def exported_view(exported: ExportedEnvironment) -> RenderableType:
    """Show what became of each asset, and of which commit the file tells."""
    table = Columns("asset", "as", "version", "rows", folding=("asset",), right=("rows",))
    for asset in exported.assets:
        which = short(asset.version) if asset.partitions is None else counted(asset.partitions, "partition")
        table.add_row(cell(asset.key), quiet(asset.form), which, number(asset.rows))
    written = sum(asset.form != "left out" for asset in exported.assets)
    summary = (
        f"{counted(written, 'asset')} of {exported.env} as of commit {exported.commit}, in {exported.path}"
    )
    apart = [cell(f"{asset.key} is left out: {asset.why}") for asset in exported.assets if asset.why]
    return stack(table, *apart, cell(summary))
