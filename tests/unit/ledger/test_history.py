"""The past of one asset, and of the log."""

from __future__ import annotations

import pytest
from ledger_builders import Project, failed, made, observed, published, started

from assetflow.errors import UsageError


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_history_is_newest_first_and_says_who_published_what(project):
    project.commit(started(), made(version="v1"), published(version="v1"), made("other", "o1"))
    last = project.commit(
        started("r2", env="prod"),
        made(version="v2", run="r2", rows=7, bytes=70),
        published(version="v1", env="prod"),
    )

    with project.quick.session() as session:
        newest, oldest = session.history("sales")
        assert session.history("sales", limit=1) == [newest]
        assert session.history("nobody") == []

    assert (newest.version, newest.run, newest.env, newest.rows, newest.bytes) == ("v2", "r2", "prod", 7, 70)
    assert (newest.commit, newest.index, newest.time, newest.published) == (last.number, 1, last.time, ())
    assert (oldest.version, oldest.env, oldest.published) == ("v1", "dev", ("dev", "prod"))


def test_a_version_that_was_made_twice_has_two_entries(project):
    project.commit(started(), made(), made(), published())

    with project.quick.session() as session:
        assert [(entry.version, entry.published) for entry in session.history("sales")] == [
            ("v1", ("dev",))
        ] * 2


def test_logs_are_those_of_whatever_ran(project):
    project.commit(
        started(), made(log="made.txt"), made("quiet"), observed(log="seen.txt"), failed("bad", log="no.txt")
    )
    project.commit(started("r2"), made(run="r2", log="again.txt"))

    with project.quick.session() as session:
        told = [(entry.asset, entry.outcome, entry.object) for entry in session.logs(run="r1")]
        assert told == [
            ("bad", "failed", "no.txt"),
            ("raw", "observed", "seen.txt"),
            ("sales", "materialized", "made.txt"),
        ]
        assert [entry.object for entry in session.logs("sales")] == ["again.txt", "made.txt"]
        assert [entry.object for entry in session.logs("sales", "r1")] == ["made.txt"]
        assert [entry.object for entry in session.logs(limit=1)] == ["again.txt"]


def test_a_time_means_the_last_commit_until_then(project):
    first, second = project.commit(started()), project.commit(made())

    with project.quick.session() as session:
        assert session.commit_at(first.time) == first.number
        assert session.commit_at(second.time.replace("Z", "+00:00")) == second.number
        assert session.commit_at("2000-01-01") == 0
        assert session.commit_at("2100-01-01T00:00:00") == second.number
        with pytest.raises(UsageError, match="'yesterday' is not a time"):
            session.commit_at("yesterday")


def test_a_time_with_a_zone_is_understood(project):
    project.commit(started())

    with project.quick.session() as session:
        assert session.commit_at("2100-01-01T00:00:00-11:00") == session.head.number


def test_environments_are_those_that_anything_happened_in(project):
    project.commit(started(env="dev"), published(env="prod"))

    with project.quick.session() as session:
        assert session.environments() == ["dev", "prod"]
