"""Owns the question whether a module belongs to the project, and the names by which its files are shown and kept.

Knows nothing of what modules contain.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from assetflow.hashing.digest import hash_bytes

OWN_PACKAGE = __name__.partition(".")[0]
_INSTALLED = frozenset({"site-packages", "dist-packages"})


class ProjectModules:
    """Tells the project's modules from all others, by the rule of ``code/1`` (docs/formats.md).

    ``packages``: top-level names that belong wherever they are installed. ``root``: the project folder, below
    which all modules belong but those of an interpreter or a virtual environment.
    """

    def __init__(self, root: Path | None, packages: frozenset[str]) -> None:
        self.root = root.absolute() if root is not None else None
        self.packages = packages
        self._roots = (self.root, self.root.resolve()) if self.root is not None else ()
        self._standard = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
        self._known: dict[tuple[str, str | None], bool] = {}
        self._labels: dict[tuple[str, str, str | None], str] = {}

    def belongs(self, module: str | None, filename: str | None = None) -> bool:
        """Say whether the module of this name belongs to the project; it need not be imported yet.

        ``filename``: where it was loaded from, for one that is in no list of modules (``runpy``, plugins).
        """
        if not module:
            return False
        if (module, filename) not in self._known:
            self._known[module, filename] = self._judge(module, filename)
        return self._known[module, filename]

    def label(self, filename: str, module: str, text: str | None = None) -> str:
        """Return the name of a source file: relative to the root, else made of the module's name.

        A cell or a prompt, which is no file, is named by its ``text``; what has no text has no name.
        """
        key = (filename, module, text)
        if key not in self._labels:
            self._labels[key] = self._name(filename, module, text)
        return self._labels[key]

    def _judge(self, module: str, given: str | None) -> bool:
        top = module.partition(".")[0]
        if top == OWN_PACKAGE:
            return False
        if top in self.packages:
            return True
        filename = _file_of(module) or _file_of(top) or given
        if filename is None:  # nobody's, made by exec or runpy: better followed than missed
            return top not in sys.modules and top not in sys.stdlib_module_names
        return self._lies_inside(Path(filename))

    def _lies_inside(self, path: Path) -> bool:
        inside = self._relative(path)
        if self.root is None or inside is None or any(path.is_relative_to(lib) for lib in self._standard):
            return False
        folders = inside.parent.parts
        if _INSTALLED.intersection(folders):
            return False
        below = (self.root.joinpath(*folders[: depth + 1]) for depth in range(len(folders)))
        return not any((folder / "pyvenv.cfg").exists() for folder in below)

    def _relative(self, path: Path) -> Path | None:
        for spelling in (Path(os.path.normpath(path.absolute())), path.resolve()):
            for root in self._roots:
                if spelling.is_relative_to(root):
                    return spelling.relative_to(root)
        return None

    def _name(self, filename: str, module: str, text: str | None) -> str:
        path = Path(filename)
        inside = self._relative(path)
        is_file = path.is_file() or (text is None and path.suffix == ".py")  # or was one
        if inside is not None and is_file:
            return inside.as_posix()
        if not is_file:
            return f"cells/{hash_bytes(text.strip().encode())[:12]}.py" if text is not None else ""
        if module == "__main__":
            return path.name
        dotted = PurePosixPath(*module.split("."))
        return str(
            dotted / "__init__.py" if path.stem == "__init__" else dotted.with_name(f"{dotted.name}.py")
        )


def _file_of(module: str) -> str | None:
    """Return the file or folder of a module, without importing it."""
    loaded = sys.modules.get(module)
    if loaded is not None:
        return _declared_file(getattr(loaded, "__dict__", {}))
    if "." in module:
        return None  # to find it, its package would be imported
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):  # a finder's way to say that there is none
        return None
    if spec is None:
        return None
    return spec.origin if spec.has_location else next(iter(spec.submodule_search_locations or ()), None)


def _declared_file(namespace: Mapping[str, Any]) -> str | None:
    filename = namespace.get("__file__")
    if isinstance(filename, str):
        return filename
    folder = next(iter(namespace.get("__path__", ())), None)  # a namespace package has folders only
    return folder if isinstance(folder, str) else None


def package_folders(packages: frozenset[str]) -> list[tuple[str, Path]]:
    """Return (name, folder) of those top-level names that are packages, by name."""
    namespaces = ((name, getattr(sys.modules.get(name), "__dict__", {})) for name in sorted(packages))
    found = ((name, next(iter(namespace.get("__path__", ())), None)) for name, namespace in namespaces)
    return [(name, Path(folder).absolute()) for name, folder in found if isinstance(folder, str)]
