"""Owns the chain over the large table: five functions, each reading what came before. Knows nothing of tools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEAD = """\
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ran import ran
"""


@dataclass(frozen=True)
class Link:
    """One function of the chain; its parameters are the links that it reads."""

    name: str
    inputs: tuple[str, ...]
    work: tuple[str, ...]

    @property
    def body(self) -> list[str]:
        """The lines of the function."""
        return [f'ran("{self.name}")', *self.work]


@dataclass(frozen=True)
class Chain:
    """The chain over one source file of ``rows`` rows."""

    source: Path
    rows: int

    @property
    def links(self) -> tuple[Link, ...]:
        """load -> filter -> add a column -> aggregate -> join back; float sums are in a fixed order."""
        return (Link("loaded", (), (f"return pq.read_table({str(self.source)!r})",)), *FOLLOWING)


FOLLOWING = (
    Link("filtered", ("loaded",), ('return loaded.filter(pc.greater(loaded["amount"], 60.0))',)),
    Link(
        "priced",
        ("filtered",),
        ('return filtered.append_column("gross", pc.multiply(filtered["amount"], 1.19))',),
    ),
    Link(
        "aggregated",
        ("priced",),
        (
            'groups = pa.TableGroupBy(priced, "category", use_threads=False)',
            'return groups.aggregate([("gross", "sum"), ("gross", "mean"), ("gross", "count")])',
        ),
    ),
    Link(
        "joined",
        ("priced", "aggregated"),
        (
            'place = pc.index_in(priced["category"], aggregated["category"].combine_chunks())',
            'for name in ("gross_sum", "gross_mean", "gross_count"):',
            "    priced = priced.append_column(name, aggregated[name].take(place))",
            "return priced",
        ),
    ),
)
"""The links behind the first, which alone knows where the source lies."""
