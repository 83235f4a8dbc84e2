"""`assetflow explain`."""

from __future__ import annotations

from assetflow.cli import exit_codes, options
from assetflow.cli.completion_cache import remember
from assetflow.cli.invocation import Invocation


def explain(invocation: Invocation, key: options.Key, *, config: options.Config = None) -> int:
    """Say why an asset is stale or fresh, with the code that differs.

    Compares all that decides the asset now with what decided its published version.
    """
    from assetflow.cli.views.explanation import explanation_view

    project = invocation.open()
    explanation = project.explain(key, config=options.config_of(config))
    remember(project)
    invocation.answer(explanation.to_dict, lambda: explanation_view(explanation))
    return exit_codes.DONE
