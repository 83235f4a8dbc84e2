"""The small graph is the same work for every tool, and what its sum must be is known beforehand."""

from __future__ import annotations

import sys

import pytest

from benchmarks.command import Command
from benchmarks.measuring import measure
from benchmarks.tools.assetflow import Assetflow
from benchmarks.tools.plain import Plain
from benchmarks.tools.tool import Setup, prepare
from benchmarks.workloads.small_graph import Edit, SmallGraph

GRAPH = SmallGraph(layers=3, width=4)


def total_of(setup: Setup, folder) -> str:
    prepare(setup, folder)
    assert measure(Command(setup.run, folder, setup.environment)).exit_code == 0
    return measure(Command(setup.outputs, folder, setup.environment)).out


def test_below_the_edited_function_of_the_full_graph_lie_fourteen():
    assert SmallGraph(layers=10, width=100).below_edited == 14


@pytest.mark.parametrize("tool", [Plain(sys.executable), Assetflow()], ids=lambda tool: tool.name)
def test_a_tool_comes_to_the_sum_before_and_after_an_edit(tool, tmp_path):
    for edit in (Edit.NONE, Edit.OTHER_OUTPUT):
        graph = GRAPH.after(edit)

        assert total_of(tool.small_graph(graph), tmp_path) == f'{{"total": {graph.total}}}\n'


def test_an_edit_changes_the_edited_function_alone():
    for edit in Edit:
        graph = GRAPH.after(edit)
        changed = [node.name for node in graph.nodes if graph.body(node) != GRAPH.body(node)]

        assert changed == ([] if edit is Edit.NONE else [GRAPH.edited])


def test_other_output_alone_changes_the_sum():
    totals = {edit: GRAPH.after(edit).total for edit in Edit}

    assert totals[Edit.OTHER_OUTPUT] != totals[Edit.NONE]
    assert totals[Edit.COMMENT] == totals[Edit.SAME_OUTPUT] == totals[Edit.NONE]
