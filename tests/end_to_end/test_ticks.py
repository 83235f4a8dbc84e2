"""Ticks do what is due and nothing else, by the clock, by probes, after failures, beside each other, after a kill."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cells import declared_in
from noted import NOTES, note
from shops import Shop, kill

import assetflow as af
from assetflow.storage.live import LiveRun
from assetflow.testing.fakes import FakeClock


class World:
    """What assets read from outside: probes answer it, and assets fail by it."""

    answer: Any = "A"
    broken: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    number = 0


WORLD = [World()]
"""The one world; each test gets a new one."""


def ask() -> Any:
    if WORLD[0].answer is None:
        raise ConnectionError("no route to host")
    return WORLD[0].answer


def fetch(key: str) -> int:
    note(key)
    if key in WORLD[0].broken:
        raise OSError(f"{key} is down")
    if key in WORLD[0].stopped:
        raise KeyboardInterrupt
    return WORLD[0].number


def declared(text: str, **given: Any) -> list[Any]:
    return declared_in(text, af=af, fetch=fetch, ask=ask, **given)


# In Tokyo no day is longer than another, so that a day later it is due again whenever these run.
TEXT = """
@af.asset(refresh=af.cron("0 6 * * *", tz="Asia/Tokyo"))
def daily() -> int:
    return fetch("daily")

@af.asset
def below(daily: int) -> int:
    return fetch("below")

@af.asset(refresh=af.probe(ask, timeout="100s"))
def probed() -> int:
    return fetch("probed")

@af.asset
def apart() -> int:
    return fetch("apart")
"""


def now() -> datetime:
    """Return this minute: stores compare their clocks with their files' times."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


class Ticking:
    """A project with a clock that is moved by hand."""

    def __init__(self, text: str = TEXT, *, publish: str = "asset", **given: Any) -> None:
        NOTES.clear()
        self.world = WORLD[0] = World()
        self.assets = declared(text, **given)
        self.project = af.Project(self.assets, executor="inline", publish=publish)
        self.clock = FakeClock(now())
        self.project._workspace.store.clock = self.clock

    def tick(self, project: af.Project | None = None) -> list[str]:
        """Tick, and return what was called."""
        NOTES.clear()
        self.last = (project or self.project).tick()
        return sorted(NOTES)

    def due(self) -> dict[str, str]:
        """What is due, with the reason."""
        found = self.project.tick(dry_run=True)
        return {timing.key: timing.due for timing in found.timings if timing.due}

    @property
    def commits(self) -> int:
        with self.project._workspace.ledger.session() as session:
            return session.head.number

    def to_next(self, key: str = "daily") -> None:
        """Let the time pass until an asset is due by the clock."""
        timing = next(timing for timing in self.project.timings() if timing.key == key)
        assert timing.next is not None
        self.clock.advance(seconds=(datetime.fromisoformat(timing.next) - self.clock.now()).total_seconds())


def test_each_tick_of_the_clock_is_made_once_with_all_below_it() -> None:
    shop = Ticking()
    assert shop.tick() == ["below", "daily", "probed"]
    assert shop.project.plan("apart")["apart"].reasons == ("never built",), (
        "nothing that is refreshed feeds it"
    )
    commits = shop.commits
    for _ in range(3):
        assert shop.tick() == []
        assert shop.last.run is None
    assert shop.commits == commits

    shop.to_next()
    shop.clock.advance(seconds=-1)
    assert shop.tick() == []
    shop.clock.advance(seconds=1)
    assert list(shop.due()) == ["daily"]
    assert shop.tick() == ["daily"], "its output is unchanged, and that ends the matter"
    assert shop.last.run is not None
    assert {item.key: item.state.value for item in shop.last.run} == {"daily": "built", "below": "fresh"}
    assert shop.project.plan().counts == {"fresh": 3, "build": 1}
    shop.clock.advance(days=9)
    shop.world.number = 1
    assert shop.tick() == ["below", "daily"], "a week asleep is made up once"
    assert shop.tick() == []


