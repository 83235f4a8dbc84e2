"""Assets of other projects as they are declared."""

from __future__ import annotations

import pytest
from cells import declared_in

import assetflow as af
from assetflow.declare.collect import collect
from assetflow.errors import DeclarationError
from assetflow.model.spec import ExternalSpec


def test_an_external_names_the_store_and_the_asset_there() -> None:
    text = (
        "revenue = af.external('revenue', store='finance', asset='finance/revenue', env='prod', tags=['theirs'])\n"
        "rate = af.external('rate', store='finance')\n"
        "@af.asset\ndef total(revenue, rate) -> int:\n    return 1\n"
    )
    specs = collect(declared_in(text, af=af)).specs
    assert specs["revenue"].external == ExternalSpec("finance", "finance/revenue", "prod")
    assert (specs["revenue"].kind, specs["revenue"].tags) == ("external", ("theirs",))
    assert specs["rate"].external == ExternalSpec("finance", "rate", None)
    assert specs["total"].upstream == ("revenue", "rate")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("store=''", "its store is ''"),
        ("", "its store is None"),
        ("store=3", "its store is 3"),
        ("store='s3://me:secret@bucket/x'", "holds a password, which would be recorded"),
        ("store='a', assset='b'", "did you mean 'asset'?"),
        ("store='a', asset='b c'", "'b c' is not a key"),
        ("store='a', env=3", "env=3 is not text"),
    ],
)
def test_what_is_wrong_with_an_external_is_told_with_its_place(written: str, told: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        collect(declared_in(f"x = af.external('x', {written})\n", af=af))
    assert told in str(raised.value)
    assert "secret" not in str(raised.value)
    assert ":1: external 'x'" in str(raised.value)
