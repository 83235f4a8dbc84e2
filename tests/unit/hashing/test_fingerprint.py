from __future__ import annotations

from typing import Any

import pytest

from assetflow.hashing.fingerprint import (
    check_fingerprint,
    effect_version,
    fingerprint,
    source_fingerprint,
    version_id,
)

SALES = ("sales", "pandas", "fail", "", [("", "1" * 32)])
RATES = ("rates", "polars", "none", "", [("", (3, [("a", "2" * 32), ("b", "3" * 32)]))])
RECIPE: dict[str, Any] = {
    "asset": "report",
    "code_version": "c" * 32,
    "config_hash": "d" * 32,
    "token": None,
    "partition": "",
    "sort_by": ("a", "b"),
    "round": (("x", 2), ("y", 3)),
    "form": "pandas",
    "resources": (("db", "host"), ("mail", "smtp")),
    "inputs": [SALES, RATES],
    "deps": (("calendar", "4" * 32), ("holidays", None)),
}


def changed(**parts: Any) -> str:
    return fingerprint(**{**RECIPE, **parts})


@pytest.mark.parametrize(
    "parts",
    [
        {"asset": "Report"},
        {"output": "second"},
        {"code_version": "0" * 32},
        {"config_hash": ""},
        {"token": ""},
        {"token": "2026-11-23T06:00"},
        {"partition": "2026-11-23"},
        {"sort_by": ("b", "a")},
        {"sort_by": ()},
        {"round": (("x", 2),)},
        {"round": (("x", 3), ("y", 2))},
        {"form": "polars"},
        {"resources": (("db", "other"), ("mail", "smtp"))},
        {"resources": (("db", "host"),)},
        {"inputs": [SALES]},
        {"inputs": [SALES, ("rates", "pandas", *RATES[2:])]},
        {"inputs": [("rates", *SALES[1:]), ("sales", *RATES[1:])]},
        {"inputs": [SALES, (*RATES[:2], "skip", *RATES[3:])]},
        {"inputs": [SALES, (*RATES[:3], "window(-6,0)", RATES[4])]},
        {"inputs": [SALES, (*RATES[:4], [("", None)])]},
        {"inputs": [SALES, (*RATES[:4], [])]},
        {"inputs": [SALES, (*RATES[:4], [("2026", RATES[4][0][1])])]},
        {"inputs": [SALES, (*RATES[:4], [*RATES[4], ("eu", None)])]},
        {"inputs": [SALES, (*RATES[:4], [("", (4, [("a", "2" * 32), ("b", "3" * 32)]))])]},
        {"inputs": [SALES, (*RATES[:4], [("", (3, [("b", "3" * 32), ("a", "2" * 32)]))])]},
        {"inputs": [SALES, (*RATES[:4], [("", (3, [("a", "2" * 32)]))])]},
        {"deps": (("calendar", "4" * 32), ("holidays", ""))},
        {"deps": (("calendar", "4" * 32),)},
        {"deps": ()},
    ],
)
def test_every_part_of_a_recipe_is_part_of_the_fingerprint(parts):
    assert changed(**parts) != changed()


def test_the_order_in_which_parts_without_an_order_are_given_does_not_matter():
    assert (
        changed(
            inputs=[RATES, SALES],
            resources=RECIPE["resources"][::-1],
            deps=RECIPE["deps"][::-1],
            round=RECIPE["round"][::-1],
        )
        == changed()
    )


def test_neighbouring_lists_do_not_run_into_each_other():
    assert changed(sort_by=("a",), form="b") != changed(sort_by=("a", "b"), form="")
    assert changed(resources=(), deps=(("db", "host"),)) != changed(resources=(("db", "host"),), deps=())


@pytest.mark.parametrize("position", range(4))
def test_a_version_is_made_of_asset_partition_fingerprint_and_data_version(position):
    parts = ["sales", "2026", "f" * 32, "d" * 32]
    other = [*parts[:position], "other", *parts[position + 1 :]]

    assert version_id(*parts) != version_id(*other)


def test_the_fingerprint_of_a_source_is_that_of_its_key_and_what_was_read():
    assert len({source_fingerprint(key, version) for key in "ab" for version in "xy"}) == 4


def test_an_effect_has_a_version_for_each_fingerprint():
    assert effect_version("a") != effect_version("b")
    assert effect_version("a") != source_fingerprint("a", "")


def test_a_verdict_depends_on_name_code_arguments_and_all_that_is_read_in_order():
    reads = [("sales", "1" * 32), ("customers", None)]
    verdicts = [
        check_fingerprint("unique", "c", "a", reads),
        check_fingerprint("Unique", "c", "a", reads),
        check_fingerprint("unique", "d", "a", reads),
        check_fingerprint("unique", "c", "b", reads),
        check_fingerprint("unique", "c", "a", reads[:1]),
        check_fingerprint("unique", "c", "a", reads[::-1]),
        check_fingerprint("unique", "c", "a", [("sales", "2" * 32), ("customers", None)]),
        check_fingerprint("unique", "c", "a", [("sales", "1" * 32), ("customers", "")]),
    ]

    assert len(set(verdicts)) == len(verdicts)
