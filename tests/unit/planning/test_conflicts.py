from __future__ import annotations

from assetflow.model.recipe import InputVersion, Recipe
from assetflow.planning.conflicts import Contender, Fate, decide, decide_together
from assetflow.planning.fingerprints import Seen, fingerprint_of


def contender(data: str, *, reads: str = "1", code: str = "c", snapshot: int = 1) -> Contender:
    inputs = (InputVersion(parameter="raw", asset="raw", version=f"v{reads}", data_version=reads),)
    recipe = Recipe(code_version=code, inputs=inputs)
    return Contender("sales", fingerprint_of("sales", recipe), data, recipe, snapshot)


POINTERS = {"raw": Seen("v2", "2")}


def test_the_same_version_twice_is_nothing_to_do() -> None:
    assert decide(contender("d"), contender("d"), POINTERS) == (Fate.SAME, "")


def test_other_data_for_the_same_fingerprint_loses_to_the_first() -> None:
    fate, reason = decide(contender("other", snapshot=9), contender("d"), POINTERS)
    assert fate is Fate.LOSES
    assert "deterministic" in reason


def test_the_one_wins_whose_inputs_are_what_is_published() -> None:
    assert decide(contender("b", reads="2"), contender("a", reads="1", snapshot=9), POINTERS)[0] is Fate.WINS
    assert decide(contender("b", reads="1", snapshot=9), contender("a", reads="2"), POINTERS)[0] is Fate.LOSES


def test_between_equals_the_later_snapshot_wins_then_the_first() -> None:
    old, new = contender("a", reads="2", code="old"), contender("b", reads="2", code="new", snapshot=2)
    assert decide(new, old, POINTERS)[0] is Fate.WINS
    assert decide(old, new, POINTERS)[0] is Fate.LOSES
    assert decide(contender("b", reads="2", code="new"), old, POINTERS)[0] is Fate.LOSES


def test_what_is_published_together_loses_whole_but_for_what_stands_already() -> None:
    fates = {"a": (Fate.WINS, ""), "b": (Fate.LOSES, "late"), "c": (Fate.SAME, "")}
    decided = decide_together(fates)
    assert {key: fate for key, (fate, _) in decided.items()} == {
        "a": Fate.LOSES,
        "b": Fate.LOSES,
        "c": Fate.SAME,
    }
    assert decided["b"] == (Fate.LOSES, "late")
    assert decided["a"][1] == "it is published together with b, which was superseded"


def test_what_is_published_together_wins_whole_where_nothing_loses() -> None:
    fates = {"a": (Fate.WINS, ""), "c": (Fate.SAME, "")}
    assert decide_together(fates) == fates
