"""What the log says must be in a store, told without the code under test: straight from the bytes of the commits."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from assetflow.hashing.digest import hash_bytes
from assetflow.testing.dated_folder import DatedFolder

DAY = 86400.0
NAME = re.compile(r"[0-9a-f]{32}(-[0-9]+)?\.[a-z0-9]+")


def names(value) -> set[str]:
    """Every name of an object in a value of JSON."""
    if isinstance(value, str):
        return {value} if NAME.fullmatch(value) else set()
    if isinstance(value, dict):
        return names(list(value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


@dataclass
class Record:
    """One record of a version: the objects of its data, and those of its log and its code."""

    body: dict
    commit: int
    time: float
    env: str
    inputs: set[str]
    forgotten: bool = False


@dataclass
class KeptModel:
    """The log, read anew as far as it has grown."""

    folder: DatedFolder
    number: int = 0
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    moves: dict[tuple[str, str], list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    checks: list[tuple[str, str, set[str]]] = field(default_factory=list)
    dead: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    envs: dict[str, str] = field(default_factory=dict)
    inner_of: dict[str, set[str]] = field(default_factory=dict)

    def read(self) -> None:
        while f"log/{self.number + 1:020d}.json" in self.folder.files:
            self.number += 1
            commit = json.loads(self.folder.files[f"log/{self.number:020d}.json"][0])
            time = datetime.fromisoformat(commit["time"]).timestamp()
            for action in commit["actions"]:
                self._take(action, time)

    def _take(self, action: dict, time: float) -> None:
        if action["type"] == "forgotten":
            for one in action["versions"]:
                for record in self.records[one["version"]]:
                    record.forgotten = True
            self.dead.update(dict.fromkeys(action["objects"], self.number))
            return
        named = self.with_inner(names(action))
        if named & self.dead.keys():
            self.broken.append(f"commit {self.number} names {named & self.dead.keys()}, which is forgotten")
        if action["type"] == "run_started":
            self.envs[action["run"]] = action["env"]
        elif action["type"] == "materialized":
            # What was forgotten before, while the run slept, cannot be kept for its sake.
            inputs = {item["version"] for item in action["recipe"]["inputs"] if self.live(item["version"])}
            record = Record(action, self.number, time, self.envs[action["run"]], inputs)
            self.records[action["version"]].append(record)
        elif action["type"] == "check_evaluated":
            self.checks.append((action["asset"], action["data_version"], self.with_inner(names(action))))
        elif action["type"] == "published":
            self.moves[action["env"], action["asset"]].append((action["version"], time))

    def with_inner(self, found: set[str]) -> set[str]:
        """Names, and those that lists of parts and of code hold; remembered, as the lists may go later."""
        for name in found:
            if name.endswith(".json") and name not in self.inner_of:
                data = self.folder.files.get(path(name))
                self.inner_of[name] = names(json.loads(data[0])) if data else set()
        return found.union(*(self.inner_of.get(name, set()) for name in found))

    def live(self, version: str) -> list[Record]:
        return [record for record in self.records[version] if not record.forgotten]

    def data_of(self, record: Record) -> set[str]:
        return self.with_inner(names(record.body["manifest"]))

    def all_of(self, record: Record) -> set[str]:
        return self.with_inner(names(record.body))

    def needed_versions(self, now: float, retention: dict[str, tuple[float, int]]) -> set[str]:
        """What nobody may lose, but by `forget`."""
        kept: set[str] = set()
        for (env, _asset), moves in self.moves.items():
            seconds, last = retention[env]
            kept.add(moves[-1][0])
            kept |= {version for (version, _), (_, end) in pairwise(moves) if end >= now - seconds}
            kept |= set(list(dict.fromkeys(version for version, _ in reversed(moves)))[:last])
        kept |= {v for v, records in self.records.items() if any(r.time > now - DAY for r in records)}
        waiting = list(kept)
        while waiting:
            for record in self.live(waiting.pop()):
                waiting += record.inputs - kept
                kept |= record.inputs
        return kept

    def with_recorded_inputs(self, versions: set[str]) -> set[str]:
        """All that these were made from, to any depth: also what had been forgotten by then, and was made again."""
        found, waiting = set(versions), list(versions)
        while waiting:
            for record in self.records[waiting.pop()]:
                new = {item["version"] for item in record.body["recipe"]["inputs"]} - found
                found |= new
                waiting += new
        return found

    def pointers(self) -> dict[tuple[str, str], str]:
        return {place: moves[-1][0] for place, moves in self.moves.items()}

    def is_whole(self, name: str) -> bool:
        found = self.folder.files.get(path(name))
        return found is not None and hash_bytes(found[0]) == name[:32]


def path(name: str) -> str:
    return f"objects/{name[:2]}/{name}"
