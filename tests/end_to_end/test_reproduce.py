"""`assetflow reproduce`: versions made again from what is on record, in processes of their own."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cells import declared_in
from console import said_in
from shops import Shop, sample_shop, small_shop
from source_trees import source_tree

import assetflow as af
from assetflow.operate.workspace import Workspace

CHANCE = """import random

import pyarrow as pa

import assetflow as af


@af.asset
def ids() -> pa.Table:
    return pa.table({"id": list(range(1000))})


@af.asset
def steady(ids: pa.Table) -> pa.Table:
    return ids


@af.asset
def with_random_column(ids: pa.Table) -> pa.Table:
    return ids.append_column("chance", pa.array([random.random() for _ in range(len(ids))]))


@af.asset
def grouped_without_order(ids: pa.Table) -> pa.Table:
    words = {f"word {number % 50}" for number in range(len(ids))}  # strings: each process has an order of its own
    return pa.table({"word": list(words), "length": [len(word) for word in words]})


@af.asset
def summed_in_parallel(ids: pa.Table) -> pa.Table:
    tenths = [number * 0.1 for number in ids["id"].to_pylist()]
    return pa.table({"group": list(range(40)), "sum": [sum(_mixed(tenths)) for _ in range(40)]})


@af.asset
def one_row_more_or_less(ids: pa.Table) -> pa.Table:
    return ids.slice(0, random.randint(1, 900))


@af.asset
def a_sum(ids: pa.Table) -> float:
    return sum(_mixed([number * 0.1 for number in range(2000)]))


def _mixed(numbers):
    return random.sample(numbers, len(numbers))


@af.asset
def told() -> None:
    pass
"""

MODULE = """from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

import assetflow as af
from deep.below.helper import times

print("imported")


class Rate(BaseModel):
    rate: int = 2


@af.asset(includes=["lookup.txt"])
def looked_up() -> int:
    print("loud")
    import os
    os.write(1, b"louder")
    return int((Path(__file__).parent / "lookup.txt").read_text())


@af.asset
def rated(looked_up: int, config: Rate) -> pa.Table:
    return pa.table({"n": [times(looked_up, config.rate)]})


in_python = af.sql("in_python", "select n + 1 as n from rated")
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with three code states behind it; the files of its source are those of the last."""
    shop = small_shop(tmp_path_factory.mktemp("reproduce"))
    shop.edit("assetflow.toml", "]\n", ']\ndefault = "dev"\n[environments.dev]\n[environments.prod]\n')
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("small/text.py", "<{value}>", "[{value}]")
    shop.edit("small/assets.py", "total * 2", "total * 3")
    assert said_in(shop.root, "materialize").code == 0
    shop.write("data/orders.csv", "id,day,amount\n7,2026-03-01,70\n")
    shop.edit("small/assets.py", 'group="reports"', 'group="figures"')
    assert said_in(shop.root, "materialize").code == 0
    return shop


def test_versions_are_made_again_after_code_and_data_have_moved_on(small: Shop) -> None:
    before = len(small.commits()), _objects(small)
    references = ["orders@HEAD~2", "orders", "doubled@HEAD~2", "orders_file@HEAD~1"]
    said = said_in(small.root, "reproduce", *references)
    assert (said.code, said.out.count("identical")) == (0, 4)
    assert (len(small.commits()), _objects(small)) == before


def test_there_is_one_scratch_folder_for_each_environment(
    small: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetflow.operate import reproduce

    begun: list[str] = []

    class Counted(reproduce.Replay):
        def __init__(self, workspace: Workspace) -> None:
            begun.append(workspace.env)
            super().__init__(workspace)

    monkeypatch.setattr(reproduce, "Replay", Counted)
    references = ["orders_file", "orders_file@HEAD~1", "orders_file@dev", "orders_file@HEAD~1"]
    assert said_in(small.root, "reproduce", "--env", "prod", "orders_file@dev", "orders_file@dev").code == 0
    assert said_in(small.root, "reproduce", *references).code == 0
    assert begun == ["dev", "dev"]


def test_a_selection_stands_for_what_is_published(small: Shop) -> None:
    said = said_in(small.root, "reproduce", "--json", "-s", "apart", "-s", "kind:source")
    assert {(one["key"], one["verdict"]) for one in said.json["versions"]} == {
        ("orders_file", "identical"),
        ("apart", "identical"),
    }


@pytest.mark.parametrize(
    "reference", ["nothing", "orders@2001-01-01", "orders@HEAD~99", "orders@zz", "orders@#999"]
)
def test_what_does_not_exist_is_wrong_usage(small: Shop, reference: str) -> None:
    assert said_in(small.root, "reproduce", "apart", reference).code == 2


def test_what_was_forgotten_cannot_be_made_again_and_the_others_are(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    assert said_in(shop.root, "materialize").code == 0
    shop.write("data/orders.csv", "id,day,amount\n7,2026-03-01,70\n")
    assert said_in(shop.root, "materialize").code == 0
    assert said_in(shop.root, "forget", "orders_file@HEAD~1").code == 0
    references = ["orders_file@HEAD~1", "orders@HEAD~1", "apart"]
    said = said_in(shop.root, "reproduce", "--json", *references)
    assert said.code == 1
    forgotten, made_from_it, apart = (one["text"] for one in said.json["versions"])
    assert forgotten.startswith("cannot: the data of orders_file version")
    assert made_from_it == forgotten
    assert "were forgotten at" in forgotten
    assert apart == "identical"


def test_nothing_to_reproduce_is_wrong_usage(small: Shop) -> None:
    assert said_in(small.root, "reproduce").code == 2


@pytest.fixture(scope="module")
def chance(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What is said of assets that are left to chance, by key."""
    shop = Shop(tmp_path_factory.mktemp("chance"))
    shop.write("assetflow.toml", 'modules = ["chance"]\n')
    shop.write("chance.py", CHANCE)
    assert said_in(shop.root, "materialize").code == 0
    keys = [
        "steady", "with_random_column", "grouped_without_order", "summed_in_parallel", "one_row_more_or_less",
        "a_sum", "told",
    ]  # fmt: skip
    said = said_in(shop.root, "reproduce", "--json", *keys)
    assert said.code == 1
    return {one["key"]: one for one in said.json["versions"]}


