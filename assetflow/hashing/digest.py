"""Owns the digest that all definitions share: xxh3-128 over a name and tagged, length-prefixed fields.

Knows nothing of what the fields mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import xxhash

Field = bytes | memoryview | str | int | None

_NONE = b"n" + bytes(8)
_MOST_JOINED = 4_096  # bytes that cost less to copy than a second call
_SHORT = 256
_TEXT = tuple(b"s" + size.to_bytes(8, "little") for size in range(_SHORT))
"""How a text begins, by its size: most texts are short, and made by the hundred thousand."""


class Digest:
    """Gathers the fields of one preimage; ``definition`` is its name and number, such as ``table/1``.

    Each field enters as one tag byte, the length of its payload in 8 bytes (little-endian) and the payload,
    so that two different sequences of fields never make one preimage.
    """

    def __init__(self, definition: str) -> None:
        self._hash = xxhash.xxh3_128()
        self.add(definition)

    def add(self, *fields: Field) -> Self:
        """Append ``fields``, in order. Raises TypeError for a bool: it is not an integer here."""
        pieces = packed(fields)
        if sum(map(len, pieces)) <= _MOST_JOINED:
            pieces = [b"".join(pieces)]
        for piece in pieces:
            self._hash.update(piece)
        return self

    def hexdigest(self) -> str:
        """Return the 32 hexadecimal digits of all that was added so far."""
        return self._hash.hexdigest()


def digest(definition: str, *fields: Field) -> str:
    """Return the 32 hexadecimal digits of one whole preimage, which is small: it is put together first.

    >>> digest("value/1", "a", "b") == digest("value/1", "ab")
    False
    """
    return xxhash.xxh3_128_hexdigest(b"".join(packed((definition, *fields))))


def hash_bytes(data: bytes | memoryview) -> str:
    """Return the xxh3-128 of the bytes themselves, without a definition: the name of a stored object."""
    return xxhash.xxh3_128_hexdigest(data)


class BytesHash:
    """``hash_bytes`` of bytes that come in pieces."""

    def __init__(self) -> None:
        self._hash = xxhash.xxh3_128()

    def update(self, data: bytes | memoryview) -> None:
        """Append ``data``."""
        self._hash.update(data)

    def hexdigest(self) -> str:
        """Return the 32 hexadecimal digits of all bytes so far."""
        return self._hash.hexdigest()


def packed(fields: Iterable[Field]) -> list[bytes | memoryview]:
    """Return the pieces that make up the preimage of ``fields``; what may be large is not copied."""
    pieces: list[bytes | memoryview] = []
    for field in fields:
        if isinstance(field, str):
            payload = field.encode("utf-8", "surrogatepass")  # names of files may hold any bytes
            size = len(payload)
            pieces += (_TEXT[size] if size < _SHORT else b"s" + size.to_bytes(8, "little"), payload)
        elif field is None:
            pieces.append(_NONE)
        elif isinstance(field, bool):
            raise TypeError(
                f"{field!r} is not a field of a digest; say what it means as a string or a number"
            )
        elif isinstance(field, int):
            payload = b"%d" % field
            pieces += (b"i" + len(payload).to_bytes(8, "little"), payload)
        else:
            large = memoryview(field)
            pieces += (b"b" + large.nbytes.to_bytes(8, "little"), large)
    return pieces
