"""Exceptions that nothing below has answered."""

from __future__ import annotations

import json

import pytest
import typer
from console import Screen

from assetflow.cli.failure import tell_failure
from assetflow.cli.terminal import Terminal
from assetflow.errors import DeclarationError, Problem, SelectionError, SourceError, UsageError


def told(error: Exception, *, as_json: bool = False, debug: bool = False) -> tuple[int, str, str]:
    out, err = Screen(), Screen()
    code = tell_failure(error, Terminal(out, err, {}), as_json=as_json, debug=debug)
    return code, out.text, err.text


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_an_error_of_purpose_is_told_with_the_way_to_mend_it():
    assert told(UsageError("no such [thing]", hint="do that")) == (
        2,
        "",
        "error: no such [thing]\n  do that\n",
    )
    assert told(SourceError("gone"))[0] == 1


def test_a_selections_place_is_shown():
    from assetflow.lineage.parser import parse

    with pytest.raises(SelectionError) as caught:
        parse("sales and (b")
    _, _, err = told(caught.value)
    assert err.splitlines()[1:3] == ["    sales and (b", "              ^"]


def test_all_problems_of_the_declarations_are_told_with_their_places():
    problems = [Problem("one", "a.py:1", "mend it"), Problem("two", "b.py:22")]
    code, _, err = told(DeclarationError(problems))
    assert code == 2
    assert err == (
        "error: 2 problems in the project's declarations\n\n  a.py:1: one\n    mend it\n\n  b.py:22: two\n"
    )


def test_json_has_the_same_in_one_document_on_stdout():
    code, out, err = told(DeclarationError([Problem("one", "a.py:1", "mend it")]), as_json=True)
    document = json.loads(out)["error"]
    assert (code, err, document["code"]) == (2, "", "declaration")
    assert document["problems"] == [{"message": "one", "where": "a.py:1", "hint": "mend it"}]


def test_a_bug_is_called_a_bug_and_has_no_traceback_unless_asked_for(monkeypatch):
    monkeypatch.setattr("assetflow.settings.import_failure.own_frames", lambda error, root: [])
    error = raised(KeyError("x"))
    code, _, err = told(error)
    assert code == 1
    assert err.startswith("error: this is a bug in assetflow: KeyError: 'x'")
    assert "Traceback" not in err
    assert "Traceback" in told(error, debug=True)[2]


def test_what_the_users_own_code_raises_is_shown_by_its_frames_without_local_variables():
    def users_function():
        password = "hunter2"
        raise ValueError("no") from KeyError(len(password))

    with pytest.raises(ValueError, match="no") as caught:
        users_function()
    for debug in (False, True):
        _, _, err = told(caught.value, debug=debug)
        assert "users_function" in err
        assert "ValueError: no" in err
    assert "your code raised ValueError: no" in told(caught.value)[2]


def test_what_the_system_refuses_is_no_bug():
    code, _, err = told(PermissionError(13, "Permission denied", "/x"))
    assert code == 1
    assert err.startswith("error: PermissionError: [Errno 13] Permission denied: '/x'")
    assert "a bug" not in err


def test_a_mistyped_command_line_is_usage():
    code, _, err = told(typer.BadParameter("not a number"))
    assert (code, err) == (2, "error: Invalid value: not a number\n")
