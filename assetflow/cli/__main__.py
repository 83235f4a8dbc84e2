"""Owns `python -m assetflow.cli`: the command line of one interpreter, whatever is on the PATH."""

from __future__ import annotations

from assetflow.cli.main import main

main()
