"""Environments from the outside: promotions and rollbacks beside readers and runs, the nights after, bad input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cells import declared_in
from meanwhile import Meanwhile
from noted import NOTES, note
from shops import Shop, environment

import assetflow as af
from assetflow.cli.main import run as command_line
from assetflow.storage.objects import Objects

CHAIN = """
@af.asset
def number() -> int:
    note("number")
    return {number}

@af.asset
def double(number: int) -> int:
    note("double")
    return number * {times}
"""


def machine(env: str, first: af.Project | None = None, *, number: int = 1, times: int = 2) -> af.Project:
    """A project of two assets in ``env``, with this code; in the store of ``first`` where that is given."""
    store = first.store if first is not None else "memory://"
    declared = declared_in(CHAIN.format(number=number, times=times), af=af, note=note)
    return af.Project(declared, store=store, env=env, executor="inline")


def test_a_run_whose_code_is_rolled_back_meanwhile_publishes_nothing_of_it() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    second = machine("prod", prod, times=3)
    second.materialize()
    run = second.materialize("double", force=True, listener=Meanwhile("double", prod.rollback))
    assert run["double"].state == "superseded"
    assert "turned away meanwhile" in run["double"].message
    assert prod.load("number") == 1
    assert prod.load("double") == 2


def test_a_run_does_not_move_what_is_pinned_meanwhile() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    run = machine("prod", prod, number=2).materialize(
        listener=Meanwhile("number", lambda: prod.pin("number"))
    )
    assert run["number"].state == "superseded"
    assert "pinned" in run["number"].message
    assert prod.load("number") == 1
    assert prod.load("double") == 2


def test_after_a_bad_refresh_is_rolled_back_new_rows_do_not_bring_it_back_and_mended_code_does() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    bad = machine("prod", prod, number=1, times=7)
    bad.materialize()
    prod.rollback()
    night = machine(
        "prod", prod, number=5, times=7
    ).materialize()  # new data, and the code that was rolled back
    assert night["double"].state == "held"
    assert "rolled back" in night["double"].message
    assert prod.load("double") == 2
    mended = machine("prod", prod, number=5, times=3).materialize()
    assert mended["double"].state == "built"
    assert prod.load("double") == 15


def test_a_promotion_ahead_of_the_deployed_code_is_not_undone_by_it() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    ahead = machine("dev", prod, number=1, times=3)
    ahead.materialize()
    ahead.promote("dev", "prod")
    night = machine("prod", prod, number=9).materialize()
    assert night["double"].state == "held"
    assert "ahead of the deployed code" in night["double"].message
    assert prod.load("double") == 3
    deployed = machine("prod", prod, number=9, times=3).materialize()
    assert deployed["double"].state == "built"
    assert prod.load("double") == 27


def test_where_no_code_differs_the_data_are_the_culprit_and_all_that_moved_is_held_until_accepted() -> None:
    held = {"value": 1}

    @af.asset(version="1")
    def rows() -> int:
        return held["value"]

    @af.asset(version="1")
    def doubled(rows: int) -> int:
        return rows * 2

    prod = af.Project([rows, doubled], env="prod", executor="inline")
    prod.materialize()
    held["value"] = 666
    prod.materialize("rows+", force=True)
    change = prod.rollback()
    assert {hold.asset for hold in change.holds} == {"rows", "doubled"}
    held["value"] = 667
    assert prod.materialize("rows+", force=True).counts == {"held": 2}
    assert (prod.load("rows"), prod.load("doubled")) == (1, 2)
    prod.accept("rows", "doubled")
    prod.materialize("rows+", force=True)
    assert (prod.load("rows"), prod.load("doubled")) == (667, 1334)


def test_a_rejected_version_is_published_once_somebody_accepts_it_and_stays_fresh() -> None:
    @af.check("rows")
    def small(rows: int) -> bool:
        return rows < 5

    @af.asset
    def rows() -> int:
        return 9

    project = af.Project([rows, small], executor="inline")
    assert project.materialize()["rows"].state == "rejected"
    with pytest.raises(af.UnknownNameError):
        project.load("rows")
    change = project.accept("rows")
    assert "small" in change.warnings[0]
    assert project.load("rows") == 9
    assert project.materialize()["rows"].state == "fresh"


def test_what_is_held_back_runs_nothing_and_what_is_below_reads_what_is_published() -> None:
    project = machine("dev", number=1)
    project.materialize()
    project.pin("number")
    NOTES.clear()
    run = machine("dev", project, number=4, times=5).materialize()
    assert NOTES == ["double"]
    assert run.counts == {"built": 1, "held": 1}
    assert project.load("double") == 5
    project.unpin("number")
    machine("dev", project, number=4, times=5).materialize()
    assert project.load("double") == 20


def test_an_environment_reads_from_the_one_that_it_defers_to_what_it_has_not_built_itself(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path)
    shop.write(
        "assetflow.toml",
        'modules = ["two"]\ndefault = "prod"\n[environments.prod]\n[environments.dev]\ndefer = "prod"\n',
    )
    shop.write(
        "two.py",
        "import assetflow as af\n"
        "@af.asset\ndef number() -> int:\n    return 1\n"
        "@af.asset\ndef double(number: int) -> int:\n    return number * 2\n",
    )
    shop.run("materialize", check=True)
    assert shop.plan("--env", "dev").states == {"number": "fresh", "double": "fresh"}
    shop.edit("two.py", "number * 2", "number * 3")
    assert shop.materialize("--env", "dev").states == {"number": "fresh", "double": "built"}
    assert shop.run("get", "double@dev").out.strip() == "3"
    assert shop.run("get", "number@dev").out.strip() == "1"
    assert shop.run("get", "double@prod").out.strip() == "2"


READER = """
import sys
import assetflow as af

