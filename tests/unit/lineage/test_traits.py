from __future__ import annotations

from pathlib import Path

from assetflow.lineage.traits import Traits, traits_of
from assetflow.model.spec import AssetSpec, CheckSpec


def spec(path: str) -> AssetSpec:
    return AssetSpec(
        key="sales",
        kind="python",
        where=f"{path}:3",
        path=path,
        module="shop.sales",
        group="retail",
        tags=("daily",),
        owner="ann",
        checks=(CheckSpec(name="unique_id", asset="sales"),),
    )


def test_the_traits_of_a_spec_name_its_file_relative_to_the_project():
    assert traits_of(spec("/srv/project/shop/sales.py"), Path("/srv/project")) == Traits(
        tags=("daily",),
        group="retail",
        owner="ann",
        kind="python",
        path="shop/sales.py",
        checks=("unique_id",),
    )


def test_a_file_outside_of_the_project_keeps_its_path():
    assert traits_of(spec("/elsewhere/sales.py"), Path("/srv/project")).path == "/elsewhere/sales.py"


def test_without_a_project_folder_the_path_stands_as_it_is():
    assert traits_of(spec("<cell 3>"), None).path == "<cell 3>"
