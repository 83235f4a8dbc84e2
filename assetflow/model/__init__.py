"""Frozen records that cross floors and files: specs, manifests, materializations, commits, states.

Knows nothing of how any of them is made, stored or shown.
"""
