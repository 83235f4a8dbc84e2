"""Owns the recipe: the named ingredients of one fingerprint, kept so that two fingerprints can be compared in words."""

from __future__ import annotations

from typing import Any

from assetflow.model.record import Named, Record

HIDDEN = "*" * 10
"""What stands for a secret in a recipe's ``config``: pydantic writes it so."""


class InputVersion(Named, Record):
    """What one input was when a fingerprint was computed.

    ``data_version`` is None where the upstream had no version. ``columns`` holds the (name, column hash) pairs that
    entered the fingerprint where the input declares its columns; else it is None and the data version entered.
    ``form``: what the consumer asked for (``pandas``, ``polars-lazy``, ...). ``named``: of a query's table, the names
    by which the query may mean its columns: they decide ``columns`` by whatever schema it meets. ``mapping``: how the
    partitions that are read were found; of each there is an ``InputVersion`` with this parameter.
    """

    parameter: str
    asset: str
    partition: str = ""
    version: str | None = None
    data_version: str | None = None
    rows: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    form: str = "any"
    missing: str = "fail"
    named: tuple[str, ...] | None = None
    mapping: str = ""


class CodePart(Record):
    """One piece of project code that a function reaches: ``name`` is ``module:qualname``."""

    name: str
    digest: str
    file: str = ""


class Recipe(Record):
    """Everything that decided an output (design: fingerprint/1). ``output``: which of several of its function."""

    output: str = ""
    form: str = "any"
    code_version: str
    code: tuple[CodePart, ...] = ()
    config_hash: str = ""
    config: dict[str, Any] | None = None
    token: str | None = None
    sort_by: tuple[str, ...] = ()
    round: tuple[tuple[str, int], ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    inputs: tuple[InputVersion, ...] = ()
    deps: tuple[tuple[str, str | None], ...] = ()
