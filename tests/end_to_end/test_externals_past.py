"""What was read of another project is done again, compared and asked about, as what is our own."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from cells import declared_in
from console import said_in
from shops import Shop

import assetflow as af
from assetflow.execution.remote import RemoteObservation, Remotes
from assetflow.execution.shelf import Shelf
from assetflow.model.spec import ExternalSpec
from assetflow.settings.settings import RemotePlace
from assetflow.storage.store import Store, open_store

THEIRS = """
import pyarrow as pa
import assetflow as af

raw = af.source("raw", "raw.csv", keep=True)

@af.asset
def sales() -> pa.Table:
    return pa.table({"id": list(range(3000)), "amount": [{amount}] * 3000})
"""
OURS = """
import pyarrow as pa
import assetflow as af

sales = af.external("sales", store="../theirs/.assetflow/store")
raw = af.external("raw", store="../theirs/.assetflow/store")
low = af.external("low", store="../theirs/.assetflow/store", asset="sales", checks=[af.range("amount", max=10)])

@af.asset
def total(sales: pa.Table) -> int:
    return sum(sales["amount"].to_pylist())

@af.asset(checks=[af.range("amount", max=10)])
def report(sales: pa.Table, raw: pa.Table) -> pa.Table:
    return sales.slice(0, raw.num_rows)
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that read sales of another one twice, of which the second made its check fail."""
    root = tmp_path_factory.mktemp("past")
    theirs, ours = Shop(root / "theirs"), Shop(root / "ours")
    theirs.write("raw.csv", "id\n1\n2\n")
    theirs.write("assetflow.toml", 'modules = ["theirs"]\n[environments.prod]\n')
    ours.write("assetflow.toml", 'modules = ["ours"]\n')
    ours.write("ours.py", OURS)
    for amount, code in ((1, 0), (70, 1)):
        theirs.write("theirs.py", THEIRS.replace("{amount}", str(amount)))
        assert said_in(theirs.root, "materialize").code == 0
        assert said_in(ours.root, "materialize").code == code
    return ours.root


def test_what_reads_of_them_is_made_again(ours: Path) -> None:
    said = said_in(ours, "reproduce", "report", "total@HEAD~1", "sales", "--json")
    told = [(one["key"], one["text"]) for one in said.json["versions"]]
    assert told[:2] == [("report", "identical"), ("total", "identical")]
    assert told[2] == ("sales", "cannot: sales is made by another project: reproduce it there")


def test_their_data_are_tried_alone_where_something_broke(ours: Path) -> None:
    for broken, cause in (("report", "sales"), ("low", "low")):
        answer = said_in(ours, "why-broke", broken, "--run", "--json").json
        found = [(one["asset"], one["kind"], one["trial"]["outcome"]) for one in answer["causes"]]
        assert found == [(cause, "source", "breaks")]


def test_two_versions_of_theirs_are_compared(ours: Path) -> None:
    diff = af.open(ours).diff("sales", key=["id"])
    assert (diff.new.kind, diff.changes.changed) == ("table", 3000)
    same = af.open(ours).diff("raw@HEAD", "raw")
    assert (same.new.kind, same.is_different) == ("table", False)


def test_what_they_have_no_more_is_told_by_all_who_would_read_it(ours: Path, tmp_path: Path) -> None:
    shutil.copytree(ours.parent, tmp_path, dirs_exist_ok=True)
    for part in (tmp_path / "theirs/.assetflow/store/objects").rglob("*.parquet"):
        part.unlink()
    said = said_in(tmp_path / "ours", "reproduce", "total")
    assert said.code == 1
    assert "cannot: external sales: sales@" in " ".join(said.out.split())
    assert said_in(tmp_path / "ours", "diff", "sales", "--key", "id").code == 2
    shutil.rmtree(tmp_path / "theirs")
    said = said_in(tmp_path / "ours", "reproduce", "total")
    assert "cannot be read: there is no store at" in " ".join(said.out.split())
    assert said_in(tmp_path / "ours", "diff", "sales").code == 2


def test_an_external_of_any_kind_is_compared_as_what_it_is() -> None:
    made = {
        "value": ("dict", "{'a': %d}"),
        "text": ("str", "'%d'"),
        "numpy": ("np.ndarray", "np.array([%d])"),
    }
    store, ours = "memory://", None
    for number in (1, 2):
        cells = (
            f"@af.asset\ndef {kind}() -> {annotation}:\n    return {data % number}\n"
            for kind, (annotation, data) in made.items()
        )
        theirs = af.Project(declared_in("".join(cells), af=af, np=np), env="prod", store=store)
        store = theirs.store
        theirs.materialize().raise_for_failure()
        read = (f"{kind} = af.external({kind!r}, store={store!r})\n" for kind in made)
        ours = ours or af.Project(declared_in("".join(read), af=af))
        ours.materialize().raise_for_failure()
    assert ours is not None
    for kind in made:
        diff = ours.diff(kind)
        assert (diff.new.kind, diff.is_different, diff.changes is not None) == (kind, True, True)


def test_a_place_is_opened_once_and_a_version_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = af.Project(declared_in("@af.asset\ndef n() -> int:\n    return 3\n", af=af), env="prod")
    theirs.materialize().raise_for_failure()
    opened: list[object] = []

    def counted(url: str, *, storage_options: object) -> Store:
        opened.append(storage_options)
        return open_store(url)

    monkeypatch.setattr("assetflow.execution.remote.open_store", counted)
    remotes = Remotes(lambda name: RemotePlace(theirs.store, {"token": name[0]}, env="prod"), None, Shelf())
    names = ("a", "b", "a too", "b too")
    with ThreadPoolExecutor(4) as pool:
        observed = pool.map(lambda name: remotes.observe({"n": ExternalSpec(name, "n")})["n"], names)
        (seen, *_) = list(observed)
    assert sorted(map(str, opened)) == ["{'token': 'a'}", "{'token': 'b'}"]
    assert isinstance(seen, RemoteObservation)

    monkeypatch.setattr(Remotes, "session", None)
    assert remotes.content("n", seen.remote).data == "3"


def test_lineage_goes_on_only_into_stores_that_this_project_names(tmp_path: Path) -> None:
    made = af.Project(declared_in("@af.asset\ndef n() -> int:\n    return 3\n", af=af), env="prod")
    made.materialize().raise_for_failure()
    text = "n = af.external('n', store={!r})\n@af.asset\ndef m(n: int) -> int:\n    return n\n"
    between = af.Project(declared_in(text.format(made.store), af=af), env="prod")
    between.materialize().raise_for_failure()
    ours = Shop(tmp_path)
    settings = f'modules = ["ours"]\n[external.between]\nstore = "{between.store}"\n'
    ours.write("assetflow.toml", settings)
    ours.write("ours.py", "import assetflow as af\nm = af.external('m', store='between')\n")
    assert said_in(tmp_path, "materialize").code == 0

    def origin() -> tuple[str | None, str | None]:
        node = af.open(tmp_path).provenance("m").nodes[-1]
        assert (node.key, node.store) == ("n", made.store)
        return node.time, node.unread

    assert origin() == ("", "is not read: no external of this project names it")
    ours.write("assetflow.toml", f'{settings}[external.origin]\nstore = "{made.store}"\n')
    time, unread = origin()
    assert time
    assert unread is None
