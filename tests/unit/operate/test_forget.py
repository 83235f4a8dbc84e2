"""`forget`: what it erases at once, what it refuses, what stays because others need it, and who writes meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aging import TEXT, Aging
from meanwhile import Meanwhile

import assetflow as af
from assetflow.cli.views.collection import erased_view
from assetflow.errors import DamagedError, ForgottenError, UnknownNameError, UsageError
from assetflow.testing.fakes import Crash


@pytest.fixture
def aging() -> Aging:
    return Aging()


def version(project: af.Project, key: str, number: int = 1) -> str:
    """The version of the n-th newest record."""
    return project.history(key)[number].version


def test_the_data_go_at_once_and_the_record_stays(aging):
    aging.make(1)
    before = set(aging.objects())
    project = aging.make(2)
    old = version(project, "sales")

    erased = project.forget(f"sales@{old[:12]}")

    gone = before - set(aging.objects())
    assert erased.objects == len(gone) == 2  # the data, and what was printed
    assert erased.versions == (old,)
    with pytest.raises(ForgottenError, match="by `assetflow forget`"):
        project.load("sales", version=old)
    assert project.version(f"sales@{old}").forgotten.reason == "forget"
    assert old in {entry.version for entry in project.history("sales")}
    assert project.load("sales").num_rows == 2000
    assert project.verify().problems == ()


def test_a_dry_run_says_the_same_and_does_nothing(aging):
    aging.make(1)
    project = aging.make(2)
    reference = f"sales@{version(project, 'sales')}"
    before = dict(aging.folder.files)

    said = project.forget(reference, dry_run=True)

    assert aging.folder.files == before
    assert said.dry_run
    done = project.forget(reference)
    assert replace(done, dry_run=True, commit=None) == said
    assert said.objects == 2
    with pytest.raises(UsageError, match="dev publishes sales"):
        project.forget("sales@HEAD", dry_run=True)


def test_rows_that_failed_a_check_are_data_too(aging):
    aging.text = TEXT.replace(
        'af.row_count(max=1, severity="warn")', 'af.accepted_values("amount", ["0"], severity="warn")'
    )
    aging.make(1)
    project = aging.make(2)
    evaluations = project.version(f"report@{version(project, 'report')}").evaluations
    cases = [verdict.cases.objects[0] for one in evaluations for verdict in one.verdicts]
    assert set(cases) <= set(aging.objects())

    project.forget(f"report@{version(project, 'report')}")

    assert not set(cases) & set(aging.objects())


def test_what_an_environment_publishes_is_refused(aging):
    prod = aging.make(1, "prod")
    project = aging.make(2)
    before = dict(aging.folder.files)

    for reference, env in ((f"sales@{project.current('sales').version}", "dev"), ("sales@HEAD", "dev")):
        with pytest.raises(UsageError, match=f"{env} publishes sales version"):
            project.forget(reference)
    with pytest.raises(UsageError, match="prod publishes sales version"):
        project.forget(f"sales@{prod.current('sales').version}")
    with pytest.raises(UsageError, match="names no version") as caught:
        project.forget("sales")
    assert "`assetflow history sales --env dev`" in caught.value.hint
    assert aging.folder.files == before


def test_data_that_are_published_under_another_version_are_refused(aging):
    aging.make(1)
    aging.text = aging.text.replace("str(AMOUNT * i)", "str(i * 1)")  # other code, the same data
    project = aging.make(1)
    assert len({entry.data_version for entry in project.history("sales")}) == 1

    with pytest.raises(UsageError, match="which are the data of"):
        project.forget(f"sales@{version(project, 'sales')}")


def test_the_same_data_under_other_versions_go_with_it(aging):
    aging.make(1)
    aging.text = aging.text.replace("str(AMOUNT * i)", "str(i * AMOUNT)")
    aging.make(1)
    project = aging.make(2)
    versions = {version(project, "sales", 1), version(project, "sales", 2)}

    erased = project.forget(f"sales@{version(project, 'sales', 2)}")

    assert set(erased.versions) == versions
    for one in versions:
        with pytest.raises(ForgottenError):
            project.load("sales", version=one)


def test_what_another_asset_shares_stays_and_is_told(aging):
    aging.text = TEXT.replace("sales.slice(0, 1500)", "sales")
    aging.make(1)
    project = aging.make(2)
    old = version(project, "report")

    erased = project.forget(f"sales@{version(project, 'sales')}")

    assert erased.stay == 1
    assert erased.needed_by == (f"report@{old[:12]}",)
    assert project.load("report", version=old).num_rows == 2000
    project.forget(f"report@{old}")
    assert project.verify().problems == ()
    assert len(aging.objects("parquet")) == 1


def test_small_data_lie_in_the_log_and_cannot_be_erased(aging):
    aging.make(1)
    project = aging.make(2)

    with pytest.raises(UsageError, match="lies in the log itself") as caught:
        project.forget(f"total@{version(project, 'total')}")
    assert "private=True" in (caught.value.hint or "")


def test_a_version_that_does_not_exist_is_told_as_such(aging):
    project = aging.make(1)
    for reference in ("sales@abcdef", "nothing@abcdef"):
        with pytest.raises(UnknownNameError):
            project.forget(reference)


def test_killed_at_any_change_it_is_done_by_doing_it_again(aging):
    aging.make(1)
    project = aging.make(2)
    reference = f"sales@{version(project, 'sales')}"
    start = dict(aging.folder.files)
    for calls in range(10):
        aging.folder.files = dict(start)
        aging.folder.broken_after = calls
        try:
            aging.project(2).forget(reference)
        except Crash:
            aging.folder.broken_after = None
            aging.project(2).forget(reference)
        else:
            break
        finally:
            aging.folder.broken_after = None
        assert len(aging.objects("parquet")) == 3
        assert aging.project(2).verify().problems == ()
    assert calls >= 2


def test_what_was_forgotten_already_is_told_so_and_nothing_is_done(aging):
    aging.make(1)
    project = aging.make(2)
    reference = f"sales@{version(project, 'sales')}"
    done = project.forget(reference)
    assert not done.already
    before = dict(aging.folder.files)

    again = project.forget(reference)

    assert (again.already, again.objects, again.commit) == (True, 0, None)
    assert aging.folder.files == before
    assert "was forgotten already: nothing of it is left" in str(erased_view(again).renderables[0])


@pytest.mark.parametrize(
    ("of_prod", "hint"),
    [(1, "`assetflow materialize sales --env prod` makes it again"), (2, "no environment publishes it")],
)
def test_damage_is_mended_by_making_it_again_only_where_somebody_publishes_it(aging, of_prod, hint):
    aging.make(1)
    parts = [path for path in aging.folder.files if path.endswith("parquet")]
    aging.make(of_prod, "prod")
    project = aging.make(2)
    old = version(project, "sales", -1)
    for path in parts:
        del aging.folder.files[path]
    with pytest.raises(DamagedError) as caught:
        project.load("sales", version=old)
    assert "where an environment publishes it" in caught.value.hint
    assert "any other version must be restored" in caught.value.hint

    refused = {remark.key: remark.hint for remark in project.rollback().refused}

    assert set(refused) == {"sales"}
    assert refused["sales"].startswith(hint)


def test_a_rollback_to_what_was_forgotten_says_how_to_go_round_it(aging):
    aging.make(1)
    project = aging.make(2)
    old = version(project, "sales")
    project.forget(f"sales@{old}")

    with pytest.raises(ForgottenError) as caught:
        project.rollback()
    assert "--to: `assetflow history sales --env dev`" in caught.value.hint
    assert caught.value.hint.endswith("go back without it: --exclude sales")
    with pytest.raises(ForgottenError) as caught:
        project.rollback(to=old)
    assert "--to" in caught.value.hint
    assert "--exclude" not in caught.value.hint

    assert set(project.rollback(exclude="sales").keys) == {"report", "total"}


def test_what_gc_forgets_while_a_run_goes_on_is_stored_again_by_it(aging):
    """The run found the bytes stored, and did not store them again; they are forgotten before it commits."""
    aging.text = TEXT + '\n@af.asset\ndef last(total: int) -> str:\n    return "last"\n'
    aging.keeping = {}
    aging.make(1, days=40)
    for amount in (2, 3, 4, 5):
        project = aging.make(amount, days=40)
    old = version(project, "sales", 4)
    collector = aging.project(5)
    run = aging.project(1).materialize(
        force=True, listener=Meanwhile("last", lambda: collector.gc(yes=True, grace=3600.0 * 24))
    )

    assert run.status == "succeeded"
    made = aging.project(1)
    assert made.load("sales")["amount"][1].as_py() == "1"
    assert made.version(f"sales@{old}").forgotten is None
    assert made.verify().problems == ()
