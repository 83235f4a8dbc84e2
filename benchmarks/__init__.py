"""Measures assetflow, a plain script and other tools on the same work: `make bench`, `make bench-peers`.

The harness uses the standard library alone, so that it stays small beside what it measures.
"""
