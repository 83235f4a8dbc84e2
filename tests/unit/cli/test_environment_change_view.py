"""What is told of a change of an environment by hand."""

from __future__ import annotations

import pytest
from rich.console import Console

from assetflow.cli.views.environment_change import change_view
from assetflow.model.environments import Hold, Move
from assetflow.operate.environment_change import EnvironmentChange

HOLD = Hold(asset="held", code_version="c" * 32, config_hash="", because="rolled_back")
MOVES = tuple(Move(asset="days", partition=key, version="1" * 32) for key in "abc")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (EnvironmentChange("dev", "accepted", lifts=(HOLD,), dry_run=True), "1 asset would be accepted"),
        (EnvironmentChange("dev", "accepted", dry_run=True), "what failed its checks would be accepted"),
        (EnvironmentChange("dev", "promoted", moves=MOVES, dry_run=True), "1 asset (3 partitions) would be"),
        (
            EnvironmentChange("dev", "rolled_back", moves=MOVES, commit=7),
            "1 asset (3 partitions) rolled back",
        ),
    ],
)
def test_the_last_line_counts_what_is_changed(change: EnvironmentChange, told: str) -> None:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(change_view(change, verbose=False))
    assert f"dev: {told}" in captured.get().splitlines()[-1]
