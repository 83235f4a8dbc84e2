"""Owns the walk from a function to all project code that it reaches: each function, class and constant becomes a part.

A part is made once, however many assets reach it. Knows nothing of versions: ``code`` makes them of parts.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

from assetflow.errors import Problem
from assetflow.hashing.code_kinds import kind_of, name_of
from assetflow.hashing.code_names import Name, names_of
from assetflow.hashing.code_parts import Part
from assetflow.hashing.code_project import ProjectModules
from assetflow.hashing.code_scope import Found, ImportFailedError, Scope, cells_of, decorator_kind, find
from assetflow.hashing.code_sources import Source, Sources, plain_functions
from assetflow.hashing.code_text import normalise, render
from assetflow.hashing.code_values import Captured, Describe, capture
from assetflow.hashing.digest import digest
from assetflow.hashing.loaded_code import hash_code
from assetflow.hashing.module_syntax import Node


class Walk:
    """Makes parts of objects, and follows what they refer to until nothing is left to follow."""

    def __init__(self, project: ProjectModules, describe: Describe) -> None:
        self._project = project
        self._describe = describe
        self._sources = Sources(project)
        self._parts: dict[int, Part] = {}
        self._constants: dict[tuple[str, str], Part] = {}
        self._waiting: list[Part] = []

    def part_of(self, value: Any) -> Part:
        """Return the part of a function or class, and complete it and all that it reaches."""
        part = self._refer(value)
        while self._waiting:
            self._complete(self._waiting.pop())
        return part
