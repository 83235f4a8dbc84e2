"""The commands that look: what is declared, how it stands, what was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from console import said_in
from shops import Shop, small_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A project with two runs: orders were made twice, total once."""
    shop = small_shop(tmp_path_factory.mktemp("look"))
    shop.edit(
        "small/assets.py",
        "def apart() -> str:",
        'def apart() -> str:\n    """Stands alone.\n\n    More."""\n    print("heard")',
    )
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    assert said_in(shop.root, "materialize").code == 0
    return shop


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_status_says_how_each_asset_stands(shop: Shop) -> None:
    said = said_in(shop.root, "status")
    assert said.code == 0
    assert lines(said.out)[0] == "state asset published version rows why"
    assert any(line.startswith("= fresh orders just now") for line in lines(said.out))
    assert lines(said.out)[-1] == "5 fresh in dev"


def test_a_narrow_terminal_leaves_out_what_matters_least(shop: Shop) -> None:
    said = said_in(shop.root, "status", watched=True, columns=40)
    header = said.out.splitlines()[0]
    assert "state" in header
    assert "asset" in header
    assert "version" not in header


def test_list_tells_what_is_declared(shop: Shop) -> None:
    out = lines(said_in(shop.root, "list").out)
    assert "apart python Stands alone." in out
    assert "orders_file source" in out
    assert out[-1] == "5 assets"
    assert lines(said_in(shop.root, "list", "tag:daily").out)[-1] == "2 assets"


