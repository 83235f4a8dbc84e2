"""Owns the small graph: layers of functions, each reading two of the layer above. Knows nothing of tools.

Every tool gets the same function bodies; a tool's module only puts its own head around them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

ROWS = 10


class Edit(StrEnum):
    """What was done to one function in the middle."""

    NONE = "none"
    COMMENT = "comment"
    SAME_OUTPUT = "same output"
    OTHER_OUTPUT = "other output"


@dataclass(frozen=True)
class Node:
    """One function of the graph."""

    layer: int
    place: int
    number: int
    inputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the function, and of what it makes."""
        return f"a_{self.layer}_{self.place:03}"


@dataclass(frozen=True)
class SmallGraph:
    """A graph of ``layers`` x ``width`` functions, in one state of editing."""

    layers: int
    width: int
    edit: Edit = Edit.NONE

    def after(self, edit: Edit) -> SmallGraph:
        """Return the graph with its one edited function in another state."""
        return replace(self, edit=edit)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All functions, those read before those that read them."""
        return tuple(self._node(layer, place) for layer in range(self.layers) for place in range(self.width))

    @property
    def edited(self) -> str:
        """Name of the function that edits are made to."""
        return f"a_{self.layers // 2}_{self.width // 2:03}"

    @property
    def sinks(self) -> tuple[str, ...]:
        """Names of those that nothing reads."""
        return tuple(node.name for node in self.nodes if node.layer == self.layers - 1)

    @property
    def below_edited(self) -> int:
        """How many functions lie below the edited one."""
        reached = {self.edited}
        for node in self.nodes:
            if reached.intersection(node.inputs):
                reached.add(node.name)
        return len(reached) - 1

    @cached_property
    def total(self) -> int:
        """The sum over all rows of all sinks: what every tool must come to."""
        rows = sum(range(ROWS))
        of_layer = [node.number * rows for node in self.nodes[: self.width]]
        numbers = {node.name: node.number + self._more(node) for node in self.nodes}
        for layer in range(1, self.layers):
            own = [ROWS * numbers[f"a_{layer}_{place:03}"] for place in range(self.width)]
            of_layer = [
                of_layer[place] + of_layer[(place + 1) % self.width] + own[place]
                for place in range(self.width)
            ]
        return sum(of_layer)

    def body(self, node: Node) -> list[str]:
        """Return the lines of the function; its inputs are the parameters ``first`` and ``second``."""
        number = node.number + self._more(node)
        lines = [f'ran("{node.name}")']
        if self.edit is Edit.COMMENT and node.name == self.edited:
            lines.append("# both are added, and the number of this one")
        if not node.inputs:
            return [
                *lines,
                f"row = pa.array(range({ROWS}))",
                f'return pa.table({{"row": row, "value": pc.multiply(row, {number})}})',
            ]
        total = 'pc.add(first["value"], second["value"])'
        if self.edit is Edit.SAME_OUTPUT and node.name == self.edited:
            total = 'pc.add(second["value"], first["value"])'
        table = f'pa.table({{"row": first["row"], "value": pc.add(total, {number})}})'
        return [*lines, f"total = {total}", f"return {table}"]

    def _node(self, layer: int, place: int) -> Node:
        above = (place, (place + 1) % self.width) if layer else ()
        inputs = tuple(f"a_{layer - 1}_{other:03}" for other in above)
        return Node(layer, place, layer * self.width + place, inputs)

    def _more(self, node: Node) -> int:
        return int(self.edit is Edit.OTHER_OUTPUT and node.name == self.edited)
