"""Names and texts in SQL mean what they say, whatever they hold."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from assetflow.frames.sql_quotes import identifier, literal

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(texts, texts)
def test_duckdb_reads_back_every_name_and_text(name: str, text: str) -> None:
    relation = duckdb.sql(f"SELECT {literal(text)} AS {identifier(name)}")
    assert (relation.columns, relation.fetchall()) == ([name], [(text,)])
