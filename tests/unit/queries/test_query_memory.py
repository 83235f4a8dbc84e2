"""What is remembered of queries: it saves reading them again, and is never believed of another text or release."""

from __future__ import annotations

import pytest

from assetflow.queries import memory, reading
from assetflow.queries.reading import QueryReader
from assetflow.queries.tree import parse

QUERY = "SELECT t.a, count(u) FROM t, u"


@pytest.fixture
def file(tmp_path):
    reader = QueryReader(tmp_path / "state" / "queries.json")
    reader.read(QUERY)
    reader.remember()
    return tmp_path / "state" / "queries.json"


def parses(file, monkeypatch) -> list[str]:
    """The texts that are parsed to read ``QUERY`` with this memory."""
    parsed: list[str] = []
    monkeypatch.setattr(
        reading, "parse", lambda connection, text: parsed.append(text) or parse(connection, text)
    )
    assert QueryReader(file).read(QUERY) == QueryReader().read(QUERY)
    return parsed[:-1]  # the last one is of the reader without memory


def test_a_query_that_was_read_is_not_parsed_again(file, monkeypatch):
    assert parses(file, monkeypatch) == []


@pytest.mark.parametrize(
    "damage", [lambda data: b"", lambda data: data[:-9], lambda data: data.replace(b"t", b"x")]
)
def test_a_damaged_file_is_not_believed(file, monkeypatch, damage):
    file.write_bytes(damage(file.read_bytes()))

    assert parses(file, monkeypatch) == [QUERY]


def test_a_file_of_another_release_is_not_believed(file, monkeypatch):
    monkeypatch.setattr(memory, "RELEASE", "0.0.0")

    assert parses(file, monkeypatch) == [QUERY]


def test_queries_that_are_gone_are_forgotten(file):
    before = len(file.read_bytes())
    reader = QueryReader(file)
    reader.read("SELECT 1")
    reader.remember()

    assert len(file.read_bytes()) < before


def test_what_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / "state").write_text("a file, where a folder is to be")
    reader = QueryReader(tmp_path / "state" / "queries.json")

    assert reader.read(QUERY)
    reader.remember()
