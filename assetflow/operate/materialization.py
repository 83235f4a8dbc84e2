"""Owns the materialization as people see it: one record, flattened from what the log says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assetflow.ledger.records import Recorded
from assetflow.model.recipe import InputVersion
from assetflow.model.versions import Materialized, RemoteVersion
from assetflow.planning.fingerprints import seen_of


@dataclass(frozen=True)
class Materialization:
    """A record that a fingerprint gave a data version.

    ``columns``: column hash by name, for tables. ``inputs``: the upstream versions that it was made from. ``env``:
    where it was made. ``seconds``: of the work. ``reasons``: why it was made then. ``metadata``: what the function
    recorded. ``lineage``: of what a query made, the (asset, column) pairs that each column comes from. ``remote``: of
    another project's asset, which version of it. ``peak_memory``: bytes, the most that its own process held.
    """

    key: str
    partition: str
    kind: str
    version: str
    data_version: str
    fingerprint: str
    code_version: str | None
    columns: Mapping[str, str]
    rows: int | None
    bytes: int
    inputs: tuple[InputVersion, ...]
    config: Mapping[str, Any] | None
    reasons: tuple[str, ...]
    metadata: Mapping[str, Any]
    run_id: str
    commit: int
    time: str
    seconds: float
    env: str | None
    log: str | None
    lineage: Mapping[str, tuple[tuple[str, str], ...]]
    remote: RemoteVersion | None = None
    peak_memory: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        shown["columns"] = dict(self.columns)
        shown["remote"] = self.remote.model_dump(mode="json") if self.remote else None
        shown["lineage"] = {name: [list(pair) for pair in pairs] for name, pairs in self.lineage.items()}
        shown["inputs"] = [
            {
                "parameter": item.parameter,
                "asset": item.asset,
                "version": item.version,
                "data_version": item.data_version,
                "form": item.form.split(":", 1)[0],
            }
            for item in self.inputs
        ]
        return shown

    def __repr__(self) -> str:
        return f"<Materialization of {self.key} {self.version[:12]} at {self.time}>"


def materialization_of(recorded: Recorded) -> Materialization:
    """Return what people see of a record."""
    action = recorded.action
    made = action if isinstance(action, Materialized) else None
    return Materialization(
        key=action.asset,
        partition=action.partition,
        kind=action.kind,
        version=action.version,
        data_version=action.data_version,
        fingerprint=action.fingerprint,
        code_version=made.code_version if made else None,
        columns=dict(seen_of(action).columns or ()),
        rows=action.rows,
        bytes=action.bytes,
        inputs=made.recipe.inputs if made else (),
        config=made.recipe.config if made else None,
        reasons=made.reasons if made else (),
        metadata=made.metadata if made else {},
        run_id=action.run,
        commit=recorded.commit,
        time=recorded.time,
        seconds=action.seconds,
        env=recorded.env,
        log=action.log,
        lineage=made.lineage if made else {},
        remote=None if isinstance(action, Materialized) else action.remote,
        peak_memory=made.peak_memory if made else None,
    )
