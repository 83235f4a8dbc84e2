"""Judging data: built-in checks, a user's own, pandera's, and what their failing rows amount to.

A check never changes data. Knows nothing of stores, runs, or who reads a verdict.
"""
