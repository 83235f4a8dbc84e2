from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from assetflow.errors import DeclarationError, SettingsError, UnknownNameError
from assetflow.model.spec import AssetSpec, Retry
from assetflow.settings.load import load_settings

SHOP = """
name = "shop"
modules = ["shop"]
default = "dev"
retries = 1

[assets.sales]
retries = 2
[assets.sales.config]
rate = 0.19
window = {days = 30}
[assets."retail/orders"]
retries = {times = 3, first = "2s", most = "1m"}

[environments.dev]
store = ".assetflow/store"
[environments.prod]
store = "${ACME_STORE}"
executor = "inline"
max_parallel = 4
[environments.prod.storage_options]
key = "${ACME_KEY}"
secret = "hunter2"
anon = false
[environments.prod.assets.sales]
retries = 5
[environments.prod.assets.sales.config]
rate = 0.2
"""
PROD = {"ACME_STORE": "s3://acme/assetflow", "ACME_KEY": "swordfish"}


def load(folder: Path, text: str = SHOP, *, env: str | None = None, environ: dict[str, str] | None = None):
    (folder / "assetflow.toml").write_text(text)
    return load_settings(folder, env=env, environ=environ or {})


def spec_of(key: str, retries: Retry | None = None) -> AssetSpec:
    return AssetSpec(key=key, kind="python", where="", path="", module="", retries=retries)


def test_an_empty_file_gives_the_defaults(tmp_path: Path):
    settings = load(tmp_path, "")
    assert (settings.env, settings.environments, settings.name) == ("dev", ("dev",), None)
    assert settings.store == str(tmp_path / ".assetflow/store")
    assert (settings.executor, settings.max_parallel, settings.publish, settings.durable) == (
        "threads",
        None,
        "asset",
        True,
    )
    assert settings.retry_of(spec_of("sales")) == Retry(times=0)


def test_a_protected_environment_publishes_by_run_unless_somebody_says_otherwise(tmp_path: Path):
    text = "[environments.dev]\n[environments.prod]\nprotected = true\n"
    dev, prod = load(tmp_path, text, env="dev"), load(tmp_path, text, env="prod")
    assert (dev.protected, dev.publish) == (False, "asset")
    assert (prod.protected, prod.publish) == (True, "run")
    told = {value.key: (value.value, value.origin) for value in prod.values}
    assert told["publish"] == ("run", "default of a protected environment")
    assert told["protected"] == (True, "assetflow.toml [environments.prod]")
    assert load(tmp_path, text + 'publish = "asset"\n', env="prod").publish == "asset"
    assert load(tmp_path, 'publish = "asset"\n' + text, env="prod").publish == "asset"
    assert load(tmp_path, 'publish = "run"\n', env="dev").publish == "run"


def test_the_chosen_environment_lies_over_the_project(tmp_path: Path):
    dev, prod = load(tmp_path), load(tmp_path, env="prod", environ=PROD)
    assert (dev.env, dev.executor, dev.configs()) == (
        "dev",
        "threads",
        {"sales": {"rate": 0.19, "window": {"days": 30}}},
    )
    assert (prod.env, prod.executor, prod.store, prod.max_parallel) == (
        "prod",
        "inline",
        "s3://acme/assetflow",
        4,
    )
    assert prod.configs() == {"sales": {"rate": 0.2, "window": {"days": 30}}}
    assert dev.environments == prod.environments == ("dev", "prod")


def test_the_environment_is_the_one_asked_for_then_the_variable_then_the_default(tmp_path: Path):
    chosen = {**PROD, "ASSETFLOW_ENV": "prod"}
    assert load(tmp_path, environ=chosen).env == "prod"
    assert load(tmp_path, env="dev", environ=chosen).env == "dev"
    assert load(tmp_path, "[environments.only]").env == "only"


