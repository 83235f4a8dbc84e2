"""Owns the fast way to ``fingerprint/1`` for the partitions of one asset, of which only a few fields differ.

What all of them share is packed and hashed once. A law holds it to ``fingerprint``.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import xxhash

from assetflow.hashing.digest import Field, packed
from assetflow.hashing.fingerprint import Seen


class PartitionFingerprints:
    """Fingerprints of the partitions of an asset; all arguments are as ``fingerprint`` takes them.

    ``inputs``: (parameter, form, missing, mapping) of each input of which every partition reads something.
    """

    def __init__(
        self,
        *,
        asset: str,
        code_version: str,
        config_hash: str,
        token: str | None,
        sort_by: Sequence[str],
        round: Sequence[tuple[str, int]],  # noqa: A002 - the name that declarations and records have
        form: str,
        resources: Sequence[tuple[str, str]],
        inputs: Sequence[tuple[str, str, str, str]],
    ) -> None:
        self._head = xxhash.xxh3_128()
        self._head.update(_bytes("fingerprint/1", asset, "", code_version, config_hash, token))
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
        self,
        partition: str,
        entered: Sequence[Sequence[tuple[str, Seen]]],
        deps: Sequence[tuple[str, str | None]] = (),
    ) -> str:
        """Return the fingerprint of a partition: ``entered`` are the partitions of each input, and what they were."""
        pieces = [_bytes(partition), self._middle]
        for place, head in self._inputs:
            pieces += (head, _bytes(*_entered(entered[place])))
        pieces.append(_bytes(*_pairs(sorted(deps, key=itemgetter(0)))))
        copy = self._head.copy()
        copy.update(b"".join(pieces))
        return copy.hexdigest()


def _entered(partitions: Sequence[tuple[str, Seen]]) -> list[Field]:
    fields: list[Field] = [len(partitions)]
    for partition, seen in partitions:
        fields.append(partition)
        if seen is None or isinstance(seen, str):
            fields.append(seen)
        else:
            rows, columns = seen
            fields += (rows, *_pairs(columns))
    return fields


def _pairs(pairs: Sequence[tuple[str, str | int | None]]) -> list[Field]:
    return [len(pairs), *(field for pair in pairs for field in pair)]


def _bytes(*fields: Field) -> bytes:
    return b"".join(packed(fields))
