"""Owns ``fingerprint/1``, hash of all that decides an output, and the other ids made of names and hashes.

Knows nothing of how the parts are found out: it takes plain values, and gives them one order.
"""

from __future__ import annotations

from collections.abc import Sequence

from assetflow.hashing.digest import Digest, digest

Seen = str | tuple[int, Sequence[tuple[str, str]]] | None
"""What a partition of an input was: its data version; or its row count and (name, column hash) pairs, of the
columns that the input declares, in that order; or None where it is absent."""

InputIdentity = tuple[str, str, str, str, Sequence[tuple[str, Seen]]]
"""How an input enters: parameter; form asked for (of a pandera or pydantic type with its code version);
``missing``; mapping of partitions; (key, what it was) of each partition, with key "" where there are none."""


def fingerprint(
    *,
    asset: str,
    output: str = "",
    code_version: str,
    config_hash: str,
    token: str | None,
    partition: str,
    sort_by: Sequence[str],
    round: Sequence[tuple[str, int]],  # noqa: A002 - the name that declarations and records have
    form: str,
    resources: Sequence[tuple[str, str]],
    inputs: Sequence[InputIdentity],
    deps: Sequence[tuple[str, str | None]],
) -> str:
    """Return the ``fingerprint/1`` hash of all that decides an output.

    ``resources``: (name, identity) pairs; ``deps``: (key, data version) pairs; ``round``: (column, digits)
    pairs. The order of these and of ``inputs`` does not matter, that of ``sort_by`` does.
    """
    preimage = Digest("fingerprint/1").add(asset, output, code_version, config_hash, token, partition)
    preimage.add(len(sort_by), *sort_by)
    _add_pairs(preimage, sorted(round))
    preimage.add(form)
    _add_pairs(preimage, sorted(resources))
    preimage.add(len(inputs))
    for item in sorted(inputs, key=lambda item: item[0]):
        _add_input(preimage, item)
    _add_pairs(preimage, sorted(deps, key=lambda dep: dep[0]))
    return preimage.hexdigest()


def version_id(asset: str, partition: str, fingerprint: str, data_version: str) -> str:
    """Return the ``version/1`` id: what pointers, pins, history and rollback name."""
    return digest("version/1", asset, partition, fingerprint, data_version)


def source_fingerprint(key: str, data_version: str) -> str:
    """Return the fingerprint of a source: who it is and what was read."""
    return digest("source/1", key, data_version)


def effect_version(fingerprint: str) -> str:
    """Return the ``effect/1`` data version of an effect, which has no data: what it was done for."""
    return digest("effect/1", fingerprint)


def check_fingerprint(
    check_name: str, code_version: str, arguments_hash: str, reads: Sequence[tuple[str, str | None]]
) -> str:
    """Return the ``check/1`` hash of all that decides a verdict.

    ``reads``: (asset, data version) of the judged data, then of what else the check reads, in order of its
    parameters.
    """
    preimage = Digest("check/1").add(check_name, code_version, arguments_hash)
    _add_pairs(preimage, reads)
    return preimage.hexdigest()


def _add_input(preimage: Digest, item: InputIdentity) -> None:
    *texts, partitions = item
    preimage.add(*texts, len(partitions))
    for partition, seen in partitions:
        preimage.add(partition)
        if seen is None or isinstance(seen, str):
            preimage.add(seen)
        else:
            rows, columns = seen
            preimage.add(rows)
            _add_pairs(preimage, columns)


def _add_pairs(preimage: Digest, pairs: Sequence[tuple[str, str | int | None]]) -> None:
    preimage.add(len(pairs))
    for name, value in pairs:
        preimage.add(name, value)
