"""Owns the number of this release. A test holds that it is the one in pyproject.toml."""

from __future__ import annotations

RELEASE = "0.1.0"
