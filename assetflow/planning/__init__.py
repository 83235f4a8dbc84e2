"""Decides what is stale and why. Runs nothing, commits nothing: values in, values out."""