def test_an_unknown_environment_is_refused_with_the_nearest(tmp_path: Path):
    with pytest.raises(UnknownNameError, match=r"^there is no environment 'prdo'") as raised:
        load(tmp_path, env="prdo")
    assert "did you mean 'prod'?" in str(raised.value)
    with pytest.raises(SettingsError, match="there is no environment 'dev'"):
        load(tmp_path, "[environments.one]\n[environments.two]")
    with pytest.raises(UnknownNameError, match=r"^ASSETFLOW_ENV: there is no environment 'prod'"):
        load(tmp_path, "", environ={"ASSETFLOW_ENV": "prod"})


def test_the_pool_of_an_asset_is_set_for_it_or_declared_and_there_is_such_a_pool(tmp_path: Path):
    settings = load(
        tmp_path, '[pools]\ndatabase = 2\n[assets.one]\npool = "database"\n[assets.two]\npool = "databas"'
    )
    one, two = replace(spec_of("one"), pool="disk"), spec_of("two")
    assert (settings.pool_of(one), settings.pool_of(spec_of("other"))) == ("database", None)
    settings.require_known_pools([one])
    with pytest.raises(DeclarationError, match="there is no pool 'databas'") as raised:
        settings.require_known_pools([one, two])
    assert "did you mean 'database'?" in str(raised.value)


def test_where_an_asset_runs_is_set_for_it_or_declared_or_set_for_all(tmp_path: Path):
    text = """executor = "inline"
[assets.one]
executor = "process"
[assets.two]
timeout = "2m"
[environments.prod]
timeout = "1h"
[environments.dev]
"""
    settings = load(tmp_path, text, env="dev")
    declared = replace(spec_of("other"), executor="threads")
    assert settings.executor_of(spec_of("other")) == "inline"
    assert settings.executor_of(declared) == "threads"
    assert settings.executor_of(replace(declared, key="one")) == "process"
    assert settings.executor_of(replace(declared, key="two")) == "process"
    assert settings.timeout_of(replace(declared, key="two", timeout=1.0)) == 120.0
    assert settings.timeout_of(declared) is None
    prod = load(tmp_path, text, env="prod")
    assert prod.timeout_of(declared) == 3600.0
    assert prod.timeout_of(replace(declared, timeout=1.0)) == 1.0
    assert prod.executor_of(declared) == "process"
    observed = replace(declared, kind="source")
    assert (prod.timeout_of(observed), prod.executor_of(observed)) == (None, "inline")
    assert load(tmp_path, "", environ={"ASSETFLOW_TIMEOUT": "5s"}).timeout == 5.0


def test_retries_lie_over_the_declaration_and_it_over_those_for_all_assets(tmp_path: Path):
    settings = load(tmp_path)
    own = Retry(times=9, first=3.0, on=(OSError,))
    assert settings.retry_of(spec_of("other")) == Retry(times=1)
    assert settings.retry_of(spec_of("other", own)) == own
    assert settings.retry_of(spec_of("sales", own)) == Retry(times=2, first=3.0, on=(OSError,))
    assert settings.retry_of(spec_of("retail/orders")) == Retry(times=3, first=2.0, most=60.0)
    assert load(tmp_path, env="prod", environ=PROD).retry_of(spec_of("sales")).times == 5


def test_names_come_from_the_process_and_then_from_dotenv(tmp_path: Path):
    (tmp_path / ".env").write_text("ACME_STORE=s3://from-file/x\nACME_KEY=filed\nASSETFLOW_ENV=prod\n")
    assert load(tmp_path).store == "s3://from-file/x"
    assert load(tmp_path, environ={"ACME_STORE": "s3://process/x"}).store == "s3://process/x"


def test_a_missing_name_matters_only_to_the_environment_that_needs_it(tmp_path: Path):
    assert load(tmp_path, env="dev").env == "dev"
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, env="prod")
    assert "environments.prod.store needs ${ACME_STORE}, which is not set" in str(raised.value)
    assert "environments.prod.storage_options.key needs ${ACME_KEY}" in str(raised.value)


def test_a_name_may_stand_for_a_number(tmp_path: Path):
    assert load(tmp_path, 'max_parallel = "${N}"', environ={"N": "7"}).max_parallel == 7


