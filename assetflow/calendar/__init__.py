"""Owns when something is due by the clock: the ticks of cron expressions and of intervals, in any time zone.

Knows nothing of assets, and never looks at a clock: every moment is handed in.
"""
