"""What surrounds every command: settings, an open database, plain words and an exit code on failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import asyncpg
import typer
from tortoise.exceptions import BaseORMException

from api.http import logs
from preference_center.config import settings as environment
from preference_center.config.settings import Settings, SettingsError
from preference_center.errors import Invalid
from preference_center.storage import database, migration
from preference_center.storage.connection import open_database

T = TypeVar("T")
FAILED = 1
MISUSED = 2


def settings() -> Settings:
    """The settings of this process, or an exit that lists everything wrong with the environment."""
    try:
        found = environment.load()
    except SettingsError as error:
        fail("The environment does not do:", *(f"  {problem}" for problem in error.problems), code=MISUSED)
    environment.use(found)
    logs.configure(found.log_format)
    return found


def with_database(act: Callable[[Settings], Awaitable[T]], *, migrated: bool = True) -> T:
    """Run `act` with the database open; with `migrated`, only on one that has the newest schema."""
    try:
        return asyncio.run(_opened(settings(), act, migrated=migrated))
    except Invalid as error:
        fail(error.message)
    except (OSError, asyncpg.PostgresError, BaseORMException) as error:
        fail(f"The database does not answer as it should: {type(error).__name__}: {error}")


async def _opened(settings: Settings, act: Callable[[Settings], Awaitable[T]], *, migrated: bool) -> T:
    async with open_database(settings):
        await database.fetch("SELECT 1")
        if migrated and await migration.missing(settings):
            fail("The database does not have the newest schema. Run `sayso migrate` first.")
        return await act(settings)


def fail(*lines: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)
