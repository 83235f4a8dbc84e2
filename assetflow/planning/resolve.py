"""Owns the resolved asset: a spec together with everything about it that enters a fingerprint but its inputs' data.

Knows nothing of what is on record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, Literal, NamedTuple, Protocol, get_args, get_origin

from pydantic import ValidationError

from assetflow.errors import DeclarationError, ProbeError, Problem
from assetflow.frames.forms import ANY, Form, class_names, form_of
from assetflow.hashing.code import CodeReader, CodeVersion
from assetflow.hashing.values import hash_value
from assetflow.keys import did_you_mean, name_of
from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec


class ResourceDefinition(Protocol):
    """What planning needs to know of a resource."""

    @property
    def identity(self) -> Any:
        """Value that tells two resources apart; None where it has none."""


class ResolvedInput(NamedTuple):
    """An input with its form. ``form_text`` is what enters the fingerprint: its name, and its type's code version.

    ``partitions``: those of the upstream that are read; ("",) where it has none. ``mapping``: how they were found.
    """

    spec: InputSpec
    form: Form
    form_text: str
    columns: tuple[str, ...] | None
    partitions: tuple[str, ...] = ("",)
    mapping: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is read."""
        return tuple(name_of(self.spec.key, partition) for partition in self.partitions)


@dataclass(frozen=True)
class ResolvedCheck:
    """A check with the version of its code.

    ``arguments_hash``: of all else that is declared of it: thresholds, arguments, the forms and columns in which it
    reads. ``form``: in which it gets the judged data; ``form_text`` as in ``ResolvedInput``.
    """

    spec: CheckSpec
    code: CodeVersion
    arguments_hash: str
    inputs: tuple[ResolvedInput, ...]
    form: Form
    form_text: str = "any"


class Resolved(NamedTuple):
    """An asset, or one ``partition`` of it, ready for a fingerprint once its inputs' data are known.

    ``deps``: the names of what it waits for without reading it. ``token``: of its refresh, at the
    time of the plan (``tokens``). ``unanswered``: why its probe gave no answer.
    """

    spec: AssetSpec
    code: CodeVersion
    inputs: tuple[ResolvedInput, ...] = ()
    returns: Form = ANY
    returns_text: str = "any"
    config: Any = None
    config_hash: str = ""
    config_record: dict[str, Any] | None = None
    resources: tuple[tuple[str, str], ...] = ()
    checks: tuple[ResolvedCheck, ...] = ()
    deps: tuple[str, ...] = ()
    partition: str = ""
    token: str | None = None
    unanswered: ProbeError | None = None

    @property
    def key(self) -> str:
        """The asset's key."""
        return self.spec.key

    @property
    def name(self) -> str:
        """The name (``keys.name_of``) of the asset or partition."""
        return name_of(self.spec.key, self.partition)

    @property
    def upstream(self) -> tuple[str, ...]:
        """The names of all that it reads or waits for, each once."""
        read = (name for item in self.inputs for name in item.names)
        return tuple(dict.fromkeys((*read, *self.deps)))


def read_as(
    inputs: Sequence[ResolvedInput], reads: Mapping[str, tuple[tuple[str, ...], str]]
) -> tuple[ResolvedInput, ...]:
    """Return ``inputs`` with other partitions: ``reads`` has them by parameter, with how they were found."""
    return tuple(
        item._replace(partitions=reads[item.spec.parameter][0], mapping=reads[item.spec.parameter][1])
        if item.spec.parameter in reads
        else item
        for item in inputs
    )


