"""A plan as people see it: short however large it is."""

from __future__ import annotations

from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.plan import MOST_SHOWN, plan_view
from assetflow.model.states import PlanState
from assetflow.planning.plan import Plan, PlanItem


def drawn(plan: Plan, *, verbose: bool = False) -> list[str]:
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(plan_view(plan, verbose=verbose))
    return [" ".join(line.split()) for line in terminal.out.text.splitlines()]


def plan_of(**counts: int) -> Plan:
    items = [
        PlanItem(f"{state}{number}", PlanState(state), ("because",))
        for state, count in counts.items()
        for number in range(count)
    ]
    return Plan("dev", 1, "", tuple(items))


def test_of_very_many_items_of_one_state_the_first_are_named():
    lines = drawn(plan_of(build=MOST_SHOWN + 2, skipped=1))

    assert f"+ build build{MOST_SHOWN - 1} because" in lines
    assert f"+ build build{MOST_SHOWN} because" not in lines
    assert "+ build and 2 more --verbose or --json names them" in lines
    assert any("skipped0" in line for line in lines)
    assert lines[-1] == f"{MOST_SHOWN + 2:,} build, 1 skipped"


def test_all_are_named_when_verbose():
    lines = drawn(plan_of(build=MOST_SHOWN + 2, fresh=1), verbose=True)

    assert f"+ build build{MOST_SHOWN + 1} because" in lines
    assert any("fresh0" in line for line in lines)
    assert not any("more" in line for line in lines)
