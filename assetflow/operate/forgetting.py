"""Owns how versions and objects become forgotten: by one commit, unless others came to need some of it meanwhile.

Deletes nothing, and does not know why they are forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, TypeVar

from assetflow.errors import StoreError
from assetflow.execution.safekeeping import lists_of
from assetflow.model.actions import Action
from assetflow.model.commit import Commit
from assetflow.model.store import Forgotten, ForgottenVersion
from assetflow.operate.log import log_writer
from assetflow.operate.reach import with_inner
from assetflow.operate.workspace import Workspace
from assetflow.storage.head import Head
from assetflow.storage.objects import Objects

Done = TypeVar("Done")

_PATIENCE = 20  # times that others committed what the plan was about, before giving up


def until_undisturbed(attempt: Callable[[], Done | None]) -> Done:
    """Return what ``attempt`` does; it is made again where it returns None, since others came first."""
    for _ in range(_PATIENCE):
        done = attempt()
        if done is not None:
            return done
    raise StoreError(
        f"others changed what was to be forgotten {_PATIENCE} times in a row; nothing was forgotten",
        hint="run it again when fewer runs write to this store",
    )


def commit_forgotten(
    workspace: Workspace,
    head: Head,
    versions: Sequence[ForgottenVersion],
    objects: Collection[str],
    reason: Literal["gc", "forget"],
) -> int | None:
    """Commit that these are forgotten, as was planned at ``head``.

    Returns the commit's number, or None where others came to need some of it since.
    """
    about = frozenset(objects).union(one.version for one in versions)
    forgotten = Forgotten(versions=tuple(versions), objects=tuple(sorted(objects)), reason=reason)

    def build(news: Sequence[Commit]) -> Sequence[Action] | None:
        return None if news and about & _touched_by(news, workspace.store.objects) else [forgotten]

    commit = log_writer(workspace, head).commit(build)
    return commit.number if commit is not None else None


def _touched_by(news: Sequence[Commit], objects: Objects) -> frozenset[str]:
    """Return all texts in the actions of ``news``, and the names in lists of objects that they name.

    Whoever comes to need a version or an object names it so.
    """
    actions = [action for commit in news for action in commit.actions]
    texts = {text for action in actions for text in _texts(action.model_dump())}
    lists = frozenset[str]().union(*map(lists_of, actions))
    touched, unreadable = with_inner(texts, lists, objects)
    if unreadable:
        raise StoreError(
            f"object {min(unreadable)}, which was just committed, cannot be read", hint="run again"
        )
    return touched


def _texts(value: Any) -> Collection[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [text for item in inner for text in _texts(item)]
