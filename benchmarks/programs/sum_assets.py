"""Prints the sum of the column ``value`` over published assets of the project here: KEY..."""

from __future__ import annotations

import json
import sys

import pyarrow.compute as pc

import assetflow as af

with af.open(".").snapshot() as published:
    print(json.dumps({"total": sum(pc.sum(published.load(key)["value"]).as_py() for key in sys.argv[1:])}))
