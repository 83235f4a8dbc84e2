"""Plans COUNT assets that one factory made, in layers of 100, each reading two of the layer above: COUNT STORE."""

from __future__ import annotations

import sys
import time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from figures import tell

import assetflow as af

WIDTH = 100


def make(place: int) -> Any:
    """Declare the asset at one place."""
    if place < WIDTH:

        @af.asset(f"a_{place:06}")
        def first() -> pa.Table:
            return pa.table({"value": [place]})

        return first

    above = place - WIDTH
    neighbour = above + 1 if place % WIDTH < WIDTH - 1 else above + 1 - WIDTH

    @af.asset(f"a_{place:06}", inputs={"left": f"a_{above:06}", "right": f"a_{neighbour:06}"})
    def following(left: pa.Table, right: pa.Table) -> pa.Table:
        return pa.table({"value": pc.add(pc.add(left["value"], right["value"]), place)})

    return following


def main(count: int, store: str) -> None:
    """Declare, plan, and tell how long both took."""
    begin = time.perf_counter()
    project = af.Project(assets=[make(place) for place in range(count)], store=store)
    declared, used = time.perf_counter(), time.process_time()
    plan = project.plan()
    planned, cpu = time.perf_counter(), time.process_time() - used
    states = {str(item.state) for item in plan}
    assert states <= {"build", "maybe"}, states
    tell(
        {
            "declaring s": declared - begin,
            "plan s": planned - declared,
            "plan CPU s": cpu,
            "planned": len(plan),
        }
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
