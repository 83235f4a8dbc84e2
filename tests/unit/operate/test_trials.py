"""What is asked of the past where something broke: as much for many assets as for few."""

from __future__ import annotations

import pytest
from cells import declared_in

import assetflow as af
from assetflow.ledger.file import LedgerFile
from assetflow.operate.breakage import breakage_of, causes_of
from assetflow.operate.trials import tried

WIDE = """
@af.asset
def first() -> int:
    return {value}
""" + "\n".join(
    f"""
@af.asset
def part{number}(first: int) -> int:
    return first + {number}
"""
    for number in range(9)
)

WHOLE = """
@af.asset
def whole({parts}) -> int:
    return {sum}

@af.check(whole)
def small(whole: int) -> bool:
    return whole < 1000
"""


def code(width: int, value: int) -> str:
    names = [f"part{number}" for number in range(width)]
    whole = WHOLE.format(parts=", ".join(f"{name}: int" for name in names), sum=" + ".join(names))
    return WIDE.format(value=value) + whole


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question that a ledger is asked."""
    asked: list[str] = []
    ask = LedgerFile.ask
    monkeypatch.setattr(
        LedgerFile, "ask", lambda file, query, *rest: asked.append(query) or ask(file, query, *rest)
    )
    return asked


def test_wide_histories_cost_no_more_questions_than_narrow_ones(questions: list[str]) -> None:
    counts = []
    for width in (2, 9):
        project = af.Project(declared_in(code(width, 1), af=af), executor="inline")
        project.materialize().raise_for_failure()
        broken = af.Project(declared_in(code(width, 1000), af=af), executor="inline")
        broken._workspace.store = project._workspace.store
        broken.materialize()
        questions.clear()
        breakage = breakage_of(broken._workspace, "whole", None, None, broken._in)
        assert tried(breakage, []) == []
        counts.append(len(questions))
        assert [cause.asset for cause in causes_of(breakage)] == ["first"]
        assert len(breakage.divergence.nodes) == width + 2
    assert counts[0] == counts[1]
