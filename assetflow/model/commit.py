"""Owns the commit: its fields, its bytes, and reading bytes of any release. Format number 1 (docs/formats.md)."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from assetflow.errors import StoreFormatError
from assetflow.model.actions import Action
from assetflow.model.known_actions import parse_action
from assetflow.model.record import Record
from assetflow.model.text import sound

COMMIT_FORMAT = 1


class Writer(Record):
    """Who wrote a commit."""

    host: str
    pid: int
    user: str
    release: str


class Commit(Record):
    """One atomic entry of a store's log.

    ``parent``: sha256 of the bytes of the commit before, "" for the first. ``time``: never earlier than the parent's
    plus 1 ms; ``wall``: what the writer's clock said. Both ISO 8601 in UTC.
    """

    format: int = COMMIT_FORMAT
    id: str
    number: int
    parent: str
    time: str
    wall: str
    writer: Writer
    run: str | None = None
    actions: tuple[Action, ...]

    def to_bytes(self) -> bytes:
        """Return the bytes that the log keeps."""
        body = self.model_dump(mode="json", exclude={"actions"})
        body["actions"] = [action.model_dump(mode="json") for action in self.actions]
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # A lone surrogate (in a file's name, say) becomes the escape that JSON has for it.
        return text.encode("utf-8", "backslashreplace")


def parse_commit(data: bytes, number: int) -> Commit:
    """Read commit ``number``; raise StoreFormatError when this release must not or cannot."""
    try:
        body = json.loads(data)
        written_format = body["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreFormatError(f"commit {number} of the log is not a commit: {error}") from error
    if written_format != COMMIT_FORMAT:
        raise StoreFormatError(
            f"commit {number} has format {written_format}; this release reads format {COMMIT_FORMAT}",
            hint=f"upgrade assetflow (it was written by {body.get('writer', {}).get('release', 'another release')})",
        )
    try:
        actions = tuple(parse_action(action) for action in body.pop("actions"))
        return Commit.model_validate({**body, "actions": ()}).model_copy(update={"actions": actions})
    except (ValidationError, KeyError) as error:
        raise StoreFormatError(f"commit {number} of the log cannot be understood: {error}") from error


def readable_text(data: bytes, number: int) -> str:
    """Return a commit's JSON as text that every reader of JSON can read.

    A commit may hold a lone surrogate (in a file's name, or in an error's message from before messages were cleaned),
    which is no text; here it becomes its escape in words.
    """
    try:
        if b"\\ud" not in data:
            return data.decode()
        return json.dumps(_sound(json.loads(data)), ensure_ascii=False, separators=(",", ":"))
    except ValueError as error:
        raise StoreFormatError(f"commit {number} of the log is not a commit: {error}") from error


def _sound(value: Any) -> Any:
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, dict):
        return {sound(name): _sound(item) for name, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value
