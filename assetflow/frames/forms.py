"""Owns the forms: the shapes in which data are asked for and given, as annotations tell them.

Looks at annotations only by name, so that asking for a form imports no library. Knows nothing of how a
form is made.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime as dt
import decimal
import enum
import inspect
import pathlib
import types
import typing
import uuid
from dataclasses import dataclass
from typing import Any

from assetflow.errors import DataError, UsageError
from assetflow.keys import did_you_mean

TABLE_FORMS = frozenset(
    {
        "arrow",
        "arrow-batch",
        "arrow-dataset",
        "arrow-reader",
        "arrow-stream",
        "duckdb",
        "pandas",
        "pandera",
        "polars",
        "polars-lazy",
        "stream",
    }
)
VALUE_FORMS = frozenset({"dataclass", "pydantic", "value"})
FORMS = TABLE_FORMS | VALUE_FORMS | {"any", "bytes", "figure", "none", "numpy", "path", "str"}
_STREAMED = frozenset({"arrow-dataset", "arrow-reader", "duckdb", "polars-lazy", "stream"})
_ONLY_GIVEN = frozenset({"arrow-stream", "figure", "none"})

_BY_CLASS = {
    ("pyarrow", "Table"): "arrow",
    ("pyarrow", "RecordBatch"): "arrow-batch",
    ("pyarrow", "RecordBatchReader"): "arrow-reader",
    ("pyarrow", "Dataset"): "arrow-dataset",
    ("pyarrow", "FileSystemDataset"): "arrow-dataset",
    ("pyarrow", "InMemoryDataset"): "arrow-dataset",
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("polars", "LazyFrame"): "polars-lazy",
    ("duckdb", "DuckDBPyRelation"): "duckdb",
    ("_duckdb", "DuckDBPyRelation"): "duckdb",
    ("numpy", "ndarray"): "numpy",
    ("matplotlib", "Figure"): "figure",
    ("plotly", "Figure"): "figure",
}
_WRITTEN = {form: f"{module}.{name}" for (module, name), form in reversed(_BY_CLASS.items())} | {
    "duckdb": "duckdb.DuckDBPyRelation",
    "arrow-dataset": "pyarrow.dataset.Dataset",
    "arrow-stream": "an object with __arrow_c_stream__",
    "figure": "a figure",
    "none": "None",
    "path": "pathlib.Path",
}
_COLUMNS = frozenset({("pandas", "Series"), ("polars", "Series"), ("pyarrow", "ChunkedArray")})
_PANDERA_CONTAINERS = {
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("polars", "LazyFrame"): "polars-lazy",
    ("pyarrow", "Table"): "arrow",
}
_VALUE_CLASSES = (
    bool,
    int,
    float,
    complex,
    list,
    dict,
    tuple,
    set,
    frozenset,
    enum.Enum,
    dt.date,
    dt.time,
    dt.timedelta,
    decimal.Decimal,
    uuid.UUID,
)
_VALUE_ORIGINS = (
    collections.abc.Mapping,
    collections.abc.MutableMapping,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Set,
    collections.abc.MutableSet,
)
_STREAM_ORIGINS = (collections.abc.Iterator, collections.abc.Iterable, collections.abc.Generator)


@dataclass(frozen=True)
class Form:
    """One shape of data.

    ``name`` is one of ``FORMS``. ``target``: the class or type that values are decoded to, the pandera
    model, or the form of a stream's elements. ``frame``: for ``pandera``, the form of the table that
    carries it.
    """

    name: str
    target: Any = None
    optional: bool = False
    frame: str = ""

    @property
    def label(self) -> str:
        """The text that stands for it in fingerprints: ``pandas``, ``pandera:polars-lazy``."""
        return f"{self.name}:{self.frame}" if self.frame else self.name

    @property
    def written(self) -> str:
        """The annotation that people write for it, where there is one: ``pyarrow.RecordBatchReader``."""
        if isinstance(self.target, Form):
            return f"Iterator[{self.target.written}]"
        return _WRITTEN.get(self.name, self.label)

    @property
    def streams(self) -> bool:
        """Whether a table asked for in it need not be held whole."""
        return self.name in _STREAMED


ANY = Form("any")


def form_of(annotation: Any) -> Form:
    """Return the form that an evaluated annotation stands for; raise DataError for one without a meaning."""
    if annotation is None or annotation is type(None):
        return Form("none")
    if annotation in (inspect.Parameter.empty, Any, object) or isinstance(annotation, Form | typing.TypeVar):
        return annotation if isinstance(annotation, Form) else ANY
    if isinstance(annotation, typing.NewType):
        return form_of(annotation.__supertype__)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return form_of(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return _form_of_union(annotation)
    if origin is not None:
        return _form_of_generic(annotation, origin, typing.get_args(annotation))
    return _form_of_class(annotation)


def input_form_of(annotation: Any) -> Form:
    """Return the form of a parameter.

    Raises DataError for one that data can only be given in, not asked for in.
    """
    form = form_of(annotation)
    if form.name in _ONLY_GIVEN:
        raise DataError(
            f"{_text(annotation)} cannot be asked for: data can be returned in this form, not received in it",
            hint="leave the annotation out to receive the stored form, or use " + _EXAMPLES,
        )
    return form


def form_named(name: str) -> Form:
    """Return the form of this name (``pandas``, ``polars-lazy``, ...).

    Raises UsageError when there is none.
    """
    askable = FORMS - _ONLY_GIVEN - {"pandera", "pydantic", "dataclass", "stream"}
    if name not in askable:
        raise UsageError(
            f"there is no form {name!r}",
            hint=did_you_mean(name, askable) or "one of " + ", ".join(sorted(askable)),
        )
    return Form(name)


def as_form(as_type: Any) -> Form:
    """Return the form for ``as_type=``: an annotation, a form's name, None for the stored form."""
    if as_type is None:
        return ANY
    if isinstance(as_type, str):
        return form_named(as_type)
    return input_form_of(as_type)


