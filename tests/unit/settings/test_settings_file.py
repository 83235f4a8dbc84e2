from __future__ import annotations

from pathlib import Path

import pytest

from assetflow.errors import SettingsError
from assetflow.settings.settings_file import find_settings


def test_the_nearest_folder_above_with_settings_is_the_project(tmp_path: Path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "assetflow.toml").write_text('name = "outer"')
    assert find_settings(inner).path == tmp_path / "assetflow.toml"
    (tmp_path / "a" / "assetflow.toml").write_text('name = "inner"')
    assert find_settings(inner).values == {"name": "inner"}


def test_pyproject_counts_only_with_a_table_for_assetflow(tmp_path: Path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[project]\nname = "other"\n[tool.ruff]\n')
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.assetflow]\nmodules = ["shop"]')
    found = find_settings(inner)
    assert (found.path, found.values, found.project_name) == (
        tmp_path / "pyproject.toml",
        {"modules": ["shop"]},
        "shop",
    )


def test_an_empty_file_is_settings_enough(tmp_path: Path):
    (tmp_path / "assetflow.toml").touch()
    assert find_settings(tmp_path).values == {}


def test_no_settings_at_all_says_how_to_make_them(tmp_path: Path):
    with pytest.raises(SettingsError, match="assetflow init"):
        find_settings(tmp_path)


def test_settings_in_both_files_of_a_folder_are_refused(tmp_path: Path):
    (tmp_path / "assetflow.toml").touch()
    (tmp_path / "pyproject.toml").write_text("[tool.assetflow]")
    with pytest.raises(SettingsError, match="both hold settings"):
        find_settings(tmp_path)


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "assetflow.toml").write_text('name = "shop"\n[assets.retail/sales]\nretries = 1')
    with pytest.raises(SettingsError, match=r"assetflow\.toml is not TOML.*line 2") as raised:
        find_settings(tmp_path)
    assert '[assets."retail/sales"]' in str(raised.value)


def test_a_folder_that_does_not_exist_is_not_looked_for_above(tmp_path: Path):
    (tmp_path / "assetflow.toml").touch()
    with pytest.raises(SettingsError, match="there is no folder"):
        find_settings(tmp_path / "typo")
