"""What the checks say of what is published, as people see it."""

from __future__ import annotations

from console import Screen

from assetflow.cli.terminal import Terminal
from assetflow.cli.views.check_report import check_view
from assetflow.operate.judge_published import CheckReport


def drawn(report: CheckReport) -> list[str]:
    terminal = Terminal(Screen(), Screen(), {})
    terminal.show(check_view(report))
    return terminal.out.text.splitlines()


def test_checks_of_what_was_never_published_are_not_said_to_be_none():
    lines = drawn(CheckReport((), ("sales",)))
    assert "without a version: sales" in lines
    assert lines[-1].startswith("nothing was judged: no version is published")
    assert drawn(CheckReport((), ())) == ["no checks"]
