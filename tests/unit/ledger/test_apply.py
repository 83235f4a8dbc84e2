"""What is wrong with a commit is told in words, and long logs are taken in piece by piece."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from ledger_builders import Project, finished, made, published, started, tables_of

from assetflow.errors import StoreError, StoreFormatError
from assetflow.ledger.ledger import Ledger
from assetflow.storage.head import chain


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


def append(project: Project, change: dict[str, Any], action: dict[str, Any]) -> None:
    """Append a commit that follows the last one, with one action, changed as nobody writes it."""
    last = project.store.log.head()
    before = bytes(project.store.log.read(last))
    body = {**json.loads(before), "number": last + 1, "parent": chain(before), "id": "x", "actions": [action]}
    assert project.store.log.append(last + 1, json.dumps({**body, **change}).encode(), "x")


def without(action: Any, field: str) -> dict[str, Any]:
    body: dict[str, Any] = action.model_dump(mode="json")
    del body[field]
    return body


@pytest.mark.parametrize(
    ("change", "action", "said"),
    [
        ({}, without(made(), "version"), "version"),
        ({}, without(published(), "env"), "env"),
        ({}, {**made().model_dump(mode="json"), "bytes": "many"}, "bytes"),
        ({}, {"required": True}, "type"),
        ({"writer": None}, started().model_dump(mode="json"), "writer"),
        ({"actions": "none"}, {}, "actions|commit 3"),
        ({"format": "1"}, {}, "format 1"),
        ({"parent": "another"}, {}, "does not follow"),
        ({"number": 7}, {}, "does not follow"),
    ],
)
def test_a_commit_that_is_not_as_commits_are_is_refused(project, change, action, said):
    project.commit(started(), made(), published())
    append(project, change, action or started("r2").model_dump(mode="json"))

    with pytest.raises(StoreFormatError, match=said), project.ledger.session():
        pass


@pytest.mark.parametrize("data", [b"", b"{", b'"text"', b"[]", b"\xff\xfe", b'{"format": 1, "actions": [1]}'])
def test_what_is_no_commit_is_refused_by_its_number(project, data):
    project.commit(started(), made(), published())
    (project.root / "store" / "log" / f"{3:020}.json").write_bytes(data)

    with pytest.raises(StoreFormatError, match="3"), project.ledger.session():
        pass


def test_optional_fields_of_a_later_release_may_be_missing(project):
    project.commit(started(), made(), published())
    append(project, {}, without(made(version="v2"), "partition"))

    with project.ledger.session() as session:
        assert [record.partition for record in session.records()] == ["", ""]


class Torn:
    """A log of which the rest cannot be read for now."""

    def __init__(self, project: Project, good: int) -> None:
        self.url, self.store_id, self.log = project.store.url, project.store.store_id, self
        self._log, self._good = project.store.log, good

    def read(self, number):
        return self._log.read(number)

    def read_since(self, known):
        for number, body in self._log.read_since(known):
            if number > self._good:
                message = "the network is down"
                raise StoreError(message)
            yield number, body


def test_what_an_interrupted_sync_took_in_stays_and_the_next_one_goes_on(project):
    for run in range(6):
        project.commit(started(f"r{run}"), made(version=f"v{run}", run=f"r{run}"), finished(f"r{run}"))
    with mock.patch.multiple("assetflow.ledger.apply", _BATCH=1, _BATCHES=1):
        with pytest.raises(StoreError, match="network"), Ledger(project.folder, Torn(project, 4)).session():
            pass
        sizes = []
        read = project.store.log.read_since
        with mock.patch.object(
            project.store.log, "read_since", lambda known: sizes.append(known) or read(known)
        ):
            maintained = tables_of(project.ledger)

    assert sizes[0] > 0
    assert maintained == tables_of(project.quick)
