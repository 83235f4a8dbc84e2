"""Which fingerprint gave which data version."""

from __future__ import annotations

import pytest
from ledger_builders import Project, made, observed, read, started, table_manifest

from assetflow.errors import UnknownNameError
from assetflow.ledger.records import Recorded
from assetflow.model.recipe import CodePart, Recipe
from assetflow.model.versions import Attempt, SourceFile

HEX = "0123456789abcdef" * 2


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def rich():
    recipe = Recipe(
        form="pandas",
        code_version="code",
        code=(CodePart(name="shop.text:clean", digest="d", file="shop/text.py"),),
        config={"window": 3, "rates": [0.1, None], "ä": "ß"},
        token="2026-11-23",
        sort_by=("day",),
        round=(("amount", 2),),
        resources=(("db", "host"),),
        inputs=(read("orders", "orders", "o1"),),
        deps=(("calendar", "data-c1"),),
    )
    attempts = (
        Attempt(number=1, started_at="2026-11-23T05:00:00.000000Z", seconds=1, error="OSError", message="no"),
        Attempt(number=2, started_at="2026-11-23T05:00:02.000000Z", seconds=0.5),
    )
    return made(
        recipe=recipe, attempts=attempts, metadata={"score": 0.5, "names": ["a"]}, log="l.txt", tree="t.json"
    )


def test_a_record_is_exactly_the_action_of_the_log(project):
    source = observed(
        files=(SourceFile(path="a.csv", size=3, hash="h"),), manifest=table_manifest("s1"), rows=3
    )
    commit = project.commit(started(), source, rich())

    with project.quick.session() as session:
        found = session.records()

    assert [record.action for record in found] == [source, rich()]
    assert [(record.commit, record.index) for record in found] == [(commit.number, 1), (commit.number, 2)]
    assert {(record.time, record.env) for record in found} == {(commit.time, "dev")}


def test_what_stands_beside_the_action_says_the_same(project):
    project.commit(started(), rich())

    with project.quick.session() as session:
        (record,) = session.records(["sales"])

    plain = (record.asset, record.partition, record.version, record.data_version, record.fingerprint)
    assert plain == ("sales", "", "v1", "data-v1", "print-v1")
    assert (
        record == Recorded(rich(), record.commit, record.index, record.time, record.env)
        or record.action == rich()
    )


def test_a_record_made_by_hand_has_the_same_fields():
    record = Recorded(rich(), commit=3, index=1, time="t", env=None)

    assert (record.asset, record.version, record.fingerprint) == ("sales", "v1", "print-v1")


def test_records_are_found_by_asset_and_by_fingerprint_oldest_first(project):
    project.commit(started(), made(version="v1"), made("other", "o1"), made(version="v2"))
    project.commit(made(version="v1", run="r2"))

    with project.quick.session() as session:
        assert [record.version for record in session.records(["sales"])] == ["v1", "v2", "v1"]
        assert [record.version for record in session.records(fingerprints=["print-v2", "print-o1"])] == [
            "o1",
            "v2",
        ]
        assert [record.version for record in session.records(["sales"], ["print-v2", "print-o1"])] == ["v2"]
        assert session.records([]) == session.records(["nobody"]) == []


def test_of_several_records_of_a_version_the_newest_is_given(project):
    project.commit(started(), made(seconds=1), made(seconds=2))
    newest = project.commit(
        started("r2", env="prod"), made(run="r2", seconds=3), made("other", "o1", run="r2")
    )

    with project.quick.session() as session:
        found = session.versions(["v1", "o1", "unknown"])

    assert set(found) == {"v1", "o1"}
    assert (found["v1"].commit, found["v1"].env) == (newest.number, "prod")
    assert found["v1"].action.seconds == 3


def test_a_version_is_found_by_its_beginning(project):
    versions = ["abc1", "abc2", "abd3"]
    project.commit(
        started(), *(made(version=version + HEX[4:]) for version in versions), made("other", "abe" + HEX)
    )

    with project.quick.session() as session:
        assert session.find_version("abd").version == "abd3" + HEX[4:]
        assert session.find_version("ab", asset="other").asset == "other"
        with pytest.raises(
            UnknownNameError, match=r"'abc' is the beginning of 2 versions: .*abc1456789ab \(sales\)"
        ):
            session.find_version("abc")
        with pytest.raises(UnknownNameError, match="no version 'xyz' of 'sales'"):
            session.find_version("xyz", asset="sales")


def test_wildcards_in_the_beginning_of_a_version_mean_nothing(project):
    project.commit(started(), made(version="abc"))

    with project.quick.session() as session, pytest.raises(UnknownNameError):
        session.find_version("a%")


def test_assets_on_record_are_listed_with_their_newest_kind(project):
    project.commit(started(), made("b"), made("a", kind="effect"), observed("raw"), made("b", kind="effect"))

    with project.quick.session() as session:
        assert session.recorded_kinds() == {"a": "effect", "b": "effect", "raw": "source"}
        session.require_recorded("raw")
        with pytest.raises(UnknownNameError, match=r"(?s)'rwa'.*did you mean 'raw'"):
            session.require_recorded("rwa")


def test_the_expected_duration_is_that_of_the_newest_record(project):
    project.commit(started(), made(seconds=9), observed(seconds=4))
    project.commit(made(seconds=2.5))

    with project.quick.session() as session:
        assert session.durations(["sales", "raw", "new"]) == {"sales": 2.5, "raw": 4}


def test_what_is_stored_is_known_by_content_and_format_and_the_last_in_the_log_holds(project):
    other_bytes = table_manifest("other")
    project.commit(
        started(),
        made(version="v1"),
        made("copy", "v1", manifest=other_bytes),
        made(version="v2", manifest=table_manifest("v2", "arrow")),
        made(version="v3", manifest=None),
        observed(version="s1", manifest=table_manifest("s1")),
    )

    with project.quick.session() as session:
        everything, sales = session.stored(), session.stored(["sales"])

    assert everything.manifest("data-v1", "parquet") == other_bytes
    assert sales.manifest("data-v1", "parquet") == table_manifest("v1")
    assert everything.manifest("data-v2", "parquet") is None
    assert everything.manifest("data-v2", "arrow") == table_manifest("v2", "arrow")
    assert everything.manifest("data-v3", "parquet") is None
    assert everything.manifest("data-s1", "parquet") == table_manifest("s1")
    assert everything.part("part-v1", "parquet") == table_manifest("v1").parts[0]
    assert everything.part("part-v2", "parquet") is None
    assert sales.part("part-other", "parquet") is None
