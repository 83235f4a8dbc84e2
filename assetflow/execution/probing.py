"""Owns asking probes: each once, side by side, each in a thread that may hang without holding up anything else.

Knows nothing of tokens: what an answer means is for planning to say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetflow.errors import AssetflowError, DataError, ProbeError
from assetflow.execution.capture import TaskLog, captured, routed
from assetflow.execution.source_files import look_for_files
from assetflow.hashing.values import encode_value, hash_encoded
from assetflow.model.refresh import Arrival, Probe
from assetflow.model.text import said, sound

AT_ONCE = 64  # probes that are asked side by side
MOST_SHOWN = 200  # characters of an answer that people see


@dataclass(frozen=True)
class Answered:
    """What a probe answered. ``answer``: its hash; ``shown``: its beginning, as text."""

    answer: str
    shown: str
    seconds: float


Answer = Answered | ProbeError


def ask_all(probes: Mapping[str, Probe], root: Path) -> dict[str, Answer]:
    """Ask these probes, by asset; return what each answered, or why it did not. Never raises for a probe's sake.

    ``root``: what relative paths are relative to.
    """
    answers: dict[str, Answer] = {}
    waiting = list(probes.items())
    with routed():  # what they print is no result of a command
        while waiting:
            asked = {key: _Asked(key, probe, root) for key, probe in waiting[:AT_ONCE]}
            answers.update({key: one.answer() for key, one in asked.items()})
            del waiting[:AT_ONCE]
    return answers


class _Asked:
    """A probe under way. Its thread is a daemon: one that hangs ends with the process."""

    def __init__(self, key: str, probe: Probe, root: Path) -> None:
        self._key = key
        self._probe = probe
        self._found: list[Answer] = []
        self._begun = time.monotonic()
        question = _question(probe, root)
        self._thread = threading.Thread(
            target=self._ask, args=(question,), name=f"assetflow-probe-{key}", daemon=True
        )
        self._thread.start()

    def answer(self) -> Answer:
        self._thread.join(max(0.0, self._begun + self._probe.seconds - time.monotonic()))
        if self._found:
            return self._found[0]
        return ProbeError(
            f"the probe of {self._key} gave no answer within {self._probe.seconds:g} s",
            hint="mend what it asks, or give it more time: af.probe(..., timeout=...)",
        )

    def _ask(self, question: Callable[[], Any]) -> None:
        try:
            with captured(TaskLog()):
                text = encode_value(question())
        except DataError as error:
            self._found.append(
                ProbeError(f"the answer of the probe of {self._key}: {error.message}", hint=error.hint)
            )
        except BaseException as error:  # noqa: BLE001 - a user's SystemExit ends the probe, not the run
            what = error.message if isinstance(error, AssetflowError) else said(error)
            told = f"the probe of {self._key} raised {type(error).__qualname__}: {what}"
            self._found.append(ProbeError(told, original=error))
        else:
            shown = sound(text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}...")
            self._found.append(Answered(hash_encoded(text), shown, time.monotonic() - self._begun))


def _question(probe: Probe, root: Path) -> Callable[[], Any]:
    ask = probe.ask
    return (lambda: list(_arrived(ask, root))) if isinstance(ask, Arrival) else ask


def _arrived(arrival: Arrival, root: Path) -> Iterator[list[str]]:
    """Yield the path of each file with what tells a change of it."""
    for file in look_for_files(arrival.url, root, dict(arrival.options)):
        yield [sound(file.path), *(str(stamp) for stamp in file.stamp)]
