"""Makes two versions of one large table that differ in 1,000 rows, and lists the files of both: KIND ROWS FOLDER.

KIND: ``spread`` (rows changed everywhere), ``moved`` (rows changed, added and removed everywhere, so that no row keeps
its place), ``together`` (consecutive rows changed).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel
from table import table

import assetflow as af
from assetflow.operate.references import find_version

EDITED = 1000
STORE = ".assetflow/store"
FILES = "files.json"


class Which(BaseModel):
    """Which of the two; in the config, so that each is another fingerprint."""

    number: int = 0


@af.asset
def sales(which: Which, tables: Annotated[Any, af.Resource("tables")]) -> pa.Table:
    """Return one of the two."""
    return tables(which.number)


def version(kind: str, rows: int, number: int) -> pa.Table:
    """Return version 0 or 1 of a table."""
    whole = table(rows)
    edited = _edited(kind, rows)
    if kind == "moved":  # of ten rows three are in the old version alone, three in the new one alone
        places = np.arange(len(edited)) % 10
        gone = edited[(places >= 3) & (places < 6) if number == 0 else places < 3]
        kept = np.delete(np.arange(rows), gone)
    else:
        kept = np.arange(rows)
    if number:
        amount = whole["amount"].to_numpy().copy()
        amount[edited] += 1
        whole = whole.set_column(whole.schema.get_field_index("amount"), "amount", pa.array(amount))
    return whole if len(kept) == rows else pc.take(whole, pa.array(kept))


def _edited(kind: str, rows: int) -> np.ndarray:
    if kind == "together":
        return rows // 2 + np.arange(EDITED)
    return np.arange(EDITED) * (rows // EDITED) + 7


def main(kind: str, rows: int, folder: Path) -> None:
    """Make both, as two runs do."""
    tables = af.Resource("tables", lambda: lambda number: version(kind, rows, number))
    project = af.Project(
        [sales, tables], store=str(folder / STORE), name="versions", root=folder, executor="inline"
    )
    for number in range(2):
        project.materialize(config={"sales": {"number": number}}).raise_for_failure()
    workspace = project._workspace  # noqa: SLF001 - no other way to the files
    files = []
    with workspace.ledger.session() as session:
        for reference in ("HEAD~1", "HEAD"):
            recorded = find_version(session, "sales", reference, "dev")
            files.append([str(file) for file in workspace.loader.unread(recorded.action).data.files])
    (folder / FILES).write_text(json.dumps(files))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
