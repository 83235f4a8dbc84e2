"""Every error that assetflow raises on purpose.

Each class is one decision that a caller can take; each has a stable ``code`` and the exit code that the
command line gives for it. A message says what happened to which object, why, and how to mend it.

::

    AssetflowError
    ├── UsageError                  the request itself is wrong (exit 2)
    │   ├── SettingsError           assetflow.toml, environment variables
    │   ├── DeclarationError        the project's assets; carries every problem found
    │   ├── SelectionError          a selection that does not parse, or selects nothing
    │   ├── UnknownNameError        no such asset, version, run, environment, column
    │   ├── ForgottenError          the data of a version are no longer kept
    │   └── QueryError              a query that `sql` refuses or DuckDB cannot run
    ├── SourceError                 a source matches nothing, cannot be read, or keeps changing
    ├── ProbeError                  a probe raised, took too long, or answered what cannot be told apart
    ├── DataError                   an output that cannot be hashed, stored or handed out as asked
    │   └── UnsupportedTypeError    a table column of a type without a definition
    ├── CommandError                a program cannot be started, or did not end well
    ├── CheckRaisedError            a check raised, or answered what no check may: no verdict
    ├── StoreError                  the store cannot do what is asked
    │   ├── DamagedError            stored bytes are missing or not what was recorded
    │   ├── StoreFormatError        written by a newer release, or not a store of this project
    │   └── ClockError              this machine's clock and the store's differ too much
    ├── CrontabError                the user's crontab cannot be read or written
    └── RunFailedError              raised by ``run.raise_for_failure()``
"""

from __future__ import annotations

from dataclasses import dataclass


class AssetflowError(Exception):
    """Root of all errors raised on purpose. ``hint`` says how to mend it."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(AssetflowError):
    """The request itself is wrong; nothing was done."""

    code = "usage"
    exit_code = 2


class SettingsError(UsageError):
    """The settings do not say what they must, or say what they must not."""

    code = "settings"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a declaration, and where it stands (``file:line``)."""

    message: str
    where: str = ""
    hint: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return "\n    ".join([text, *self.hint.split("\n")]) if self.hint else text


class DeclarationError(UsageError):
    """The project's declarations have problems; ``problems`` holds every one of them."""

    code = "declaration"

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        title = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(
            "\n".join([f"{title} in the project's declarations", *(f"  {p}" for p in self.problems)])
        )


class SelectionError(UsageError):
    """A selection does not parse (``position`` is an offset into ``text``) or selects nothing."""

    code = "selection"

    def __init__(
        self, message: str, *, text: str = "", position: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.position = position


class UnknownNameError(UsageError):
    """No object of this kind has this name."""

    code = "unknown_name"


class ForgottenError(UsageError):
    """The data of a version are no longer kept: ``gc`` or ``forget`` forgot them; its record stays."""

    code = "forgotten"


class QueryError(UsageError):
    """A query is not one that may run, or DuckDB could not run it. ``position``: an offset into its text, if known."""

    code = "query"

    def __init__(self, message: str, *, position: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.position = position


class SourceError(AssetflowError):
    """A source matches nothing, cannot be read, or changed each time it was read."""

    code = "source"


class ProbeError(AssetflowError):
    """A probe gave no answer: it raised ``original``, took too long, or answered what cannot be told apart."""

    code = "probe"

    def __init__(
        self, message: str, *, original: BaseException | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.original = original


class DataError(AssetflowError):
    """An output cannot be hashed, stored, or handed out in the form asked for."""

    code = "data"


class UnsupportedTypeError(DataError):
    """A column has an Arrow type without a definition in ``table/1``."""

    code = "unsupported_type"

    def __init__(self, column: str, arrow_type: str, *, hint: str | None = None) -> None:
        super().__init__(
            f"column {column!r} has type {arrow_type}, which assetflow cannot version", hint=hint
        )
        self.column = column
        self.arrow_type = arrow_type


class CommandError(AssetflowError):
    """The program of a command cannot be started, or did not end well. ``status``: as ``subprocess`` gives it."""

    code = "command"

    def __init__(self, message: str, *, status: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class CheckRaisedError(AssetflowError):
    """A check gave no verdict: it raised ``original``, or answered what no check may."""

    code = "check_raised"

    def __init__(self, message: str, *, original: BaseException, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.original = original


class StoreError(AssetflowError):
    """The store cannot do what is asked of it."""

    code = "store"


class DamagedError(StoreError):
    """Stored bytes are missing, or are not what was recorded. ``objects`` names them."""

    code = "damaged"

    def __init__(self, message: str, *, objects: tuple[str, ...] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.objects = objects


class StoreFormatError(StoreError):
    """The store was written by a newer release, belongs to another project, or is no store."""

    code = "store_format"


class ClockError(StoreError):
    """This machine's clock and the store's own differ by more than a writer may."""

    code = "clock"


class CrontabError(AssetflowError):
    """The user's crontab cannot be read or written, or what assetflow wrote there is damaged."""

    code = "crontab"


class RunFailedError(AssetflowError):
    """At least one asset of a run failed, was rejected, skipped or superseded."""

    code = "run_failed"
