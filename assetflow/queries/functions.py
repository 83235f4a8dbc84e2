"""Owns which functions an asset's query may not call: what they return is not decided by the query's inputs.

Knows nothing of where in a query they stand.
"""

from __future__ import annotations

import re

TIME = frozenset(
    re.findall(
        r"\w+",
        """
    ago current_date current_localtime current_localtimestamp current_time current_timestamp
    get_current_time get_current_timestamp localtime localtimestamp now pg_conf_load_time
    pg_postmaster_start_time today transaction_timestamp
    """,
    )
)
"""What tells the time. Those that SQL writes without parentheses look like names of columns."""

CHANCE = frozenset({"gen_random_uuid", "random", "reservoir_quantile", "setseed", "uuid", "uuidv4", "uuidv7"})

ELSEWHERE = frozenset(
    re.findall(
        r"\w+",
        """
    current_catalog current_connection_id current_database current_query current_query_id current_schema
    current_schemas current_setting current_transaction_id currval getenv getvariable in_search_path nextval
    pg_sleep setval sleep_ms stats txid_current vector_type version write_log
    """,
    )
)
"""What tells of, or changes, the session that runs the query."""

TABLE_FUNCTIONS = frozenset(
    {"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"}
)
"""Functions in FROM that make rows of their arguments alone."""


def refusal(name: str, arguments: int) -> tuple[str, str] | None:
    """Say why a function may not be called with so many arguments, and the way out; None where it may."""
    if name in TIME or (name == "age" and arguments == 1):
        return f"{name}() asks for the time, which is no input of the query", _TIME_HINT
    if name in CHANCE:
        return f"{name}() gives something else each time", _CHANCE_HINT
    if name in ELSEWHERE:
        return f"{name}() asks for more than the query's inputs", "write its value into the query"
    return None


def table_refusal(name: str) -> tuple[str, str] | None:
    """Say why a function may not stand in FROM, and the way out; None where it may."""
    if name in TABLE_FUNCTIONS:
        return None
    return f"{name}() reads what is no asset", SOURCE_HINT


SOURCE_HINT = "declare the files as af.source('name', 'path'), and select from that name"
_TIME_HINT = (
    "write the date into the query, or make it a column of an asset in Python; no unchanged query runs again, "
    "so it would stay at the day of its first run"
)
_CHANCE_HINT = "make a number of a key by hash(), or draw it in an asset in Python, with a seed"
