"""Laws of planning partitions: at once is as one by one, and a change of one rebuilds it and what maps to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import assetflow as af
from assetflow.hashing.fingerprint import fingerprint
from assetflow.hashing.partition_fingerprints import PartitionFingerprints, packed_key
from assetflow.planning.partitioned import PartitionPlanner

whole_projects = settings(max_examples=6)  # each runs projects, several times over
START = (datetime.now(UTC).date() - timedelta(days=9)).isoformat()
DAYS = [(date.fromisoformat(START) + timedelta(days=n)).isoformat() for n in range(9)]
HASHES = st.text("0123456789abcdef", min_size=1, max_size=32)
SEEN = st.one_of(
    st.none(),
    HASHES,
    st.tuples(st.integers(0, 9), st.lists(st.tuples(st.text(max_size=3), HASHES), max_size=3)),
)


@given(data=st.data())
def test_a_partitions_fingerprint_is_the_same_the_fast_way(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=3))
    inputs = [(name, *data.draw(st.tuples(*[st.text(max_size=4)] * 3))) for name in names]
    entered = [data.draw(st.lists(st.tuples(st.text(max_size=12), SEEN), max_size=3)) for _ in names]
    partition = data.draw(st.text(max_size=300))
    shared = {
        "asset": data.draw(st.text(max_size=9)),
        "output": data.draw(st.sampled_from(["", "0", "1"])),
        "code_version": data.draw(HASHES),
        "config_hash": data.draw(st.text(max_size=9)),
        "sort_by": data.draw(st.lists(st.text(max_size=3), max_size=2)),
        "round": data.draw(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9)), max_size=2)),
        "form": data.draw(st.text(max_size=9)),
        "resources": data.draw(st.lists(st.tuples(st.text(max_size=3), HASHES), max_size=2)),
    }
    packed = [[(packed_key(key), seen) for key, seen in read] for read in entered]
    token = data.draw(st.none() | st.text(max_size=9))
    assert PartitionFingerprints(**shared, inputs=inputs).of(
        packed_key(partition), packed, token
    ) == fingerprint(
        **shared,
        token=token,
        partition=partition,
        inputs=[(*item, read) for item, read in zip(inputs, entered, strict=True)],
        deps=[],
    )


@dataclass
class Shop:
    """Files by day; two outputs of one function; an asset for each kind of mapping below them; and a store."""

    folder: Path
    factor: int = 1

    def write(self, day: str, text: str) -> None:
        (self.folder / f"{day}.csv").write_text(f"n\n{text}\n")

    def project(self) -> af.Project:
        factor = self.factor
        days = af.daily(START)
        raw = af.source("raw", str(self.folder / "{partition}.csv"), partitions=days)

        @af.assets(outs={"orders": af.Out(checks=[af.not_null("n")]), "counted": af.Out()}, partitions=days)
        def cleaned(raw: pa.Table) -> tuple[pa.Table, int]:
            return pa.table({"n": [number % 3 * factor for number in raw["n"].to_pylist()]}), raw.num_rows

        @af.asset(
            partitions=days, inputs={"week": af.Input("orders", partitions=af.window(-2), missing="skip")}
        )
        def rolling(week: pa.Table) -> int:
            return sum(week["n"].to_pylist())

        @af.asset
        def total(rolling: dict[str, int]) -> int:
            return sum(rolling.values())

        return af.Project([raw, cleaned, rolling, total], store=str(self.folder / "store"))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(DAYS), st.integers(0, 9)),
        st.tuples(st.just("remove"), st.sampled_from(DAYS), st.just(0)),
        st.tuples(st.just("code"), st.just(""), st.integers(1, 3)),
        st.tuples(
            st.just("run"), st.sampled_from(["", "latest", "missing", f"{DAYS[2]}..{DAYS[4]}"]), st.just(0)
        ),
    ),
    min_size=2,
    max_size=8,
)


@whole_projects
@given(steps=STEPS)
def test_planned_at_once_is_as_planned_one_by_one_and_a_run_leaves_nothing_to_do(
    steps: list[tuple[str, str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        for what, day, number in [*steps, ("run", "", 0)]:
            if what == "write":
                shop.write(day, str(number))
            elif what == "remove":
                (shop.folder / f"{day}.csv").unlink(missing_ok=True)
            elif what == "code":
                shop.factor = number
            else:
                project = shop.project()
                assert _told(project.plan()) == _one_by_one(project)
                project.materialize(partition=day or None)
        left = shop.project().plan()
        assert not left, left.to_dict()


def _told(plan: af.Plan) -> dict[str, dict[str, str]]:
    """Return the state of each partition by asset."""
    return {
        item.key: {key: item.state_of(key).value for key in DAYS}
        if item.partitions
        else {"": item.state.value}
        for item in plan
    }


def _one_by_one(project: af.Project) -> dict[str, dict[str, str]]:
    with patch.object(PartitionPlanner, "_at_once", lambda _self, _ordinal: None):
        return _told(project.plan())


@whole_projects
@given(day=st.sampled_from(DAYS), number=st.integers(10, 99))
def test_one_changed_partition_rebuilds_that_one_and_what_maps_to_it(day: str, number: int) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        for place, name in enumerate(DAYS):
            shop.write(name, str(place))
        assert shop.project().materialize().counts == {"built": 37}
        before = DAYS.index(day) % 3
        shop.write(day, str(number))
        run = shop.project().materialize()
        built = {item.name for item in run if item.state.value == "built"}
        place = DAYS.index(day)
        expected = {f"raw|{day}", f"orders|{day}", f"counted|{day}"}
        if number % 3 != before:
            expected |= {"total", *(f"rolling|{name}" for name in DAYS[place : place + 3])}
        assert {name for name in built if not name.startswith("total")} == expected - {"total"}