def test_what_does_not_depend_on_chance_is_identical(chance: dict[str, dict[str, object]]) -> None:
    assert chance["steady"]["verdict"] == "identical"


def test_a_random_column_is_told_by_its_name(chance: dict[str, dict[str, object]]) -> None:
    assert chance["with_random_column"]["text"] == "differs in column chance (1,000 of 1,000 rows)"


def test_an_unordered_grouping_gives_the_same_rows_in_another_order(
    chance: dict[str, dict[str, object]],
) -> None:
    assert chance["grouped_without_order"]["text"] == "same rows, other order"


def test_sums_of_floats_in_another_order_differ_by_some_ulp(chance: dict[str, dict[str, object]]) -> None:
    one = chance["summed_in_parallel"]
    assert (one["verdict"], one["columns"]) == ("floats differ", ["sum"])
    assert str(one["text"]).startswith(f"floats differ by at most {one['ulps']} ulp in column sum (")
    assert chance["a_sum"]["verdict"] in ("floats differ", "identical")


def test_another_number_of_rows_is_told(chance: dict[str, dict[str, object]]) -> None:
    assert str(chance["one_row_more_or_less"]["text"]).startswith("differs: ")


def test_an_effect_is_not_run_again(chance: dict[str, dict[str, object]]) -> None:
    assert chance["told"]["text"] == "cannot: it is an effect, and would act again"


def test_packages_queries_included_files_and_config_are_those_of_the_record(tmp_path: Path) -> None:
    """With the project's modules below src, and code that prints, which is not to be found among the results."""
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["deep"]\n[assets.rated.config]\nrate = 3\n')
    shop.write("src/deep/__init__.py", "")
    shop.write("src/deep/below/__init__.py", "")
    shop.write("src/deep/below/helper.py", "def times(a, b):\n    return a * b\n")
    shop.write("src/deep/below/assets.py", MODULE)
    shop.write("src/deep/below/lookup.txt", "14")
    shop.write("src/deep/sql/summed.sql", "select sum(n) as n from in_python")
    assert said_in(shop.root, "materialize").code == 0
    shop.write("assetflow.toml", 'modules = ["other"]\n')
    shop.write("src/other.py", "")
    (shop.root / "src/deep").rename(tmp_path / "gone")
    keys = ["looked_up", "rated", "in_python", "sql/summed"]
    said = said_in(shop.root, "reproduce", "--json", *keys)
    assert [(one["key"], one["text"]) for one in said.json["versions"]] == [
        (key, "identical") for key in keys
    ]
    assert "loud" in said.json["versions"][0]["log"]


BROKEN = """import os
import assetflow as af

ELSEWHERE = {root!r} != os.getcwd()


@af.asset
def not_installed() -> int:
    if ELSEWHERE:
        import nowhere_installed
    return 1


@af.asset
def an_error() -> int:
    if ELSEWHERE:
        raise RuntimeError("not here")
    return 1


@af.asset
def the_end() -> int:
    if ELSEWHERE:
        os._exit(3)
    return 1
"""


