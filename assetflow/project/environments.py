"""Owns, of the public facade, what moves environments, and tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetflow.project.opened import Opened

if TYPE_CHECKING:
    from assetflow.operate.environment_change import EnvironmentChange
    from assetflow.operate.environments import EnvironmentDifference, Restraints
    from assetflow.operate.rollback import HoldBack


class Environments(Opened):
    """Part of ``Project``: what moves environments, and tells of them."""

    def promote(
        self,
        source: str,
        target: str,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        strict: bool = False,
        dry_run: bool = False,
        seen: EnvironmentChange | None = None,
    ) -> EnvironmentChange:
        """Move the pointers of ``target`` to the versions that ``source`` publishes, in one commit; runs nothing.

        What ``target`` would not itself compute from there is refused: the result says what and why, and nothing
        moved. ``strict``: also where ``target`` has read a source later. ``seen``: what a call with ``dry_run``
        returned; anything else is not done.
        """
        from assetflow.operate.promote import promote

        return promote(
            self._in(source),
            self._in(target),
            selection,
            exclude=exclude,
            strict=strict,
            dry_run=dry_run,
            seen=seen,
        )

    def rollback(
        self,
        env: str | None = None,
        to: int | str | None = None,
        selection: str | None = None,
        *,
        exclude: str | None = None,
        partitions: str | None = None,
        hold: HoldBack = "auto",
        dry_run: bool = False,
        seen: EnvironmentChange | None = None,
    ) -> EnvironmentChange:
        """Move the pointers of ``env`` back, in one commit, and turn away what brought them there; runs nothing.

        Args:
            env: the environment; None for the project's.
            to: a commit, a time, a run, a version of one asset; None: before the last change that still stands.
            selection: which assets, or partitions (``key|partition``); None for all that would move.
            exclude: which not.
            partitions: which partitions of those selected that have some, as ``--partition`` has it; None: all.
            hold: ``all``, ``changed`` or ``none`` of what moved; ``auto``: what was made by other code or config; all
                where nothing was.
            dry_run: only say what would be done.
            seen: what a call with ``dry_run`` returned; anything else is not done.
        """
        from assetflow.operate.rollback import rollback

        return rollback(
            self._in(env),
            to,
            selection,
            exclude=exclude,
            partitions=partitions,
            hold=hold,
            dry_run=dry_run,
            seen=seen,
        )

    def accept(
        self, *references: str, dry_run: bool = False, seen: EnvironmentChange | None = None
    ) -> EnvironmentChange:
        """Lift what holds these assets back; publish their newest version (``key@version``) that checks rejected."""
        from assetflow.operate.accept import accept

        return accept(self._workspace, references, dry_run=dry_run, seen=seen)

    def pin(
        self, *references: str, dry_run: bool = False, seen: EnvironmentChange | None = None
    ) -> EnvironmentChange:
        """Hold assets at the version that is published, or at ``key@version``, whatever runs."""
        from assetflow.operate.pin import pin

        return pin(self._workspace, references, dry_run=dry_run, seen=seen)

    def unpin(
        self, *keys: str, dry_run: bool = False, seen: EnvironmentChange | None = None
    ) -> EnvironmentChange:
        """Let pinned assets go on."""
        from assetflow.operate.pin import unpin

        return unpin(self._workspace, keys, dry_run=dry_run, seen=seen)

    def restraints(self) -> Restraints:
        """Return what this environment does not do by itself: what is pinned, and what was turned away."""
        from assetflow.operate.environments import restraints

        return restraints(self._workspace)

    def compare_environments(self, before: str, after: str) -> EnvironmentDifference:
        """Return the assets of which ``after`` publishes another version than ``before``."""
        from assetflow.operate.environments import difference

        return difference(self._in(before), self._in(after))

    def create_environment(self, name: str, origin: str | None = None) -> EnvironmentChange:
        """Make an environment in this project's store, with the pointers of ``origin``: nothing is copied or run."""
        from assetflow.operate.environments import create

        return create(self._in(origin), name, origin, self._in)

    def delete_environment(
        self, name: str, *, dry_run: bool = False, seen: EnvironmentChange | None = None
    ) -> EnvironmentChange:
        """End an environment: it publishes nothing any more; its versions stay on record, no other changes."""
        from assetflow.operate.environments import delete

        return delete(self._in(name), dry_run=dry_run, seen=seen)
