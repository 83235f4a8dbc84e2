"""Zones in which days are not all alike, for laws of ticks and of partitions of time."""

from __future__ import annotations

ST_JOHNS = "America/St_Johns"  # midnights that come twice: clocks were changed at one minute past
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # midnights that do not exist
    ST_JOHNS,
    "America/Nuuk",
    "Australia/Lord_Howe",  # jumps by half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # 2011-12-30 does not exist
    "Africa/Casablanca",
]