def test_a_tick_is_told_in_words_of_the_declared_zone() -> None:
    shop = Ticking()
    shop.tick()
    shop.to_next()
    tick = shop.clock.now()
    shop.clock.advance(minutes=7)
    local = tick.astimezone(ZoneInfo("Asia/Tokyo"))
    reason = f"cron tick {local:%Y-%m-%d} 06:00 Asia/Tokyo"
    assert shop.due() == {"daily": reason}
    assert shop.project.plan()["daily"].reasons == (reason,)
    assert shop.project.plan()["below"].state == "maybe"
    shop.tick()
    (told,) = shop.project.sql(
        "select token from versions where asset = 'daily' order by commit_number desc limit 1"
    )["token"].to_pylist()
    assert told == f"cron {tick:%Y-%m-%dT%H:%M:%S}Z Asia/Tokyo"


def test_a_clock_that_jumps_back_makes_nothing_stale() -> None:
    shop = Ticking()
    shop.tick()
    shop.clock.advance(days=-3)
    assert not shop.due()
    assert shop.tick() == []
    assert shop.project.plan("daily").counts == {"fresh": 1}
    shop.clock.advance(days=3)
    assert shop.tick() == []


def test_a_clock_that_was_ahead_holds_nothing_up_once_the_asset_is_forced() -> None:
    shop = Ticking()
    shop.clock.advance(minutes=4)
    shop.project.materialize("daily")
    with pytest.MonkeyPatch.context() as patch:  # published by a machine that was years ahead
        patch.setattr(shop.project._workspace.store, "clock", FakeClock(datetime(2077, 1, 1, tzinfo=UTC)))
        patch.setattr("assetflow.storage.log_writer.LogWriter._check", lambda *_: None)
        shop.project.materialize("daily")
    shop.project._workspace.store.clock = shop.clock
    shop.clock.advance(days=2)
    assert "daily" not in shop.due()
    shop.project.materialize("daily", force=True)
    shop.clock.advance(days=1)
    assert "daily" in shop.due()


def test_a_probe_that_answers_a_b_a_is_rebuilt_twice_and_its_answers_are_on_record() -> None:
    shop = Ticking()
    shop.tick()
    calls = []
    for shop.world.answer in "ABBAA":
        calls.append(shop.tick())
    assert calls == [[], ["probed"], [], ["probed"], []]
    table = shop.project.sql("select shown from probes where asset = 'probed' order by commit_number")
    assert table["shown"].to_pylist() == ['"A"', '"B"', '"A"']


def test_plan_and_status_take_the_last_answer_and_ask_nothing() -> None:
    shop = Ticking()
    shop.tick()
    shop.world.answer = None  # to ask would raise
    assert shop.project.plan("probed").counts == {"fresh": 1}
    assert {row.key: row.state for row in shop.project.status("probed")} == {"probed": "fresh"}
    assert [timing.due for timing in shop.project.timings()] == ["", ""]


def test_a_probe_that_was_never_asked_makes_what_is_published_stale() -> None:
    shop = Ticking()
    plain = "@af.asset\ndef probed() -> int:\n    return fetch('probed')\n"
    af.Project(declared(plain), store=shop.project.store).materialize()
    assert shop.project.plan("probed")["probed"].reasons[-1] == "its probe was never asked"


