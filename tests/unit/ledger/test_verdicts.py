"""What checks said of which data."""

from __future__ import annotations

from ledger_builders import Project, judged, made, published, started, table_manifest

from assetflow.model.verdicts import Verdict


def test_the_latest_evaluation_of_each_check_fingerprint_is_given_exactly(tmp_path):
    project = Project(tmp_path)
    cases = Verdict(name="rows", column="day", severity="warn", passed=False, cases=table_manifest("cases"))
    newest = judged(run="r2", reads=(("other", "data-o"),), verdicts=(cases,))
    silent = judged(check="schema", fingerprint="schema", verdicts=())
    project.commit(
        started(), judged(passed=False), judged(fingerprint="changed"), silent, judged("other", "o1")
    )
    project.commit(started("r2"), newest)

    with project.quick.session() as session:
        found = session.verdicts([("sales", "data-v1"), ("nobody", "data-o1")])
        assert session.verdicts([]) == []

    assert found == [judged(fingerprint="changed"), silent, newest]


def test_the_same_data_of_another_asset_were_not_judged(tmp_path):
    project = Project(tmp_path)
    project.commit(started(), judged("sales", "v1"), judged("copy", "v1"))

    with project.quick.session() as session:
        assert [found.asset for found in session.verdicts([("copy", "data-v1")])] == ["copy"]


def test_history_says_whether_the_latest_evaluations_let_a_version_pass(tmp_path):
    project = Project(tmp_path)
    project.commit(started(), made(version="v1"), judged(version="v1", passed=False), made(version="v2"))
    project.commit(
        judged(version="v1", passed=True, fingerprint="loosened"), judged(version="v1", check="other")
    )
    project.commit(judged(version="v3", passed=False), made(version="v3"), published(version="v2"))

    with project.quick.session() as session:
        passed = {entry.version: entry.passed for entry in session.history("sales")}

    assert passed == {"v1": True, "v2": None, "v3": False}
