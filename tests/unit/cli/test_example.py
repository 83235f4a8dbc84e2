"""The examples that `assetflow init` copies."""

from __future__ import annotations

import pytest

from assetflow.cli.example import Example, files_of, write_example
from assetflow.errors import UsageError


@pytest.mark.parametrize("example", list(Example))
def test_every_file_is_written_with_the_projects_name(example, tmp_path):
    folder = tmp_path / "My shop!"
    written = write_example(example, folder)

    assert {path.relative_to(folder).as_posix() for path in written} >= {"assetflow.toml", ".gitignore"}
    assert 'name = "My-shop"' in (folder / "assetflow.toml").read_text()
    assert "{name}" not in "".join(path.read_text() for path in written)
    assert ".assetflow/" in (folder / ".gitignore").read_text().splitlines()


def test_nothing_is_overwritten_and_nothing_written_beside_it(tmp_path):
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "assets.py").write_text("mine")
    with pytest.raises(UsageError, match=r"pipeline/assets\.py exists"):
        write_example(Example.STARTER, tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["pipeline", "assets.py"]


def test_a_project_that_has_settings_is_left_alone(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.assetflow]\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml exists"):
        write_example(Example.STARTER, tmp_path)


def test_a_folder_of_other_things_keeps_them(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / ".gitignore").write_text("mine\n")
    write_example(Example.SALES, tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_examples_need_nothing_beyond_what_is_installed():
    for example in Example:
        text = "".join(text for path, text in files_of(example, "x") if path.endswith(".py"))
        assert not any(f"import {name}" in text for name in ("pandas", "polars", "numpy", "matplotlib"))