def test_secrets_are_revealed_only_when_asked_for(tmp_path: Path):
    settings = load(tmp_path, env="prod", environ=PROD)
    assert settings.revealed_storage_options() == {"key": "swordfish", "secret": "hunter2", "anon": False}
    shown = f"{settings!r} {settings} {settings.values} {settings.model_dump_json()}"
    assert "swordfish" not in shown
    assert "hunter2" not in shown


def test_variables_win_over_the_file(tmp_path: Path):
    environ = {"ASSETFLOW_STORE": "elsewhere", "ASSETFLOW_MAX_PARALLEL": "3", "ASSETFLOW_DURABLE": "false"}
    settings = load(tmp_path, environ=environ)
    assert (settings.store, settings.max_parallel, settings.durable) == (
        str(tmp_path / "elsewhere"),
        3,
        False,
    )
    with pytest.raises(SettingsError, match="variable ASSETFLOW_EXECUTOR: executor is 'dask'"):
        load(tmp_path, environ={"ASSETFLOW_EXECUTOR": "dask"})


def test_every_value_tells_who_says_so_and_shows_no_secret(tmp_path: Path):
    settings = load(tmp_path, env="prod", environ={**PROD, "ASSETFLOW_EXECUTOR": "threads"})
    told = {value.key: (value.value, value.origin) for value in settings.values}
    assert told["store"] == ("${ACME_STORE}", "assetflow.toml [environments.prod]")
    assert told["executor"] == ("threads", "ASSETFLOW_EXECUTOR")
    assert told["name"] == ("shop", "assetflow.toml")
    assert told["durable"] == (True, "default")
    assert told["storage_options.key"] == ("${ACME_KEY}", "assetflow.toml [environments.prod]")
    assert told["storage_options.secret"] == ("**********", "assetflow.toml [environments.prod]")
    assert told['assets."retail/orders".retries.first'] == ("2s", "assetflow.toml")
    assert told["assets.sales.retries.times"] == (5, "assetflow.toml [environments.prod]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modulez = ['shop']", "modulez is unknown (did you mean 'modules'?)"),
        ("[environments.dev]\nmodules = ['a']", "environments.dev.modules is unknown"),
        ("[environments.dev]\nstoer = 'a'", "environments.dev.stoer is unknown (did you mean 'store'?)"),
        ("[assets.sales]\npool = 3", "assets.sales.pool is 3, but must be the name of a pool in [pools]"),
        ("[assets.sales]\nretrys = 1", "assets.sales.retrys is unknown (did you mean 'retries'?)"),
        ("[assets.sales.retries]\ntime = 1", "assets.sales.retries.time is unknown (did you mean 'times'?)"),
        ("max_parallel = 'many'", "max_parallel is 'many', but must be a whole number from 1"),
        ("max_parallel = true", "max_parallel is True, but must be a whole number from 1"),
        ("max_parallel = 0", "max_parallel is 0, but must be a whole number from 1"),
        ("max_parallel = '${N}'", "max_parallel is '${N}', but must be a whole number from 1"),
        ("modules = 'shop'", """modules is 'shop', but must be a list of module names, such as ["shop"]"""),
        ("name = 3", "name is 3, but must be text"),
        ("executor = 'dask'", """executor is 'dask', but must be "threads", "process" or "inline\""""),
        ("publish = 'both'", """publish is 'both', but must be "asset" or "run\""""),
        ("protected = 'perhaps'", "protected is 'perhaps', but must be true or false"),
        ("durable = 'perhaps'", "durable is 'perhaps', but must be true or false"),
        ("retries = -1", "retries is -1, but must be a whole number, or a table with times"),
        (
            "[retries]\nfirst = 'soon'",
            """retries.first is 'soon', but must be seconds, or text such as "1s\"""",
        ),
        ("[assets]\nsales = 3", "assets.sales is 3, but must be a table"),
        ("assets = 3", "assets is 3, but must be a table for each asset"),
        ("[assets.'a/b']\nconfig = 3", 'assets."a/b".config is 3, but must be a table with fields'),
        (
            "[environments.dev]\nstorage_options = 'hunter3'",
            "storage_options must be a table",
        ),
        ("environments = 3", "environments is 3, but must be a table for each environment"),
        (
            "[environments.other]\nexecutor = 'dask'\n[environments.dev]",
            "environments.other.executor is 'dask'",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_key_value_and_what_is_expected(tmp_path: Path, text, told):
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, text, environ={"N": "hunter2"})
    message = str(raised.value)
    assert message.startswith(str(tmp_path / "assetflow.toml"))
    assert told in message
    assert "hunter" not in message


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path):
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, "name = 3\nfoo = 1\n[retries]\ntimes = 'x'")
    assert len(str(raised.value).splitlines()) == 3


