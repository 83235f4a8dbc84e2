"""Owns the identity of outputs that are nothing but bytes: text, bytes, figures, pickles, one file.

Knows nothing of what the bytes mean.
"""

from __future__ import annotations

from assetflow.hashing.digest import Digest, digest


def hash_text(text: str) -> str:
    """Return the ``text/1`` data version of a text."""
    return Digest("text/1").add(text).hexdigest()


def hash_blob(kind: str, data: bytes | memoryview) -> str:
    """Return the data version ``<kind>/1`` of a ``bytes``, ``figure`` or ``pickle``."""
    return Digest(f"{kind}/1").add(data).hexdigest()


def hash_single_file(name: str, file_hash: str) -> str:
    """Return the ``file/1`` data version of one file: it is not that of a folder that holds just this file."""
    return digest("file/1", name, file_hash)
