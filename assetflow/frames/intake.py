"""Owns taking what a user's function returned: any form becomes canonical content, or an error with advice.

Knows nothing of plans or stores; the asset's key is only told in errors.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from assetflow.errors import DataError
from assetflow.frames.arrays import frozen_array
from assetflow.frames.conforming import target_types
from assetflow.frames.content import FORMATS, Content
from assetflow.frames.declared_class import class_text, is_of
from assetflow.frames.figures import is_figure, render
from assetflow.frames.folders import copy_in
from assetflow.frames.forms import ANY, TABLE_FORMS, VALUE_FORMS, Form, class_names
from assetflow.frames.ordering import round_columns, sort_rows
from assetflow.frames.pieces import table_or_stream, whole_table
from assetflow.frames.sorted_runs import sorted_stream
from assetflow.frames.storable import fits_parquet, schema_fits_parquet
from assetflow.frames.stream import TableStream
from assetflow.frames.subject import about
from assetflow.frames.tables import is_lazy, is_tabular, to_table
from assetflow.hashing.tables import canonical_table
from assetflow.model.manifest import Kind

if TYPE_CHECKING:
    import pyarrow as pa

_KIND_OF_FORM: dict[str, Kind] = {
    "str": "text",
    "bytes": "bytes",
    "path": "files",
    "figure": "figure",
    "numpy": "numpy",
}


def take(
    value: Any,
    *,
    form: Form = ANY,
    asset: str = "",
    format: str | None = None,  # noqa: A002 - the word of the declaration
    sort_by: Sequence[str] = (),
    round: Mapping[str, int] | Sequence[tuple[str, int]] = (),  # noqa: A002 - the word of the declaration
    schema: pa.Schema | None = None,
) -> Content:
    """Return the canonical content of a returned value.

    Args:
        value: what the function returned. A lazy table is gone through as far as it is small: beyond, the content
            holds a ``TableStream``, which raises as this does where it is gone through.
        form: what its return annotation says; a pandera form validates and coerces.
        asset: key, for messages.
        format: how to store it; ``pickle`` takes any object.
        sort_by: columns that order the rows of a table.
        round: digits for columns of a table.
        schema: types of a table's columns.

    Raises:
        DataError: the value has no canonical form, is not what was declared, or cannot be stored as asked.
    """
    with about(f"asset {asset!r}" if asset else ""):
        content = _content_of(value, form, format, schema)
        if content.kind != "table":
            for option, given in (("sort_by", sort_by), ("round", round), ("schema", schema)):
                if given:
                    raise DataError(
                        f"{option}= is for tables, and a {_described(value)} is none", hint="leave it out"
                    )
            return content
        arranged = _arranged(content, sort_by, dict(round))
    return _telling(arranged, asset) if isinstance(arranged.data, TableStream) else arranged


def _arranged(content: Content, sort_by: Sequence[str], digits: Mapping[str, int]) -> Content:
    """Round and sort a table, and store it as Arrow IPC where Parquet would change it."""
    if isinstance(content.data, TableStream):
        stream = content.data
        if digits:
            stream = TableStream(stream.schema, (canonical_table(round_columns(p, digits)) for p in stream))
        if sort_by:
            stream = sorted_stream(stream, sort_by)
        return Content("table", stream, content.format if schema_fits_parquet(stream.schema) else "arrow")
    table = content.data
    if digits:
        table = canonical_table(round_columns(table, digits))
    if sort_by:
        table = canonical_table(sort_rows(table, sort_by))
    return Content("table", table, content.format if fits_parquet(table) else "arrow")


def _telling(content: Content, asset: str) -> Content:
    """Return a streaming table whose failures name the asset, too."""

    def pieces() -> Iterator[pa.Table]:
        with about(f"asset {asset!r}" if asset else ""):
            yield from content.data

    return replace(content, data=TableStream(content.data.schema, pieces()))


def _content_of(value: Any, form: Form, wanted: str | None, schema: pa.Schema | None) -> Content:
    if wanted == "pickle":
        return Content("pickle", _pickled(value), "pickle")
    kind = _kind_of(value, form)
    _require_declared(value, kind, form)
    if kind == "figure":
        data, rendered = render(value, wanted)
        return Content("figure", data, rendered)
    if kind == "files":
        _require_format(wanted, kind)
        return Content("files", *copy_in(Path(value)))
    chosen = _require_format(wanted, kind)
    return Content(kind, _data_of(value, kind, form, schema), chosen)


def _kind_of(value: Any, form: Form) -> Kind:
    if form.name in VALUE_FORMS and type(value) in (str, bytes):
        return "value"
    if type(value) is str:
        return "text"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes"
    if isinstance(value, PurePath):
        return "files"
    if is_figure(value):
        return "figure"
    if ("numpy", "ndarray") in class_names(type(value)):
        return "numpy"
    return "table" if is_tabular(value) else "value"


def _require_declared(value: Any, kind: Kind, form: Form) -> None:
    """Refuse a value that is not of the kind, or not of the class, that the annotation says."""
    is_value = form.name in VALUE_FORMS
    if value is None and not form.optional and not (is_value and is_of(None, form.target)):
        raise DataError(
            "the function returned None",
            hint="return the data; or annotate it `-> None` (an effect), or `-> X | None` for a plain value",
        )
    declared: Kind | None = _KIND_OF_FORM.get(form.name)
    if form.name in TABLE_FORMS:
        declared = "table"
    if is_value:
        declared = "value"
    if value is None or (declared in (None, kind) and (not is_value or is_of(value, form.target))):
        return
    raise DataError(
        f"the function is annotated to return {_declared(form)}, but returned a {_described(value)}",
        hint="mend the annotation or the return; without an annotation, any form is taken",
    )


def _require_format(wanted: str | None, kind: Kind) -> str:
    if wanted is None:
        return FORMATS[kind][0]
    if wanted not in FORMATS[kind]:
        raise DataError(
            f"a {kind} cannot be stored as {wanted!r}",
            hint=f"use format={' or '.join(repr(name) for name in FORMATS[kind])}, or leave it out",
        )
    return wanted


def _data_of(value: Any, kind: Kind, form: Form, schema: pa.Schema | None) -> Any:
    if kind == "table":
        declared = None if schema is None else target_types(schema)
        given = _validated(value, form)
        if is_lazy(given):
            return table_or_stream(given, declared)
        return canonical_table(to_table(given, declared))
    if kind == "value":
        from assetflow.hashing.values import encode_value

        return encode_value(value)
    if kind == "numpy":
        return frozen_array(value)
    return bytes(value) if kind == "bytes" else _text(value)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"the text cannot be written as UTF-8: {error}", hint="return it as bytes") from error
    return value


def _validated(value: Any, form: Form) -> Any:
    """Let a pandera annotation validate and coerce the frame, in its own library."""
    if form.name != "pandera":
        return value
    from assetflow.frames.pandera_door import backend, coerce, to_backend

    library = (
        "pyarrow" if ("pyarrow", "Table") in class_names(type(value)) else class_names(type(value))[0][0]
    )
    native = value if library == backend(form.target) else to_backend(form.target, whole_table(value))
    return coerce(form.target, native)


def _pickled(value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=5)
    except Exception as error:  # a class's own __reduce__ may raise anything
        raise DataError(
            f"a {_described(value)} cannot be pickled: {error}",
            hint="return something that can, or plain values",
        ) from error


def _described(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def _declared(form: Form) -> str:
    return form.written if form.target is None or isinstance(form.target, Form) else class_text(form.target)
