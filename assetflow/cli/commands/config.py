"""`assetflow config`."""

from __future__ import annotations

from dataclasses import asdict

from assetflow.cli import exit_codes
from assetflow.cli.invocation import Invocation


def config(invocation: Invocation) -> int:
    """Show every setting, and where it comes from."""
    from assetflow.cli.views.settings import settings_view

    project = invocation.open()
    invocation.answer(
        lambda: {"env": project.env, "settings": [asdict(value) for value in project.settings]},
        lambda: settings_view(project.settings),
    )
    return exit_codes.DONE
