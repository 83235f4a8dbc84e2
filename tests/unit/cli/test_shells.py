"""How shells ask, and how they are told."""

from __future__ import annotations

import pytest

from assetflow.cli.shells import Asked, Bash, Fish, Zsh


def bash(*words: str) -> Asked:
    return Bash().asked({"COMP_WORDS": "\n".join(["assetflow", *words]), "COMP_CWORD": str(len(words))})


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([""], Asked((), "")),
        (["plan", "sa"], Asked(("plan",), "sa")),
        (["plan", "tag", ":", "da"], Asked(("plan",), "tag:da", kept=4)),
        (["plan", "tag", ":"], Asked(("plan",), "tag:", kept=4)),
        (["plan", "--env", "=", "pr"], Asked(("plan",), "--env=pr", kept=6)),
        (["show", "sales", "@", "pr"], Asked(("show",), "sales@pr", kept=6)),
        (["show", "sales@pr"], Asked(("show",), "sales@pr")),
        (["plan", "@", "sa"], Asked(("plan",), "@sa", kept=1)),
        (["plan", "-s", "@", "sa"], Asked(("plan", "-s"), "@sa", kept=1)),
        (["plan", "'a b'", "c"], Asked(("plan", "a b"), "c")),
        (["plan", "'(sales+ and cu"], Asked(("plan",), "(sales+ and cu")),
    ],
)
def test_bash_has_its_words_put_together_again(words, asked):
    assert bash(*words) == asked


def test_bash_gets_only_what_it_replaces():
    asked = bash("plan", "tag", ":", "da")
    assert Bash().told([("tag:daily", "")], asked, {}) == ("daily", 0)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("assetflow ", Asked((), "")),
        ("assetflow plan ", Asked(("plan",), "")),
        ("assetflow plan tag:da", Asked(("plan",), "tag:da")),
        ("assetflow plan 'a b' c", Asked(("plan", "a b"), "c")),
        ("assetflow plan '(a and b", Asked(("plan",), "(a and b")),
    ],
)
def test_zsh_and_fish_give_the_line(line, asked):
    for shell in (Zsh(), Fish()):
        assert shell.asked({"_TYPER_COMPLETE_ARGS": line}) == asked


def test_zsh_gets_a_call_that_it_can_evaluate():
    text, code = Zsh().told([("tag:daily", "it's $HOME"), ("sales", "")], Asked((), ""), {})
    assert (text, code) == ('_arguments \'*: :(("tag\\\\:daily":"it\'\'s \\$HOME"\n"sales"))\'', 0)


def test_zsh_completes_files_where_there_is_nothing_to_tell():
    assert Zsh().told([], Asked((), ""), {}) == ("_files", 0)


def test_fish_asks_first_whether_there_is_anything():
    asking = {"_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    assert Fish().told([("sales", "")], Asked((), ""), asking) == ("", 0)
    assert Fish().told([], Asked((), ""), asking) == ("", 1)
    assert Fish().told([("sales", "asset"), ("x", "")], Asked((), ""), {}) == ("sales\tasset\nx", 0)
