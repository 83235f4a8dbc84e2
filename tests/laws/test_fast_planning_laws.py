"""Laws of planning fast: what is left out of the making decides nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from assetflow.frames.forms import ANY
from assetflow.hashing.code import CodeVersion
from assetflow.ledger.records import Recorded
from assetflow.model.spec import AssetSpec, InputSpec
from assetflow.model.versions import Materialized
from assetflow.planning.fingerprints import Seen, fingerprint_now, fingerprint_of, recipe_of
from assetflow.planning.resolve import Resolved, ResolvedInput
from assetflow.planning.waiting import certain_reasons

KEYS = ("orders", "prices", "days")
words = st.sampled_from(["", "a", "b", "ab"])
pairs = st.lists(st.tuples(words, words), max_size=3).map(tuple)
seen = st.builds(Seen, words, words, st.none() | st.integers(0, 3), st.none() | pairs)


@st.composite
def resolved(draw: st.DrawFn) -> Resolved:
    inputs = tuple(
        InputSpec(
            parameter,
            draw(st.sampled_from(KEYS)),
            columns=draw(st.none() | st.lists(words, max_size=2, unique=True).map(tuple)),
            missing=draw(st.sampled_from(["fail", "none", "skip"])),
            named=draw(st.none() | st.frozensets(words)),
        )
        for parameter in draw(st.lists(st.sampled_from("xyz"), unique=True))
    )
    spec = AssetSpec("sales", "python", "", "", "", inputs=inputs)
    spec = replace(
        spec,
        deps=tuple(draw(st.lists(st.sampled_from(KEYS), unique=True))),
        sort_by=tuple(draw(st.lists(words, max_size=2))),
        round=tuple(draw(st.lists(st.tuples(words, st.integers(0, 3)), max_size=2))),
    )
    return Resolved(
        spec,
        CodeVersion(draw(words)),
        inputs=tuple(ResolvedInput(item, ANY, draw(words), item.columns) for item in inputs),
        returns_text=draw(words),
        config_hash=draw(words),
        resources=draw(pairs),
    )


versions_of_inputs = st.fixed_dictionaries({}, optional={key: st.none() | seen for key in KEYS})


@given(resolved(), versions_of_inputs)
def test_the_fingerprint_without_a_recipe_is_that_of_the_recipe(asset, versions):
    assert fingerprint_now(asset, versions) == fingerprint_of(asset.key, recipe_of(asset, versions))


@given(st.data(), resolved(), versions_of_inputs)
def test_what_is_certain_before_the_inputs_are_built_is_told_the_same_without_a_recipe(data, old, before):
    new = data.draw(st.just(old) | resolved())
    now = data.draw(st.just(before) | versions_of_inputs)
    pending = data.draw(st.sets(st.sampled_from(KEYS)))
    settled = {key: version for key, version in now.items() if key not in pending}
    world: Any = SimpleNamespace(
        published={old.key: recorded(old, before)},
        unsound=lambda _: frozenset(),
        version=lambda *_: None,
        interrupted={},
    )

    told = certain_reasons(new, settled, pending, world)
    with mock.patch("assetflow.planning.waiting.fingerprint_now", return_value="another"):
        assert certain_reasons(new, settled, pending, world) == told


def recorded(asset: Resolved, versions: dict[str, Seen | None]) -> Recorded:
    """Return the record of ``asset``, made from these versions."""
    recipe = recipe_of(asset, versions)
    action = Materialized(
        run="r",
        asset=asset.key,
        kind="python",
        version="v",
        data_version="d",
        fingerprint=fingerprint_of(asset.key, recipe),
        code_version=recipe.code_version,
        recipe=recipe,
        manifest=None,
        started_at="",
        seconds=0,
        rows=None,
        bytes=0,
        executor="inline",
    )
    return Recorded(action, 1, 0, "", "dev")
