"""How many examples the laws are held to: identity more than others, what makes files or projects fewer."""

from __future__ import annotations

from hypothesis import settings

_IN_CI = settings.default.max_examples > 50

identity = settings(max_examples=300 if _IN_CI else 50)
"""For the laws of identity: what they miss, a store holds for good."""

costly = settings(max_examples=20 if _IN_CI else 8)
"""For laws of which each example makes files or databases, or asks often."""
