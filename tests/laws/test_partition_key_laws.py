"""Laws of partitions: time is tiled, keys and ordinals are inverse, text parses back, mappings have exact inverses."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from eventful_zones import ZONES
from hypothesis import assume, example, given
from hypothesis import strategies as st

from assetflow.partitions.grid import grid
from assetflow.partitions.mappings import (
    all_partitions,
    by_key,
    covering,
    default_mapping,
    dimension,
    last,
    possible_mappings,
    same,
    window,
)
from assetflow.partitions.named import dynamic, key_problem, static
from assetflow.partitions.parsing import parse
from assetflow.partitions.ranges import Ranges
from assetflow.partitions.scheme import Moment, Whole
from assetflow.partitions.timed import cron_partitions, daily, hourly, monthly, weekly
from assetflow.partitions.wording import text

CRONS = [
    "30 2 * * *",
    "*/30 * * * *",
    "0 0 * * MON",
    "15 */6 1,15 * *",
    "0 0 L * *",
    "59 23 * * 5",
    "0 0 * * *",
]

zones = st.sampled_from(ZONES)
days = st.dates(date(1985, 1, 1), date(2030, 12, 31))
# Where offsets jump: around the days on which clocks change, and where a date is missing.
eventful = st.sampled_from(
    [
        date(2026, 3, 27),
        date(2026, 10, 23),
        date(2011, 12, 27),
        date(2026, 4, 3),
        date(2026, 10, 2),
        date(2000, 10, 6),
    ]
)
starts = days | eventful


@st.composite
def time_schemes(draw, zone=zones, start=starts):
    first, tz = draw(start), draw(zone)
    kind = draw(st.sampled_from(["hour", "day", "week", "month", "cron"]))
    if kind == "hour":
        return hourly(first, tz=tz)
    if kind == "day":
        return daily(first, tz=tz)
    if kind == "week":
        return weekly(first - timedelta(days=first.weekday()), tz=tz)
    if kind == "month":
        return monthly(first.replace(day=1), tz=tz)
    return cron_partitions(draw(st.sampled_from(CRONS)), first, tz=tz)


def moment_after(scheme, days_later, **dynamic_keys):
    start = datetime.fromisoformat(f"{scheme.start[:10]}T12:00:00+00:00")
    return Moment(start + timedelta(days=days_later), dynamic_keys)


@st.composite
def timed_keys(draw, **options):
    scheme = draw(time_schemes(**options))
    assert not scheme.problems()
    return scheme.at(moment_after(scheme, draw(st.integers(0, 40))))


names = st.text(min_size=1, max_size=6).filter(lambda name: key_problem(name) is None) | st.sampled_from(
    ["latest", "a..b", "x=y", "*", "a,b", 'q"\\', "(", "missing", "1.5", "a b"]
)
named_keys = st.lists(names, min_size=1, max_size=6, unique=True).map(tuple)


@st.composite
def grids(draw):
    scheme = draw(time_schemes())
    parts = {"time": scheme, "region": static(draw(named_keys)), "customer": dynamic("c")}
    chosen = draw(st.lists(st.sampled_from(sorted(parts)), min_size=1, max_size=3, unique=True))
    moment = moment_after(scheme, draw(st.integers(0, 12)), c=draw(named_keys))
    return grid(**{name: parts[name] for name in chosen}).at(moment)


any_keys = (
    timed_keys()
    | named_keys.map(lambda keys: static(keys).at(moment_after(daily("2026-01-01"), 1)))
    | grids()
)


@st.composite
def subsets(draw, keys):
    size = len(keys)
    edges = st.tuples(st.integers(0, size), st.integers(0, size)).map(sorted)
    return Ranges.of_spans(draw(st.lists(edges, max_size=5)))


ordinal_sets = st.sets(st.integers(0, 30))


@given(ordinal_sets, ordinal_sets)
def test_ranges_are_sets(left, right):
    a, b = Ranges.of_ordinals(left), Ranges.of_ordinals(right)

    assert (set(a | b), set(a & b), set(a - b)) == (left | right, left & right, left - right)
    assert list(a) == sorted(left)
    assert len(a) == len(left)
    assert bool(a) == bool(left)
    assert {n for n in range(-1, 32) if n in a} == left
    assert (a == b) == (left == right)
    assert (a & b == a) == (left <= right)


@given(ordinal_sets, st.integers(-12, 12) | st.none(), st.integers(-12, 12) | st.none())
def test_ranges_are_sliced_as_lists(ordinals, start, stop):
    ranges, listed = Ranges.of_ordinals(ordinals), sorted(ordinals)

    assert list(ranges[start:stop]) == listed[start:stop]
    if start is not None and -len(listed) <= start < len(listed):
        assert ranges[start] == listed[start]


@given(timed_keys())
def test_partitions_tile_time(keys):
    bounds = [keys.bounds(ordinal) for ordinal in range(len(keys))]

    assert all(begin.astimezone(UTC) < end.astimezone(UTC) for begin, end in bounds)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(bounds))


@given(timed_keys(), st.integers(0, 3600 * 24 * 30))
def test_every_instant_lies_in_the_partition_that_is_found_for_it(keys, later):
    when = keys.begin_of_all + later
    place = keys.line.find(when)

    assert keys.line.begin(place) <= when < keys.line.begin(place + 1)


@given(any_keys)
def test_keys_and_ordinals_are_inverse_and_keys_are_distinct(keys):
    listed = list(keys)

    assert [keys.index(key) for key in listed] == list(range(len(keys)))
    assert len(set(listed)) == len(listed)


@given(time_schemes(), st.integers(0, 15), st.integers(0, 30) | st.just(800))
def test_time_that_passes_adds_keys_and_changes_none(scheme, early, later):
    before, after = (scheme.at(moment_after(scheme, days)) for days in (early, early + later))

    assert len(before) <= len(after)
    assert list(before) == list(itertools.islice(after, len(before)))
    assert [before.bounds(n) for n in range(len(before))] == [after.bounds(n) for n in range(len(before))]


@given(time_schemes(), st.integers(0, 40))
def test_a_partition_exists_from_its_end_on(scheme, days_later):
    moment = moment_after(scheme, days_later)
    keys = scheme.at(moment)
    assume(len(keys))
    end = keys.bounds(len(keys) - 1)[1].astimezone(UTC)

    assert end <= moment.now
    assert len(scheme.at(Moment(end))) == len(keys)
    assert len(scheme.at(Moment(end - timedelta(microseconds=1)))) == len(keys) - 1


@given(starts, zones, st.integers(1, 60))
def test_daily_partitions_are_the_dates_that_clocks_show(start, tz, length):
    scheme = daily(start, tz=tz)
    keys = scheme.at(moment_after(scheme, length))
    first, zone = keys.begin_of_all, ZoneInfo(tz)
    shown = {datetime.fromtimestamp(when, zone).date() for when in range(first, keys.end_of_all, 900)}

    assert list(keys) == [day.isoformat() for day in sorted(shown) if day >= start]


@given(starts, zones, st.integers(1, 20))
def test_days_begin_with_an_hour(start, tz, length):
    assume(tz != "America/St_Johns")  # its clocks jumped at one minute past midnight
    moment = moment_after(daily(start), length)
    hours, dates = hourly(start, tz=tz).at(moment), daily(start, tz=tz).at(moment)
    begins = {hours.begin(ordinal) for ordinal in range(len(hours) + 1)}

    assert {dates.begin(ordinal) for ordinal in range(len(dates) + 1)} <= begins


@given(any_keys, st.data())
def test_what_is_written_parses_back(keys, data):
    ranges = data.draw(subsets(keys))
    assume(ranges)

    assert parse(text(ranges, keys), keys) == ranges


@given(grids(), st.data())
def test_boxes_are_the_cells_without_overlap(keys, data):
    cells = data.draw(subsets(keys))
    boxes = [keys.cells(box) for box in keys.boxes(cells)]

    assert Ranges.of_spans(span for box in boxes for span in box.spans) == cells
    assert sum(len(box) for box in boxes) == len(cells)


@st.composite
def mapped(draw):
    """A mapping without problems, and the keys of two schemes that it maps, at one moment."""
    start = draw(st.shared(starts, key="start"))
    scheme, other = (
        draw(time_schemes(start=st.just(start))),
        draw(time_schemes(start=starts | st.just(start))),
    )
    regions, countries = static(["eu", "us", "asia"]), static(["de", "fr", "ca"])
    later = scheme.__class__(scheme.step, other.start, None, scheme.tz)  # counted alike, from another start
    cells = grid(time=scheme, region=regions)
    down, up, mapping = draw(
        st.sampled_from(
            [
                (scheme, scheme, same()),
                (scheme, scheme, window(-3, -1)),
                (scheme, later, window(-2, 2)),
                (later, scheme, same()),
                (scheme, other, covering()),
                (scheme, other, last()),
                (regions, scheme, last()),
                (Whole(), cells, all_partitions()),
                (regions, countries, by_key({"eu": ["de", "fr"], "us": [], "asia": "ca"})),
                (cells, scheme, dimension("time")),
                (scheme, cells, dimension("time")),
                (other, cells, dimension(time=covering())),
                (cells, grid(time=scheme, country=countries), dimension("time")),
                (cells, cells, dimension("region", time=window(-1, 0))),
                (cells, other, dimension(time=last())),
            ]
        )
    )
    assume(not mapping.problems(down, up))
    moment = moment_after(scheme, draw(st.integers(0, 9)))
    return mapping, down.at(moment), up.at(moment)


@given(mapped(), st.data())
def test_what_a_partition_reads_and_what_is_touched_are_inverse(case, data):
    mapping, down, up = case
    reads = mapping.resolve(down, up)
    changed = data.draw(subsets(up))

    slowly = Ranges.of_ordinals(ordinal for ordinal in range(len(down)) if reads.of(ordinal) & changed)
    assert reads.touched(changed) == slowly
    assert all(reads.of(ordinal) - up.all == Ranges() for ordinal in range(len(down)))
    assert (reads.cut | reads.waiting) - down.all == Ranges()


@given(timed_keys(start=eventful), st.data())
def test_covering_reads_what_has_an_instant_in_common(down, data):
    up = data.draw(timed_keys(start=eventful))
    reads = covering().resolve(down, up)

    for ordinal in range(min(len(down), 60)):
        begin, end = down.begin(ordinal), down.begin(ordinal + 1)
        common = [n for n in range(len(up)) if up.begin(n) < end and begin < up.begin(n + 1)]
        assert list(reads.of(ordinal)) == common


@given(timed_keys(start=eventful), st.data())
def test_a_reader_is_whole_unless_it_is_cut_or_waits(down, data):
    up = data.draw(timed_keys(start=eventful))
    reads = covering().resolve(down, up)

    for ordinal in range(len(down)):
        read = reads.of(ordinal)
        whole = bool(read) and up.begin(read[0]) <= down.begin(ordinal)
        whole = whole and up.begin(read[-1] + 1) >= down.begin(ordinal + 1)
        assert whole == (ordinal not in reads.cut and ordinal not in reads.waiting)


@given(timed_keys(start=eventful), st.data())
def test_last_reads_the_newest_that_was_closed_by_then(down, data):
    up = data.draw(timed_keys(start=eventful))
    reads = last().resolve(down, up)

    for ordinal in range(min(len(down), 60)):
        closed = [n for n in range(len(up)) if up.begin(n + 1) <= down.begin(ordinal + 1)]
        assert list(reads.of(ordinal)) == closed[-1:]


@given(time_schemes(), time_schemes())
@example(daily("2026-01-01"), monthly("2026-01"))
def test_a_default_or_possible_mapping_has_no_problems(left, right):
    for down, up in itertools.product([left, right, grid(a=left, b=right), grid(a=left), Whole()], repeat=2):
        default = default_mapping(down, up)
        assert default is None or default.problems(down, up) == ()
        assert possible_mappings(down, up)