project = af.open(sys.argv[1], env="prod")
print("ready", flush=True)
seen = set()
while True:
    with project.snapshot() as snapshot:
        if not snapshot.keys:
            continue
        values = {snapshot.load(f"a{number}") for number in range(20)}
    if len(values) != 1:
        print("mixture", values, flush=True)
        sys.exit(1)
    seen |= values
    print(sorted(seen), flush=True)
"""


def test_readers_never_see_a_mixture_while_twenty_assets_are_promoted_and_rolled_back(
    tmp_path: Path, rounds: Callable[[int], int]
) -> None:
    shop = twenty_assets(tmp_path, "read_many")
    dev = af.open(tmp_path, env="dev")
    dev.materialize()
    dev.promote("dev", "prod")
    shop.edit("read_many.py", "GENERATION = 1", "GENERATION = 2")
    shop.run("materialize", "--env", "dev", check=True)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=environment(None),
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    said = ["[]"]
    try:
        edited = af.open(tmp_path, env="dev")
        for _ in range(rounds(50)):
            assert len(edited.promote("dev", "prod").moves) == 20
            said.append(reader.stdout.readline())
            assert len(edited.rollback("prod").moves) == 20
            said.append(reader.stdout.readline())
        while said[-1] != "[1, 2]\n" and reader.poll() is None:
            edited.promote("dev", "prod")
            said.append(reader.stdout.readline())
            edited.rollback("prod")
            said.append(reader.stdout.readline())
        assert reader.poll() is None, said[-1]
    finally:
        reader.kill()
        reader.wait()
    assert not any("mixture" in line for line in said)


def twenty_assets(folder: Path, module: str = "many") -> Shop:
    """A project of twenty assets that all have one number; ``module``: a process imports but one of a name."""
    shop = Shop(folder)
    shop.write(
        "assetflow.toml",
        f'modules = ["{module}"]\ndefault = "dev"\n[environments.dev]\nstore = "dev-store"\n'
        '[environments.prod]\nstore = "prod-store"\n',
    )
    body = "import assetflow as af\nGENERATION = 1\n"
    body += "".join(f"@af.asset\ndef a{number}() -> int:\n    return GENERATION\n" for number in range(20))
    shop.write(f"{module}.py", body)
    return shop


def large_assets(folder: Path, module: str = "many") -> Shop:
    """The same with texts that are stored as objects, materialized in dev."""
    shop = twenty_assets(folder, module)
    shop.edit(f"{module}.py", "-> int", "-> str")
    shop.edit(f"{module}.py", "return GENERATION", "return str(GENERATION) * 20_000")
    shop.run("materialize", check=True)
    return shop


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("promote", "dev", "nowhere"), "nowhere"),
        (("promote", "dev", "dev"), "itself"),
        (("promote", "dev", "prod", "-s", "a77"), "a77"),
        (("rollback", "prod"), "no earlier state"),
        (("rollback", "dev", "--to", "#99"), "99"),
        (("rollback", "dev", "--to", "2001-01-01"), "2001"),
        (("rollback", "dev", "--to", "zzz"), "zzz"),
        (("rollback", "dev", "--hold", "some"), "some"),
        (("accept", "a1"), "neither held nor rejected"),
        (("accept", "a77"), "a77"),
        (("pin", "a1@zzz"), "zzz"),
        (("unpin", "a1"), "not pinned"),
        (("env", "create", "a b"), "name"),
        (("env", "create", "new", "--from", "nowhere"), "nowhere"),
        (("env", "delete", "nowhere"), "nowhere"),
        (("env", "diff", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_moves_nothing_and_says_what_is_wrong(
    built: Shop, command: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((built.root / "dev-store/log").iterdir())
    assert command_line([*command, "--project", str(built.root)]) == 2
    assert words in capsys.readouterr().err
    assert sorted((built.root / "dev-store/log").iterdir()) == before
    assert not (built.root / "prod-store/log").exists()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The project of twenty assets, materialized in dev."""
    shop = twenty_assets(tmp_path_factory.mktemp("built"), "built_many")
    af.open(shop.root).materialize().raise_for_failure()
    return shop