@pytest.mark.parametrize("trouble", ["raises", "hangs", "answers nonsense"])
def test_a_probe_in_trouble_fails_its_asset_alone(trouble: str) -> None:
    hanging = threading.Event()
    asked = {"raises": lambda: 1 // 0, "hangs": lambda: hanging.wait(60), "answers nonsense": object}[trouble]
    text = (
        TEXT
        + """
@af.asset(refresh=af.probe(asked, timeout="100ms"))
def troubled() -> int:
    return fetch("troubled")

@af.asset
def under(troubled: int) -> int:
    return fetch("under")
"""
    )
    shop = Ticking(text, asked=asked)
    begun = time.monotonic()
    assert shop.tick() == ["below", "daily", "probed"]
    assert time.monotonic() - begun < 30
    run = shop.last.run
    assert run is not None
    assert {item.key: item.state.value for item in run} == {
        "daily": "built",
        "below": "built",
        "probed": "built",
        "troubled": "failed",
        "under": "skipped",
    }
    cause = {
        "raises": "the probe of troubled raised ZeroDivisionError",
        "hangs": "the probe of troubled gave no answer within 0.1 s",
        "answers nonsense": "the answer of the probe of troubled",
    }
    assert run["troubled"].message.startswith(cause[trouble])
    assert isinstance(run["troubled"].error, af.ProbeError)
    assert shop.tick() == [], "it is left alone for five minutes"
    assert shop.last.run is None
    shop.clock.advance(minutes=5)
    shop.tick()
    assert shop.last.run is not None
    hanging.set()


def test_files_that_arrive_change_or_go_are_news(tmp_path: Path) -> None:
    text = '@af.asset(refresh=af.probe(af.arrived("in/*.csv")))\ndef files() -> int:\n    return fetch("files")\n'
    shop = Ticking(text)
    shop.project = af.Project(shop.assets, root=tmp_path, store=str(tmp_path / "store"), executor="inline")
    file = tmp_path / "in/a.csv"
    file.parent.mkdir()
    steps: list[Callable[[], Any]] = [
        lambda: None,
        lambda: file.write_text("1"),
        lambda: (tmp_path / "in/other.txt").write_text("1"),
        lambda: file.write_text("22"),
        file.unlink,
    ]
    found = []
    for step in steps:
        step()
        found.append((shop.tick(), shop.tick()))
    assert found == [(["files"], []), (["files"], []), ([], []), (["files"], []), (["files"], [])]


def test_what_failed_is_tried_again_after_its_own_pause_and_what_is_below_it_waits_too() -> None:
    shop = Ticking()
    shop.tick()
    shop.to_next()
    shop.world.broken, shop.world.number = frozenset({"below"}), 1
    assert shop.tick() == ["below", "daily"]
    for minutes in (5, 10, 20):
        shop.clock.advance(minutes=minutes - 1)
        assert shop.tick() == []
        assert shop.last.run is None
        (waiting,) = [timing for timing in shop.last.timings if timing.waits_until]
        assert waiting.key == "below"
        shop.clock.advance(minutes=1)
        assert shop.due() == {"below": "failed last time"}
        assert shop.tick() == ["below"], "what it reads was published, and is not run again"
    shop.world.broken = frozenset()
    shop.clock.advance(minutes=40)
    assert shop.tick() == ["below"]
    shop.clock.advance(hours=1)
    assert shop.tick() == []


def test_a_failing_asset_that_is_due_each_minute_is_not_tried_each_minute() -> None:
    shop = Ticking('@af.asset(refresh=af.every("1m"))\ndef often() -> int:\n    return fetch("often")\n')
    shop.world.broken = frozenset({"often"})
    tried = 0
    for _ in range(60):
        tried += len(shop.tick())
        shop.clock.advance(minutes=1)
    assert tried == 4, "at once, after 5 minutes, 10, 20"


def test_what_no_tick_can_do_is_on_record_and_not_told_each_minute(tmp_path: Path) -> None:
    text = """
lost = af.source("lost", "gone.csv")

@af.asset(refresh=af.every("1m"))
def often(lost: pa.Table) -> int:
    return 1
"""
    import pyarrow as pa

    shop = Ticking(text, pa=pa)
    shop.project = af.Project(shop.assets, root=tmp_path, store=str(tmp_path / "store"), executor="inline")
    clock = shop.clock
    shop.project._workspace.store.clock = clock
    runs = 0
    for _ in range(12):
        shop.tick()
        runs += shop.last.run is not None
        clock.advance(minutes=1)
    assert runs == 2, "at once, and after 5 minutes"
    with shop.project._workspace.ledger.session() as session:
        assert session.runs(shop.project._workspace.store.live)[0].counts["skipped"] == 1


def test_what_was_never_made_above_what_is_due_is_made_with_it() -> None:
    text = """
@af.asset
def base() -> int:
    return fetch("base")

@af.asset(refresh=af.cron("0 6 * * *"))
def daily(base: int) -> int:
    return fetch("daily")
"""
    shop = Ticking(text)
    assert shop.tick() == ["base", "daily"]
    shop.clock.advance(days=1)
    assert shop.tick() == ["daily"]


def test_a_rejected_version_is_not_made_again_until_there_is_news() -> None:
    text = """
@af.asset(refresh=af.cron("0 6 * * *"))
def daily() -> int:
    return fetch("daily")

@af.check(daily)
def small(daily: int) -> bool:
    return daily < 1
"""
    shop = Ticking(text)
    shop.world.number = 1
    assert shop.tick() == ["daily"]
    assert shop.tick() == []
    assert shop.last.run is None
    shop.clock.advance(days=1)
    shop.world.number = 0
    assert shop.tick() == ["daily"]
    assert shop.project.load("daily") == 0


def test_what_hangs_together_with_a_failure_is_held_back_until_both_are_good() -> None:
    text = """
@af.asset(refresh=af.cron("0 6 * * *"))
def left() -> int:
    return fetch("left")

@af.asset(refresh=af.cron("0 6 * * *"))
def right() -> int:
    return fetch("right")

@af.asset
def both(left: int, right: int) -> int:
    return left + right
"""
    shop = Ticking(text, publish="run")
    shop.tick()
    shop.clock.advance(days=1)
    shop.world.number, shop.world.broken = 1, frozenset({"right"})
    assert shop.tick() == ["left", "right"]
    assert shop.project.load("left") == 0
    shop.clock.advance(minutes=1)
    assert shop.tick() == []
    assert shop.project.load("left") == 0
    shop.world.broken = frozenset()
    shop.clock.advance(minutes=5)
    assert shop.tick() == ["right"]
    assert [shop.project.load(key) for key in ("left", "right", "both")] == [1, 1, 2]


def test_after_a_rollback_ticks_do_not_bring_back_what_was_turned_away() -> None:
    shop = Ticking()
    shop.tick()
    shop.world.number = 1
    shop.clock.advance(days=1)
    shop.tick()
    assert shop.project.load("daily") == 1
    shop.project.rollback(selection="daily below")
    assert shop.project.load("daily") == 0
    for _ in range(3):
        shop.clock.advance(days=1)
        shop.world.answer += "x"
        assert shop.tick() == ["probed"]
        assert [shop.project.load(key) for key in ("daily", "below")] == [0, 0]
    assert shop.project.plan("daily")["daily"].state == "held"


def test_after_a_promotion_ticks_of_older_code_do_not_undo_it() -> None:
    old = Ticking()
    store = old.project.store
    text = TEXT.replace('return fetch("daily")', 'return fetch("daily") + 100')
    new = af.Project(declared(text), store=store, env="dev")
    prod = af.Project(old.assets, store=store, env="prod")
    for project in (new, prod):
        project._workspace.store.clock = old.clock
    prod.tick()
    new.materialize()

    new.promote("dev", "prod")
    for _ in range(2):
        old.clock.advance(days=1)
        old.tick(prod)
        assert prod.load("daily") == 100


def test_a_pinned_asset_is_not_due() -> None:
    shop = Ticking()
    shop.tick()
    shop.project.pin("daily")
    shop.clock.advance(days=1)
    assert not shop.due()
    assert shop.tick() == []


def test_a_tick_beside_a_live_one_leaves_it_to_that() -> None:
    shop = Ticking()
    with shop.project._workspace.store.live.claim("tick.dev"):  # type: ignore[union-attr]
        assert shop.tick() == []
        assert isinstance(shop.last.beside, LiveRun)
        assert "another tick of dev goes on" in (shop.last.told or "")
    assert shop.tick() == ["below", "daily", "probed"]


def test_what_a_tick_was_interrupted_in_is_finished_by_the_next() -> None:
    shop = Ticking()

    shop.world.stopped = frozenset({"below"})
    tick = shop.project.tick()
    assert tick.run is not None
    assert tick.run.status == "cancelled"
    shop.world.stopped = frozenset()
    assert set(shop.tick()) >= {"below"}
    assert shop.project.current("below") is not None


def test_what_was_interrupted_and_is_declared_no_more_holds_nothing_up() -> None:
    shop = Ticking()
    shop.world.stopped = frozenset({"below"})
    shop.project.tick()
    shop.world.stopped = frozenset()
    alone = Ticking(TEXT.split("@af.asset\n", maxsplit=1)[0])
    alone.project = af.Project(alone.assets, store=shop.project.store, executor="inline")
    alone.project._workspace.store.clock = alone.clock
    alone.clock.advance(days=1)
    assert alone.tick() == ["daily"]


def test_an_effect_and_a_query_are_refreshed_like_anything_else() -> None:
    text = """
top = af.sql("top", "SELECT count(*) AS n FROM numbers", refresh=af.cron("0 6 * * *"))

@af.asset
def numbers() -> pa.Table:
    return pa.table({"n": [1, 2, 3]})

@af.asset(refresh=af.cron("0 6 * * *"))
def mail(top: pa.Table) -> None:
    fetch("mail")
"""
    import pyarrow as pa

    shop = Ticking(text, pa=pa)
    for _ in range(2):
        assert shop.tick() == ["mail"]
        assert shop.last.run is not None
        assert shop.last.run["top"].state == "built"
        assert shop.tick() == []
        shop.clock.advance(days=1)


def test_explain_names_the_tokens_of_what_is_and_of_what_would_be() -> None:
    shop = Ticking()
    shop.tick()
    shop.clock.advance(days=1)
    told = {part.name: part for part in shop.project.explain("daily").ingredients}["refresh"]
    assert told.changed
    assert (told.before or "").endswith("Z Asia/Tokyo")
    shop.tick()
    assert shop.project.explain_version("daily").reasons[0].startswith("cron tick ")


def test_an_asset_without_refresh_any_more_is_made_once_without_it() -> None:
    shop = Ticking()
    shop.tick()
    plain = TEXT.replace('@af.asset(refresh=af.cron("0 6 * * *", tz="Asia/Tokyo"))', "@af.asset")
    project = af.Project(declared(plain), store=shop.project.store, executor="inline")
    assert project.plan("daily")["daily"].reasons == ("it has no refresh= any more",)
    project.materialize("daily")
    assert project.plan("daily").counts == {"fresh": 1}


def test_ticks_are_told_apart_in_the_log() -> None:
    shop = Ticking()
    shop.tick()
    shop.project.materialize("apart")
    triggers = shop.project.sql('select "trigger" from run_starts order by commit_number')[
        "trigger"
    ].to_pylist()
    assert triggers == ["tick", ""]


SLOW = """
import time
from pathlib import Path

import assetflow as af


@af.asset(refresh=af.every("1s"))
def slow() -> int:
    Path("began").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    return 1
"""


@pytest.fixture
def slow(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'name = "slow"\nmodules = ["slow"]\n')
    shop.write("slow.py", SLOW)
    return shop


def test_of_two_ticks_at_once_one_works_and_the_other_says_so(slow: Shop) -> None:
    first = slow.start("tick", until="began")
    second = slow.run("tick")
    assert (second.code, second.out) == (0, "")
    assert "another tick of dev goes on" in second.err
    assert slow.run("tick", "--json").json["beside"] is not None
    slow.write("go", "")
    out, err = first.communicate(timeout=60)
    assert (first.returncode, "1 built" in out) == (0, True), err
    assert not list((slow.root / ".assetflow/store/live").iterdir())


def test_a_killed_tick_does_not_block_the_next(slow: Shop) -> None:
    first = slow.start("tick", until="began")
    kill(first)
    assert list((slow.root / ".assetflow/store/live").iterdir()), "it left its claim"
    slow.write("go", "")
    done = slow.run("tick")
    assert (done.code, "1 built" in done.out) == (0, True), done


def test_nothing_due_says_nothing_and_dry_run_says_all(slow: Shop) -> None:
    slow.write("go", "")
    slow.edit("slow.py", 'every("1s")', 'cron("0 6 1 1 *")')
    assert "slow" in slow.run("tick", "--dry-run").out
    assert not slow.commits()
    assert slow.run("tick").code == 0
    silent = slow.run("tick")
    assert (silent.code, silent.out, silent.err) == (0, "", "")
    told = slow.run("tick", "--dry-run", "--json").json
    assert told["assets"][0]["next"].endswith("-01-01T06:00:00.000000Z")
    status = slow.run("status", "--json").json["assets"][0]
    assert status["timing"]["next"] == told["assets"][0]["next"]


def test_a_tick_whose_asset_fails_ends_with_one_and_the_next_is_silent(slow: Shop) -> None:
    slow.edit("slow.py", "    return 1", "    raise OSError('down')")
    slow.write("go", "")
    assert slow.run("tick", "--quiet").code == 1
    again = slow.run("tick", "--quiet")
    assert (again.code, again.out, again.err) == (0, "", "")
