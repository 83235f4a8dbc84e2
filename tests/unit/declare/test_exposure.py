"""Exposures as they are declared."""

from __future__ import annotations

import pytest
from cells import declared_in

import assetflow as af
from assetflow.declare.collect import collect
from assetflow.errors import DeclarationError

CELL = """
@af.asset
def sales() -> int:
    return 1

board = af.exposure("board_report", uses=[sales], owner="ann", url="https://bi/1", description="For the board.")
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(DeclarationError) as raised:
        collect(declared_in(text, af=af))
    return [str(problem) for problem in raised.value.problems]


def test_an_exposure_says_who_uses_what() -> None:
    (exposure,) = collect(declared_in(CELL, af=af)).exposures.values()
    assert exposure.to_dict() | {"where": ""} == {
        "name": "board_report",
        "uses": ("sales",),
        "where": "",
        "owner": "ann",
        "url": "https://bi/1",
        "description": "For the board.",
    }
    assert exposure.where.endswith(":6")


def test_exposures_come_in_order_of_name_and_one_asset_needs_no_list() -> None:
    text = CELL + 'later = af.exposure("a_report", uses="sales")\n'
    assert list(collect(declared_in(text, af=af)).exposures) == ["a_report", "board_report"]


def test_all_that_is_wrong_with_exposures_is_told_at_once() -> None:
    wrong = CELL + (
        'one = af.exposure("two words", uses=["sals"], ownr="ann")\n'
        'two = af.exposure("board_report", uses=[])\n'
        'three = af.exposure("third", uses=[3], url=4)\n'
    )
    told = "\n".join(problems_of(wrong))
    assert ":7: exposure 'two words': 'two words' is not a key" in told
    assert "uses= names 'sals', and no asset has this key\n    did you mean 'sales'?" in told
    assert "ownr= is no option of af.exposure\n    did you mean 'owner'?" in told
    assert ":8: exposure 'board_report': it uses nothing" in told
    assert "its name is taken by the one at" in told
    assert "uses= has 3, which is neither a key nor an asset" in told
    assert "url=4 is not text" in told
