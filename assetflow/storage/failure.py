"""Owns how a failing disk or bucket is told to people.

Knows nothing of what was being stored.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from assetflow.errors import AssetflowError, StoreError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_HOPELESS = (
    _FULL | _FORBIDDEN | {errno.EROFS, errno.ENOTDIR, errno.EOPNOTSUPP, errno.ENAMETOOLONG, errno.EXDEV}
)
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")


@contextmanager
def told(doing: str, url: str) -> Iterator[None]:
    """Turn what a file system raises inside into a StoreError that says what could not be done, and where."""
    try:
        yield
    except (AssetflowError, MemoryError):
        raise
    except Exception as error:  # cloud file systems raise their clients' own classes
        raise store_error(error, doing, url) from error


def store_error(error: BaseException, doing: str, url: str) -> StoreError:
    """Say why ``doing`` something in the store at ``url`` failed, and how to mend it."""
    number = error.errno if isinstance(error, OSError) else None
    what = f"cannot {doing} in {shown(url)}"
    if number in _FULL:
        return StoreError(
            f"{what}: the disk is full",
            hint="free some space and run again; nothing that was recorded is lost",
        )
    if number in _FORBIDDEN:
        return StoreError(
            f"{what}: permission denied{_place(error)}",
            hint="give this user the right to write there, or name another store in the settings",
        )
    if number == errno.EROFS:
        return StoreError(f"{what}: it is read-only", hint="name a store in the settings that can be written")
    if number == errno.EOPNOTSUPP:
        return StoreError(
            f"{what}: that disk has no hard links", hint="put the store on a disk that has them"
        )
    return StoreError(f"{what}: {type(error).__name__}: {error}")


def hopeless(error: BaseException) -> bool:
    """Whether trying the same again cannot help."""
    return isinstance(error, OSError) and error.errno in _HOPELESS


def shown(url: str) -> str:
    """Return the address without a password that may stand in it."""
    return _PASSWORD.sub("//***@", url)


def _place(error: BaseException) -> str:
    name = getattr(error, "filename", None)
    return f" ({name})" if name else ""
