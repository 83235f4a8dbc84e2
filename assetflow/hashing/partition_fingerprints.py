"""Owns the fast way to ``fingerprint/1`` for the partitions of one asset, of which only a few fields differ.

What all of them share is packed and hashed once. A law holds it to ``fingerprint``.
"""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from assetflow.hashing.digest import Field, packed
from assetflow.hashing.fingerprint import Seen


class PartitionFingerprints:
    """Fingerprints of the partitions of an asset without deps; all arguments are as ``fingerprint`` takes them.

    ``inputs``: (parameter, form, missing, mapping) of each input of which every partition reads something.
    """

    def __init__(
        self,
        *,
        asset: str,
        output: str,
        code_version: str,
        config_hash: str,
        sort_by: Sequence[str],
        round: Sequence[tuple[str, int]],  # noqa: A002 - the name that declarations and records have
        form: str,
        resources: Sequence[tuple[str, str]],
        inputs: Sequence[tuple[str, str, str, str]],
    ) -> None:
        self._head = xxhash.xxh3_128()
        self._head.update(_bytes("fingerprint/1", asset, output, code_version, config_hash))
        middle: list[Field] = [
            len(sort_by),
            *sort_by,
            *_pairs(sorted(round)),
            form,
            *_pairs(sorted(resources)),
        ]
        self._middle = _bytes(*middle, len(inputs))
        order = sorted(range(len(inputs)), key=lambda place: inputs[place][0])
        self._inputs = [(place, _bytes(*inputs[place])) for place in order]

    def of(
        self, partition: bytes, entered: Sequence[Sequence[tuple[bytes, Seen]]], token: str | None = None
    ) -> str:
        """Return the fingerprint of a partition: ``entered`` are the partitions of each input, and what they were.

        Keys of partitions are packed (``packed_key``), so that it is done once for all assets that share them.
        """
        pieces = [_NO_TOKEN if token is None else _bytes(token), partition, self._middle]
        for place, head in self._inputs:
            read = entered[place]
            pieces += (head, _ONE if len(read) == 1 else _bytes(len(read)))
            for key, seen in read:
                pieces.append(key)
                if seen.__class__ is str and len(seen) == _DIGITS:  # most are
                    pieces += (_HASH, seen.encode())
                else:
                    pieces.append(_seen(seen))
        pieces.append(_NO_DEPS)
        copy = self._head.copy()
        copy.update(b"".join(pieces))
        return copy.hexdigest()


def packed_key(partition: str) -> bytes:
    """Return the key of a partition as it enters a preimage."""
    return _bytes(partition)


def _seen(seen: Seen) -> bytes:
    if seen is None or isinstance(seen, str):
        return _bytes(seen)
    rows, columns = seen
    return _bytes(rows, *_pairs(columns))


def _pairs(pairs: Sequence[tuple[str, str | int | None]]) -> list[Field]:
    return [len(pairs), *(field for pair in pairs for field in pair)]


def _bytes(*fields: Field) -> bytes:
    return b"".join(packed(fields))


_DIGITS = 32
_HASH = _bytes("0" * _DIGITS)[:-_DIGITS]  # how a data version begins
_ONE = _bytes(1)
_NO_DEPS = _bytes(0)
_NO_TOKEN = _bytes(None)
