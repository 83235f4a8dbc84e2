"""What is worth telling: changes, each once, by whichever of several machines sees it first."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from webhook import webhook

import assetflow as af
from assetflow.ledger.notices import Told, after
from assetflow.operate.delivery import deliver
from assetflow.operate.notices import LEASE, Fact, Message, changes
from assetflow.operate.notifying import notify
from assetflow.settings.settings import NotifySettings
from assetflow.storage.clock import time_text

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENTS = st.sampled_from([None, "failed", "rejected"])


def fact(event: str | None) -> Fact:
    return Fact("sales", "outcome", event)


@given(st.lists(EVENTS, max_size=12))
def test_each_change_of_state_is_told_once_and_nothing_else(states):
    told: dict = {}
    heard = []
    for state in states:
        for one, event in changes([fact(state)], told, NOW):
            heard.append(event)
            told[one.about] = after(told.get(one.about, Told()), event, "told", time_text(NOW))
    expected, last = [], None
    for state in states:
        if state != last:
            expected.append(state or "recovered")
        last = state

    assert heard == expected


def test_what_another_is_telling_is_left_to_it_for_a_while():
    told = {("sales", "", "outcome"): Told(None, "failed", time_text(NOW))}

    assert changes([fact("failed")], told, NOW + LEASE / 2) == []
    assert [event for _, event in changes([fact("failed")], told, NOW + LEASE)] == ["failed"]
    assert [event for _, event in changes([fact("rejected")], told, NOW)] == ["rejected"]


@given(st.sampled_from(["failed", "rejected", "recovered"]), st.sampled_from([None, "failed", "rejected"]))
def test_what_could_not_be_told_is_news_again(event, before):
    told = after(after(Told(before), event, "telling", time_text(NOW)), event, "failed", time_text(NOW))

    assert told == Told(before)


@af.asset
def broken() -> int:
    raise OSError


def project(store: str) -> af.Project:
    made = af.Project(assets=[broken], store=store)
    settings = NotifySettings(webhook="https://example.com")
    made._workspace.settings = made._workspace.settings.model_copy(update={"notify": settings})
    return made


def test_of_two_machines_one_tells(tmp_path):
    one, other = project(str(tmp_path)), project(str(tmp_path))
    heard: list[Message] = []

    def tell_while_the_other_looks(messages, settings):
        assert notify(other._workspace, run, send=lambda *_: pytest_fails()) == ()
        heard.extend(messages)
        return [None] * len(messages)

    def pytest_fails():
        raise AssertionError("told twice")

    quiet = af.Project(assets=[broken], store=str(tmp_path))
    run = quiet.materialize()
    assert notify(one._workspace, run, send=tell_while_the_other_looks) == ()
    assert [message.event for message in heard] == ["failed"]
    assert notify(other._workspace, run, send=lambda *_: pytest_fails()) == ()


def test_what_hangs_is_given_up_and_holds_nothing_else_back():
    with webhook() as hanging, webhook() as well:
        hanging.may_answer.clear()
        message = Message("failed", "dev", "shop", time_text(NOW), (fact("failed"),))
        (missed,) = deliver([message], NotifySettings(webhook=hanging.url), seconds=0.2)
        assert missed == "no answer within 0.2 s"
        both = NotifySettings(webhook=hanging.url, apprise=(well.url.replace("http://", "json://"),))
        found: list[str | None] = []
        thread = threading.Thread(target=lambda: found.extend(deliver([message], both, seconds=200.0)))
        thread.start()
        deadline = time.monotonic() + 100
        while not well.received:
            assert time.monotonic() < deadline
        hanging.status = 500
        hanging.may_answer.set()
        thread.join()
        assert found == [None]  # somebody was told


def test_a_target_that_is_not_there_is_told_without_its_address():
    message = Message("late", "dev", None, time_text(NOW), (fact("failed"),))
    (missed,) = deliver([message], NotifySettings(webhook="http://127.0.0.1:1/s3cret"))

    assert missed is not None
    assert missed.startswith("the webhook at 127.0.0.1 cannot be reached")
    assert "s3cret" not in missed
    (missed,) = deliver([message], NotifySettings(apprise=("nosuch://s3cret",)))
    assert missed == "apprise does not know what notify.apprise names (nosuch://...)"


def test_a_long_list_is_cut_in_the_text_and_whole_in_the_payload():
    facts = tuple(Fact(f"a{number}", "outcome", "failed", "why", "look") for number in range(50))
    message = Message("failed", "dev", "shop", time_text(NOW), facts)

    assert message.title == "shop dev: 50 assets failed"
    assert message.body.endswith("\nand 30 more")
    assert len(message.to_dict()["assets"]) == 50
