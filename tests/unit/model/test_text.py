from __future__ import annotations

import pytest

from assetflow.model.text import MOST_SAID, said, shortened, sound


class Mute(ValueError):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_lone_surrogates_become_words_and_the_rest_stays() -> None:
    assert sound("né\udc80e 😀") == "né\\udc80e 😀"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("a\udc80"), "a\\udc80"),
        (Mute(), "<Mute whose str() failed>"),
        (KeyError("x"), "'x'"),
    ],
)
def test_every_exception_has_words(error: Exception, text: str) -> None:
    assert said(error) == text


def test_long_text_keeps_its_beginning_and_its_end() -> None:
    short = shortened("a" * 50 + "b" * 50, 10)
    assert short == "aaaaa\n... 90 characters left out ...\nbbbbb"
    assert shortened("a" * 10, 10) == "a" * 10
    assert len(said(ValueError("x" * 100_000))) < MOST_SAID + 100
