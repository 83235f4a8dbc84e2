"""Owns the settings: frozen values, as the chosen environment sees them.

Knows nothing of the files that they came from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from assetflow.declare.durations import seconds_of
from assetflow.declare.retry import timeout_of, times_of
from assetflow.errors import DeclarationError, Problem, SettingsError
from assetflow.keys import did_you_mean
from assetflow.model.notices import Event
from assetflow.model.spec import PROCESS, AssetSpec, Executor, Retry

Backoff = Literal["constant", "exponential"]
Publish = Literal["asset", "run"]
Requirement = Literal["owner", "description", "check", "tag", "group"]

RETENTION = 30 * 86400.0
KEEP_LAST = 3


def _count(value: object) -> object:
    if isinstance(value, bool | float):  # pydantic would take True for 1
        raise ValueError("not a whole number")  # noqa: TRY004 - pydantic tells a ValueError as a problem
    return value


def _retries(value: object) -> object:
    return value if isinstance(value, dict | RetrySettings) else {"times": times_of(value)}


def _secret(value: Any) -> Any:
    if isinstance(value, str):
        return SecretStr(value)
    return {key: _secret(item) for key, item in value.items()} if isinstance(value, dict) else value


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return {key: _revealed(item) for key, item in value.items()} if isinstance(value, dict) else value


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(str(error)) from error
    return text


class Frozen(BaseModel):
    """What all settings share: they do not change, and a key that they do not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class RetrySettings(Frozen):
    """Those parts of a retry policy that a setting changes; durations in seconds."""

    times: Annotated[int, BeforeValidator(times_of)] | None = None
    backoff: Backoff | None = None
    first: Annotated[float, BeforeValidator(seconds_of)] | None = None
    most: Annotated[float, BeforeValidator(seconds_of)] | None = None
    jitter: bool | None = None

    def over(self, policy: Retry) -> Retry:
        """Return ``policy`` with these parts changed; the longest pause is at least the first."""
        changed = replace(policy, **self.model_dump(exclude_none=True))
        return replace(changed, most=max(changed.first, changed.most))


Seconds = Annotated[float, BeforeValidator(seconds_of)]
Number = Annotated[int, BeforeValidator(_count), Field(ge=1)]
Timeout = Annotated[float, BeforeValidator(timeout_of)]
Retries = Annotated[RetrySettings, BeforeValidator(_retries)]
Secrets = Annotated[dict[str, Any], BeforeValidator(_secret)]


class AssetSettings(Frozen):
    """What a setting changes for one asset. ``config``: fields of its config model."""

    retries: Retries | None = None
    executor: Executor | None = None
    timeout: Timeout | None = None
    pool: Annotated[str, Field(min_length=1)] | None = None
    fresh_within: Annotated[float, BeforeValidator(seconds_of), Field(gt=0)] | None = None
    config: dict[str, Any] = Field(default={}, repr=False)


class PolicySettings(Frozen):
    """What an organisation requires of the assets that ``select`` selects.

    ``require``: what must be declared. ``tags``: patterns, for each of which the asset has a tag. ``groups``: patterns,
    one of which its group fits. ``names``: a regular expression that the whole key fits. ``message``: said with it.
    """

    select: Annotated[str, Field(min_length=1)] = "*"
    require: tuple[Requirement, ...] = ()
    tags: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    groups: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    names: Annotated[str, AfterValidator(_pattern)] | None = None
    message: str | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.require or self.tags or self.groups or self.names):
            raise ValueError("it asks for nothing")
        return self


class ExternalSettings(Frozen):
    """Where another project's store is, and which of its environments is read."""

    store: Annotated[str, Field(min_length=1)] | None = None
    storage_options: Secrets = {}
    env: str | None = None


def _address(url: SecretStr) -> SecretStr:
    if not re.match(r"https?://[^/\s]+", url.get_secret_value()):
        raise ValueError("no http or https URL")
    return url


