"""Owns the tree of commands: what there is, in which order and under which heading people find it.

Knows nothing of what commands do. Importing it imports typer, and nothing heavier.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from assetflow.cli.commands.check import check
from assetflow.cli.commands.config import config
from assetflow.cli.commands.env import list_environments, show_environment
from assetflow.cli.commands.explain import explain
from assetflow.cli.commands.get import get
from assetflow.cli.commands.history import history
from assetflow.cli.commands.init import init
from assetflow.cli.commands.ledger import ledger_path, rebuild_ledger, sync_ledger
from assetflow.cli.commands.lineage import lineage
from assetflow.cli.commands.list import list_assets
from assetflow.cli.commands.logs import logs
from assetflow.cli.commands.materialize import materialize
from assetflow.cli.commands.plan import plan
from assetflow.cli.commands.runs import runs
from assetflow.cli.commands.show import show
from assetflow.cli.commands.sql import sql
from assetflow.cli.commands.status import status
from assetflow.cli.invocation import SHARED, Command, as_callback

COMMANDS: dict[str, dict[str, Command]] = {
    "Run": {"init": init, "plan": plan, "materialize": materialize, "check": check},
    "Look": {"status": status, "list": list_assets, "show": show, "explain": explain, "lineage": lineage},
    "Look back": {"history": history, "runs": runs, "logs": logs},
    "Use the data": {"get": get, "sql": sql},
    "Set up": {"config": config},
}
LEDGER: dict[str, Command] = {"path": ledger_path, "sync": sync_ledger, "rebuild": rebuild_ledger}
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
    """Return the application with all its commands; ``typed``: the arguments that it will be called with."""
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
    for heading, commands in COMMANDS.items():
        for name, command in commands.items():
            app.command(name, cls=OneCommand, rich_help_panel=heading)(as_callback(command, typed))
    app.add_typer(_environments(typed), name="env", rich_help_panel="Set up")
    app.add_typer(_ledger(typed), name="ledger", rich_help_panel="Set up")
    return app


def _root(
    *,
    version: bool = typer.Option(False, "--version", "-V", help="Say the version, and end."),
) -> None:
    """Take the options that stand before a command; ``main`` has answered --version already."""


def _environments(typed: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        cls=CommandTree, invoke_without_command=True, context_settings=_HELP, rich_markup_mode=None
    )
    app.callback()(as_callback(list_environments, typed))
    app.command("show", cls=OneCommand)(as_callback(show_environment, typed))
    return app


def _ledger(typed: Sequence[str]) -> typer.Typer:
    app = typer.Typer(
        cls=CommandTree,
        help="Look after the database that answers questions.",
        no_args_is_help=True,
        context_settings=_HELP,
        rich_markup_mode=None,
    )
    for name, command in LEDGER.items():
        app.command(name, cls=OneCommand)(as_callback(command, typed))
    return app