def test_keys_in_pyproject_are_told_with_their_table(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text("[tool.assetflow]\nmodulez = []")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: tool\.assetflow\.modulez is unknown"):
        load_settings(tmp_path, environ={})


def test_the_project_name_of_pyproject_stands_in_for_a_name(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"')
    assert load(tmp_path, "").name == "acme"
    assert load(tmp_path, 'name = "shop"').name == "shop"


def test_a_setting_for_an_asset_that_does_not_exist_is_refused(tmp_path: Path):
    settings = load(tmp_path)
    settings.require_known_assets(["sales", "retail/orders"])
    with pytest.raises(SettingsError, match="is for no asset of this project") as raised:
        settings.require_known_assets(["sale", "retail/orders"])
    assert "did you mean 'sale'?" in str(raised.value)


def test_a_store_with_a_home_or_an_absolute_path_stays_where_it_says(tmp_path: Path):
    assert load(tmp_path, 'store = "/data/store"').store == "/data/store"
    assert load(tmp_path, 'store = "~/store"').store == str(Path.home() / "store")
    assert load(tmp_path, 'store = "memory://"').store == "memory://"


def test_a_longer_first_pause_makes_the_longest_one_longer(tmp_path: Path):
    settings = load(tmp_path, "[retries]\nfirst = '5m'\ntimes = 1")
    assert settings.retry_of(spec_of("sales")) == Retry(times=1, first=300.0, most=300.0)


def test_an_environment_has_a_name_that_can_be_written_after_an_at_sign(tmp_path: Path):
    with pytest.raises(SettingsError, match="'my prod' cannot be an environment's name"):
        load(tmp_path, "[environments.'my prod']")


KEEPING = """
retention = "14d"
keep_last = 5

[environments.dev]
[environments.prod]
retention = "180d"
[environments.try]
retention = "1d"
keep_last = 1
"""


def test_what_gc_keeps_is_known_of_every_environment_whichever_is_chosen(tmp_path: Path):
    days = 86400.0
    for env in ("dev", "prod"):
        settings = load(tmp_path, KEEPING, env=env)
        kept = {name: (one.retention / days, one.keep_last) for name, one in settings.keeping.items()}
        assert kept == {"dev": (14, 5), "prod": (180, 5), "try": (1, 1)}
        assert settings.keeping_of("prod") == settings.keeping["prod"]


def test_an_environment_that_no_settings_name_keeps_at_least_what_is_usual(tmp_path: Path):
    other = load(tmp_path, KEEPING, env="dev").keeping_of("of a colleague")
    assert (other.retention, other.keep_last) == (30 * 86400, 5)
    usual = load(tmp_path, "").keeping_of("of a colleague")
    assert (usual.retention, usual.keep_last) == (30 * 86400, 3)
    assert load(tmp_path, "").keeping_of("dev") == usual


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('retention = "a while"', "retention is 'a while', but must be seconds, or text such as \"30d\""),
        ("retention = -1", "retention is -1, but must be"),
        ("keep_last = 0", "keep_last is 0, but must be a whole number from 1"),
        ("keep_last = true", "keep_last is True, but must be"),
    ],
)
def test_what_gc_keeps_must_make_sense(tmp_path: Path, line: str, message: str):
    for text in (line, f"[environments.dev]\n{line}"):
        with pytest.raises(SettingsError, match=re.escape(message)):
            load(tmp_path, text)