def test_a_store_that_fails_in_the_middle_of_a_promotion_leaves_all_as_it_was_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    large_assets(tmp_path, "copied_many")
    put_stream, stored = Objects.put_stream, []

    def fail_at_the_second(self: Objects, chunks: Any, suffix: str) -> tuple[str, int]:
        stored.append(suffix)
        if len(stored) == 2:
            raise af.StoreError("the disk of prod is full")
        return put_stream(self, chunks, suffix)

    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Objects, "put_stream", fail_at_the_second)
        assert command_line(["promote", "dev", "prod"]) == 2
    assert "the disk of prod is full" in capsys.readouterr().err
    assert af.open(tmp_path, env="prod").snapshot().keys == ()

    assert command_line(["promote", "dev", "prod"]) == 0
    assert len(af.open(tmp_path, env="prod").snapshot().keys) == 20
    assert af.open(tmp_path, env="prod").load("a3") == "1" * 20_000


def test_damaged_parts_are_not_promoted_to_another_store(tmp_path: Path) -> None:
    shop = large_assets(tmp_path)
    (part,) = [
        file for file in (tmp_path / "dev-store/objects").rglob("*.txt") if file.stat().st_size > 19_000
    ]
    part.write_bytes(b"y" + part.read_bytes()[1:])
    said = shop.run("promote", "dev", "prod")
    assert said.code == 2
    assert part.name in said.err
    assert not (tmp_path / "prod-store/log").exists()