class Resolver:
    """Resolves specs, each once; gathers every problem that only the code or the settings show.

    Args:
        code: reads code versions; its values are taken once, when an asset is first resolved.
        resources: the project's resources by name.
        config: overrides of config fields, by asset key.
        env: name of the environment; stands in for the identity of a resource without one.
    """

    def __init__(
        self,
        code: CodeReader,
        resources: Mapping[str, ResourceDefinition],
        config: Mapping[str, Mapping[str, Any]],
        env: str,
    ) -> None:
        self._code = code
        self._resources = resources
        self._config = config
        self._env = env
        self._done: dict[str, Resolved] = {}
        self._forms: dict[
            int, tuple[Any, Form, str]
        ] = {}  # each holds its annotation, so that no id comes again
        self._problems: list[Problem] = []

    def resolve_all(self, specs: Sequence[AssetSpec]) -> dict[str, Resolved]:
        """Resolve ``specs``; raise DeclarationError with all problems found in any of them."""
        self._problems = []
        resolved = {spec.key: self.resolve(spec) for spec in specs}
        if self._problems:
            raise DeclarationError(list(dict.fromkeys(self._problems)))
        return resolved

    def resolve(self, spec: AssetSpec) -> Resolved:
        """Resolve one asset, or return what was resolved before."""
        if spec.key not in self._done:
            self._done[spec.key] = self._resolve(spec)
        return self._done[spec.key]

    def _resolve(self, spec: AssetSpec) -> Resolved:
        checks = tuple(self._check(check) for check in spec.checks)
        made_by = spec.made_by
        if made_by is None:
            return Resolved(spec=spec, code=_NO_CODE, checks=checks, deps=spec.deps)
        returns, returns_text = self._form(spec.returns)
        config, config_hash, config_record = self._configure(spec)
        return Resolved(
            spec=spec,
            code=self._code_of(made_by, spec),
            inputs=tuple(self._input(item) for item in spec.inputs),
            returns=returns,
            returns_text=returns_text,
            config=config,
            config_hash=config_hash,
            config_record=config_record,
            resources=self._identities(spec),
            checks=checks,
            deps=spec.deps,
        )

    def _code_of(self, made_by: Any, spec: AssetSpec) -> CodeVersion:
        return self._version(
            made_by, version=spec.version, includes=spec.includes, ignore=spec.ignore, packages=spec.packages
        )

    def _version(self, target: Any, **options: Any) -> CodeVersion:
        try:
            return self._code.version(target, **options)
        except DeclarationError as error:
            self._problems += error.problems
            return _NO_CODE

    def _check(self, check: CheckSpec) -> ResolvedCheck:
        from assetflow.checks.judge import arguments_of

        target = check.function if check.function is not None else check.schema
        code = _NO_CODE if target is None else self._version(target)
        form, form_text = self._form(check.annotation)
        inputs = tuple(self._input(item) for item in check.inputs)
        reads = [[item.spec.parameter, item.form_text, item.columns] for item in inputs]
        declared = [check.severity, check.warn_if, check.error_if, arguments_of(check), form_text, reads]
        return ResolvedCheck(
            spec=check,
            code=code,
            arguments_hash=hash_value(declared),
            inputs=inputs,
            form=form,
            form_text=form_text,
        )

    def _input(self, item: InputSpec) -> ResolvedInput:
        form, text = self._form(item.annotation)
        return ResolvedInput(spec=item, form=form, form_text=text, columns=item.columns)

    def _form(self, annotation: Any) -> tuple[Form, str]:
        """Return the form of an annotation and the text that enters the fingerprint; most annotations come often."""
        known = self._forms.get(id(annotation))
        if known is None:
            form = form_of(annotation)
            digests = [self._version(cls).digest for cls in _classes_with_code(form)]
            known = self._forms[id(annotation)] = annotation, form, ":".join([form.label, *digests])
        return known[1:]

    def _configure(self, spec: AssetSpec) -> tuple[Any, str, dict[str, Any] | None]:
        given = dict(self._config.get(spec.key, {}))
        if spec.config_model is None:
            if given:
                self._problems.append(
                    Problem(
                        f"{spec.key} takes no config, but {', '.join(sorted(given))} is set for it",
                        spec.where,
                        "give the function a parameter annotated with a pydantic model, or remove the setting",
                    )
                )
            return None, "", None
        unknown = set(given) - set(spec.config_model.model_fields)
        if unknown:
            fields = spec.config_model.model_fields
            self._problems += [
                Problem(
                    f"config {spec.key}.{name}: {spec.config_model.__name__} has no field {name!r}",
                    spec.where,
                    f"{did_you_mean(name, fields) or 'its fields: ' + ', '.join(fields)} "
                    f"(set by --config, or in [assets.{spec.key}.config])",
                )
                for name in sorted(unknown)
            ]
            return None, "", None
        try:
            config = spec.config_model(**given)
        except ValidationError as error:
            self._problems += [
                Problem(
                    f"config {'.'.join([spec.key, *map(str, one['loc'])])}: {one['msg']}",
                    spec.where,
                    f"set it by --config, or in [assets.{spec.key}.config]",
                )
                for one in error.errors(include_url=False)
            ]
            return None, "", None
        return config, hash_value(config), json.loads(config.model_dump_json())

    def _identities(self, spec: AssetSpec) -> tuple[tuple[str, str], ...]:
        found = []
        for item in sorted(spec.resources, key=lambda resource: resource.name):
            definition = self._resources.get(item.name)
            if definition is None:
                continue  # reported by declare.collect
            identity = definition.identity
            text = f"env:{self._env}" if identity is None else hash_value(identity)
            found.append((item.name, text))
        return tuple(found)


def _classes_with_code(form: Form) -> Iterator[type]:
    """Yield the models and dataclasses whose code decides what is handed over: of ``list[Order]`` too."""
    if form.name in _FORMS_WITH_CODE and isinstance(form.target, type):
        yield form.target
    elif isinstance(form.target, Form):
        yield from _classes_with_code(form.target)
    else:
        yield from (cls for cls in _classes_in(form.target) if _has_fields(cls))


def _classes_in(annotation: Any) -> Iterator[type]:
    origin = get_origin(annotation)
    if isinstance(origin or annotation, type):
        yield origin or annotation
    if origin is not Literal:
        for argument in get_args(annotation):
            yield from _classes_in(argument)


def _has_fields(cls: type) -> bool:
    return is_dataclass(cls) or ("pydantic", "BaseModel") in class_names(cls)


_FORMS_WITH_CODE = frozenset({"pandera", "pydantic", "dataclass"})
_NO_CODE = CodeVersion(digest="")
