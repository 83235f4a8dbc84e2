"""Owns how a message reaches people: a webhook, and whatever apprise knows. The one module that imports apprise.

Nobody waits longer than ``SECONDS``, whatever hangs; what goes wrong is told without the target's address, which may be
a secret.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from pydantic import SecretStr

from assetflow.errors import UsageError
from assetflow.operate.notices import Message
from assetflow.release import RELEASE
from assetflow.settings.settings import NotifySettings

SECONDS = 10.0


def deliver(messages: Sequence[Message], to: NotifySettings, *, seconds: float = SECONDS) -> list[str | None]:
    """Send every message to every target; return of each why nobody got it, or None.

    All at once, and given up together: a target that hangs holds nothing back but itself.
    """
    attempts = [[_Attempt(target, message) for target in _targets(to)] for message in messages]
    deadline = time.monotonic() + seconds
    for attempt in (one for several in attempts for one in several):
        attempt.join(max(0.0, deadline - time.monotonic()))
    return [_missed(several, seconds) for several in attempts]


Target = Callable[[Message], None]


class _Attempt(threading.Thread):
    """One message to one target, in a thread that is left behind when it takes too long."""

    def __init__(self, target: Target, message: Message) -> None:
        super().__init__(daemon=True, name="assetflow-notify")
        self._target_of = target
        self._message = message
        self.wrong: str | None = None
        self.start()

    def run(self) -> None:
        try:
            self._target_of(self._message)
        except Exception as error:  # noqa: BLE001 - whatever a network or a plugin raises: it is told, and the run goes on
            self.wrong = _words(error)


def _missed(attempts: Sequence[_Attempt], seconds: float) -> str | None:
    """Say why nobody got a message; None where somebody did."""
    wrong = [
        f"no answer within {seconds:g} s" if one.is_alive() else one.wrong
        for one in attempts
        if one.is_alive() or one.wrong is not None
    ]
    return "; ".join(filter(None, wrong)) if len(wrong) == len(attempts) else None


def _targets(to: NotifySettings) -> list[Target]:
    targets: list[Target] = []
    if to.webhook is not None:
        targets.append(_webhook(to.webhook))
    return [*targets, *map(_apprise, to.apprise)]


def _webhook(url: SecretStr) -> Target:
    address = url.get_secret_value()
    host = urlsplit(address).hostname

    def send(message: Message) -> None:
        request = urllib.request.Request(  # noqa: S310 - the settings take http and https alone
            address,
            data=json.dumps(message.to_dict()).encode(),
            headers={"Content-Type": "application/json", "User-Agent": f"assetflow/{RELEASE}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                answer.read(1)
        except urllib.error.HTTPError as error:
            error.close()
            raise _NotSentError(f"the webhook at {host} answered {error.code}") from error
        except urllib.error.URLError as error:
            raise _NotSentError(f"the webhook at {host} cannot be reached: {_words(error.reason)}") from error

    return send


def _apprise(url: SecretStr) -> Target:
    def send(message: Message) -> None:
        try:
            import apprise
        except ImportError as error:
            raise _NotSentError("apprise is not installed: pip install 'assetflow[notify]'") from error
        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it logs addresses
        service = apprise.Apprise()
        scheme = url.get_secret_value().partition("://")[0]
        if not service.add(url.get_secret_value()):
            raise _NotSentError(f"apprise does not know what notify.apprise names ({scheme}://...)")
        if not service.notify(title=message.title, body=message.body):
            raise _NotSentError(f"apprise could not send to {scheme}://...")

    return send


class _NotSentError(UsageError):
    """A message that a target did not take."""


def _words(error: object) -> str:
    if isinstance(error, _NotSentError):
        return error.message
    text = str(error)
    return text if isinstance(error, str) or not text else f"{type(error).__name__}: {text}"
