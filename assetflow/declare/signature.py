"""Owns what the parameters of a function mean: inputs, config, context, resources.

Knows nothing of checks, of other options, or of the graph beyond the keys that exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from assetflow.declare.annotations import Annotations, Meaning, evaluate, is_pydantic_model, take_apart
from assetflow.declare.context import Context
from assetflow.declare.function import UserFunction
from assetflow.declare.inputs import Input, key_of
from assetflow.declare.partitioning import read_mapping
from assetflow.declare.problems import Problems
from assetflow.declare.resource import Resource
from assetflow.errors import DataError
from assetflow.frames.forms import ANY, Form, form_of, input_form_of
from assetflow.model.spec import InputSpec, ResourceSpec

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_STARRED = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


@dataclass
class Signature:
    """What a function asks for and gives; an annotation that is left out counts as ``Any``.

    ``definitions``: resources that annotations define and do not only name.
    """

    inputs: list[InputSpec] = field(default_factory=list)
    resources: list[ResourceSpec] = field(default_factory=list)
    definitions: list[Resource] = field(default_factory=list)
    config_parameter: str | None = None
    config_model: type[Any] | None = None
    context_parameter: str | None = None
    returns: Any = Any


def read_signature(
    declared: UserFunction,
    *,
    mapped: Mapping[str, object],
    keys: Collection[str],
    problems: Problems,
    gives_data: bool = True,
) -> Signature:
    """Return what the parameters of a function mean; what has no meaning goes to ``problems``.

    Args:
        declared: the user's function.
        mapped: the ``inputs=`` of its declaration.
        keys: every key of the project, to tell a config from an input in the pydantic form.
        problems: gathers what is wrong.
        gives_data: whether what it returns is data in some form; a check returns what it found.
    """
    annotations = evaluate(declared.call, declared.around)
    signature = Signature(returns=_returns(annotations, problems) if gives_data else Any)
    parameters = parameters_of(declared.call)
    for unknown in sorted(set(mapped) - set(parameters)):
        problems.add(
            f"inputs= names {unknown!r}, which is no parameter of the function",
            f"its parameters: {', '.join(parameters) or 'none'}; to wait without reading, use deps=[...]",
        )
    for parameter in parameters.values():
        meaning = _meaning(parameter, annotations, problems)
        if meaning is not None:
            _Reader(signature, parameter, meaning, problems).read(mapped, keys)
    return signature


def return_annotation(annotations: Annotations, problems: Problems) -> Any:
    """Return what the annotation of what a function returns says; one that cannot be evaluated goes to ``problems``."""
    if "return" in annotations.broken:
        problems.add(f"the return annotation {annotations.broken['return']}", _UNEVALUATED)
    return annotations.evaluated.get("return", Any)


class Parameter(NamedTuple):
    """What ``inspect.Parameter`` tells of a parameter, as far as it is looked at here."""

    name: str
    kind: Any
    default: Any


def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """Return the parameters of ``function``, in order, as ``inspect.signature`` does.

    A plain function's code tells its parameters, if all are named, in a tenth of the time.
    """
    code = getattr(function, "__code__", None)
    if code is None or vars(function) or code.co_flags & _STARRED or code.co_posonlyargcount:
        told = inspect.signature(function).parameters.values()
        return {item.name: Parameter(item.name, item.kind, item.default) for item in told}
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    defaults = getattr(function, "__defaults__", None) or ()
    given = dict(zip(names[code.co_argcount - len(defaults) : code.co_argcount], defaults, strict=True))
    given |= getattr(function, "__kwdefaults__", None) or {}
    return {
        name: Parameter(name, _NAMED[number >= code.co_argcount], given.get(name, inspect.Parameter.empty))
        for number, name in enumerate(names)
    }


def _returns(annotations: Annotations, problems: Problems) -> Any:
    returns = return_annotation(annotations, problems)
    _form(form_of, returns, "the return annotation", problems)
    return returns


def _meaning(parameter: Parameter, annotations: Annotations, problems: Problems) -> Meaning | None:
    name = parameter.name
    if parameter.kind not in _NAMED:
        stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind.name)
        what = f"{stars}{name}" if stars else f"{name!r}, which is positional-only,"
        problems.add(
            f"parameter {what} has no meaning",
            "name each input as a parameter of its own; they are passed by name",
        )
        return None
    if name in annotations.broken:
        problems.add(f"the annotation of parameter {name!r}, {annotations.broken[name]}", _UNEVALUATED)
        return None
    return take_apart(annotations.evaluated.get(name, Any))


def _form(read: Callable[[Any], Form], annotation: Any, what: str, problems: Problems) -> Form:
    try:
        return read(annotation)
    except DataError as error:
        problems.add(f"{what}: {error.message}", error.hint)
        return ANY


class _Reader:
    """Reads one parameter into the signature."""

    def __init__(
        self, signature: Signature, parameter: Parameter, meaning: Meaning, problems: Problems
    ) -> None:
        self._signature = signature
        self._parameter = parameter
        self._name = parameter.name
        self._meaning = meaning
        self._problems = problems

    def read(self, mapped: Mapping[str, object], keys: Collection[str]) -> None:
        marks = [*self._meaning.marks, *([mapped[self._name]] if self._name in mapped else [])]
        if len(marks) > 1:
            self._problems.add(
                f"parameter {self._name!r} says more than once what it receives",
                "keep one of Annotated and inputs=",
            )
        elif marks and isinstance(marks[0], Resource):
            self._resource(marks[0])
        elif marks:
            self._input(marks[0])
        elif isinstance(self._meaning.base, type) and issubclass(self._meaning.base, Context):
            self._context()
        elif is_pydantic_model(self._meaning.base) and self._name not in keys:
            self._config(self._meaning.base)
        else:
            self._input(self._name)

    def _resource(self, resource: Resource) -> None:
        self._signature.resources.append(ResourceSpec(self._name, resource.name))
        if resource.open is not None:
            self._signature.definitions.append(resource)

    def _context(self) -> None:
        if self._signature.context_parameter is not None:
            self._problems.add(
                f"parameters {self._signature.context_parameter!r} and {self._name!r} are both the context"
            )
        self._signature.context_parameter = self._name

    def _config(self, model: type[Any]) -> None:
        if self._signature.config_parameter is not None:
            self._problems.add(
                f"parameters {self._signature.config_parameter!r} and {self._name!r} are both a config",
                "make one pydantic model of the two; a model that is an asset is named by inputs=",
            )
        self._signature.config_parameter, self._signature.config_model = self._name, model
        if self._parameter.default is not inspect.Parameter.empty and not _is_default(
            self._parameter.default, model
        ):
            self._problems.add(
                f"the default of config parameter {self._name!r} would never be used",
                f"give the fields of {model.__name__} their defaults; settings override those",
            )

    def _input(self, target: object) -> None:
        name, asked = self._name, target if isinstance(target, Input) else Input(key=target)  # type: ignore[arg-type] # judged by key_of
        key = key_of(asked.key)
        if key is None:
            hint = "map it to a key, an asset, or af.Input(key, ...)"
            self._problems.add(f"parameter {name!r} is mapped to {asked.key!r}", hint)
        elif not _is_columns(asked.columns):
            hint = "write a list of different names of columns"
            self._problems.add(f"parameter {name!r}: columns={asked.columns!r}", hint)
        elif asked.missing not in (None, "fail", "none", "skip"):
            self._problems.add(
                f"parameter {name!r}: missing={asked.missing!r}", "write 'fail', 'none' or 'skip'"
            )
        else:
            self._signature.inputs.append(self._input_spec(key, asked))

    def _input_spec(self, key: str, asked: Input) -> InputSpec:
        base, optional = self._meaning.base, self._meaning.optional
        annotation = Optional[base] if optional else base  # noqa: UP045 - not every annotation has the operator |
        what = f"the annotation of parameter {self._name!r}"
        form = _form(input_form_of, annotation, what, self._problems)
        strict = _strict_columns(form, what, self._problems)
        columns = strict if asked.columns is None else tuple(asked.columns)
        missing = asked.missing or ("none" if optional else "fail")
        mapping = read_mapping(asked.partitions, f"parameter {self._name!r}", self._problems)
        return InputSpec(self._name, key, annotation, columns, missing, partitions=mapping)


def _strict_columns(form: Form, what: str, problems: Problems) -> tuple[str, ...] | None:
    """Return the columns that a strict pandera model reads, which are all that its reader can see."""
    if form.name != "pandera":
        return None
    from assetflow.frames.pandera_door import columns_of

    try:
        return columns_of(form.target)
    except Exception as error:  # noqa: BLE001 - pandera reads a model's annotations now, and they are the user's code
        problems.add(f"{what}: its schema cannot be built: {type(error).__name__}: {error}")
        return None


def _is_columns(columns: object) -> bool:
    if columns is None:
        return True
    if not isinstance(columns, tuple | list) or not all(isinstance(name, str) for name in columns):
        return False
    return 0 < len(set(columns)) == len(columns)


def _is_default(default: object, model: type[Any]) -> bool:
    try:
        return bool(default == model())
    except ValueError:  # a required field: then no default instance equals it
        return False


_UNEVALUATED = (
    "import what it names where the module runs (not under TYPE_CHECKING), so that the form is known"
)
