"""Reading ``@assets``: a spec for each output, and all that is wrong with them at once."""

from __future__ import annotations

from typing import Any, TypedDict

import pandas as pd
import pyarrow as pa
import pytest

import assetflow as af
from assetflow.declare.assets_spec import read_assets
from assetflow.declare.collect import collect
from assetflow.errors import DeclarationError
from assetflow.model.spec import AssetSpec


def specs(*declared: object) -> dict[str, AssetSpec]:
    return dict(collect(declared).specs)


def problems(*declared: object) -> list[tuple[str, str | None]]:
    with pytest.raises(DeclarationError) as raised:
        collect(declared)
    return [(problem.message, problem.hint) for problem in raised.value.problems]


def test_each_output_is_an_asset_with_what_is_declared_of_it_and_of_all():
    @af.assets(
        outs={
            "ml/train": af.Out(sort_by="n", owner="me", tags=["big"], description="To learn."),
            "test": None,
        },
        tags=["split"],
        owner="team",
        retries=2,
    )
    def split(numbers: pa.Table) -> dict[str, pa.Table]:
        """Cut them in two."""
        return {"ml/train": numbers, "test": numbers}

    train, test = read_assets(split, keys=["numbers"], root=None).specs
    assert (train.key, test.key) == ("ml/train", "test") == split.keys
    assert (train.sort_by, test.sort_by) == (("n",), ())
    assert (train.owner, test.owner) == ("me", "team")
    assert (train.tags, test.tags) == (("split", "big"), ("split",))
    assert (train.description, test.description) == ("To learn.", "Cut them in two.")
    assert {spec.retries.times for spec in (train, test) if spec.retries} == {2}
    assert [item.key for spec in (train, test) for item in spec.inputs] == ["numbers", "numbers"]
    assert train.returns is test.returns is pa.Table
    assert (train.output, test.output) == ("0", "1")
    assert [out.key for out in train.outs] == ["ml/train", "test"]
    assert train.outs == test.outs
    assert repr(split) == "Assets('ml/train', 'test')"


def test_calling_it_calls_the_function():
    @af.assets(outs=["a", "b"])
    def both(n: int) -> tuple[int, str]:
        return n, str(n)

    assert both(3) == (3, "3")
    assert both.__name__ == "both"


class Two(TypedDict):
    a: int
    b: pd.DataFrame


@pytest.mark.parametrize(
    ("annotation", "returns"),
    [
        (dict[str, int], {"a": int, "b": int}),
        (tuple[int, pd.DataFrame], {"a": int, "b": pd.DataFrame}),
        (Two, {"a": int, "b": pd.DataFrame}),
        (Any, {"a": Any, "b": Any}),
        (dict, {"a": Any, "b": Any}),
        (tuple, {"a": Any, "b": Any}),
    ],
)
def test_the_return_annotation_tells_the_form_of_each(annotation, returns):
    def both():
        return 1, pd.DataFrame()

    both.__annotations__["return"] = annotation
    made = specs(af.assets(outs=["a", "b"])(both))
    assert {key: spec.returns for key, spec in made.items()} == returns


def test_an_output_is_named_as_the_input_of_others():
    @af.assets(outs=["a", "b"])
    def both() -> dict[str, int]:
        return {"a": 1, "b": 2}

    @af.asset(inputs={"n": both["b"]}, deps=[both["a"]])
    def below(n: int) -> int:
        return n

    assert specs(both, below)["below"].upstream == ("b", "a")
    with pytest.raises(KeyError, match="no output 'c'"):
        both["c"]


def wrong(outs: Any, annotation: Any = Any, **options: Any) -> list[tuple[str, str | None]]:
    def both(n: int = 0):
        return n, n

    both.__annotations__["return"] = annotation
    return problems(af.assets(outs=outs, **options)(both), af.source("n", "n.csv"))


@pytest.mark.parametrize("outs", ["ab", {}, [], None, 3])
def test_outs_that_name_nothing_are_told(outs):
    ((message, hint),) = wrong(outs)
    assert message == f"assets of 'both': outs={outs!r} names no outputs"
    assert "af.Out()" in (hint or "")


def test_assets_that_are_declared_without_outs_are_told_at_their_place():
    @af.assets
    def bare() -> None: ...

    @af.assets()
    def empty() -> None: ...

    with pytest.raises(DeclarationError) as raised:
        collect([bare, empty])
    told = [(problem.message, problem.where) for problem in raised.value.problems]
    assert [said for said, _ in told] == [
        "assets of 'bare': outs=() names no outputs",
        "assets of 'empty': outs=() names no outputs",
    ]
    assert all(where.startswith(__file__) for _, where in told)


@pytest.mark.parametrize(
    ("outs", "options", "message", "hint"),
    [
        (["a", "a"], {}, "outs= names 'a' twice", "each output"),
        ([1, "a"], {}, "outs= has the key 1", "af.Out()"),
        ({"a": pa.Table}, {}, "is no af.Out", "af.Out()"),
        (["a b", "c"], {}, "asset 'a b': ", "keys of outs="),
        (["a", "b"], {"otus": 1}, "otus= is no option of @assets", "'outs'"),
        (
            ["a", "b"],
            {"annotation": "dict[str, Nowhere]"},
            "the return annotation 'dict[str, Nowhere]'",
            "import",
        ),
        (["a", "b"], {"annotation": int}, "does not tell of 2 outputs", "dict[str, X]"),
        (["a", "b"], {"annotation": tuple[int]}, "does not tell of 2 outputs", "dict[str, X]"),
        (["a", "b"], {"annotation": dict[int, int]}, "does not tell of 2 outputs", "dict[str, X]"),
        (["a", "c"], {"annotation": Two}, "does not tell of 2 outputs", "dict[str, X]"),
        (["a", "b"], {"annotation": tuple[int, None]}, "says that 'b' is None", "dict[str, X]"),
        (["a", "n"], {}, "reads itself, by parameter 'n'", "another input"),
        (["a", "b"], {"deps": ["b"]}, "it waits for itself", "deps="),
        (
            {"a": af.Out(check=[]), "b": None},
            {},
            "assets of 'both': check= is no option of the af.Out of 'a'",
            "did you mean 'checks'?",
        ),
        ({"a": af.Out(round=3), "b": None}, {}, "asset 'a': round=3 is not a mapping", "round="),
    ],
)
def test_what_makes_no_sense_is_told(outs, options, message, hint):
    found = wrong(outs, **options)
    assert [told for said, told in found if message in said and hint in (told or "")], found


def test_a_key_that_others_have_is_told():
    @af.assets(outs=["a", "b"])
    def both() -> dict[str, int]:
        return {"a": 1, "b": 2}

    @af.asset
    def b() -> int:
        return 1

    assert any("'b'" in message for message, _ in problems(both, b))


def test_a_cycle_through_an_output_is_told():
    @af.assets(outs=["a", "b"])
    def both(c: int) -> dict[str, int]:
        return {"a": c, "b": c}

    @af.asset
    def c(b: int) -> int:
        return b

    assert any("cycle" in message for message, _ in problems(both, c))
