"""A power failure keeps what was synced and may lose everything else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from assetflow.model.commit import Writer
from assetflow.model.runs import Skipped
from assetflow.storage.local_folder import LocalFolder
from assetflow.storage.log_writer import LogWriter
from assetflow.storage.store import Store
from assetflow.testing.fakes import FakeClock

WRITER = Writer(host="h", pid=1, user="u", release="0")


class Disk:
    """The ``os`` module, which remembers what would outlive a power failure.

    A file's bytes do when it was synced after it was written; its name does when its folder was synced after it got it.
    """

    def __init__(self, root):
        self.root = root
        self.dirty: set[int] = set()
        self.names: set[tuple[str, str, int]] = set()
        self.promised: list[list[str]] = []

    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, descriptor, data):
        self.dirty.add(os.fstat(descriptor).st_ino)
        return os.write(descriptor, data)

    def fsync(self, descriptor):
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            folder = os.readlink(f"/proc/self/fd/{descriptor}")
            self.names |= {(folder, entry.name, entry.inode()) for entry in os.scandir(folder)}
        else:
            self.dirty.discard(status.st_ino)

    def link(self, source, target):
        if "/log/" in target:
            assert self.outlives(Path(source), by_name=False), "the commit's own bytes"
            for action in json.loads(Path(source).read_bytes())["actions"]:
                for name in action.get("reason", "").split():
                    assert self.outlives(self.root / "objects" / name[:2] / name), name
                    self.promised.append(name)
        os.link(source, target)

    def outlives(self, path, *, by_name=True):
        inode = path.stat().st_ino
        if inode in self.dirty:
            return False
        while by_name and path != self.root.parent:
            if (str(path.parent), path.name, path.stat().st_ino) not in self.names:
                return False
            path = path.parent
        return True


def test_what_a_commit_names_outlives_a_power_failure_from_the_moment_it_shows(tmp_path):
    root = tmp_path.resolve() / "store"
    disk = Disk(root)
    store = Store(LocalFolder(root, system=disk), project="shop", clock=FakeClock())
    writer = LogWriter(store, writer=WRITER, clock=FakeClock())
    for number in range(2, 6):
        names = [store.objects.put(b"%d" % (number // 2 * 10 + n), "bin") for n in range(5)]
        names.append(store.objects.put_stream([b"stream %d" % number], "bin")[0])
        damaged = store.objects.local_path(names[0])
        damaged.write_bytes(b"damaged")
        disk.dirty.add(damaged.stat().st_ino)
        assert store.objects.put(b"%d" % (number // 2 * 10), "bin") == names[0]
        store.objects.sync(names[:3])
        writer.commit(lambda _news, names=names: [Skipped(run="r", asset="a", reason=" ".join(names))])

        assert disk.outlives(root / "log" / f"{number:020d}.json"), "what was reported as done"
    assert len(disk.promised) == 4 * 6


def test_another_process_may_replace_nothing_synced_by_something_unsynced(tmp_path):
    """Two processes put the same object; the first commits; the second has synced nothing yet."""
    root = tmp_path.resolve() / "store"
    disk = Disk(root)
    store = Store(LocalFolder(root, system=disk), project=None, clock=FakeClock())

    class Late(LocalFolder):
        """Has looked for the object before the first put it, and goes on after it was committed."""

        def _holds(self, target, path, data):
            return False

    name = store.objects.put(b"shared", "bin")
    store.objects.flush()
    Store(Late(root, system=disk), project=None, clock=FakeClock()).objects.put(b"shared", "bin")

    assert disk.outlives(root / "objects" / name[:2] / name, by_name=False)
