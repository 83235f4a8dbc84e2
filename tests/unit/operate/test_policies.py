"""What the settings' policies require of declarations."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import said_in
from shops import Shop

from assetflow.checks.builtin import not_null
from assetflow.declare.attached import read_checks
from assetflow.declare.problems import Problems
from assetflow.model.spec import AssetSpec
from assetflow.operate.policies import lacks_of
from assetflow.settings.settings import PolicySettings

CHECKS = read_checks([not_null("id")], "sales", Problems("", ""))
FULL = {
    "owner": "ann",
    "description": "What was sold.",
    "checks": CHECKS,
    "tags": ("pii:none",),
    "group": "retail",
}
MODULE = """
import assetflow as af

raw = af.source("raw", "raw.csv", owner="ann", tags=["pii:no"])

@af.asset(owner="ann")
def sales(raw) -> int:
    return 1

@af.asset(tags=["scratch"])
def Trial() -> int:
    return 1

@af.asset
def told(sales: int) -> None:
    "Tells."
"""
SETTINGS = """modules = ["shop"]
[policy.owned]
select = "not kind:source and not tag:scratch"
require = ["owner", "description", "check"]
message = "see the handbook"
[policy.named]
names = "[a-z_]+"
[policy.personal]
select = "kind:source"
tags = ["pii:*"]
"""


def spec(**said: object) -> AssetSpec:
    return AssetSpec(key="sales", kind="python", where="a.py:1", path="", module="", **said)  # type: ignore[arg-type]


def lacking(policy: dict[str, object], **said: object) -> list[str]:
    return [lack.lacking for lack in lacks_of(spec(**said), "rule", PolicySettings.model_validate(policy))]


@pytest.mark.parametrize(
    ("policy", "without", "told"),
    [
        ({"require": ["owner"]}, "owner", "no owner"),
        ({"require": ["description"]}, "description", "no description"),
        ({"require": ["check"]}, "checks", "no check"),
        ({"require": ["tag"]}, "tags", "no tag"),
        ({"require": ["group"]}, "group", "no group"),
        ({"tags": ["pii:*"]}, "tags", "no tag pii:*"),
        ({"groups": ["retail", "finance"]}, "group", "group (none) is not one of retail, finance"),
    ],
)
def test_a_rule_tells_what_is_lacking_and_only_that(
    policy: dict[str, object], without: str, told: str
) -> None:
    assert lacking(policy, **FULL) == []
    assert lacking(policy, **{name: value for name, value in FULL.items() if name != without}) == [told]


def test_a_name_must_fit_as_a_whole() -> None:
    assert lacking({"names": "^[a-z_]+$"}) == []
    assert lacking({"names": "sale"}) == ["its key does not fit sale"]


def test_every_tag_pattern_needs_a_tag_and_one_group_pattern_is_enough() -> None:
    assert lacking({"tags": ["pii:*", "tier:*"]}, **FULL) == ["no tag tier:*"]
    assert lacking({"groups": ["fin*", "ret*"]}, **FULL) == []


def test_an_effect_needs_no_check() -> None:
    effect = AssetSpec(key="told", kind="effect", where="", path="", module="")
    assert list(lacks_of(effect, "rule", PolicySettings(require=("check",)))) == []


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.write("shop.py", MODULE)
    shop.write("assetflow.toml", SETTINGS)
    return shop


def test_lint_lists_what_is_lacking_where_and_how_to_mend_it(shop: Shop) -> None:
    said = said_in(shop.root, "lint")
    assert said.code == 1
    assert "shop.py:6: sales: no description (policy.owned)" in said.out
    assert 'say what it is: a docstring, or description="..."; see the handbook' in said.out
    assert "Trial: its key does not fit [a-z_]+ (policy.named)" in said.out
    assert said.out.splitlines()[-1] == "4 things lacking in 3 assets, by 3 rules"
    document = said_in(shop.root, "lint", "--json", "sales").json
    assert document["rules"] == [
        {"name": "owned", "assets": 1}, {"name": "named", "assets": 1}, {"name": "personal", "assets": 0}
    ]  # fmt: skip
    assert [lack["lacking"] for lack in document["lacks"]] == ["no description", "no check"]


def test_lint_of_what_lacks_nothing_is_done(shop: Shop) -> None:
    said = said_in(shop.root, "lint", "raw")
    assert (said.code, said.out) == (0, "nothing is lacking by 3 rules\n")
    shop.write("assetflow.toml", 'modules = ["shop"]\n')
    assert said_in(shop.root, "lint").code == 0


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('requires = ["owner"]', "policy.x.requires is unknown (did you mean 'require'?)"),
        ('require = ["ownr"]', "policy.x.require is ['ownr'], but must be a list of"),
        ('names = "["', "policy.x.names is '[', but must be a regular expression"),
        ('select = "sales"', "policy.x is a table, but must be a table for each rule"),
        ('require = ["owner"]\nselect = "sals"', "policy.x.select: there is no asset 'sals'"),
        ('require = ["owner"]\nselect = "sales and"', "policy.x.select: "),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(shop: Shop, written: str, told: str) -> None:
    shop.write("assetflow.toml", f'modules = ["shop"]\n[policy.x]\n{written}\n')
    said = said_in(shop.root, "lint")
    assert said.code == 2
    assert told in " ".join(said.err.split())


def test_a_policy_belongs_to_the_project_and_not_to_an_environment(shop: Shop) -> None:
    shop.write("assetflow.toml", 'modules = ["shop"]\n[environments.dev.policy.x]\nrequire = ["owner"]\n')
    said = said_in(shop.root, "lint")
    assert said.code == 2
    assert "environments.dev.policy is unknown" in said.err
