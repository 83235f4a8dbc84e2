"""Owns how a module that cannot be imported is told: what was raised, and where in the user's own files.

Knows nothing of which modules a project has.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from assetflow.errors import AssetflowError, Problem

_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep
_STANDARD = f"{Path(os.__file__).parent}{os.sep}"
_COMPILED = (".pyx", ".pxi")  # frames of Cython, told without a folder
_FOREIGN = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}", _STANDARD)


def import_problem(name: str, error: BaseException, root: Path | None) -> Problem:
    """Return the problem that importing the module ``name`` raised ``error``."""
    frames = own_frames(error, root)
    where, message = (frames[-1][0], _message(error)) if frames else ("", _message(error))
    if isinstance(error, SyntaxError) and error.filename:
        where, message = (
            f"{_relative(error.filename, root)}:{error.lineno}",
            f"{type(error).__name__}: {error.msg}",
        )
    if (
        isinstance(error, ModuleNotFoundError)
        and error.name
        and (name == error.name or name.startswith(f"{error.name}."))
    ):
        looked = ", ".join(path for path in sys.path[:2] if path)
        return Problem(
            f"there is no module {name!r}",
            where,
            f"modules= in the settings names it; looked first in {looked}",
        )
    lines = [
        f"{place} in {function}: {code}" if code else f"{place} in {function}"
        for place, function, code in frames
    ]
    return Problem(f"module {name!r} cannot be imported: {message}", where, "\n    ".join(lines) or None)


def own_frames(error: BaseException, root: Path | None) -> list[tuple[str, str, str]]:
    """Return ``file:line``, function and source line of the user's own frames, outermost first."""
    return [
        (f"{_relative(frame.filename, root)}:{frame.lineno}", frame.name, frame.line or "")
        for frame in traceback.extract_tb(error.__traceback__)
        if _is_own(frame.filename, root)
    ]


def _is_own(filename: str, root: Path | None) -> bool:
    if filename.startswith(("<", _PACKAGE)) or filename.endswith(_COMPILED):
        return False
    inside = root is not None and filename.startswith(f"{root}{os.sep}")
    tail = filename.removeprefix(str(root)) if inside else filename
    return not any(part in tail for part in _FOREIGN)


def _relative(filename: str, root: Path | None) -> str:
    return filename if root is None else filename.removeprefix(f"{root}{os.sep}")


def _message(error: BaseException) -> str:
    if isinstance(error, AssetflowError):  # a built-in check with impossible arguments, say
        return str(error)
    if isinstance(error, SystemExit):
        return f"it ends the program (SystemExit: {error.code}); guard scripts by if __name__ == '__main__'"
    return f"{type(error).__name__}: {error}"
