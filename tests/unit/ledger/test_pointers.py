"""Which version an environment's readers see."""

from __future__ import annotations

from ledger_builders import Project, published


def test_the_last_publication_of_an_asset_holds_in_each_environment(tmp_path):
    project = Project(tmp_path)
    first = project.commit(
        published(version="v1"), published(env="prod", version="p1"), published(version="v2")
    )
    project.commit(published("other", "o1", run="r2"))

    with project.quick.session() as session:
        dev = session.pointers("dev")
        assert {key: pointer.version for key, pointer in dev.items()} == {
            ("sales", ""): "v2",
            ("other", ""): "o1",
        }
        assert [pointer.version for pointer in session.pointers("prod").values()] == ["p1"]
        assert session.pointers("nowhere") == {}

    sales = dev["sales", ""]
    assert (sales.commit, sales.run, sales.since) == (first.number, "r1", first.time)


def test_pointers_of_an_earlier_commit_stay_what_they_were(tmp_path):
    project = Project(tmp_path)
    commits = [project.commit(published(version=f"v{number}")).number for number in range(3)]

    with project.quick.session() as session:
        seen = [{p.version for p in session.pointers("dev", at).values()} for at in (1, *commits)]

    assert seen == [set(), {"v0"}, {"v1"}, {"v2"}]


def test_partitions_have_pointers_of_their_own(tmp_path):
    project = Project(tmp_path)
    project.commit(published(partition="eu", version="e"), published(partition="us", version="u"))

    with project.quick.session() as session:
        found = {partition: pointer.version for (_, partition), pointer in session.pointers("dev").items()}

    assert found == {"eu": "e", "us": "u"}


def test_publications_of_an_asset_are_listed_newest_first(tmp_path):
    project = Project(tmp_path)
    project.commit(published(version="v1"), published("other", "o1"), published(version="v2"))
    project.commit(published(version="v1"), published(env="prod", version="p1"))

    with project.quick.session() as session:
        assert session.published_versions("dev", "sales") == ["v1", "v2", "v1"]
