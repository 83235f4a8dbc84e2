"""Owns finding the ``*.sql`` files beside a project's modules: each is an asset, whose key is its path.

Knows nothing of what the queries say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from assetflow.declare.asset import Asset
from assetflow.declare.assets import Assets
from assetflow.declare.command import Command
from assetflow.declare.command_files import names_included
from assetflow.declare.place import Place
from assetflow.declare.sql import SqlAsset, SqlOptions
from assetflow.settings.modules import is_of_tests


def sql_files(modules: Iterable[ModuleType], declared: Collection[object]) -> list[SqlAsset]:
    """Return an asset for each file that lies in the folder of a package, at any depth, or beside a single module.

    The key is the file's path relative to that folder, without its suffix: ``shop/retail/orders.sql`` of the package
    ``shop`` is ``retail/orders``. Left out are files that a declaration names (``sql(key, "x.sql")``,
    ``includes=["x.sql"]``, of commands also by patterns), and files and folders whose names begin with ``_`` or ``.``,
    or are of tests.
    """
    named = {item.query for item in declared if isinstance(item, SqlAsset) and isinstance(item.query, Path)}
    of_commands = names_included([item for item in declared if isinstance(item, Command)])
    included = tuple(
        f"/{one}" for item in declared if isinstance(item, Asset | Assets) for one in _included(item)
    )
    found: dict[Path, SqlAsset] = {}
    for module in modules:
        for folder, files in _folders_of(module):
            for file in files:
                taken = file in named or file in found or file.as_posix().endswith(included)
                if not taken and not of_commands(file):
                    key = file.relative_to(folder).with_suffix("").as_posix()
                    found[file] = SqlAsset(key, file, SqlOptions(), Place(str(file), 1, module.__name__))
    return list(found.values())


def _folders_of(module: ModuleType) -> Iterator[tuple[Path, list[Path]]]:
    """Yield the folders of a module, each with the files in it that are its."""
    paths = getattr(module, "__path__", None)
    if paths is not None:
        yield from ((Path(path), sorted(_below(Path(path)))) for path in paths if Path(path).is_dir())
    elif getattr(module, "__file__", None):
        folder = Path(str(module.__file__)).parent
        yield folder, sorted(file for file in folder.glob("*.sql") if not _is_left_out(file.stem))


def _below(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if _is_left_out(entry.stem):
            continue
        if entry.is_dir():
            yield from _below(entry)
        elif entry.suffix == ".sql":
            yield entry


def _is_left_out(name: str) -> bool:
    return name.startswith(("_", ".")) or is_of_tests(name)


def _included(asset: Asset[..., Any] | Assets[..., Any]) -> list[str]:
    includes = asset.options.includes
    items = (
        [includes] if isinstance(includes, str) else includes if isinstance(includes, list | tuple) else []
    )
    return [item for item in items if isinstance(item, str) and item.endswith(".sql")]