class NotifySettings(Frozen):
    """Who is told of what changes: ``webhook`` gets a JSON document, ``apprise`` are URLs that apprise knows.

    ``on``: what they are told of.
    """

    webhook: Annotated[SecretStr, AfterValidator(_address)] | None = None
    apprise: tuple[SecretStr, ...] = ()
    on: tuple[Event, ...] = get_args(Event)

    @property
    def targets(self) -> int:
        """How many there are to tell."""
        return len(self.apprise) + (self.webhook is not None)


class Keeping(Frozen):
    """What `gc` keeps of an environment: what it published for so many seconds, and so many versions of each asset."""

    retention: Seconds = RETENTION
    keep_last: Number = KEEP_LAST

    def or_longer(self, other: Keeping) -> Keeping:
        """Return the one that keeps all that either of the two keeps."""
        return Keeping(
            retention=max(self.retention, other.retention), keep_last=max(self.keep_last, other.keep_last)
        )


class EnvironmentSettings(Frozen):
    """What an environment may say; the project's own settings say the same for all environments."""

    store: str | None = None
    storage_options: Secrets = {}
    executor: Executor = "threads"
    timeout: Timeout | None = None
    pools: dict[str, Number] = {}
    max_parallel: Annotated[int, BeforeValidator(_count), Field(ge=1)] | None = None
    protected: bool = False
    publish: Publish | None = None
    retries: Retries = RetrySettings()
    durable: bool = True
    defer: str | None = None
    retention: Seconds = RETENTION
    keep_last: Number = KEEP_LAST
    notify: NotifySettings = NotifySettings()
    assets: dict[str, AssetSettings] = {}
    external: dict[str, ExternalSettings] = {}


class ProjectSettings(EnvironmentSettings):
    """What assetflow.toml may say."""

    name: Annotated[str, Field(min_length=1)] | None = None
    modules: tuple[str, ...] = ()
    default: str | None = None
    policy: dict[str, PolicySettings] = {}
    environments: dict[str, EnvironmentSettings] = {}


@dataclass(frozen=True)
class SettingValue:
    """One setting for people to look at: its key, its value as written (secrets masked), and who says so."""

    key: str
    value: Any
    origin: str


@dataclass(frozen=True)
class RemotePlace:
    """Where another project's store is: ``url``, or an absolute path; ``env``: the one to read, where that is said."""

    url: str
    storage_options: dict[str, Any] = field(default_factory=dict, repr=False)
    env: str | None = None


