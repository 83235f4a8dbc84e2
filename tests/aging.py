"""A project on a store whose files are as old as a test says: for what looks after stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from cells import declared_in

import assetflow as af
from assetflow.ledger.ledger import Ledger
from assetflow.operate.workspace import Workspace
from assetflow.settings.settings import Keeping, Settings
from assetflow.storage.store import Store
from assetflow.testing.dated_folder import DatedFolder
from assetflow.testing.fakes import FakeClock

DAY = 86400.0
TEXT = """
@af.asset
def sales() -> pa.Table:
    print("made", AMOUNT)
    return pa.table({"amount": [str(AMOUNT * i) for i in range(2000)]})

@af.asset(checks=[af.row_count(max=1, severity="warn")])
def report(sales: pa.Table) -> pa.Table:
    return sales.slice(0, 1500)

@af.asset
def total(report: pa.Table) -> int:
    return report.num_rows + AMOUNT
"""


@dataclass
class Aging:
    """A store in memory with a clock that stands until it is moved."""

    keeping: dict[str, Keeping] = field(default_factory=dict)
    text: str = TEXT

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.folder = DatedFolder(self.clock)
        self.ledger = Ledger(None, self.store())

    def project(self, amount: int = 1, env: str = "dev") -> af.Project:
        """The project with this constant in its code, as a process of its own has it."""
        declared = tuple(declared_in(self.text, af=af, pa=pa, AMOUNT=amount))
        settings = Settings(
            store=self.folder.url,
            env=env,
            environments=("dev", "prod"),
            executor="inline",
            keeping=self.keeping,
        )
        workspace = Workspace(settings, self.store(), None, lambda: declared)
        workspace.ledger = self.ledger  # shared, to save time: it is what the log says
        return af.Project._of(workspace)

    def copy(self) -> Aging:
        """Another store with the same files, and a clock that says the same."""
        other = Aging(dict(self.keeping), self.text)
        other.folder.files = dict(self.folder.files)
        other.clock.advance(seconds=(self.clock.now() - other.clock.now()).total_seconds())
        return other

    def store(self) -> Store:
        return Store(self.folder, project=None, clock=self.clock)

    def make(self, amount: int, env: str = "dev", *, days: float = 0) -> af.Project:
        """Materialize, and let time go by."""
        project = self.project(amount, env)
        project.materialize().raise_for_failure()
        self.clock.advance(days=days)
        return project

    def objects(self, suffix: str = "") -> dict[str, Any]:
        """What is stored, by name."""
        files = self.folder.files.items()
        return {
            path.rpartition("/")[2]: data
            for path, (data, _) in files
            if path.startswith("objects/") and path.endswith(suffix)
        }
