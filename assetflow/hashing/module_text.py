"""Owns the text of modules and cells as it was when they were declared, whatever becomes of their files later.

A module's text is kept on its ``__spec__``, which a reload makes anew. Knows nothing of syntax or of hashes.
"""

from __future__ import annotations

import importlib.util
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

_KEPT = "__assetflow_texts__"


@dataclass(frozen=True)
class ModuleText:
    """The source text of one file or cell, or None where there is none.

    ``standard``: loaded by Python's own source loader, so that the text compiles to what is loaded; other
    loaders (test runners') rewrite what they load.
    """

    filename: str
    text: str | None
    standard: bool


def capture_text(function: Callable[..., Any]) -> None:
    """Keep the text of the module that ``function`` is written in, and of the loaded modules beside it.

    Called by decorators at declaration. Only the first call for a module reads files.
    """
    namespace = getattr(inspect.unwrap(function), "__globals__", None)
    if not isinstance(namespace, dict) or _KEPT in _keeper(namespace):
        return
    for module in (namespace, *_beside(namespace)):
        filename = module.get("__file__")
        if isinstance(filename, str) and filename.endswith(".py"):
            read_text(filename, module)


def read_text(filename: str, namespace: dict[str, Any]) -> ModuleText:
    """Return the text that code was compiled from: of a file as it was when first asked for, of a cell as it is known.

    ``namespace``: the globals of the module that the code runs in.
    """
    own = namespace.get("__file__") == filename
    standard = own and type(namespace.get("__loader__")) is SourceFileLoader
    kept = _keeper(namespace).get(_KEPT, {})
    if filename in kept:
        return ModuleText(filename, kept[filename], standard)
    if not Path(filename).is_file():
        return ModuleText(filename, _from_memory(filename, namespace if own else None), standard)
    text = _from_file(filename)
    if text is not None:
        _keeper(namespace).setdefault(_KEPT, {})[filename] = text
    return ModuleText(filename, text, standard)


def _keeper(namespace: dict[str, Any]) -> dict[str, Any]:
    """Return the dict on which a module's texts are kept: its spec's, else (a script's) its own."""
    spec = namespace.get("__spec__")
    return namespace if spec is None else vars(spec)


def _from_file(filename: str) -> str | None:
    try:
        return importlib.util.decode_source(Path(filename).read_bytes())
    except (
        OSError,
        SyntaxError,
        UnicodeDecodeError,
    ):  # not readable, or not in the encoding that it declares
        return None


def _from_memory(filename: str, namespace: dict[str, Any] | None) -> str | None:
    """Return what notebooks and consoles leave in linecache, or what the module's own loader knows (zip files)."""
    return "".join(linecache.getlines(filename, namespace)) or None


def _beside(namespace: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the namespaces of the loaded modules of the same package; without a package, of the same folder."""
    top = str(namespace.get("__name__")).partition(".")[0]
    in_package = "__path__" in getattr(sys.modules.get(top), "__dict__", {})
    folder = _folder(namespace)
    for name, module in list(sys.modules.items()):
        if in_package and (name == top or name.startswith(f"{top}.")):
            yield vars(module)
        elif not in_package and folder is not None and "." not in name:
            other = getattr(module, "__dict__", {})
            if _folder(other) == folder:
                yield other


def _folder(namespace: dict[str, Any]) -> str | None:
    filename = namespace.get("__file__")
    return filename.rpartition("/")[0] if isinstance(filename, str) else None
