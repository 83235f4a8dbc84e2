"""Prints the rows of a small published asset of the project here: KEY."""

from __future__ import annotations

import json
import sys

import assetflow as af

print(json.dumps(af.open(".").load(sys.argv[1]).to_pylist()))
