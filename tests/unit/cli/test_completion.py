"""What could come next, from the table of commands and the remembered words."""

from __future__ import annotations

import json

import pytest

from assetflow.cli.completion import TABLE, candidates

WORDS = {
    "keys": ["customers", "retail/sales", "sales"],
    "tags": ["daily", "weekly"],
    "groups": ["retail"],
    "environments": ["dev", "prod"],
}
COMMANDS = json.loads(TABLE.read_text())


def found(*words: str) -> list[str]:
    return [one.text for one in candidates(COMMANDS, words[:-1], words[-1], WORDS)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ma"], ["materialize"]),
        (["env", ""], ["create", "delete", "diff", "export", "list", "show"]),
        (["ledger", "re"], ["rebuild"]),
        (["plan", "sa"], ["sales"]),
        (["plan", "sales", "cu"], ["customers"]),
        (["plan", "+sa"], ["+sales"]),
        (["plan", "2+sa"], ["2+sales"]),
        (["plan", "@sa"], ["@sales"]),
        (["plan", "sales,retail/"], ["sales,retail/sales"]),
        (["plan", "(sales+ and cu"], ["(sales+ and customers"]),
        (["plan", "ta"], ["tag:"]),
        (["plan", "tag:d"], ["tag:daily"]),
        (["plan", "not tag:"], ["not tag:daily", "not tag:weekly"]),
        (["plan", "state:r"], ["state:rejected"]),
        (["plan", "--select", "sa"], ["sales"]),
        (["plan", "-s", "sales", "--exclude", "cu"], ["customers"]),
        (["plan", "--env", ""], ["dev", "prod"]),
        (["plan", "--env=p"], ["--env=prod"]),
        (["plan", "-e", "d"], ["dev"]),
        (["plan", "--exi"], ["--exit-code"]),
        (["show", "sa"], ["sales"]),
        (["show", "sales@"], ["sales@dev", "sales@prod", "sales@HEAD", "sales@HEAD~1"]),
        (["history", "sales@"], []),
        (["env", "show", "p"], ["prod"]),
        (["materialize", "--log-format", ""], ["text", "json"]),
        (["get", "sales", "-o", ""], []),
        (["--ver"], ["--version"]),
        (["plan", "nothing/like/this"], []),
        (["no-such-command", "x"], []),
    ],
)
def test_candidates(words, expected):
    assert found(*words) == expected


def test_every_command_offers_the_options_of_every_command():
    for name in COMMANDS["commands"]:
        if name not in ("cron", "ledger", "partitions"):  # which only hold others
            assert {"--env", "--json", "--project", "--debug"} <= set(found(name, "--")), name


def test_without_remembered_words_there_are_still_commands_and_options():
    assert [one.text for one in candidates(COMMANDS, [], "pl", {})] == ["plan"]
    assert list(candidates(COMMANDS, ["show"], "sa", {})) == []
