"""Owns which modules hold a project's declarations: those that the settings name, else by convention.

Imports nothing of the user's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from assetflow.errors import SettingsError
from assetflow.settings.settings import Settings

CONVENTIONAL = "assets"
_NO_DECLARATIONS = {
    "tests",
    "test",
    "docs",
    "build",
    "dist",
    "notebooks",
    "scripts",
    "examples",
    "benchmarks",
}


def modules_of(settings: Settings) -> tuple[str, ...]:
    """Return the names of the modules and packages that hold the declarations.

    Without ``modules`` in the settings it is, beside them (or in ``src``): ``assets.py`` or the package
    ``assets``, else the package or module with the project's name, else the only package.

    Raises:
        SettingsError: there is none, or more than one that it could be.
    """
    if settings.modules or settings.root is None:
        return settings.modules
    folders = import_folders(settings.root)
    named = (settings.name or "").replace("-", "_").lower()
    for name in (CONVENTIONAL, named):
        if name and any(is_module(folder, name) for folder in folders):
            return (name,)
    packages = sorted({name for folder in folders for name in _packages_in(folder)})
    if len(packages) == 1:
        return (packages[0],)
    found = (
        f"it could be {', '.join(packages)}" if packages else "there is no assets.py and no package beside it"
    )
    raise SettingsError(
        f"{settings.file or settings.root}: modules is not set, and {found}",
        hint=f'name the modules that hold the assets: modules = ["{packages[0] if packages else "shop"}"]',
    )


def import_folders(root: Path) -> list[Path]:
    """Return the folders to import from: the project's own, and its ``src`` where that is no package."""
    source = root / "src"
    return [root, source] if source.is_dir() and not (source / "__init__.py").exists() else [root]


def put_on_path(root: Path) -> None:
    """Put the project's folders first on ``sys.path``."""
    for folder in reversed(import_folders(root)):
        text = str(folder)
        if text in sys.path:
            sys.path.remove(text)
        sys.path.insert(0, text)


def is_module(folder: Path, name: str) -> bool:
    """Say whether ``folder`` has a module or package of this name."""
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def submodules_in(folder: Path) -> list[str]:
    """Return the names of the modules and packages in a package's folder, without tests and ``__main__``.

    A folder without ``__init__.py`` counts when it holds modules: Python imports it, so nobody should miss
    its assets.
    """
    found = set()
    for entry in folder.iterdir():
        name = entry.stem if entry.suffix == ".py" else entry.name
        if not name.isidentifier() or name.startswith("__") or is_of_tests(name):
            continue
        if (entry.suffix == ".py" and entry.is_file()) or (entry.is_dir() and any(entry.glob("*.py"))):
            found.add(name)
    return sorted(found)


def _packages_in(folder: Path) -> list[str]:
    return [
        entry.name
        for entry in folder.iterdir()
        if entry.name.isidentifier()
        and entry.name not in _NO_DECLARATIONS
        and (entry / "__init__.py").is_file()
    ]


def is_of_tests(name: str) -> bool:
    """Say whether a file or folder of this name, without suffix, holds tests."""
    return name in ("tests", "conftest") or name.startswith("test_") or name.endswith("_test")
