"""Owns ``fingerprint/1``, hash of all that decides an output, and the other ids made of names and hashes.

Knows nothing of how the parts are found out: it takes plain values, and gives them one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from assetflow.hashing.digest import digest

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
    fields = [
        *(asset, output, code_version, config_hash, token, partition, len(sort_by), *sort_by),
        *_pairs(sorted(round)),
        form,
        *_pairs(sorted(resources)),
        len(inputs),
    ]
    for item in sorted(inputs, key=itemgetter(0)):
        fields += _input(item)
    fields += _pairs(sorted(deps, key=itemgetter(0)))
    return digest("fingerprint/1", *fields)


def version_id(asset: str, partition: str, fingerprint: str, data_version: str) -> str:
    """Return the ``version/1`` id: what pointers, pins, history and rollback name."""
    return digest("version/1", asset, partition, fingerprint, data_version)


def source_fingerprint(key: str, data_version: str) -> str:
    """Return the fingerprint of a source: who it is and what was read."""
    return digest("source/1", key, data_version)


def probe_link(answer: str, before: str) -> str:
    """Return the ``probe/1`` hash of an answer that followed on the token ``before``: one that comes back is news."""
    return digest("probe/1", answer, before)


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
    return digest("check/1", check_name, code_version, arguments_hash, *_pairs(reads))


def _input(item: InputIdentity) -> list[str | int | None]:
    *texts, partitions = item
    fields: list[str | int | None] = [*texts, len(partitions)]
    for partition, seen in partitions:
        fields.append(partition)
        if seen is None or isinstance(seen, str):
            fields.append(seen)
        else:
            rows, columns = seen
            fields += (rows, *_pairs(columns))
    return fields


def _pairs(pairs: Sequence[tuple[str, str | int | None]]) -> list[str | int | None]:
    fields: list[str | int | None] = [len(pairs)]
    for pair in pairs:
        fields += pair
    return fields
