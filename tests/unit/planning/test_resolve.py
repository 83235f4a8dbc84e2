"""What the forms that are asked for bring into fingerprints: of assets, and of their checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source_trees import SourceTree, source_tree

from assetflow.model.spec import AssetSpec, CheckSpec, InputSpec
from assetflow.planning.fingerprints import Seen, check_fingerprint_of
from assetflow.planning.resolve import Resolved, Resolver

MODELS = """
    import dataclasses

    import pandera.pandas as pa

    class Sales(pa.DataFrameModel):
        amount: int = pa.Field(ge=0)

    @dataclasses.dataclass
    class Order:
        id: int

    def positive(sales, other=None):
        return True

    def report(orders):
        return 1
"""


@pytest.fixture
def models(tmp_path: Path) -> Iterator[SourceTree]:
    with source_tree(tmp_path, {"models_of_test.py": MODELS}) as tree:
        yield tree


def resolved(tree: SourceTree, spec: AssetSpec) -> Resolved:
    """Resolve with the code as it is written now."""
    return Resolver(tree.reader(), {}, {}, "dev").resolve(spec)


def verdict_for(tree: SourceTree, annotation: Any, *others: InputSpec) -> str:
    """Return the fingerprint of judging the same data with a check that asks for it so."""
    function = tree.object("models_of_test:positive")
    check = CheckSpec("positive", "sales", function=function, annotation=annotation, inputs=others)
    found = resolved(tree, AssetSpec("sales", "source", "", "", "", checks=(check,)))
    return check_fingerprint_of(found.checks[0], "data", {"other": Seen("v", "d")})


def test_a_check_that_asks_for_another_form_judges_again(models: SourceTree) -> None:
    assert verdict_for(models, str) == verdict_for(models, str)
    assert verdict_for(models, str) != verdict_for(models, bytes)


def test_a_check_judges_again_when_the_model_it_asks_for_is_tightened(models: SourceTree) -> None:
    before = verdict_for(models, models.object("models_of_test:Sales"))
    models.edit("models_of_test.py", "ge=0", "ge=1")
    assert verdict_for(models, models.object("models_of_test:Sales")) != before


def test_a_check_judges_again_when_it_reads_another_asset_otherwise(models: SourceTree) -> None:
    def reading(annotation: Any, columns: tuple[str, ...] | None) -> str:
        return verdict_for(models, str, InputSpec("other", "other", annotation, columns))

    assert reading(dict, ("a",)) == reading(dict, ("a",))
    assert (
        len({reading(dict, ("a",)), reading(bytes, ("a",)), reading(dict, ("a", "b")), reading(dict, None)})
        == 4
    )


@pytest.mark.parametrize("wrapped", ["{}", "list[{}]", "dict[str, list[{}]]", "tuple[{}, ...] | None"])
def test_a_changed_class_inside_a_form_makes_its_reader_stale(models: SourceTree, wrapped: str) -> None:
    def form_text() -> str:
        order = models.object("models_of_test:Order")
        annotation = eval(wrapped.format("order"), {"order": order})
        function = models.object("models_of_test:report")
        item = InputSpec("orders", "orders", annotation)
        spec = AssetSpec("report", "python", "", "", "", function=function, inputs=(item,))
        return resolved(models, spec).inputs[0].form_text

    before = form_text()
    assert form_text() == before
    models.edit("models_of_test.py", "id: int", "id: int = 7")
    assert form_text() != before
