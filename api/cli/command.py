"""What every command shares: settings, an open database, error messages and exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, NoReturn, TypeVar

import asyncpg
import typer
from tortoise.exceptions import BaseORMException

from api.http import logs
from preference_center.config import settings as environment
from preference_center.config.settings import Settings, SettingsError
from preference_center.errors import Invalid
from preference_center.storage import shares
from preference_center.storage.connection import open_database
from preference_center.storage.outages import StatementTimeout
from preference_center.storage.shares import Share
from preference_center.upgrade import schema_state

T = TypeVar("T")
FAILED = 1
BAD_USAGE = 2
DATABASE_ERRORS: Final = (
    OSError,
    BaseORMException,
    sqlite3.Error,
    StatementTimeout,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a command reports in a line: the database is away, too slow, or not as it should be."""
_ARGUMENTS = frozenset({"file", "name"})


def load_settings() -> Settings:
    """Load the settings of this process; exit with a list of everything that is wrong with them."""
    with settings_checked():
        settings = environment.load()
    environment.use(settings)
    logs.configure(settings.log_format)
    return settings


@contextlib.contextmanager
def settings_checked() -> Iterator[None]:
    """Exit with a list of everything that is wrong with the settings, if the block raises SettingsError."""
    try:
        yield
    except SettingsError as error:
        fail("Invalid configuration:", *(f"  {problem}" for problem in error.problems), code=BAD_USAGE)


def with_database(run: Callable[[Settings], Awaitable[T]], *, migrated: bool = True) -> T:
    """Run `run` with the database open; exit if it fails or its schema is newer than this version.

    With `migrated`, exit too if migrations are missing.
    """
    try:
        with shares.using(Share.JOBS):
            return asyncio.run(_run(load_settings(), run, migrated=migrated))
    except Invalid as error:
        fail(_with_option(error))
    except DATABASE_ERRORS as error:
        fail(f"The database does not answer as it should: {type(error).__name__}: {error}")


async def _run(settings: Settings, run: Callable[[Settings], Awaitable[T]], *, migrated: bool) -> T:
    async with open_database(settings):
        schema = await schema_state.read()
        if schema.unknown:
            names = ", ".join(schema.unknown)
            fail(
                f"A newer version of Sayso has migrated this database ({names}).",
                "Start that version, or restore a backup from before the migration.",
            )
        if migrated and schema.missing:
            fail("The database schema is out of date. Run `sayso migrate` first.")
        return await run(settings)


def _with_option(error: Invalid) -> str:
    """The message, after the option or argument that is wrong."""
    if not error.field:
        return error.message
    name = error.field[0]
    option = name.upper() if name in _ARGUMENTS else f"--{name.replace('_', '-')}"
    return f"{option}: {error.message}"


def fail(*lines: str, code: int = FAILED) -> NoReturn:
    """Write the lines to standard error and exit."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)
