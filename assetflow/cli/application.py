"""Owns the tree of commands: what there is, in which order and under which heading people find it.

Knows nothing of what commands do. Importing it imports typer, and nothing
heavier; a command is imported when it may be called.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from assetflow.cli.invocation import SHARED, Command, as_callback

COMMANDS: dict[str, dict[str, str]] = {
    "Run": {
        "init": "init:init",
        "plan": "plan:plan",
        "materialize": "materialize:materialize",
        "retry": "retry:retry",
        "tick": "tick:tick",
        "check": "check:check",
        "lint": "lint:lint",
    },
    "Look": {
        "status": "status:status",
        "list": "list:list_assets",
        "show": "show:show",
        "explain": "explain:explain",
        "lineage": "lineage:lineage",
    },
    "Look back": {
        "history": "history:history",
        "diff": "diff:diff",
        "runs": "runs:runs",
        "logs": "logs:logs",
        "debug": "debug:debug",
        "why-broke": "why_broke:why_broke",
        "reproduce": "reproduce:reproduce",
    },
    "Publish": {
        "promote": "promote:promote",
        "rollback": "rollback:rollback",
        "accept": "hold:accept",
        "pin": "hold:pin",
        "unpin": "hold:unpin",
    },
    "Use the data": {"get": "get:get", "sql": "sql:sql"},
    "Look after the store": {"gc": "gc:gc", "verify": "verify:verify", "forget": "forget:forget"},
    "Set up": {"config": "config:config"},
}
"""Heading -> name -> where the command is: module of ``cli.commands``, and function."""

GROUPS: dict[str, dict[str, str]] = {
    "cron": {"install": "cron:install", "list": "cron:list_ticks", "remove": "cron:remove"},
    "env": {
        "list": "env:list_environments",
        "show": "env:show_environment",
        "diff": "env:compare_environments",
        "create": "env:create_environment",
        "delete": "env:delete_environment",
        "export": "env_export:export_environment",
    },
    "ledger": {
        "path": "ledger:ledger_path",
        "sync": "ledger:sync_ledger",
        "rebuild": "ledger:rebuild_ledger",
    },
    "partitions": {"add": "partitions:add", "list": "partitions:list_keys"},
}
"""Command that holds others -> name -> where the command is."""

_ABOUT = {
    "cron": "Have your crontab call `assetflow tick`.",
    "ledger": "Look after the database that answers questions.",
    "partitions": "Add keys to dynamic partitions, and list them.",
}
_LONGEST = 200
_HELP = {"help_option_names": ["--help", "-h"], "max_content_width": 110}


class CommandTree(TyperGroup):
    """Commands; help lists them under headings."""

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override] # typer's types for these have no public name
        """Write the commands under their headings."""
        del ctx
        headings = dict.fromkeys(
            getattr(command, "rich_help_panel", None) for command in self.commands.values()
        )
        width = max(map(len, self.commands))
        for heading in headings:
            with formatter.section(heading or "Commands"):
                formatter.write_dl(
                    [
                        (name.ljust(width), command.get_short_help_str(_LONGEST))
                        for name, command in self.commands.items()
                        if getattr(command, "rich_help_panel", None) == heading
                    ]
                )


class OneCommand(TyperCommand):
    """A command; help lists its own options apart from those that every command has."""

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override] # as above
        """Write arguments, own options, shared options."""
        shared = {option.name for option in SHARED} | {"help"}
        parts: dict[str, list[tuple[str, str]]] = {
            "Arguments": [],
            "Options": [],
            "Options of every command": [],
        }
        for item in self.get_params(ctx):
            record = item.get_help_record(ctx)
            if item.param_type_name == "argument":
                parts["Arguments"].append((item.metavar or item.name, record[1] if record else ""))
            elif record:
                parts["Options of every command" if item.name in shared else "Options"].append(record)
        for heading, records in parts.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def application(typed: Sequence[str] = ()) -> typer.Typer:
    """Return the application; ``typed``: the arguments that it will be called with.

    Where they begin with the name of a command, it has that one alone: to make all takes longer than most answers.
    """
    app = typer.Typer(
        name="assetflow",
        cls=CommandTree,
        help="Declare data assets as functions: nothing unchanged runs again, and bad data is never published.",
        epilog="Exit codes: 0 done; 1 something failed or was rejected; 2 wrong usage, settings or declarations;"
        " 3 plan --exit-code, when there is something to do; 130 interrupted.",
        no_args_is_help=True,
        context_settings=_HELP,
        rich_markup_mode=None,  # help costs 0.1 s less without rich
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    names = [*(name for commands in COMMANDS.values() for name in commands), *GROUPS]
    wanted = typed[:1] if typed and typed[0] in names else names
    for heading, commands in COMMANDS.items():
        for name, place in commands.items():
            if name in wanted:
                _add(app, name, place, typed, rich_help_panel=heading)
    for name in GROUPS:
        if name in wanted:
            app.add_typer(_group(name, typed), name=name, rich_help_panel="Set up")
    return app


def _add(app: typer.Typer, name: str, place: str, typed: Sequence[str], **options: Any) -> None:
    app.command(name, cls=OneCommand, **options)(as_callback(_command(place), typed))


def _command(place: str) -> Command:
    """Import a command."""
    module, _, function = place.partition(":")
    command: Command = getattr(importlib.import_module(f"assetflow.cli.commands.{module}"), function)
    return command


def _root(
    *,
    version: bool = typer.Option(False, "--version", "-V", help="Say the version, and end."),
) -> None:
    """Take the options that stand before a command; ``main`` has answered --version already."""


def _group(name: str, typed: Sequence[str]) -> typer.Typer:
    """Return a command that holds others: alone it shows its help, but ``env`` lists the environments."""
    if name == "env":
        app = _holder(invoke_without_command=True)
        app.callback()(as_callback(_command(GROUPS[name]["list"]), typed))
    else:
        app = _holder(help=_ABOUT[name], no_args_is_help=True)
    for own, place in GROUPS[name].items():
        _add(app, own, place, typed)
    return app


def _holder(**options: Any) -> typer.Typer:
    return typer.Typer(cls=CommandTree, context_settings=_HELP, rich_markup_mode=None, **options)
