"""The ledger: the log of a store projected into DuckDB tables, and the questions that everyone asks of them.

Owns its tables, applying commits to them, the file they lie in, and running a person's SQL on a private copy.
Knows nothing of planning, running or of how commits are written; losing it loses nothing.
"""