def test_code_that_cannot_run_any_more_says_why(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["broken"]\n')
    shop.write("broken.py", BROKEN.format(root=str(tmp_path)))
    assert said_in(shop.root, "materialize").code == 0
    said = said_in(shop.root, "reproduce", "not_installed", "an_error", "the_end", "--json")
    assert said.code == 1
    whys = [
        "No module named 'nowhere_installed'",
        "RuntimeError: not here",
        "process that ran it ended with code 3",
    ]
    for one, why in zip(said.json["versions"], whys, strict=True):
        assert one["text"].startswith("cannot: ")
        assert why in one["text"]


def test_an_interrupt_ends_what_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = small_shop(tmp_path)
    mark = tmp_path / "mark"
    waits = "open(os.environ['MARK'], 'w').write(str(os.getpid()))\n        time.sleep(60)"
    shop.edit("small/text.py", "    return", f"    if 'MARK' in os.environ:\n        {waits}\n    return")
    shop.edit("small/text.py", "def label", "import os\nimport time\n\n\ndef label")
    assert said_in(shop.root, "materialize").code == 0
    monkeypatch.setenv("MARK", str(mark))
    process = shop.start("reproduce", "orders")
    while not (mark.exists() and mark.read_text()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_a_source_that_is_not_kept_must_still_be_there(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    shop.edit("small/assets.py", '"data/orders.csv"', '"data/orders.csv", keep=False')
    assert said_in(shop.root, "materialize").code == 0
    assert said_in(shop.root, "reproduce", "orders").code == 0
    shop.write("data/orders.csv", "id,day,amount\n7,2026-03-01,70\n")
    said = said_in(shop.root, "reproduce", "orders", "orders_file", "--json")
    assert said.code == 1
    texts = [one["text"] for one in said.json["versions"]]
    assert texts[0].startswith("cannot: source not kept: orders_file has changed since")
    assert texts[1] == "cannot: source not kept"


def test_inputs_and_code_that_are_stored_no_more_are_named(tmp_path: Path) -> None:
    shop = small_shop(tmp_path)
    assert said_in(shop.root, "materialize").code == 0
    store = shop.root / ".assetflow/store/objects"
    for file in store.rglob("*.csv"):
        file.unlink()
    said = said_in(shop.root, "reproduce", "orders", "--json")
    assert "cannot: orders_file " in said.json["versions"][0]["text"]
    assert "is not stored any more" in said.json["versions"][0]["text"]
    for file in store.rglob("*.py"):
        file.unlink()
    said = said_in(shop.root, "reproduce", "total", "--json")
    assert said.json["versions"][0]["text"].startswith("cannot: its code is not stored any more")


def test_a_secret_in_the_config_is_not_on_record(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("assetflow.toml", 'modules = ["one"]\n[assets.opened.config]\npassword = "hidden"\n')
    shop.write(
        "one.py",
        "import assetflow as af\nfrom pydantic import BaseModel, SecretStr\n\n\nclass Login(BaseModel):\n"
        "    password: SecretStr\n\n\n@af.asset\ndef opened(config: Login) -> int:\n"
        "    return len(config.password.get_secret_value())\n",
    )
    assert said_in(shop.root, "materialize").code == 0
    said = said_in(shop.root, "reproduce", "opened", "--json")
    assert (
        said.json["versions"][0]["text"] == "cannot: its config holds a secret, and secrets are not on record"
    )


def test_packages_that_are_not_what_they_were_are_named(small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from assetflow.operate import reproduce, runtime

    now = runtime.runtime_now()
    other = {**now.packages, "duckdb": "99.0"}
    monkeypatch.setattr(reproduce, "runtime_now", lambda: runtime.Runtime("3.99.0", now.platform, other))
    said = said_in(small.root, "reproduce", "orders_file")
    assert said.code == 0
    assert "python 3." in said.out
    assert "-> 3.99.0" in said.out
    assert "-> 99.0" in said.out


def test_what_a_python_session_declared_in_a_store_in_memory_is_made_again(tmp_path: Path) -> None:
    text = "import assetflow as af\n\n\n@af.asset\ndef one() -> int:\n    return 1\n"
    with source_tree(tmp_path, {"declared_apart.py": text}) as tree:
        project = af.Project([tree.object("declared_apart:one")])
        project.materialize().raise_for_failure()
        tree.edit("declared_apart.py", "1", "2")
        assert [str(one.verdict) for one in project.reproduce("one")] == ["identical"]


def test_what_a_notebook_declared_cannot_be_imported_again() -> None:
    declared = declared_in("import assetflow as af\n\n\n@af.asset\ndef one() -> int:\n    return 1\n")
    project = af.Project(declared)
    project.materialize().raise_for_failure()
    assert project.reproduce("one")[0].text.startswith("cannot: its code was typed into a session")


def test_versions_of_the_samples_history_are_made_again(tmp_path: Path, rounds: Callable[[int], int]) -> None:
    shop = sample_shop(tmp_path)
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("shop/customers.py", "Int8", "Int16")
    shop.edit("assetflow.toml", "180", "90")
    assert said_in(shop.root, "materialize").code == 0
    shop.edit("shop/text.py", "pl.Int64", "pl.Int32")
    history = [
        f"{entry['key']}@{version['version']}"
        for entry in said_in(shop.root, "status", "--json").json["assets"]
        for version in said_in(shop.root, "history", entry["key"], "--json").json["versions"]
    ]
    chosen = random.Random(4).sample(history, min(len(history), rounds(20)))
    said = said_in(shop.root, "reproduce", "--json", *chosen)
    assert [one["text"] for one in said.json["versions"]] == ["identical"] * len(chosen)


def _objects(shop: Shop) -> set[Path]:
    return set((shop.root / ".assetflow/store/objects").rglob("*"))