class Settings(Frozen):
    """A project's settings, as the environment ``env`` sees them.

    ``root``: the project's folder (None without one); ``file``: where the settings were written. ``store``: a
    URL, or an absolute path. ``storage_options``: for the store's file system, text in them as ``SecretStr``.
    ``defers``: the environments that each reads from where it has nothing of its own, nearest first.
    ``protected``: whether what is published here is to be moved with care. ``publish``: what becomes visible at once,
    each ``asset`` as it passes, or what a whole ``run`` changed. ``timeout``: seconds that an attempt may take.
    ``pools``: how many assets of each pool may run at once.
    ``keeping``: what `gc` keeps of each environment that the settings name. ``values``: for `assetflow config`.
    """

    root: Path | None = None
    file: Path | None = None
    name: str | None = None
    modules: tuple[str, ...] = ()
    env: str = "dev"
    environments: tuple[str, ...] = ("dev",)
    store: str
    storage_options: Secrets = {}
    executor: Executor = "threads"
    timeout: float | None = None
    pools: dict[str, int] = {}
    max_parallel: int | None = None
    protected: bool = False
    publish: Publish = "asset"
    retries: RetrySettings = RetrySettings()
    durable: bool = True
    defer: str | None = None
    defers: dict[str, tuple[str, ...]] = {}
    retention: Seconds = RETENTION
    keep_last: Number = KEEP_LAST
    keeping: dict[str, Keeping] = {}
    notify: NotifySettings = NotifySettings()
    assets: dict[str, AssetSettings] = {}
    external: dict[str, ExternalSettings] = {}
    policy: dict[str, PolicySettings] = {}
    values: tuple[SettingValue, ...] = Field(default=(), repr=False)

    def revealed_storage_options(self) -> dict[str, Any]:
        """Return the options for the store's file system, secrets in plain text: only for opening it."""
        revealed: dict[str, Any] = _revealed(self.storage_options)
        return revealed

    def remote_place(self, store: str) -> RemotePlace:
        """Return where the store is that a declaration names: as a table ``[external.NAME]`` says, else by itself."""
        said = self.external.get(store, ExternalSettings(store=store))
        if said.store is None:
            where = self.file.name if self.file is not None else "the settings"
            raise SettingsError(f"{where}: external.{store} needs store =", hint="a path or a URL")
        url = said.store
        if "://" not in url:
            url = os.path.normpath((self.root or Path.cwd()) / Path(url).expanduser())
        return RemotePlace(url, _revealed(said.storage_options), said.env)

    def configs(self) -> dict[str, dict[str, Any]]:
        """Return the config fields that are set, by asset key."""
        return {key: dict(asset.config) for key, asset in self.assets.items() if asset.config}

    def keeping_of(self, env: str) -> Keeping:
        """Return what `gc` keeps of an environment; of one that only the log knows, at least what is usual."""
        own = self.keeping.get(env)
        return own or Keeping().or_longer(Keeping(retention=self.retention, keep_last=self.keep_last))

    def retry_of(self, spec: AssetSpec) -> Retry:
        """Return an asset's policy: settings for it, over its declaration, over settings for all assets."""
        policy = spec.retries if spec.retries is not None else self.retries.over(Retry())
        own = self.assets.get(spec.key)
        return policy if own is None or own.retries is None else own.retries.over(policy)

    def timeout_of(self, spec: AssetSpec) -> float | None:
        """Return the seconds that an attempt of an asset may take: as set for it, as declared, as set for all."""
        if spec.is_observed:
            return None
        own = self.assets.get(spec.key, AssetSettings()).timeout
        return next((one for one in (own, spec.timeout, self.timeout) if one is not None), None)

    def executor_of(self, spec: AssetSpec) -> Executor:
        """Return where an asset runs; in a process, where it may have to be stopped."""
        if spec.is_observed:
            return "threads" if self.executor == PROCESS else self.executor
        if self.timeout_of(spec) is not None:
            return PROCESS
        return self.assets.get(spec.key, AssetSettings()).executor or spec.executor or self.executor

    def pool_of(self, spec: AssetSpec) -> str | None:
        """Return the pool whose places an asset takes: as set for it, else as declared."""
        return self.assets.get(spec.key, AssetSettings()).pool or spec.pool

    def require_known_pools(self, specs: Iterable[AssetSpec]) -> None:
        """Raise DeclarationError where the pool of an asset, declared or set, is not in the settings."""
        problems = [
            Problem(
                f"asset {spec.key!r}: there is no pool {pool!r}",
                spec.where,
                did_you_mean(pool, self.pools) or f"write in the settings: [pools], then {pool} = 2",
            )
            for spec in specs
            if (pool := self.pool_of(spec)) is not None and pool not in self.pools
        ]
        if problems:
            raise DeclarationError(problems)

    def fresh_within_of(self, spec: AssetSpec) -> float | None:
        """Return after how many seconds an asset is late: as its settings say, else its declaration."""
        own = self.assets.get(spec.key)
        return spec.fresh_within if own is None or own.fresh_within is None else own.fresh_within

    def require_known_assets(self, keys: Collection[str]) -> None:
        """Raise SettingsError where a setting is for an asset that is not among ``keys``."""
        for key in self.assets:
            if key not in keys:
                where = self.file.name if self.file is not None else "the settings"
                raise SettingsError(
                    f"{where}: assets.{key!r} is for no asset of this project", hint=did_you_mean(key, keys)
                )
