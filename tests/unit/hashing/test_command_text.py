"""The text of a command, and its hash: golden, because another value is another format."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import assetflow as af
from assetflow.declare.collect import collect
from assetflow.hashing.command_text import CommandText, command_digest

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0{}"), max_size=8)
COMMANDS = st.tuples(st.lists(WORDS, min_size=1, max_size=3), st.dictionaries(st.sampled_from("AB"), WORDS))


def read(arguments: list[str], env: dict[str, str]) -> CommandText:
    declared = af.command("report", arguments, env=env, output="r.csv")
    command = collect([declared]).specs["report"].command
    assert command is not None
    return command.text


def test_the_hash_is_what_it_has_always_been():
    text = read(["node", "report.js", "{output}"], {"TITLE": "Größe"}).text

    assert text == (
        'argument "node"\nargument "report.js"\nargument "{output}"\n'
        'env TITLE "Gr\\u00f6\\u00dfe"\noutput "r.csv" table\n'
    )
    assert command_digest(text) == "fd2f751a6e49d5ad9806cf180f0d82c0"


@given(COMMANDS, COMMANDS)
def test_two_commands_have_one_text_only_if_they_are_the_same(one, other):
    assert (read(*one).text == read(*other).text) == (one == other)
