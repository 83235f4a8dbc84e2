"""Owns the reference of the command line, made from the commands: docs/cli.md, and the table that completion reads.

``python -m assetflow.cli.reference docs/cli.md`` writes both again; a test says when that is due.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from assetflow.cli.application import application
from assetflow.cli.completion import TABLE

_WIDTH = 100
_HEAD = """# The command line

<!-- Made by `python -m assetflow.cli.reference docs/cli.md` from what `--help` says; a test keeps it true. -->

Results go to stdout, talk to stderr. With `--json` a command answers with one JSON document; an error is then
`{"error": {"code", "message", "hint"}}`. Off a terminal nothing is drawn twice, and rows are as wide as they are.
`NO_COLOR` leaves out colours. [Selections](selection.md), [errors and exit codes](errors.md).
"""


def reference() -> str:
    """Return the text of docs/cli.md."""
    root = get_command(application())
    sections = [f"## {path}\n\n```text\n{text}\n```\n" for path, text in _helps(root, None)]
    return "\n".join([_HEAD, *sections])


def table() -> dict[str, Any]:
    """Return the tree of commands with their options and arguments, as completion needs it."""
    return _entry(get_command(application()))


def main(target: Path) -> None:
    """Write the reference and the table."""
    target.write_text(reference(), encoding="utf-8")
    TABLE.write_text(json.dumps(table(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _helps(command: Any, parent: Any) -> Iterator[tuple[str, str]]:
    """Yield the path and the help of a command and of all below it; typer gives its tree no public types."""
    name = "assetflow" if parent is None else command.name
    context = command.make_context(
        name, [], parent=parent, resilient_parsing=True, terminal_width=_WIDTH, max_content_width=_WIDTH
    )
    yield context.command_path, command.get_help(context).rstrip()
    for below in getattr(command, "commands", {}).values():
        yield from _helps(below, context)


def _entry(command: Any) -> dict[str, Any]:
    options = [item for item in command.params if item.param_type_name == "option" and not item.hidden]
    return {
        "help": command.get_short_help_str(100),
        "options": [
            {
                "names": [*item.opts, *item.secondary_opts],
                "value": None if item.is_flag else item.metavar or "",
                "help": (item.help or "").partition(".")[0],
            }
            for item in options
        ]
        + [{"names": ["--help", "-h"], "value": None, "help": "Show help"}],
        "arguments": [item.metavar or "" for item in command.params if item.param_type_name == "argument"],
        "commands": {name: _entry(below) for name, below in getattr(command, "commands", {}).items()},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
