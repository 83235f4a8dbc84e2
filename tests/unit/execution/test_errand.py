from __future__ import annotations

import pickle

import pytest

from assetflow.errors import (
    CheckRaisedError,
    DataError,
    DeclarationError,
    Problem,
    UnsupportedTypeError,
    WorkerError,
)
from assetflow.execution.attempts import RaisedElsewhere
from assetflow.execution.errand import Raised, portable
from assetflow.model.spec import Retry


class TwoWords(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def sent(error: BaseException, retry: Retry | None = None) -> RaisedElsewhere:
    """Return an error as it comes out of the way between two processes."""
    raised: Raised = pickle.loads(pickle.dumps(Raised.by(error, retry or Retry())))
    return raised.elsewhere()


def test_an_error_comes_as_itself_with_what_was_found_where_it_was_raised() -> None:
    try:
        raise KeyError("x")
    except KeyError as error:
        came = sent(error)
    assert isinstance(came.error, KeyError)
    assert came.told["error"] == "KeyError"
    assert 'raise KeyError("x")' in came.told["traceback"]
    assert came.may_pass


def test_whether_it_is_tried_again_is_decided_where_its_class_is_known() -> None:
    assert sent(TwoWords("a", "b"), Retry(on=(TwoWords,))).may_pass
    assert not sent(TwoWords("a", "b"), Retry(on=(OSError,))).may_pass
    assert not sent(DataError("never")).may_pass


def test_an_error_that_cannot_be_made_again_is_told_in_its_words() -> None:
    came = sent(TwoWords("one", "two"))
    assert isinstance(came.error, WorkerError)
    assert came.error.message == "TwoWords: one two"
    assert str(portable(TwoWords("one", "two"))) == "TwoWords: one two"


@pytest.mark.parametrize(
    "error",
    [
        DataError("what", hint="how"),
        UnsupportedTypeError("column", "duration", hint="cast it"),
        CheckRaisedError("it raised", original=ValueError("why")),
        DeclarationError([Problem("bad", "a.py:1", "mend it")]),
    ],
)
def test_assetflows_own_errors_keep_all_they_say(error: DataError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert {name: repr(value) for name, value in vars(again).items()} == {
        name: repr(value) for name, value in vars(error).items()
    }
    assert portable(error) is error
