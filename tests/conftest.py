"""What all tests share: an environment of their own, the Hypothesis profiles, the length of torture loops.

Builders of projects are in ``assetflow.testing``, where users find them too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Deadlines and slow generation say more of the machine than of the code: two cores, four processes, coverage.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", max_examples=50, **_CALM)
settings.register_profile(
    "ci", max_examples=75, derandomize=True, print_blob=True, **_CALM
)  # see examples.py
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

_ROUNDS_WITHOUT_TORTURE = 5
# What makes rich and typer draw colours, or other widths, off a terminal.
_TERMINAL = ("FORCE_COLOR", "PY_COLORS", "NO_COLOR", "GITHUB_ACTIONS", "COLUMNS", "LINES")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="run loops of kills and races in full length")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for minutes of the clock, so that all else is done meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_cron.py")


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """Shorten a torture loop unless asked for its full length: ``for _ in range(rounds(50))``."""
    in_full = request.config.getoption("--torture")
    return lambda full: full if in_full else min(full, _ROUNDS_WITHOUT_TORTURE)


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the tests, and the processes they start, a home of their own and none of the user's settings."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [*filter(lambda name: name.startswith(("ASSETFLOW_", "GIT_")), os.environ), *_TERMINAL]:
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
        patch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
        # Finding the fonts takes seconds; once for all runs of the tests is enough.
        patch.setenv("MPLCONFIGDIR", str(ROOT / ".pytest_cache" / "matplotlib"))
        # Python takes a file edited twice in a second, with equal length, for unchanged. Users cannot be that quick.
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        patch.setattr(sys, "dont_write_bytecode", True)
        yield
