"""Which two versions are compared, by which key, and what is said where they cannot be."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pytest

import assetflow as af
from assetflow.operate.table_diff import TableDiff


class Made:
    """A project of one asset, which gives what it is told to."""

    def __init__(self, folder: Path | None = None, checks: tuple[Any, ...] = (), **options: Any) -> None:
        given = SimpleNamespace(data=None)

        def thing(given: Annotated[Any, af.Resource("given")]):
            return given.data

        asset = af.asset(checks=list(checks), **options)(thing)
        store = str(folder / "store") if folder else "memory://"
        self.project = af.Project([asset, af.Resource("given", lambda: given)], store=store, root=folder)
        self._given = given

    def make(self, *versions: Any) -> af.Project:
        for data in versions:
            self._given.data = data
            self.project.materialize(force=True).raise_for_failure()
        return self.project


def table(**columns: Any) -> pa.Table:
    return pa.table(columns)


A = table(id=[1, 2, 3], x=[1.0, 2.0, 3.0])
B = table(id=[1, 2, 4], x=[1.0, 2.5, 3.0])


@pytest.fixture(scope="module")
def ab() -> af.Project:
    """A project that made A, then B."""
    return Made().make(A, B)


@pytest.fixture(scope="module")
def typed() -> af.Project:
    """A project in whose table the type of a column changed."""
    old = table(id=[1, 2], x=[1.0, 1.0], y=[1, 2])
    return Made().make(old, table(id=[1, 2], x=[1.0, 2.0], y=["1", "2"]))


def counts(diff: Any) -> tuple[Any, ...]:
    return diff.changes.added, diff.changes.removed, diff.changes.changed


def test_an_asset_alone_is_compared_with_what_was_published_before(ab):
    first, second = (entry.version for entry in reversed(ab.history("thing")))
    diff = ab.diff("thing", key=["id"])
    assert (diff.old.version, diff.new.version) == (first, second)
    assert counts(diff) == (1, 1, 1)
    assert repr(diff).endswith("1 added, 1 removed, 1 changed>")


def test_a_version_can_be_said_in_many_ways(ab):
    project = ab
    version = project.history("thing")[1].version
    commit = project.history("thing")[1].commit
    told = [
        project.diff(f"thing@{version[:9]}", key="id"),
        project.diff("thing@HEAD~1", "thing@HEAD", key="id"),
        project.diff("thing", at="HEAD~1", key="id"),
        project.diff("thing", at=commit, key="id"),
        project.diff("thing", at=datetime.fromisoformat(project.history("thing")[1].time), key="id"),
        project.diff(f"thing@#{commit}", "thing@dev", key="id"),
    ]
    assert {(diff.old.version, diff.new.version) for diff in told} == {
        (version, project.current("thing").version)
    }
    assert not project.diff("thing", at="HEAD").is_different
    back = project.diff("thing@HEAD", f"thing@{version[:9]}", key="id")
    assert counts(back) == (1, 1, 1)


@pytest.mark.parametrize(
    ("references", "options", "message"),
    [
        (("nothing",), {}, "nothing"),
        (("thing@HEAD~7",), {}, "no HEAD~7"),
        (("thing@#99",), {}, "no commit 99"),
        (("thing@1999-01-01",), {}, "nothing was on record"),
        (("thing@zzz",), {}, "'zzz' means no version"),
        (("thing@HEAD",), {"at": "HEAD~1"}, "once"),
        (("thing",), {"key": ["idd"]}, "no column 'idd' to be a key"),
        (("thing",), {"key": ["x"]}, "x is no key of thing@HEAD~1: 2 rows have x=1.0"),
        (("thing",), {"key": ["y"]}, "cannot be a key: it is int64 in thing@HEAD~1 and string in thing"),
        (("thing",), {"key": ["id", "id"]}, "twice"),
    ],
)
def test_what_cannot_be_compared_says_why(typed, references, options, message):
    with pytest.raises(af.UsageError, match=message):
        typed.diff(*references, **options)


def test_an_effect_has_no_data_to_compare():
    @af.asset
    def told() -> None:
        pass

    project = af.Project([told])
    project.materialize()
    with pytest.raises(af.UsageError, match="told is an effect"):
        project.diff("told@HEAD")


def test_a_key_with_a_null_matches_it_and_two_nulls_are_refused():
    one, two = table(id=[1, None], x=[1, 2]), table(id=[None, 1], x=[3, 1])
    assert counts(Made().make(one, two).diff("thing", key="id")) == (0, 0, 1)
    with pytest.raises(af.UsageError, match="2 rows have id=null"):
        Made().make(one, table(id=pa.nulls(2, pa.int64()), x=[1, 2])).diff("thing", key="id")


def test_the_key_is_guessed_from_a_unique_check_that_passed():
    diff = Made(checks=(af.unique("id"), af.not_null("x"))).make(A, B).diff("thing")
    assert (diff.changes.key, diff.changes.key_from) == (("id",), "guessed")
    assert counts(diff) == (1, 1, 1)


def test_a_guess_that_is_no_key_is_told_and_whole_rows_can_be_compared():
    nulls = table(id=pa.array([None, None], pa.int64()), x=[1.0, 2.0])  # which `unique` lets pass
    project = Made(checks=(af.unique("id"),)).make(nulls, A)
    with pytest.raises(af.UsageError, match="2 rows have id=null"):
        project.diff("thing")
    diff = project.diff("thing", whole_rows=True)
    assert diff.changes.key == ()
    assert counts(diff) == (3, 2, None)


def test_without_a_key_the_ways_on_are_told(ab):
    with pytest.raises(af.UsageError, match="no key") as caught:
        ab.diff("thing")
    assert "--key" in str(caught.value)
    assert "--rows" in str(caught.value)
    with pytest.raises(af.UsageError, match="not both"):
        ab.diff("thing", key="id", whole_rows=True)


def test_whole_rows_are_compared_where_that_is_asked_for(ab):
    diff = ab.diff("thing", whole_rows=True)
    assert counts(diff) == (2, 2, None)
    assert diff.changes.note is None
    assert [column.changed for column in diff.changes.columns] == [None, None]


def test_columns_that_come_go_move_or_change_their_type_are_told():
    old = table(id=[1, 2], x=[1, 2], gone=["a", "b"], y=[1, 2])
    new = table(y=[1, 3], x=[1.0, 2.0], id=[1, 2], more=[True, None])
    changes = Made().make(old, new).diff("thing", key="id").changes
    assert [(change.name, change.old, change.new) for change in changes.schema] == [
        ("x", "int64", "double"),
        ("gone", "string", None),
        ("more", None, "bool"),
    ]
    assert changes.columns_moved
    assert [(column.name, column.changed, column.share) for column in changes.columns] == [
        ("y", 1, 0.5),
        ("id", 0, 0.0),
    ]


def test_tables_with_nothing_in_common_have_their_schemas_compared():
    changes = Made().make(table(a=[1]), table(b=[1, 2])).diff("thing").changes
    assert (changes.old_rows, changes.new_rows, changes.columns) == (1, 2, ())
    assert "no column in common" in changes.note


def test_the_first_rows_of_each_kind_are_shown_old_beside_new(ab):
    diff = ab.diff("thing", key="id", limit=1)
    assert diff.to_dict()["changes"]["samples"] == {
        "added": [{"id": 4, "x": 3.0}],
        "removed": [{"id": 3, "x": 3.0}],
        "changed": [{"key": {"id": 2}, "cells": {"x": {"old": 2.0, "new": 2.5}}}],
    }
    none = ab.diff("thing", key="id", limit=0)
    assert counts(none) == (1, 1, 1)
    assert none.to_dict()["changes"]["samples"] == {"added": [], "removed": [], "changed": []}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ({"auc": 0.5}, {"auc": 0.6}, "value"),
        ("a\n", "b\n", "text"),
        (b"a", b"bc", "bytes"),
        (np.arange(3), np.arange(4), "numpy"),
    ],
)
def test_other_kinds_are_compared_too(old, new, kind):
    project = Made().make(old, new)
    diff = project.diff("thing")
    assert diff.is_different
    assert diff.to_dict()["changes"]["kind"] == kind
    with pytest.raises(af.UsageError, match=f"no table, but {kind}"):
        project.diff("thing", key="id")


def test_kinds_that_differ_are_told_and_not_compared():
    diff = Made().make(A, {"auc": 1}).diff("thing")
    assert (diff.is_different, diff.changes, diff.old.kind, diff.new.kind) == (True, None, "table", "value")


LONG = table(id=np.arange(1_000_000), x=np.arange(1_000_000) * 1.5)


def test_of_equal_versions_and_shared_parts_nothing_is_read(tmp_path):
    more = pa.concat_tables([LONG, table(id=[-1], x=[0.5])])
    project = Made(tmp_path).make(LONG, more)
    objects = {file.name: file for file in (tmp_path / "store" / "objects").rglob("*.parquet")}
    assert len(objects) > 2
    shared = [name for name in _parts(project, "thing@HEAD~1") if name in _parts(project, "thing@HEAD")]
    for name in shared:
        objects[name].unlink()
    assert shared
    assert counts(project.diff("thing", whole_rows=True)) == (1, 0, None)
    assert counts(project.diff("thing", key="id")) == (1, 0, 0)
    for file in objects.values():
        file.unlink(missing_ok=True)
    assert not project.diff("thing@HEAD", "thing").is_different


def test_a_part_that_is_missing_is_named_with_its_asset_and_version(tmp_path):
    changed = LONG.set_column(1, "x", pa.array([1.0] * len(LONG)))
    project = Made(tmp_path).make(LONG, changed)
    version = project.current("thing").version
    name = _parts(project, "thing@HEAD")[0]
    next((tmp_path / "store" / "objects").rglob(name)).unlink()
    for key in ((), ("id",), ("id", "x")):
        with pytest.raises(
            af.DamagedError, match=f"thing version {version[:12]}: part 1 of .*{name}"
        ) as raised:
            project.diff("thing", key=key, whole_rows=not key)
        assert raised.value.objects == (name,)


def _parts(project: af.Project, reference: str) -> list[str]:
    """Return the names of the objects that a version consists of."""
    from assetflow.operate.references import find_version, split_reference

    workspace = project._workspace
    key, at = split_reference(reference)
    with workspace.ledger.session() as session:
        recorded = find_version(session, key, at, project.env)
    return [part.object for part in workspace.loader.unread(recorded.action).data.parts]


def test_two_sources_are_compared_as_the_tables_that_they_are(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text("id,x\n1,a\n2,b\n")
    project = af.Project([af.source("f", str(file))], store=str(tmp_path / "store"), root=tmp_path)
    project.materialize()
    file.write_text("id,x\n1,a\n2,c\n3,d\n")
    project.materialize()
    diff = project.diff("f", key="id")
    assert isinstance(diff.changes, TableDiff)
    assert counts(diff) == (1, 0, 1)
