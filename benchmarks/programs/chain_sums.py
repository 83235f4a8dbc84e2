"""Prints sums over the last table of the chain, a Parquet file or a published asset: FILE | asset KEY.

Whole numbers throughout, so that they are the same in whatever order rows are added.
"""

from __future__ import annotations

import json
import sys

SUMS = """
select count(*)::bigint as rows, sum(id)::bigint as ids, sum(store)::bigint as stores,
    count(quantity)::bigint as quantities, sum(round(amount * 100)::bigint)::bigint as cents,
    sum(epoch_us(sold_at) % 1000)::bigint as times, count(distinct category)::bigint as categories,
    round(sum(distinct gross_sum))::bigint as gross, sum(gross_count)::bigint as counts
from {joined}
"""


def main(file: str, key: str | None) -> None:
    """Print them as JSON."""
    if key is None:
        import duckdb

        sums = duckdb.sql(SUMS.format(joined=f"read_parquet('{file}')")).to_arrow_table()
    else:
        import assetflow as af

        sums = af.open(".").sql(SUMS.format(joined=key))
    print(json.dumps(sums.to_pylist()[0]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
