"""Partitions: schemes, their keys at a moment, sets of them as ranges of ordinals, and which partition reads which.

Pure values: knows nothing of clocks, stores, assets, or the user's functions.
"""
