"""Hands figures that a program measured itself to the harness; prints them where there is none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def tell(figures: Mapping[str, float]) -> None:
    """Write them to the file that BENCH_FIGURES names."""
    file = os.environ.get("BENCH_FIGURES")
    if file:
        Path(file).write_text(json.dumps(dict(figures)))
    else:
        print(json.dumps(dict(figures)))