def test_what_prod_would_not_itself_compute_is_refused_with_the_reason(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write(
        "assetflow.toml",
        'modules = ["shop"]\n[environments.dev]\n'
        "[environments.prod]\n[environments.prod.assets.price.config]\ntax = 7\n",
    )
    shop.write(
        "shop.py",
        "import assetflow as af\nfrom pydantic import BaseModel\n"
        "class Tax(BaseModel):\n    tax: int = 19\n"
        "@af.asset\ndef net() -> int:\n    return 100\n"
        "@af.asset\ndef price(net: int, config: Tax) -> int:\n    return net + config.tax\n",
    )
    shop.run("materialize", "--env", "dev", check=True)
    said = shop.run("promote", "dev", "prod", "--json")
    assert said.code == 1
    (refused,) = said.json["refused"]
    assert refused["reason"] == "prod would compute something else: config tax 19 -> 7"
    assert "build it again in dev" in refused["hint"]
    alone = shop.run("promote", "dev", "prod", "-s", "price", "--json")
    assert alone.json["refused"][0]["reason"] == "prod has no net"
    assert "-s +price" in alone.json["refused"][0]["hint"]
    assert shop.run("promote", "dev", "prod", "-s", "net").code == 0
    assert shop.run("get", "net@prod").out.strip() == "100"


def test_a_protected_environment_is_moved_only_by_who_says_so(tmp_path: Path) -> None:
    shop = twenty_assets(tmp_path)
    shop.edit("assetflow.toml", 'store = "prod-store"', 'store = "prod-store"\nprotected = true')
    shop.run("materialize", "--env", "dev", check=True)
    said = shop.run("promote", "dev", "prod")
    assert said.code == 2
    assert "--yes" in said.err
    assert shop.run("promote", "dev", "prod", "--dry-run").code == 0
    assert not (tmp_path / "prod-store/log").exists()
    assert shop.run("promote", "dev", "prod", "--yes").code == 0
    assert shop.run("env", "diff", "dev", "prod").code == 0


def test_an_environment_is_made_from_another_without_copying_and_ended_without_harm(tmp_path: Path) -> None:
    shop = twenty_assets(tmp_path)
    shop.run("materialize", "--env", "dev", check=True)
    assert shop.run("env", "create", "try", "--from", "dev").code == 0
    assert shop.plan("--env", "try", "--exit-code").code == 0
    assert shop.run("env", "diff", "dev", "try").code == 0
    assert shop.run("env", "create", "try", "--from", "dev").code == 2
    assert shop.run("env", "delete", "try").code == 0
    said = shop.run("env", "diff", "dev", "try", "--json")
    assert said.code == 1
    assert {one["after"] for one in said.json["differences"]} == {None}
    assert shop.plan("--env", "dev", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("before", "title"),
    [
        ('name = "x"\n', "environments.new"),
        ('[environments.prod]\nstore = "there"\n', "environments.new"),
        ("", "environments.new"),
    ],
)
def test_a_new_environment_is_added_to_the_settings_and_all_else_stays(
    tmp_path: Path, before: str, title: str
) -> None:
    (tmp_path / "assetflow.toml").write_text(before)
    project = af.open(tmp_path)
    change = project.create_environment("new")
    assert title in change.warnings[0]
    assert before.strip() in (tmp_path / "assetflow.toml").read_text()
    assert af.open(tmp_path).env == project.env
    assert af.open(tmp_path, env="new").store == project.store


def test_what_others_moved_since_it_was_seen_is_not_moved_once_more() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    machine("prod", prod, number=2).materialize()
    machine("prod", prod, number=3).materialize()
    seen = prod.rollback(dry_run=True)
    prod.rollback()
    with pytest.raises(af.UsageError, match="moved by others"):
        prod.rollback(seen=seen)
    assert prod.load("number") == 2


def test_what_is_pinned_already_is_told_so_and_nothing_is_committed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = twenty_assets(tmp_path, "pinned_twice")
    shop.run("materialize", check=True)
    log = tmp_path / "dev-store/log"
    assert command_line(["pin", "a1", "--project", str(tmp_path)]) == 0
    commits = sorted(log.iterdir())
    capsys.readouterr()

    assert command_line(["pin", "a1", "--project", str(tmp_path)]) == 0
    assert "already pinned at" in capsys.readouterr().out
    assert sorted(log.iterdir()) == commits
    assert command_line(["pin", "a1", "a2", "--project", str(tmp_path)]) == 0
    assert len(sorted(log.iterdir())) == len(commits) + 1


def test_a_pinned_asset_is_not_accepted_away_from_its_pin() -> None:
    good = machine("dev", number=1)
    good.materialize()
    good.pin("number")

    @af.asset
    def number() -> int:
        return 9

    @af.check("number")
    def small(number: int) -> bool:
        return number < 5

    good.unpin("number")
    bad = af.Project([number, small], store=good.store, executor="inline")
    bad.materialize()
    good.pin("number")
    change = bad.accept("number")
    assert "unpin" in change.refused[0].hint
    assert good.load("number") == 1


def test_a_new_name_does_not_bring_back_what_was_turned_away_under_the_old_one() -> None:
    prod = machine("prod", number=1)
    prod.materialize()
    machine("prod", prod, number=2).materialize()
    prod.rollback()
    text = '@af.asset(renamed_from="number")\ndef count() -> int:\n    note("number")\n    return 2\n'
    renamed = af.Project(declared_in(text, af=af, note=note), store=prod.store, env="prod", executor="inline")
    assert renamed.materialize()["count"].state == "held"


def test_an_environment_of_the_same_name_begins_free_of_what_held_the_one_before() -> None:
    dev = machine("dev", number=1)
    dev.materialize()
    dev.create_environment("try", "dev")
    dev.in_environment("try").pin("number")
    machine("try", dev, number=2, times=5).materialize()
    dev.rollback("try")
    dev.delete_environment("try")
    dev.create_environment("try", "dev")
    restraints = dev.in_environment("try").restraints()
    assert (restraints.pinned, restraints.turned_away) == ({}, ())


def test_a_check_that_is_declared_no_more_stops_no_promotion() -> None:
    @af.asset
    def number() -> int:
        return 9

    @af.check("number")
    def small(number: int) -> bool:
        return number < 5

    judged = af.Project([number, small], executor="inline")
    judged.materialize()
    judged.accept("number")
    refused = judged.promote("dev", "prod").refused
    assert "failed small" in refused[0].reason
    assert not af.Project([number], store=judged.store, executor="inline").promote("dev", "prod").refused


def test_a_rollback_goes_to_a_run_that_the_beginning_of_its_id_names() -> None:
    prod = machine("prod", number=1)
    first = prod.materialize().id
    second = machine("prod", prod, number=2).materialize().id
    machine("prod", prod, number=3).materialize()
    with pytest.raises(af.UnknownNameError, match="beginning of 3 runs"):
        prod.rollback(to=first[:9])
    prod.rollback(to=second)
    assert prod.load("number") == 2
    prod.rollback(to=first)
    assert prod.load("number") == 1
    (version,) = [entry.version for entry in prod.history("double") if entry.run == second]
    prod.rollback(to=version[:12])
    assert (prod.load("number"), prod.load("double")) == (1, 4)


def test_what_a_store_has_lost_is_copied_again_by_the_next_promotion(tmp_path: Path) -> None:
    shop = large_assets(tmp_path, "lost_many")
    dev = af.open(tmp_path, env="dev")
    dev.promote("dev", "prod")
    dev.rollback("prod")
    for file in (tmp_path / "prod-store/objects").rglob("*.txt"):
        file.unlink()
    assert shop.root == tmp_path
    assert not dev.promote("dev", "prod").refused
    assert dev.load("a3", env="prod") == "1" * 20_000


def test_an_environment_with_a_store_of_its_own_is_not_made_in_another(built: Shop) -> None:
    dev = af.open(built.root, env="dev")
    with pytest.raises(af.UsageError, match="store of its own"):
        dev.create_environment("prod", "dev")
    with pytest.raises(af.UsageError, match="itself"):
        dev.promote("dev", "dev")
    with pytest.raises(af.UsageError, match="itself"):
        dev.compare_environments("dev", "dev")


def test_an_environment_that_was_ended_is_brought_back_by_a_rollback() -> None:
    dev = machine("dev", number=1)
    dev.materialize()
    machine("dev", dev, number=2).materialize()
    dev.delete_environment("dev")
    dev.rollback()
    assert (dev.load("number"), dev.load("double")) == (2, 4)


def test_data_of_a_protected_environment_are_erased_only_by_who_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = twenty_assets(tmp_path, "erased_many")
    shop.edit(
        "erased_many.py", "-> int:\n    return GENERATION", "-> str:\n    return str(GENERATION) * 20_000"
    )
    shop.edit("assetflow.toml", '"dev-store"', '"dev-store"\nprotected = true')
    shop.run("materialize", check=True)
    shop.edit("erased_many.py", "GENERATION = 1", "GENERATION = 2")
    shop.run("materialize", check=True)
    assert command_line(["forget", "a1@HEAD~1", "--project", str(tmp_path)]) == 2
    assert "--yes" in capsys.readouterr().err
    assert command_line(["forget", "a1@HEAD~1", "--yes", "--project", str(tmp_path)]) == 0
