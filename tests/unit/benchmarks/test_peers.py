"""Every peer is told to do all of the work, by functions that note themselves, after an edit as before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.command import Command, Measured
from benchmarks.peers.environment import Environment, NotInstalledError
from benchmarks.workloads.catalog import peers
from benchmarks.workloads.chain import Chain
from benchmarks.workloads.small_graph import Edit, SmallGraph

GRAPH = SmallGraph(layers=3, width=4)
CHAIN = Chain(Path("/data/sales.parquet"), rows=1000)
PEERS = list(peers(Path("/scratch")).values())

of_each_peer = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


def python_of(files: dict[str, str]) -> str:
    for path, text in files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
    return "\n".join(files.values())


@of_each_peer
def test_every_function_of_the_small_graph_notes_itself_once(peer):
    text = python_of(peer.small_graph(GRAPH).files)

    assert [text.count(f'ran("{node.name}")') for node in GRAPH.nodes] == [1] * len(GRAPH.nodes)


@of_each_peer
def test_every_link_of_the_chain_notes_itself_once_and_the_source_is_read(peer):
    text = python_of(peer.chain(CHAIN).files)

    assert [text.count(f'ran("{link.name}")') for link in CHAIN.links] == [1] * 5
    assert text.count("pq.read_table('/data/sales.parquet')") == 1


@of_each_peer
def test_an_edit_changes_one_file(peer):
    before = peer.small_graph(GRAPH).files
    after = peer.small_graph(GRAPH.after(Edit.OTHER_OUTPUT)).files

    assert len([path for path in after if after[path] != before[path]]) == 1
    assert before.keys() == after.keys()


def test_an_environment_that_cannot_be_made_says_why(tmp_path):
    def failing(_command: Command) -> Measured:
        err = "some\nERROR: No matching distribution found for certifi>=2999\n"
        return Measured(1, wall=1.0, cpu=1.0, peak=1, tree=1, others=0.0, out="", err=err)

    with pytest.raises(NotInstalledError, match="No matching distribution found for certifi>=2999"):
        Environment(tmp_path / "venv").install(["prefect"], failing)


def test_an_environment_is_made_once_for_each_list_of_packages(tmp_path):
    commands = []

    def measuring(command: Command) -> Measured:
        commands.append(command.argv)
        return Measured(0, wall=1.0, cpu=1.0, peak=1, tree=1, others=0.0, out="", err="")

    environment = Environment(tmp_path / "venv")
    environment.install(["redun==1"], measuring)
    before = len(commands)
    environment.install(["redun==1"], measuring)
    assert len(commands) == before
    environment.install(["redun==2"], measuring)

    assert len(commands) == 2 * before
    assert "redun==2" in commands[-1]
