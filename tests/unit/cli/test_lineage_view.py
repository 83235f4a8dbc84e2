"""Lineage in text."""

from __future__ import annotations

from rich.console import Console

from assetflow.cli.views.lineage import MOST_SHOWN, MOST_STEPS, branches, lineage_view, provenance_view
from assetflow.operate.provenance import Lineage, Provenance, VersionNode

EDGES = (
    ("raw", "sales"),
    ("rates", "sales"),
    ("sales", "a"),
    ("sales", "b"),
    ("a", "c"),
    ("b", "c"),
    ("c", "d"),
)


def drawn(shown: object) -> str:
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def test_what_is_above_stands_above_and_what_is_below_below():
    kinds = dict.fromkeys("abcd", "python") | {"raw": "source", "rates": "source", "sales": "python"}
    assert drawn(lineage_view(Lineage("sales", kinds, EDGES))) == (
        "┌─ rates  source\n├─ raw  source\nsales\n├─ a\n│  └─ c\n│     └─ d\n└─ b\n   └─ c ...\n"
    )


def test_a_branch_is_drawn_once_however_often_it_is_reached():
    layers = 30
    below = {f"{n}{side}": [f"{n + 1}a", f"{n + 1}b"] for n in range(layers) for side in "ab"}
    assert len(list(branches("0a", lambda key: below.get(key, [])))) < 4 * layers


def test_deep_lineage_needs_no_recursion():
    assert len(list(branches("0", lambda key: [str(int(key) + 1)] if int(key) < 5000 else []))) == 5000


def test_provenance_names_versions_with_their_time_and_rows():
    from datetime import UTC, datetime

    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    sales = VersionNode(
        "sales", "a" * 32, "python", "2026-11-23T11:50:00+00:00", "run", 9, ("b" * 32, "c" * 32)
    )
    raw = VersionNode("raw", "b" * 32, "source", "2026-11-23T11:49:00+00:00", "run", None, ())
    assert drawn(provenance_view(Provenance((sales, raw)), now)) == (
        "┌─ cccccccccccc  not on record here\n"
        "├─ raw@bbbbbbbbbbbb  11 min ago\n"
        "sales@aaaaaaaaaaaa  10 min ago, 9 rows\n"
    )


def test_what_was_not_asked_for_is_not_told_as_unknown():
    from datetime import UTC, datetime

    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    sales = VersionNode("sales", "a" * 32, "python", "2026-11-23T11:50:00+00:00", "run", 9, ("b" * 32,))
    assert drawn(provenance_view(Provenance((sales,), upstream=False), now)) == (
        "sales@aaaaaaaaaaaa  10 min ago, 9 rows\n"
    )


def test_of_very_many_assets_those_of_the_nearest_steps_are_drawn():
    chain = [(f"u{number + 1}", f"u{number}") for number in range(MOST_SHOWN + 5)]
    wide = [("u0", "far"), *(("far", f"w{number}") for number in range(MOST_SHOWN + 1))]
    lineage = Lineage("u0", {}, (*chain, *wide))

    lines = drawn(lineage_view(lineage)).splitlines()
    hidden = MOST_SHOWN + 5 - MOST_STEPS
    assert lines[0] == f"... and {hidden} lines more above: --verbose draws them, --json names them"
    assert lines[-1] == "... and 201 lines more below: --verbose draws them, --json names them"
    assert lines[-3:-1] == ["u0", "└─ far"]
    assert not any("more" in line for line in drawn(lineage_view(lineage, verbose=True)).splitlines())


def test_of_very_many_neighbours_the_first_are_drawn():
    lineage = Lineage("a", {}, tuple(("a", f"b{number}") for number in range(MOST_SHOWN + 1)))

    lines = drawn(lineage_view(lineage)).splitlines()
    assert len(lines) == MOST_SHOWN + 2
    assert lines[-1].startswith("... and 1 line more below")
