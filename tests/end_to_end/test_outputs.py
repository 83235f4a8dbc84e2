"""One function with several outputs: each versioned and skipped on its own, and called once for all of them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from cells import declared_in
from noted import NOTES, note, note_and_fail_until
from shops import Shop

import assetflow as af

SPLIT = """
@af.source("rows", "rows.csv")

"""
CUT = """
import pyarrow as pa

numbers = af.asset("numbers")(lambda: None)
"""


def project(text: str, **settings: object) -> af.Project:
    declared = declared_in(text, af=af, pa=pa, note=note, note_and_fail_until=note_and_fail_until)
    return af.Project(declared, store="memory://outputs", **settings)
