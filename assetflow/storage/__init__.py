"""Durable bytes: content-addressed objects, the numbered commit log, and the runs that are alive.

Knows nothing of assets' meaning, of environments, or of DuckDB. ``store.open_store`` opens one.
"""