def test_list_recorded_needs_no_declarations(shop: Shop, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(shop.root, root)
    shutil.rmtree(root / "small")
    out = lines(said_in(root, "list", "--recorded").out)
    assert out[0] == "asset kind version rows published in dev"
    assert out[-1] == "5 assets"


def test_show_tells_everything_about_an_asset(shop: Shop) -> None:
    out = lines(said_in(shop.root, "show", "orders").out)
    assert "asset orders" in out
    assert "tags daily" in out
    assert any(line.startswith("declared small/assets.py:") for line in out)
    assert "orders_file orders_file arrow all" in out
    assert "range(amount, min=0)" in out
    assert not any("small.text:label" in line for line in out)


def test_show_code_lists_what_is_reached_with_its_place(shop: Shop) -> None:
    out = said_in(shop.root, "show", "orders", "--code").out
    assert "small.text:label" in out
    assert "small/text.py:1" in out
    assert "append_column" in out


def test_show_of_a_version_is_its_record(shop: Shop) -> None:
    out = lines(said_in(shop.root, "show", "orders@HEAD~1").out)
    version = next(line.split()[1] for line in out if line.startswith("version "))
    assert len(version) == 32
    assert "+ range(amount, min=0)" in out
    assert said_in(shop.root, "show", f"orders@{version[:8]}", "--json").json["version"] == version


def test_explain_compares_and_shows_the_code_that_differs(shop: Shop, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(shop.root, root)
    Shop(root).edit("small/text.py", "[{value}]", "({value})")
    out = said_in(root, "explain", "orders").out
    assert lines(out)[0] == "orders + build"
    assert "code changed (helper label in small/text.py)" in out
    assert any(line.startswith("~ code ") for line in lines(out))
    assert "-    return f'[{value}]'" in out
    assert "+    return f'({value})'" in out


def test_explain_of_what_is_fresh_says_so(shop: Shop) -> None:
    out = said_in(shop.root, "explain", "total").out
    assert "nothing that decides it has changed" in out


def test_history_has_the_newest_first(shop: Shop) -> None:
    said = said_in(shop.root, "history", "orders")
    assert len(lines(said.out)) == 3
    versions = [
        entry["version"] for entry in said_in(shop.root, "history", "orders", "--json").json["versions"]
    ]
    assert [versions[0][:12] in said.out.splitlines()[1], versions[1][:12] in said.out.splitlines()[2]] == [
        True,
        True,
    ]
    assert len(said_in(shop.root, "history", "orders", "-n", "1").out.partition("\n\n")[0].splitlines()) == 2


def test_history_marks_what_is_published_now_and_what_was(shop: Shop) -> None:
    newest, oldest = lines(said_in(shop.root, "history", "orders").out)[1:]
    assert " dev " in newest
    assert "was dev" not in newest
    assert "was dev" in oldest
    entries = said_in(shop.root, "history", "orders", "--json").json["versions"]
    assert [(entry["published"], entry["current"]) for entry in entries] == [
        (["dev"], ["dev"]),
        (["dev"], []),
    ]


def test_lineage_is_a_tree(shop: Shop) -> None:
    assert said_in(shop.root, "lineage", "orders").out == (
        "┌─ orders_file  source\norders\n└─ total\n   └─ doubled\n"
    )


def test_lineage_of_a_version_names_versions(shop: Shop) -> None:
    out = said_in(shop.root, "lineage", "doubled@HEAD").out.splitlines()
    assert [line.strip("┌│└─ ").partition("@")[0] for line in out] == [
        "orders_file",
        "orders",
        "total",
        "doubled",
    ]


def test_runs_and_one_run(shop: Shop) -> None:
    rows = said_in(shop.root, "runs", "--json").json["runs"]
    assert [row["counts"] for row in rows] == [{"built": 1, "fresh": 4}, {"built": 5}]
    out = said_in(shop.root, "runs").out
    assert rows[0]["run"] in out
    assert "1 built, 4 fresh" in out
    one = lines(said_in(shop.root, "runs", rows[1]["run"]).out)
    assert "state + succeeded" in one
    assert any(line.startswith("+ built orders ") for line in one)


def test_logs_are_shown_as_they_were(shop: Shop) -> None:
    assert said_in(shop.root, "logs", "apart").out == "heard\n"
    run = said_in(shop.root, "runs", "--json").json["runs"][1]["run"]
    assert said_in(shop.root, "logs", "--run", run).out == "heard\n"
    assert said_in(shop.root, "logs", "apart", "--json").json["logs"][0]["text"] == "heard\n"


def test_an_asset_that_printed_nothing_has_no_log_which_is_no_error(shop: Shop) -> None:
    said = said_in(shop.root, "logs", "orders")
    assert (said.code, said.out, said.err) == (0, "", "nothing was printed or logged by orders\n")
    assert said_in(shop.root, "logs", "orders", "--json").json == {"logs": []}
    assert said_in(shop.root, "logs", "ordrs").code == 2
    assert said_in(shop.root, "logs", "orders", "--run", "no-such-run").code == 2


def test_options_before_a_command_of_a_group_count(shop: Shop) -> None:
    after = said_in(shop.root, "env", "show", "--json").json
    assert said_in(shop.root, "env", "--json", "show").json == after
    assert said_in(shop.root.parent, "env", "-C", str(shop.root), "show", "--json").json == after
    said = said_in(shop.root, "env", "--env", "nowhere", "show", "--env", "dev", "--json")
    assert said.json == after


def test_a_record_says_why_it_was_made(shop: Shop) -> None:
    reasons = said_in(shop.root, "show", "orders@dev", "--json").json["reasons"]
    out = lines(said_in(shop.root, "show", "orders@dev").out)
    assert reasons
    assert f"why {reasons[0]}" in out


def test_check_judges_what_is_published(shop: Shop) -> None:
    said = said_in(shop.root, "check")
    assert (said.code, said.out) == (0, "1 passed\n")
    assert "range(amount, min=0)" in said_in(shop.root, "check", "-v").out


def test_check_fails_on_what_was_published_before_it(shop: Shop, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(shop.root, root)
    Shop(root).edit("small/assets.py", "min=0", "min=15")
    said = said_in(root, "check")
    assert said.code == 1
    assert "x failed" in said.out
    assert "1 of 3 rows" in said.out


def test_config_tells_where_each_value_comes_from(shop: Shop) -> None:
    out = lines(said_in(shop.root, "config").out)
    assert "name small assetflow.toml" in out
    assert "executor threads default" in out


def test_config_masks_secrets(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["small"]\n[storage_options]\nkey = "hunter2"\n')
    for arguments in (["config"], ["config", "--json"], ["env", "show"], ["env", "show", "--json"]):
        said = said_in(shop.root, *arguments)
        assert said.code == 0, said
        assert "hunter2" not in said.out + said.err
        assert "****" in said.out


def test_env_lists_all_and_hides_none_that_cannot_be_opened(shop: Shop, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(shop.root, root)
    Shop(root).write(
        "assetflow.toml",
        'modules = ["small"]\nname = "small"\ndefault = "dev"\n'
        '[environments.dev]\n[environments.prod]\nstore = "${SHOP_STORE}"\n',
    )
    said = said_in(root, "env")
    assert said.code == 0, said
    out = lines(said.out)
    assert out[1].startswith("* dev 5 assets ")
    assert out[2].startswith("prod ?")
    assert "SHOP_STORE" in said.out
    assert [row["published"] for row in said_in(root, "env", "--json").json["environments"]] == [5, None]
    shown = lines(said_in(root, "env", "show", "dev").out)
    assert any(line.startswith("orders python ") for line in shown)


def test_the_ledger_can_be_found_and_made_anew(shop: Shop) -> None:
    path = Path(said_in(shop.root, "ledger", "path").out.strip())
    assert path.is_file()
    head = said_in(shop.root, "ledger", "sync", "--json").json["commit"]
    path.unlink()
    assert said_in(shop.root, "ledger", "rebuild", "--json").json == {"commit": head}
    assert path.is_file()


def test_another_folder_can_be_named(shop: Shop, tmp_path: Path) -> None:
    for folder in (shop.root, shop.root / "small"):
        assert said_in(tmp_path, "list", "-C", str(folder)).out.endswith("5 assets\n")


def test_completion_knows_the_project_after_a_command_that_loads_it(shop: Shop) -> None:
    said_in(shop.root, "list")
    words = json.loads((shop.root / ".assetflow/completion.json").read_text())
    assert words["keys"] == ["apart", "doubled", "orders", "orders_file", "total"]
    assert words["tags"] == ["daily"]
    assert words["groups"] == ["reports", "retail"]
    assert words["environments"] == ["dev"]


@pytest.mark.parametrize(
    "command",
    [
        ["plan"], ["status"], ["list"], ["list", "--recorded"], ["show", "orders"], ["show", "orders@HEAD"],
        ["explain", "orders"], ["history", "orders"], ["lineage", "orders"], ["lineage", "orders@HEAD"], ["runs"],
        ["logs", "apart"], ["check"], ["config"], ["env"], ["env", "show"], ["ledger", "path"], ["ledger", "sync"],
        ["get", "total"], ["sql", "select 1"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_answer_has_a_json_form_and_nothing_beside_it(shop: Shop, command: list[str]) -> None:
    said = said_in(shop.root, *command, "--json")
    assert said.code == 0, said
    json.loads(said.out)
    assert said.err == ""
