"""Owns how a value is read again from type-tagged JSON, and how models, dataclasses and enums are restored.

Classes are never imported by the names in a text: they are those that the consumer's annotation leads to.
Knows nothing of how values are written or hashed.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError

from assetflow.errors import DataError
from assetflow.hashing.value_scalars import Tree, read_scalar


def decode_value(text: str, as_type: Any = None) -> Any:
    """Return a fresh value from the text that ``encode_value`` made.

    ``as_type``: the consumer's annotation. Instances of the classes it leads to, and of their subclasses, are
    restored as they were: no validator and no ``__post_init__`` runs. Others become plain: dicts of their
    fields, an enum's value. If ``as_type`` is itself such a class and the value is no instance of it, it is
    validated into one by pydantic. Arrays are read-only. Raises DataError where a class no longer fits what
    was stored.
    """
    value = _Reader(_classes_in(as_type)).value(json.loads(text))
    if isinstance(as_type, type) and _is_record(as_type) and not isinstance(value, as_type):
        return _validated(value, as_type)
    return value


def class_name(cls: type) -> str:
    """Return the name by which a class is known in a text."""
    return f"{cls.__module__}:{cls.__qualname__}"


class _Reader:
    def __init__(self, classes: Mapping[str, type]) -> None:
        self._classes = classes

    def value(self, tree: Tree) -> Any:
        if isinstance(tree, list):
            return [self.value(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        tag = next(iter(tree), "")
        if not tag.startswith("$"):
            return {key: self.value(item) for key, item in tree.items()}
        return self._tagged(tag, tree[tag])

    def _tagged(self, tag: str, tree: Tree) -> Any:
        match tag:
            case "$tuple":
                return tuple(self.value(tree))
            case "$set":
                return set(self.value(tree))
            case "$frozenset":
                return frozenset(self.value(tree))
            case "$dict":
                return {self.value(key): self.value(item) for key, item in tree}
            case "$enum" | "$namedtuple" | "$dataclass" | "$model":
                name, parts = tree
                return _restored(tag, self._classes.get(name), self.value(parts))
        try:
            return read_scalar(tag, tree)
        except KeyError:
            raise DataError(
                f"a stored value has the tag {tag}, which this release does not know",
                hint="it was written by a newer release of assetflow: use that one",
            ) from None


def _restored(tag: str, cls: type | None, parts: Any) -> Any:
    if cls is None:
        return parts
    try:
        if tag == "$dataclass":
            return _restored_dataclass(cls, parts)
        if tag == "$model":
            return _restored_model(cls, parts)
        return cls(**parts) if tag == "$namedtuple" else cls(parts)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"what is stored no longer fits {class_name(cls)}: {error}",
            hint="materialize the asset again, or give the class what its older values need",
        ) from error


def _restored_dataclass(cls: type, parts: dict[str, Any]) -> Any:
    fields = {field.name: field for field in dataclasses.fields(cls)}
    _refuse_unknown(parts.keys() - fields.keys())
    instance: Any = object.__new__(cls)
    for name, field in fields.items():
        object.__setattr__(instance, name, parts[name] if name in parts else _default_of(field))
    return instance


def _default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    raise ValueError(_nothing_for(field.name))


def _restored_model(cls: type[BaseModel], parts: dict[str, Any]) -> BaseModel:
    if cls.model_config.get("extra") != "allow":
        _refuse_unknown(parts.keys() - cls.model_fields.keys())
    for name, field in cls.model_fields.items():
        if field.is_required() and name not in parts:
            raise ValueError(_nothing_for(name))
    return cls.model_construct(**parts)


def _refuse_unknown(names: Iterable[str]) -> None:
    if unknown := sorted(names):
        raise ValueError(f"it has no field {unknown[0]!r}")


def _nothing_for(name: str) -> str:
    return f"nothing is stored for the field {name!r}, which has no default (secrets are never stored)"


def _validated(value: Any, as_type: type) -> Any:
    try:
        return TypeAdapter(as_type).validate_python(value, by_alias=True, by_name=True)
    except (ValidationError, PydanticUserError) as error:
        raise DataError(
            f"the value cannot be made a {class_name(as_type)}: {error}",
            hint="ask for it without that type, or make the type fit what the upstream asset returns",
        ) from error


def _classes_in(annotation: Any) -> dict[str, type]:
    """Return, by name, the records and enums an annotation leads to: by arguments, fields and subclasses.

    Of two classes of one name (a module that was reloaded) the annotation's own is taken, then the newest.
    """
    found: dict[str, type] = {}
    waiting = [annotation]
    while waiting:
        item = waiting.pop()
        waiting += reversed(typing.get_args(item))
        waiting += [item.__value__] if hasattr(item, "__value__") else []  # type X = ..., of Python 3.12
        if isinstance(item, type) and _is_record(item) and found.setdefault(class_name(item), item) is item:
            waiting += [*item.__subclasses__(), *_field_types(item)]
    return found


def _is_record(cls: type) -> bool:
    return (
        issubclass(cls, Enum | BaseModel)
        or dataclasses.is_dataclass(cls)
        or (issubclass(cls, tuple) and hasattr(cls, "_fields"))
    )


def _field_types(cls: type) -> Iterator[Any]:
    if issubclass(cls, BaseModel):
        yield from (field.annotation for field in cls.model_fields.values())
        return
    for base in cls.__mro__:
        names = vars(sys.modules.get(base.__module__, SimpleNamespace()))
        for annotation in vars(base).get("__annotations__", {}).values():
            yield _evaluated(annotation, names)


def _evaluated(annotation: Any, names: dict[str, Any]) -> Any:
    """Return what an annotation means, or None where that is not known at run time (``if TYPE_CHECKING``)."""
    try:
        return typing.get_type_hints(SimpleNamespace(__annotations__={"it": annotation}), names)["it"]
    except NameError:
        return None
