"""Owns how a ``command`` becomes its spec: what enters its code version, and what is wrong with it, at its place.

Knows nothing of other assets but that they may be named.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetflow.declare import options as read
from assetflow.declare.annotations import is_pydantic_model
from assetflow.declare.asset_spec import ReadDeclaration, read_key
from assetflow.declare.command import Command, CommandOptions
from assetflow.declare.command_files import named_by, read_includes
from assetflow.declare.inputs import Input, key_of
from assetflow.declare.made_spec import read_call, read_output
from assetflow.declare.partitioning import partition_values, read_mapping
from assetflow.declare.placeholders import placeholders
from assetflow.declare.problems import Problems
from assetflow.frames.content import FORMATS
from assetflow.frames.forms import Form
from assetflow.hashing.code_tree import MOST_BYTES
from assetflow.hashing.command_text import SUFFIX, CommandText
from assetflow.keys import did_you_mean
from assetflow.model.spec import AssetSpec, CommandOutput, CommandSpec, InputSpec

if TYPE_CHECKING:
    from assetflow.partitions.scheme import Scheme

_FORMS = {
    "table": "arrow",
    "value": "value",
    "text": "str",
    "bytes": "bytes",
    "file": "path",
    "folder": "path",
}
_INPUT_SUFFIXES = (".parquet", ".csv", ".json", ".jsonl", ".arrow")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_SHELL = re.compile(r"[|&;<>$`*?~\n]")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")


def read_command(command: Command, *, root: Path | None) -> ReadDeclaration:
    """Read what ``command`` says; places are told relative to ``root``, and programs run below it."""
    options = command.options
    problems = Problems(f"asset {command.key!r}", command.place.text(root))
    key = read_key(command.key, problems, "write af.command('name', [program, ...])")
    call = read_call(options, problems)
    reader = _Reader(command, root, call["partitions"], problems)
    made = reader.read()
    output = read_output(options, key, problems, formats=FORMATS["table"])
    if key in {*call["deps"], *(item.key for item in reader.inputs)}:
        problems.add(
            "it reads itself, or waits for itself", "an asset is made from others; name another input"
        )
    file = made.output
    spec = AssetSpec(
        key=key,
        kind="command" if file is not None else "effect",
        where=problems.where,
        path=command.place.path(root),
        module=command.place.module,
        command=made,
        inputs=tuple(reader.inputs),
        config_model=reader.config,
        returns=Form(_FORMS[file.returns]) if file is not None else type(None),
        includes=read_includes(command, root, problems),
        **call,
        **output,
    )
    if file is None or file.returns != "table":
        _add_problems_without_table(options, file, problems)
    return ReadDeclaration((spec,), tuple(problems.found))


class _Reader:
    """Reads what is a command's own: its arguments, environment, folder, inputs and output."""

    def __init__(
        self, command: Command, root: Path | None, partitions: Scheme | None, problems: Problems
    ) -> None:
        self._command = command
        self._options: CommandOptions = command.options
        self._root = root
        self._partitions = partitions
        self._problems = problems
        self._suffixes: dict[str, str] = {}
        self.inputs: list[InputSpec] = []
        self.config: type[Any] | None = None

    def read(self) -> CommandSpec:
        self._read_inputs()
        self._read_config()
        output = self._output()
        arguments = self._arguments()
        env = self._env()
        self._require_known_placeholders(
            [*arguments, *(v for v in env.values() if isinstance(v, str))], output
        )
        cwd = self._cwd()
        text = CommandText(
            text="".join(f"{line}\n" for line in self._lines(arguments, env, cwd, output)),
            name=f"{self._command.place.path(self._root)}:{self._command.key}{SUFFIX}",
            folder=Path(self._command.place.file).parent,
            scripts=self._scripts(arguments, cwd),
        )
        return CommandSpec(text, arguments, env, cwd, self._suffixes, output)

    def _lines(
        self, arguments: tuple[str, ...], env: Mapping[str, Any], cwd: Path, output: CommandOutput | None
    ) -> list[str]:
        """Return all that decides what the program does, and can be told of, a line each."""
        lines = [f"argument {json.dumps(self._within(text))}" for text in arguments]
        for name, value in sorted(env.items()):
            lines.append(
                f"env {name} {json.dumps(self._within(value)) if isinstance(value, str) else '(secret)'}"
            )
        lines += [f"input {name}{self._suffixes[name]}" for name in sorted(self._suffixes)]
        if self._options.cwd is not None:
            lines.append(f"cwd {json.dumps(self._within(str(cwd)))}")
        if output is not None:
            lines.append(f"output {json.dumps(output.name)} {output.returns}")
        return lines

    def _within(self, path: str) -> str:
        """Return a path into the project without the place of the project, which differs by machine."""
        return path if self._root is None else path.replace(f"{self._root}{os.sep}", "")

    def _arguments(self) -> tuple[str, ...]:
        given = self._command.arguments
        if isinstance(given, str):
            self._problems.add(f"its command is the text {given!r}", f"write a list: {_as_list(given)!r}")
            return ()
        if not isinstance(given, list | tuple) or not given:
            self._problems.add(f"its command is {given!r}", "write a list of texts, the program first")
            return ()
        wrong = [item for item in given if not isinstance(item, str | os.PathLike) or "\0" in os.fspath(item)]
        for item in wrong:
            self._problems.add(f"its command has {item!r}, which is no text", f"write {str(item)!r}")
        return () if wrong else tuple(os.fspath(item) for item in given)

    def _scripts(self, arguments: tuple[str, ...], cwd: Path) -> tuple[Path, ...]:
        scripts = named_by(arguments, cwd, self._root)
        for script in scripts:
            if script.stat().st_size > MOST_BYTES:
                hint = f"declare them, af.source(name, {self._within(str(script))!r}), and hand them over by inputs="
                self._problems.add(f"its argument {self._within(str(script))} is no script: it is data", hint)
        return scripts

    def _env(self) -> dict[str, Any]:
        from pydantic import SecretStr

        found = {}
        for name, value in read.read_mapping("env", self._options.env, self._problems).items():
            if not _VARIABLE.fullmatch(name) or name.startswith("ASSETFLOW_"):
                self._problems.add(
                    f"env= has {name!r}, which cannot be a variable of its own", "choose another name"
                )
            elif not isinstance(value, str | SecretStr):
                self._problems.add(f"env={{{name!r}: {value!r}}} is not text", f"write {str(value)!r}")
            else:
                found[name] = value
        return found

    def _cwd(self) -> Path:
        root = self._root or Path.cwd()
        given = self._options.cwd
        if given is None:
            return root
        if not isinstance(given, str | os.PathLike) or not (root / given).is_dir():
            self._problems.add(f"cwd={given!r} is no folder", "it is relative to the project's folder")
            return root
        return root / given

    def _read_config(self) -> None:
        model = self._options.config
        if model is not None and not is_pydantic_model(model):
            self._problems.add(
                f"config={model!r} is no pydantic model", "write config=Model, the class itself"
            )
        elif model is not None:
            self.config = model

    def _read_inputs(self) -> None:
        for name, target in self._named_inputs().items():
            asked = target if isinstance(target, Input) else Input(key=target)
            key, stem, suffix = key_of(asked.key), *self._split(name)
            taken = {other.replace("-", "_").upper() for other in self._suffixes}
            if key is None:
                self._problems.add(
                    f"input {name!r} is {asked.key!r}", "name a key, an asset, or af.Input(key, ...)"
                )
            elif not _NAME.fullmatch(stem) or stem.replace("-", "_").upper() in taken:
                hint = "use letters, digits and '_', and for each input another: ASSETFLOW_INPUT_NAME is its path"
                self._problems.add(f"input {name!r} cannot be called so", hint)
            elif suffix and suffix not in _INPUT_SUFFIXES:
                near = (
                    did_you_mean(suffix, _INPUT_SUFFIXES)
                    or f"use one of {', '.join(_INPUT_SUFFIXES)}, or none"
                )
                self._problems.add(f"input {name!r}: nothing can be handed over as {suffix!r}", near)
            else:
                columns = None if asked.columns is None else tuple(asked.columns)
                mapping = read_mapping(asked.partitions, f"input {name!r}", self._problems)
                missing = asked.missing or "fail"
                self.inputs.append(InputSpec(stem, key, None, columns, missing, partitions=mapping))
                self._suffixes[stem] = suffix

    def _named_inputs(self) -> Mapping[str, Any]:
        """Return the inputs by name; in a list, each is called as the last part of its key."""
        given = self._options.inputs
        if isinstance(given, Mapping):
            return read.read_mapping("inputs", given, self._problems)
        return {key.rpartition("/")[2]: key for key in read.read_keys("inputs", given, self._problems)}

    @staticmethod
    def _split(name: str) -> tuple[str, str]:
        stem, dot, suffix = name.partition(".")
        return stem, dot + suffix

    def _output(self) -> CommandOutput | None:
        from assetflow.declare.source_spec import format_of_url
        from assetflow.frames.readers import TABLE_FORMATS

        name, returns = self._options.output, self._options.returns
        if name is None:
            if returns is not None:
                self._problems.add(f"returns={returns!r} without output=", "name the file that it writes")
            return None
        if (
            not isinstance(name, str)
            or not name.rstrip("/")
            or "/" in name.rstrip("/")
            or name in (".", "..")
        ):
            self._problems.add(f"output={name!r} is no name of a file", "write a name such as 'report.csv'")
            return None
        if returns is not None and returns not in _FORMS:
            near = did_you_mean(returns, _FORMS) if isinstance(returns, str) else None
            self._problems.add(f"returns={returns!r} is not one of {', '.join(_FORMS)}", near)
            return None
        file_format = format_of_url(name)
        is_table = file_format in TABLE_FORMATS
        said = returns or _returned(name, file_format, is_table=is_table)
        if said == "table" and not is_table:
            hint = "call it .parquet, .csv, .jsonl or .arrow"
            self._problems.add(f"output={name!r} does not say how its table is written", hint)
        return CommandOutput(name.rstrip("/"), said, file_format if said == "table" else "")

    def _require_known_placeholders(self, texts: list[str], output: CommandOutput | None) -> None:
        known = [f"inputs.{item.parameter}" for item in self.inputs]
        known += ["output"] if output is not None else []
        known += partition_values(self._partitions)
        known += [f"config.{name}" for name in getattr(self.config, "model_fields", ())]
        for name in dict.fromkeys(name for text in texts for name in placeholders(text)):
            if name not in known:
                near = (
                    did_you_mean(name, known) or f"it knows {', '.join(map(_braced, known)) or 'none here'}"
                )
                hint = f"{near} (where the braces are meant, write {{{{{name}}}}})"
                self._problems.add(f"there is no placeholder {_braced(name)}", hint)


def _as_list(text: str) -> list[str]:
    """Return the arguments that ``text`` probably means; what only a shell understands goes to one."""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote that is never closed
        return ["sh", "-c", text]
    return ["sh", "-c", text] if _SHELL.search(text) else words


def _returned(name: str, file_format: str, *, is_table: bool) -> Any:
    if name.endswith("/"):
        return "folder"
    if is_table:
        return "table"
    return "value" if name.endswith(".json") else "text" if file_format == "text" else "file"


def _braced(name: str) -> str:
    return f"{{{name}}}"


def _add_problems_without_table(
    options: CommandOptions, output: CommandOutput | None, problems: Problems
) -> None:
    what = "an effect (it has no output=)" if output is None else f"a {output.returns}"
    names = ("format", "sort_by", "round", "schema")
    for name in names if output is not None else ("checks", *names):
        if getattr(options, name):
            problems.add(f"{name}= on {what}", f"remove {name}=, or let it write a table")
