"""Laws of planning fast: what is left out of the making decides nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from assetflow.frames.forms import ANY
from assetflow.hashing.code import CodeVersion
from assetflow.model.spec import AssetSpec, InputSpec
from assetflow.planning.fingerprints import Seen, fingerprint_now, fingerprint_of, recipe_of
from assetflow.planning.resolve import Resolved, ResolvedInput

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


@given(resolved(), st.fixed_dictionaries({}, optional={key: st.none() | seen for key in KEYS}))
def test_the_fingerprint_without_a_recipe_is_that_of_the_recipe(asset, versions):
    assert fingerprint_now(asset, versions) == fingerprint_of(asset.key, recipe_of(asset, versions))
