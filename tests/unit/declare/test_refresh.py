"""What ``refresh=`` may say, and what is told of what makes no sense: where it stands, and what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest
from cells import declared_in

import assetflow as af
from assetflow.calendar.cron import Cron
from assetflow.calendar.interval import Interval
from assetflow.declare.collect import collect
from assetflow.declare.sql import sql
from assetflow.model.refresh import Always, Arrival, Probe, Schedule, refresh_words


def answer() -> int:
    return 1


def needs(what: int, *, more: int) -> int:
    return what + more


async def later() -> int:
    return 1


def spec_of(refresh: Any) -> Any:
    @af.asset(refresh=refresh)
    def sales() -> int:
        return 1

    return collect([sales]).specs["sales"].refresh


@pytest.mark.parametrize(
    ("refresh", "expected", "words"),
    [
        (
            af.cron("0  6 * * *", tz="Europe/Berlin"),
            Schedule(Cron("0 6 * * *", "Europe/Berlin")),
            "cron 0 6 * * * Europe/Berlin",
        ),
        (af.cron("0 0 l * *"), Schedule(Cron("0 0 L * *")), "cron 0 0 L * * UTC"),
        (af.every("15m"), Schedule(Interval(900, "15m")), "every 15m"),
        (af.every(90), Schedule(Interval(90, "90s")), "every 90s"),
        (af.probe(answer), Probe(answer, 30.0), "probe answer"),
        (af.probe(af.arrived("in/*.csv"), timeout="1m"), Probe(Arrival("in/*.csv"), 60.0), "probe in/*.csv"),
        (af.always, Always(), "always"),
        (None, None, ""),
    ],
)
def test_a_refresh_is_read(refresh: Any, expected: Any, words: str) -> None:
    found = spec_of(refresh)
    assert found == expected
    assert found is None or refresh_words(found) == words


@pytest.mark.parametrize(
    ("refresh", "told"),
    [
        (af.cron("0 25 * * *"), ["says '25' of the hour", "0 to 23"]),
        (af.cron("0 6 * * FUN"), ["says 'FUN' of the day of week", "SUN to SAT"]),
        (af.cron("6:30"), ["has 1 of 5 fields", "did you mean '30 6 * * *'?"]),
        (af.cron("@daily"), ["did you mean '0 0 * * *'?"]),
        (af.cron("0 6 * *"), ["has 4 of 5 fields", "did you mean '0 6 * * *'?"]),
        (af.cron("0 0 6 * * *"), ["has 6 of 5 fields", "did you mean '0 6 * * *'?"]),
        (af.cron("nonsense"), ["has 1 of 5 fields", "0 6 * * * is each day at six"]),
        (af.cron(""), ["has 0 of 5 fields", "each day at six"]),
        (af.cron("0 0 30 2 *"), ["never comes", "did you mean '0 0 L 2 *'?"]),
        (af.cron(6), ["the cron expression 6 is no text"]),  # type: ignore[arg-type]
        (af.cron("0 6 * * *", tz="Berlin"), ["tz='Berlin' is no time zone", "did you mean 'Europe/Berlin'?"]),
        (af.cron("0 6 * * *", tz="Europe/Berln"), ["did you mean 'Europe/Berlin'"]),
        (af.cron("0 6 * * *", tz="../etc/passwd"), ["is no time zone", "IANA"]),
        (af.cron("0 6 * * *", tz=1), ["tz=1 is no time zone"]),  # type: ignore[arg-type]
        (af.every("15 minutes"), ["'15 minutes' is not a duration", "did you mean '15m'?"]),
        (af.every("1 month"), ["a month is no fixed time", 'af.cron("0 0 1 * *")']),
        (af.every("1w"), ["did you mean '7d'?"]),
        (af.every("soon"), ["'soon' is not a duration", '"15m"']),
        (af.every("0s"), ["is no number of whole seconds", 'af.every("1s")']),
        (af.every("1.5s"), ["is no number of whole seconds"]),
        (af.every(None), ["None is not a duration"]),  # type: ignore[arg-type]
        (af.probe(3), ["probe(3) is no function", "without calling it"]),  # type: ignore[arg-type]
        (af.probe(needs), ["probe(needs) needs what, more"]),
        (af.probe(later), ["asynchronous"]),
        (af.probe(answer, timeout="long"), ["probe(timeout='long')", "not a duration"]),
        (af.probe(answer, timeout=0), ["leaves it no time"]),
        (af.probe(af.arrived("")), ["arrived('') is no path"]),
        (af.cron("0 6 * * *", again=-2), ["cron(again=-2) is no number", "did you mean again=2?"]),
        (af.cron("0 6 * * *", again="2"), ["did you mean again=2?"]),  # type: ignore[arg-type]
        (af.every("1h", again=1.5), ["every(again=1.5) is no number"]),  # type: ignore[arg-type]
        (af.every("1h", again=True), ["again=True", "write again=2"]),
        (af.every("1h", again=2000), ["from 0 to 1000", 'partitions="all"']),
        (af.every("1h", again=2), ["again=2 is of partitions of time", "leave again= out"]),
        (af.every("1h", partitions="al"), ["partitions='al'", "did you mean 'all'?"]),  # type: ignore[arg-type]
        (af.every("1h", partitions=3), ["names no partitions", '"last"']),  # type: ignore[arg-type]
        (
            af.every("1h", partitions="all"),
            ['says partitions="all", and it has none', "leave partitions= out"],
        ),
        ("0 6 * * *", ["did you mean af.cron('0 6 * * *')?"]),
        ("15m", ["did you mean af.every('15m')?"]),
        ("always", ["did you mean af.always?"]),
        (answer, ["did you mean af.probe(answer)?"]),
        (af.arrived("in/*"), ["did you mean af.probe(af.arrived('in/*'))?"]),
        (7, ["refresh=7 says nothing of when it is stale", "af.every"]),
    ],
)
def test_what_makes_no_sense_is_told_with_the_nearest_that_does(refresh: Any, told: list[str]) -> None:
    with pytest.raises(af.DeclarationError) as raised:
        spec_of(refresh)
    (problem,) = raised.value.problems
    assert "test_refresh.py:" in problem.where
    assert problem.message.startswith("asset 'sales': ")
    for words in told:
        assert words in str(problem)


def test_all_that_is_wrong_is_told_at_once_of_queries_too() -> None:
    @af.asset(refresh=af.cron("0 25 * * *", tz="Berlin"))
    def sales() -> int:
        return 1

    with pytest.raises(af.DeclarationError) as raised:
        collect([sales, sql("top", "SELECT 1 AS a", refresh=af.every("often"))])
    assert len(raised.value.problems) == 3


def test_the_code_of_a_probe_is_no_part_of_the_assets() -> None:
    text = """
def look():
    return {answer}

@af.asset(refresh=af.probe(look))
def sales() -> int:
    return 1
"""
    versions = set()
    for number in (1, 2):
        project = af.Project(declared_in(text.format(answer=number), af=af))
        versions.add(project.show("sales").code_version)
    assert len(versions) == 1


def test_a_refresh_compares_by_what_it_says() -> None:
    assert af.cron("0 6 * * *") == af.cron("0 6 * * *", tz="UTC")
    assert {af.every("15m"), af.every("15m"), af.always} == {af.every("15m"), af.always}
