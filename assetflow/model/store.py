"""Owns what a log says of the store itself: whose it is, keys that were added, and data that it keeps no longer."""

from __future__ import annotations

from typing import Literal

from assetflow.model.actions import Action
from assetflow.model.record import Record


class StoreCreated(Action):
    """The first action of commit 1: who this store is, and whose."""

    type: Literal["store_created"] = "store_created"
    required: bool = True
    store_id: str
    project: str | None = None


class PartitionAdded(Action):
    """Keys were added to the dynamic partitions called ``name``, in this order."""

    type: Literal["partition_added"] = "partition_added"
    name: str
    keys: tuple[str, ...]


class ForgottenVersion(Record):
    """A version whose data are gone, or will be; its record stays."""

    asset: str
    partition: str = ""
    version: str
    data_version: str


class Forgotten(Action):
    """The data of ``versions`` are no longer kept: they are as if never made, until they are made again after this.

    ``objects``: names that nothing needs any more. No commit names one of them after this one, so that they can be
    deleted whenever there is time: of ``gc`` a day later, of ``forget`` at once.
    """

    type: Literal["forgotten"] = "forgotten"
    required: bool = True
    versions: tuple[ForgottenVersion, ...] = ()
    objects: tuple[str, ...] = ()
    reason: Literal["gc", "forget"]
