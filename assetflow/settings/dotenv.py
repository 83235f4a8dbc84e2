"""Owns how ``.env`` is read: ``NAME=value`` lines, for ``${NAME}`` in the settings.

Changes no environment variable. Knows nothing of what the names are for.
"""

from __future__ import annotations

import re
from pathlib import Path

from assetflow.errors import SettingsError

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_SINGLE = re.compile(r"'(?P<text>[^']*)'\s*(?:#.*)?")
_DOUBLE = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_BARE_COMMENT = re.compile(r"(?:^|\s)#.*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the names and values in the file; none where there is no file.

    Raises:
        SettingsError: a line is no assignment. The message never shows it, because it may hold a secret.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (
        FileNotFoundError,
        NotADirectoryError,
        IsADirectoryError,
    ):  # a folder named .env is a virtual environment
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}") from None
    return parse_dotenv(text, str(path))


def parse_dotenv(text: str, where: str = ".env") -> dict[str, str]:
    r"""Return the names and values that ``text`` assigns; the last of a name stands.

    Values in single quotes are taken as they are; in double quotes ``\n``, ``\r``, ``\t`` and ``\"`` are
    escapes. Without quotes, blanks at the ends and what follows `` #`` are left out.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        value = None if match is None else _value(match["value"])
        if match is None or value is None:
            raise SettingsError(
                f"{where}:{number} is not NAME=value", hint='quote a value with blanks: NAME="two words"'
            )
        found[match["name"]] = value
    return found


def _value(written: str) -> str | None:
    if written.startswith("'"):
        single = _SINGLE.fullmatch(written)
        return None if single is None else single["text"]
    if written.startswith('"'):
        double = _DOUBLE.fullmatch(written)
        return (
            None
            if double is None
            else re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), double["text"])
        )
    return _BARE_COMMENT.sub("", written).strip()
