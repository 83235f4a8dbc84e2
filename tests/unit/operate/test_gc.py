"""`gc`: what goes, what stays and why, in which steps, and what it is told by wrong clocks and broken lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aging import DAY, TEXT, Aging

from assetflow.errors import ClockError, DamagedError, ForgottenError, StoreError, UsageError
from assetflow.settings.settings import Keeping
from assetflow.testing.fakes import Crash

SHORT = {"dev": Keeping(retention=0, keep_last=2)}


@pytest.fixture
def aging() -> Aging:
    return Aging(keeping=SHORT)


def test_a_history_shrinks_to_what_retention_says(aging):
    aging.keeping = {"dev": Keeping(retention=7 * DAY, keep_last=3)}
    aging.text = TEXT.partition("@af.asset(checks")[0]
    for amount in range(20):
        project = aging.make(amount, days=1)
    size = sum(len(data) for data in aging.objects().values())

    collected = project.gc(yes=True)
    versions = [entry.version for entry in project.history("sales")]
    kept = [version for version in versions if project.version(f"sales@{version}").forgotten is None]
    aging.clock.advance(days=2)
    deleted = aging.project(19).gc(yes=True)

    assert kept == versions[:8]  # published in the last 7 days, and the one that was there before
    assert len(versions) == 20
    assert {share.asset: share.versions for share in collected.assets}["sales"] == 12
    assert deleted.deleted == collected.objects
    assert sum(len(data) for data in aging.objects().values()) == size - collected.bytes
    assert collected.bytes > 0.5 * size
    assert project.verify().problems == ()
    assert project.load("sales", version=kept[0]).num_rows == 2000


def test_a_dry_run_says_the_same_and_does_nothing(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    before = dict(aging.folder.files)

    said = project.gc()

    assert aging.folder.files == before
    assert said.dry_run
    done = project.gc(yes=True)
    assert (said.forgotten, said.objects, said.bytes) == (done.forgotten, done.objects, done.bytes)
    assert said.objects > 0


def test_it_says_why_the_rest_stays(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    project = aging.make(4)

    shares = {share.asset: share for share in project.gc().assets}

    assert shares["sales"].reasons == {"published in dev": 1, "published in dev lately": 1}
    assert (shares["sales"].versions, shares["sales"].stay) == (3, 2)


def test_what_is_forgotten_is_deleted_a_day_later_and_not_before(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    stored = aging.objects()
    first = project.gc(yes=True)
    aging.clock.advance(hours=23)
    second = project.gc(yes=True)
    assert (second.objects, second.deleted, second.waiting) == (0, 0, first.objects)
    assert aging.objects() == stored

    aging.clock.advance(hours=2)
    third = project.gc(yes=True)

    assert (third.deleted, third.deleted_bytes, third.waiting) == (first.objects, first.bytes, 0)
    assert len(aging.objects()) == len(stored) - first.objects
    assert project.gc(yes=True).deleted == 0


def test_nothing_to_do_commits_nothing(aging):
    project = aging.make(1, days=2)
    before = aging.folder.list("log")

    project.gc(yes=True)

    assert aging.folder.list("log") == before
    assert aging.folder.list("live") == []


def test_what_was_forgotten_is_a_miss_and_can_be_made_again(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    old = project.history("sales")[-1].version
    assert aging.project(0).plan()["sales"].state.value == "reuse"
    project.gc(yes=True)

    with pytest.raises(ForgottenError, match=r"were forgotten at .* by `assetflow gc` \(commit #"):
        project.load("sales", version=old)
    with pytest.raises(ForgottenError):
        project.snapshot(at=2).load("sales")
    assert aging.project(0).plan()["sales"].state.value == "build"
    assert old in {entry.version for entry in project.history("sales")}
    assert project.version(f"sales@{old}").forgotten.reason == "gc"
    assert project.provenance(f"total@{project.history('total')[-1].version}").node(old) is not None

    made = aging.make(0)

    assert made.load("sales", version=old)["amount"][1].as_py() == "0"
    assert made.version(f"sales@{old}").forgotten is None
    assert made.verify().problems == ()
    names = aging.objects("parquet")
    assert any("-" in name for name in names)  # the same bytes, by a name that nobody forgot


def test_what_is_stored_again_outlives_what_was_forgotten(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    project.gc(yes=True)
    again = aging.make(0)
    aging.clock.advance(days=2)
    assert again.gc(yes=True).deleted > 0

    assert again.load("sales").num_rows == 2000
    assert again.verify().problems == ()


def test_an_environment_of_the_log_alone_counts_with_what_is_usual(aging):
    for amount in range(6):
        aging.make(amount, "ours", days=2)
        project = aging.make(amount, "dev", days=2)

    assert project.gc().objects == 0


def test_environments_keep_what_they_publish_whatever_others_do(aging):
    aging.keeping["prod"] = Keeping(retention=0, keep_last=1)
    prod = aging.make(0, "prod", days=2)
    for amount in range(1, 5):
        dev = aging.make(amount, days=2)
    dev.gc(yes=True)
    aging.clock.advance(days=2)
    dev.gc(yes=True)

    assert prod.load("sales")["amount"][1].as_py() == "0"
    assert [
        entry.version for entry in dev.history("sales") if dev.version(f"sales@{entry.version}").forgotten
    ]


def test_what_a_deleted_environment_had_goes_with_its_retention(aging):
    aging.keeping["branch"] = Keeping(retention=5 * DAY, keep_last=3)
    branch = aging.make(0, "branch", days=2)
    old = branch.current("sales").version
    dev = aging.make(1, days=2)
    assert old not in {one.version for one in dev.gc().forgotten}

    dev.delete_environment("branch")
    aging.clock.advance(days=4)
    assert old not in {one.version for one in dev.gc().forgotten}
    aging.clock.advance(days=2)

    assert old in {one.version for one in dev.gc(yes=True).forgotten}
    assert aging.make(0, "branch").load("sales").num_rows == 2000


def test_a_log_that_is_no_longer_kept_is_told_as_such(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    run = project.runs()[-1].run
    assert [text for _, text in project.logs(run=run)] == ["made 0\n"]
    project.gc(yes=True)

    assert [text[:10] for _, text in project.logs(run=run)] == ["(forgotten"]


@pytest.mark.parametrize("days", [-2, 300])
def test_a_wrong_clock_collects_nothing(aging, days):
    for amount in range(4):
        project = aging.make(amount, days=0.1)
    before = dict(aging.folder.files)
    now = aging.folder._clock.now()
    wrong = aging.project(3)
    wrong._workspace.store.live._clock = type(
        "Wrong", (), {"now": lambda _self: now + timedelta(days=days)}
    )()

    with pytest.raises(ClockError):
        wrong.gc(yes=True)
    assert aging.folder.files == before
    assert project.gc(yes=True).objects == 0


def test_a_listing_that_fails_deletes_nothing(aging, monkeypatch):
    for amount in range(4):
        project = aging.make(amount, days=2)
    project.gc(yes=True)
    aging.clock.advance(days=2)
    before = dict(aging.folder.files)
    entries = aging.folder.entries
    monkeypatch.setattr(
        aging.folder, "entries", lambda path: entries(path) if path < "objects/80" else entries(1 / 0)
    )

    with pytest.raises(StoreError, match="cannot list objects"):
        project.gc(yes=True)
    assert aging.folder.files == before


def test_a_list_that_cannot_be_read_keeps_all_that_it_may_name(aging):
    """Which files of the code it names nobody knows; data are known from the log."""
    aging.store().objects.put(b"of nobody, or of the list", "py")
    for amount in range(4):
        project = aging.make(amount, days=2)
    tree = _tree_of(project)
    aging.folder.files[f"objects/{tree[:2]}/{tree}"] = (b"{}", 0.0)
    code = aging.objects("py")

    collected = project.gc(yes=True)
    aging.clock.advance(days=2)
    project.gc(yes=True)

    assert collected.unreadable == (tree,)
    assert collected.objects > 0
    assert aging.objects("py") == code
    assert project.load("sales").num_rows == 2000


def _tree_of(project) -> str:
    return project.sql(
        "select tree from versions join current using (version) where versions.asset = 'sales'"
    )["tree"][0].as_py()


@pytest.mark.parametrize("grace", ["soon", "-1d", "1 fortnight"])
def test_a_grace_that_makes_no_sense_is_refused(aging, grace):
    with pytest.raises(UsageError, match="is not a duration"):
        aging.make(1).gc(grace=grace)


def test_a_grace_of_nothing_forgets_and_then_deletes(aging):
    for amount in range(4):
        project = aging.make(amount)
        aging.clock.advance(seconds=1)
    assert project.gc(yes=True).objects == 0

    first = project.gc(yes=True, grace="0s")
    aging.clock.advance(seconds=1)
    second = project.gc(yes=True, grace="0s")

    assert first.objects == second.deleted > 0


def test_a_short_grace_is_refused_while_a_run_goes_on(aging):
    project = aging.make(1, days=2)
    with (
        aging.store().live.begin("somebody"),
        pytest.raises(UsageError, match="run somebody goes on"),
    ):
        project.gc(yes=True, grace="1h")


def test_what_a_run_that_goes_on_may_need_stays(aging):
    for amount in range(4):
        project = aging.make(amount, days=2)
    with aging.store().live.begin("somebody"):
        for amount in range(4, 8):
            project = aging.make(amount, days=2)
        collected = project.gc()
        shares = {share.asset: share for share in collected.assets}
    after = {share.asset: share for share in project.gc().assets}

    assert collected.live == ("somebody",)
    assert shares["sales"].stay > after["sales"].stay
    assert shares["sales"].versions == 3  # what was replaced before the run began


def test_left_over_files_of_dead_writers_go(aging):
    project = aging.make(1)
    old, young = "objects/ab/.1-ff.tmp", "log/.2-ff.tmp"
    aging.folder.files[old] = (b"half", aging.clock.now().timestamp())
    aging.clock.advance(days=2)
    aging.folder.files[young] = (b"half", aging.clock.now().timestamp())

    assert project.gc().left_over == 1
    assert project.gc(yes=True).left_over == 1
    assert old not in aging.folder.files
    assert young in aging.folder.files


def test_killed_at_any_change_it_goes_on_where_it_was(aging):
    for amount in range(5):
        project = aging.make(amount, days=2)
    start = dict(aging.folder.files)
    wanted = None
    for calls in range(100):
        aging.folder.files = dict(start)
        aging.folder.broken_after = calls
        project = aging.project(4)
        try:
            project.gc(yes=True)
        except Crash:
            pass
        else:
            break
        finally:
            aging.folder.broken_after = None
        _bury(aging)
        aging.project(4).gc(yes=True)
        left = set(aging.objects()), len(aging.folder.list("log"))
        wanted = wanted or left
        assert left == wanted
    assert calls >= 3


def _bury(aging) -> None:
    """The dead collector's sign of life is of this very process, which lives."""
    for path in [path for path in aging.folder.files if path.startswith("live/")]:
        del aging.folder.files[path]


def test_damage_is_no_reason_to_forget(aging):
    """A version whose object is gone keeps its record: it may be restored."""
    project = aging.make(1, days=2)
    name = next(iter(aging.objects("parquet")))
    del aging.folder.files[f"objects/{name[:2]}/{name}"]

    project.gc(yes=True)

    with pytest.raises(DamagedError):
        [project.load(key) for key in ("sales", "report")]
