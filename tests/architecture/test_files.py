"""How every file of the package must look: the rules of style that linters have not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "assetflow"
TEXTS = {str(file.relative_to(PACKAGE)): file.read_text() for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}
TESTS = sorted(PACKAGE.parent.joinpath("tests").rglob("*.py"))
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc", "tools"}

_SILENCES = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no\s*(cover|branch))")
_RULE = r"noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\]|pragma:\s*no\s*(cover|branch)"
_RULE_AND_REASON = re.compile(rf"#\s*({_RULE})\W+\S+ \S+")


def test_files_are_short_enough_to_be_read():
    lengths = {name: len(text.splitlines()) for name, text in TEXTS.items()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short_enough_to_be_read():
    lengths = {
        f"{name}:{node.lineno} {node.name}": _lines_of_code(node)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {place: lines for place, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_owns():
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_files_are_named_by_a_concept():
    assert [name for name in TEXTS if VAGUE & {part.strip("_") for part in re.split(r"[/.]", name)}] == []


def test_the_package_never_imports_its_own_root():
    """``from assetflow import x`` ties a floor to the public list, and so to every floor above it."""
    assert [place for place, module in _imported() if module == "assetflow"] == []


def test_imports_are_absolute():
    assert [place for place, module in _imported() if module.startswith(".")] == []


def test_whoever_opens_duckdb_turns_its_progress_off():
    """It is drawn on stdout after two seconds of any query, among the results."""
    openers = {name: text for name, text in TEXTS.items() if "duckdb.connect(" in text}

    assert [name for name, text in openers.items() if "SET enable_progress_bar = false" not in text] == []


def test_what_silences_a_tool_names_its_rule_and_a_reason():
    silent = [line.strip() for text in TEXTS.values() for line in text.splitlines() if _SILENCES.search(line)]

    assert [line for line in silent if not _RULE_AND_REASON.search(line)] == []


def test_no_test_is_skipped_or_expected_to_fail():
    forbidden = re.compile(r"pytest\.(skip|xfail|importorskip)\b|mark\.(skip|skipif|xfail)\b")

    assert [
        file.name for file in TESTS if file != Path(__file__) and forbidden.search(file.read_text())
    ] == []


def _imported() -> list[tuple[str, str]]:
    """Each import statement's place and module; relative ones begin with a dot."""
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [(f"{name}:{node.lineno}", alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append((f"{name}:{node.lineno}", "." * node.level + (node.module or "")))
    return found


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (node.end_lineno or 0) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return lines
    return lines - ((node.body[0].end_lineno or 0) - node.body[0].lineno + 1)
