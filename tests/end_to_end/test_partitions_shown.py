"""What commands say of assets with partitions: what is published of them, and what of them is bad."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import said_in

PROJECT = """
import assetflow as af
import pyarrow as pa

letters = af.static(["a", "b", "c", "d"])

@af.asset(partitions=letters)
def raw(context: af.Context) -> pa.Table:
    return pa.table({"letter": [context.partition.key] * (2 if context.partition.key == "b" else 1)})

@af.asset(partitions=letters, checks=[af.unique("letter")])
def judged(raw: pa.Table, context: af.Context) -> pa.Table:
    if context.partition.key == "c":
        raise ValueError("no c")
    return raw
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of which one partition was rejected (b), and one failed (c)."""
    root = tmp_path_factory.mktemp("letters")
    (root / "assetflow.toml").write_text('modules = ["letters"]\n')
    (root / "letters.py").write_text(PROJECT)
    said = said_in(root, "materialize")
    assert said.code == 1, said
    assert "6 built, 1 failed, 1 rejected" in said.out, said
    return root


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_an_asset_is_shown_with_how_many_of_its_partitions_are_published(root: Path) -> None:
    shown = lines(said_in(root, "show", "raw").out)
    assert shown[-4:] == ["partitions 4 of 4", "newest d", "published just now", "rows 5"]
    published = said_in(root, "show", "judged", "--json").json["published"]
    assert (published["published"], published["there"], published["rows"]) == (2, 4, 2)


def test_what_is_on_record_and_published_counts_partitions(root: Path) -> None:
    assert "raw python 4 partitions 5 just now" in lines(said_in(root, "list", "--recorded").out)
    shown = lines(said_in(root, "env", "show", "dev").out)
    assert shown[-2:] == ["judged python 2 partitions 2 just now", "raw python 4 partitions 5 just now"]


def test_the_list_says_by_what_an_asset_is_partitioned(root: Path) -> None:
    (entry, _) = said_in(root, "list", "--json").json["assets"]
    assert entry["partitions"] in said_in(root, "list").out


def test_what_is_pinned_is_shown_by_partition(root: Path) -> None:
    for letter in "ab":
        assert said_in(root, "pin", f"raw|{letter}").code == 0
    shown = lines(said_in(root, "env", "show", "dev").out)
    assert [line.partition(" pinned")[0] for line in shown if "pinned" in line] == ["raw a", "raw b"]
    for letter in "ab":
        assert said_in(root, "unpin", f"raw|{letter}").code == 0


def test_environments_differ_by_partition(root: Path) -> None:
    said = said_in(root, "env", "diff", "dev", "other")
    assert said.code == 2, said
    assert said_in(root, "env", "create", "other").code == 0
    said = said_in(root, "env", "diff", "other", "dev")
    assert said.code == 1, said
    told = {line.partition(" no version")[0] for line in lines(said.out)}
    assert {"judged a", "judged d", "raw a", "raw b", "raw c", "raw d"} <= told


def test_partitions_that_stand_otherwise_than_the_first_are_told_too(root: Path) -> None:
    for command in ("status", "plan"):
        shown = lines(said_in(root, command).out)
        assert "+ build judged 1 of 4: c" in [line.replace(" 2 of 4", "") for line in shown]
        bad = shown.index("x rejected judged 1 of 4: b")
        assert shown[bad + 1] == "failed unique(letter)"
    (_, row) = said_in(root, "status", "--json").json["assets"]
    assert row["also"] == {"rejected": ["1 of 4: b", "failed unique(letter)"]}


def test_what_has_rejected_partitions_is_selected_as_rejected(root: Path) -> None:
    for state, there in (("rejected", True), ("stale", True), ("failed", True), ("fresh", False)):
        said = said_in(root, "list", f"state:{state}", "--json")
        keys = [entry["key"] for entry in said.json["assets"]] if said.code == 0 else []
        assert ("judged" in keys) == there, state


@pytest.mark.parametrize(("word", "letters"), [("rejected", "b"), ("failed", "c"), ("missing", "b..c")])
def test_rejected_partitions_are_chosen_by_their_own_word(root: Path, word: str, letters: str) -> None:
    said = said_in(root, "plan", "judged", "--partition", word, "--force", "--json")
    (item,) = [item for item in said.json["items"] if item["key"] == "judged"]
    assert [group["partitions"] for group in item["partitions"]["groups"]] == [letters], said


def test_of_nothing_to_run_no_counts_are_promised(tmp_path: Path) -> None:
    (tmp_path / "assetflow.toml").write_text('modules = ["later"]\n')
    (tmp_path / "later.py").write_text(
        "import assetflow as af\n"
        '@af.asset(partitions=af.dynamic("customers"))\n'
        "def made(context: af.Context) -> int:\n    return 1\n"
    )
    assert said_in(tmp_path, "plan").out.splitlines()[-1] == "Nothing would run"


def test_what_would_be_accepted_is_counted_in_assets_and_partitions(root: Path) -> None:
    said = said_in(root, "accept", "judged|b", "--dry-run")
    assert lines(said.out)[-1] == "dev: 1 asset (1 partition) would be accepted; nothing was done"
    said = said_in(root, "env", "create", "counted", "--from", "dev")
    assert "counted: created, 2 assets (6 partitions), in commit" in said.out
    said = said_in(root, "env", "diff", "counted", "dev")
    assert "counted and dev publish the same: 6 partitions" in said.out


def test_a_history_that_is_cut_says_so(root: Path) -> None:
    cut, whole = (said_in(root, "history", "raw", "--limit", limit) for limit in ("3", "4"))
    assert lines(cut.out)[-1] == "the newest 3: --limit 0 lists all"
    assert "--limit" not in whole.out
    assert said_in(root, "history", "raw", "--limit", "3", "--json").json["more"] is True
