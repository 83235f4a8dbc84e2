"""Owns the running of a task's command: its inputs as files, its placeholders and environment, its output read back."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from assetflow.declare.context import Partition
from assetflow.declare.placeholders import filled
from assetflow.errors import DataError
from assetflow.execution.inputs import present_versions, temporary_folder
from assetflow.execution.task import Bench, Task
from assetflow.frames.content import Content
from assetflow.frames.content_files import suffixes_for, write_content, write_folder
from assetflow.model.spec import CommandOutput
from assetflow.planning.resolve import ResolvedInput

_SUFFIXES = {"table": ".parquet", "value": ".json", "text": ".txt", "bytes": ".bin", "numpy": ".npy"}


def carry_out(task: Task, bench: Bench, stack: ExitStack) -> Any:
    """Run the task's program once, and return what it wrote, to be gone through while ``stack`` is open; or None.

    Raises:
        CommandError: it cannot be started, or did not end well.
        DataError: an input cannot be written as asked, or the output is not there, or not what was declared.
        SourceError: the output is no file of its format.
    """
    spec = task.asset.spec
    assert spec.command is not None
    folder = temporary_folder(stack)
    values = {f"inputs.{name}": path for name, path in _hand_over(task, bench, folder).items()}
    values |= {f"config.{name}": _text(value) for name, value in _config(task).items()}
    values |= _partition(task.partition)
    output = spec.command.output
    if output is not None:
        values["output"] = str(_place_of(output, folder))
    bench.programs.run(
        [filled(text, values) for text in spec.command.arguments],
        env={**os.environ, **_declared_variables(task, values), **_own_variables(task, values)},
        cwd=spec.command.cwd,
    )
    return None if output is None else _read_back(Path(values["output"]), output, spec.schema)


def _place_of(output: CommandOutput, folder: Path) -> Path:
    """Return where the output is to be written; a folder is there already."""
    place = folder / "output" / output.name
    (place if output.returns == "folder" else place.parent).mkdir(parents=True)
    return place


def _hand_over(task: Task, bench: Bench, folder: Path) -> dict[str, str]:
    """Write each input into a folder of its own, and return their paths; "" of an optional one without a version."""
    paths = {}
    for item in task.asset.inputs:
        versions = [version for _, version in present_versions(item, task.inputs)]
        if not versions:
            paths[item.spec.parameter] = ""
        else:
            content = bench.loader.together(versions, item.columns, lazily=True)
            place = folder / "inputs" / item.spec.parameter
            paths[item.spec.parameter] = str(_written(content, task, item, place))
    return paths


def _written(content: Content, task: Task, item: ResolvedInput, folder: Path) -> Path:
    """Write an input with the suffix that is asked for; without one, a file keeps the name that its asset gave it."""
    assert task.asset.spec.command is not None
    name, asked = item.spec.parameter, task.asset.spec.command.suffixes[item.spec.parameter]
    fitting = suffixes_for(content)
    if asked and fitting is not None and asked not in fitting:
        raise DataError(
            f"input {name!r}: {item.spec.key} is a {content.kind}, which cannot be written as {asked}",
            hint=f"call the input {name}{fitting[0]}, or {name}",
        )
    folder.mkdir(parents=True)
    if content.kind == "files" and content.format == "folder":
        write_folder(content, folder)
        return folder
    suffix = asked or _SUFFIXES.get(content.kind, f".{content.format}")
    is_own = content.kind == "files" and not asked
    path = folder / (Path(content.data.paths[0][0]).name if is_own else f"{name}{suffix}")
    with path.open("wb") as file:
        write_content(content, suffix, file)
    return path


def _declared_variables(task: Task, values: dict[str, str]) -> dict[str, str]:
    assert task.asset.spec.command is not None
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else filled(value, values)
        for name, value in task.asset.spec.command.env.items()
    }


def _own_variables(task: Task, values: dict[str, str]) -> dict[str, str]:
    """Return the variables that say where everything is."""
    own = {"ASSETFLOW_ASSET": task.asset.key}
    for name, value in values.items():
        if name.startswith("inputs.") and value:
            own[f"ASSETFLOW_INPUT_{name.removeprefix('inputs.').replace('-', '_').upper()}"] = value
    for name in ("partition", "partition.start", "partition.end"):
        if name in values:
            own[f"ASSETFLOW_{name.replace('.', '_').upper()}"] = values[name]
    if "output" in values:
        own["ASSETFLOW_OUTPUT"] = values["output"]
    if task.asset.config is not None:
        own["ASSETFLOW_CONFIG"] = json.dumps(_config(task))
    return own


def _partition(partition: Partition | None) -> dict[str, str]:
    """Return what says which partition is made, by the names of placeholders."""
    if partition is None:
        return {}
    values = {"partition": partition.key}
    if partition.start is not None and partition.end is not None:
        values |= {"partition.start": partition.start.isoformat(), "partition.end": partition.end.isoformat()}
    return values | {f"partition.{name}": key for name, key in partition.dimensions.items()}


def _config(task: Task) -> dict[str, Any]:
    """Return the config as plain values; secrets as they are, for the program alone."""
    config = task.asset.config
    if config is None:
        return {}
    plain: dict[str, Any] = config.model_dump(mode="json")
    for name, value in config:
        if isinstance(value, SecretStr):
            plain[name] = value.get_secret_value()
    return plain


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read_back(path: Path, output: CommandOutput, schema: Any) -> Any:
    """Return what the program wrote, in the form that ``take`` makes canonical."""
    if not (path.is_dir() if output.returns == "folder" else path.is_file()):
        raise DataError(
            f"its program ended well, but wrote no file {output.name}",
            hint="it is to write its output to {output}, which ASSETFLOW_OUTPUT says too",
        )
    match output.returns:
        case "table":
            from assetflow.frames.readers import read_table

            return read_table(output.format, [(output.name, path)], schema)
        case "value":
            return _value(path, output.name)
        case "text":
            return _decoded(path, output.name)
        case "bytes":
            return path.read_bytes()
        case _:
            return path


def _value(path: Path, name: str) -> Any:
    try:
        return json.loads(_decoded(path, name))
    except ValueError as error:
        raise DataError(f"{name} is no JSON: {error}", hint='keep it as it is: returns="file"') from error


def _decoded(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not UTF-8: {error}", hint='keep it as it is: returns="file"') from error