def class_names(cls: type) -> list[tuple[str, str]]:
    """Return (top-level package, name) of a class and of all its bases, nearest first."""
    return [(base.__module__.partition(".")[0], base.__qualname__) for base in cls.__mro__]


_EXAMPLES = (
    "pyarrow.Table, pandas.DataFrame, polars.DataFrame or LazyFrame, duckdb.DuckDBPyRelation, a pandera "
    "model, numpy.ndarray, a pydantic model or dataclass, dict, list, int, float, str, bytes or pathlib.Path"
)


def _form_of_union(annotation: Any) -> Form:
    members = [member for member in typing.get_args(annotation) if member is not type(None)]
    optional = len(members) < len(typing.get_args(annotation))
    forms = [form_of(member) for member in members]
    if len(forms) == 1:
        return dataclasses.replace(forms[0], optional=optional)
    if all(form.name in VALUE_FORMS | {"str", "bytes"} for form in forms):
        return Form("value", annotation, optional)
    raise DataError(
        f"{_text(annotation)} names several forms", hint="name one; only `X | None` may stand beside it"
    )


def _form_of_generic(annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Form:
    if origin is typing.Literal or origin in _VALUE_ORIGINS:
        return Form("value", annotation)
    if origin in _STREAM_ORIGINS:
        return _form_of_stream(annotation, arguments)
    if origin is type or not isinstance(origin, type):
        raise _meaningless(annotation)
    module, name = origin.__module__, origin.__qualname__
    if module.startswith("pandera.typing"):
        frame = _PANDERA_CONTAINERS.get((module.rpartition(".")[2], name))
        if frame is None or frame.partition("-")[0] != _frame_of_model(arguments[0]):
            raise _meaningless(annotation)
        return Form("pandera", arguments[0], frame=frame)
    form = _form_of_class(origin)
    return Form("value", annotation) if form.name in VALUE_FORMS else form


def _form_of_stream(annotation: Any, arguments: tuple[Any, ...]) -> Form:
    element = form_of(arguments[0]) if arguments else ANY
    if element.name not in TABLE_FORMS - {"stream", "arrow-stream", "arrow-reader", "arrow-dataset"}:
        raise DataError(
            f"{_text(annotation)} is no stream of tables",
            hint="a stream yields tables, record batches or frames: Iterator[pyarrow.RecordBatch]; "
            "for a sequence of plain values use list[...]",
        )
    return Form("stream", element)


def _form_of_class(annotation: Any) -> Form:
    if not isinstance(annotation, type):
        raise _meaningless(annotation)
    known = _BY_CLASS.get((annotation.__module__.partition(".")[0], annotation.__qualname__))
    if known is not None:
        return Form(known)
    names = class_names(annotation)
    if ("pandera", "DataFrameModel") in names:
        return Form("pandera", annotation, frame=_frame_of_model(annotation))
    if ("pydantic", "BaseModel") in names:
        return Form("pydantic", annotation)
    if dataclasses.is_dataclass(annotation):
        return Form("dataclass", annotation)
    if issubclass(annotation, pathlib.PurePath):
        return Form("path")
    if annotation in (str, bytes):
        return Form(annotation.__name__)
    if (
        issubclass(annotation, _VALUE_CLASSES)
        or annotation in _VALUE_ORIGINS
        or ("numpy", "generic") in names
    ):
        return Form("value", annotation)
    if hasattr(annotation, "__arrow_c_stream__") and not _COLUMNS & set(names):
        return Form("arrow-stream", annotation)
    raise _meaningless(annotation)


def _frame_of_model(model: type) -> str:
    from assetflow.frames.pandera_schema import library_of

    library = library_of(model)
    if library is None:
        raise DataError(
            f"the pandera model {model.__qualname__} is for a library that assetflow does not hand out",
            hint="derive it from DataFrameModel of pandera.pandas, pandera.polars or pandera.pyarrow",
        )
    return "arrow" if library == "pyarrow" else library


def _meaningless(annotation: Any) -> DataError:
    if isinstance(annotation, type) and _COLUMNS & set(class_names(annotation)):
        return DataError(f"{_text(annotation)} is no form of data", hint="use a table: series.to_frame()")
    return DataError(f"{_text(annotation)} is no form of data", hint="use " + _EXAMPLES)


def _text(annotation: Any) -> str:
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return f"{annotation.__module__}.{annotation.__qualname__}".removeprefix("builtins.")
    return str(annotation)
