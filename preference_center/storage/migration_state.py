"""What was migrated, and the models as each migration finds them, without work that no migration needs.

Before each operation Tortoise builds every model class again, which may look at the earlier models, and
prepares each class for queries. That takes most of the time of a migration. Here the earlier models are
built when an operation asks for them, and only they can be queried.
"""

from __future__ import annotations

import sqlite3
from functools import cached_property
from typing import Any

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

Models = dict[tuple[str, str], ModelState]


class _Recorder(MigrationRecorder):
    """Reads what was applied. Tortoise's own takes an outage for an empty database, and migrates it again."""

    async def applied_migrations(self) -> list[MigrationKey]:
        """Return the applied migrations in order. Raises the driver's error if they cannot be read."""
        try:
            _, rows = await self.connection.execute_query(
                "SELECT app, name FROM tortoise_migrations ORDER BY applied_at, app, name"
            )
        except Exception as error:
            if is_no_such_table(error):
                return []
            raise
        return [MigrationKey(row["app"], row["name"]) for row in rows]


def is_no_such_table(error: BaseException) -> bool:
    """Whether an error says that a table does not exist: the driver's, or one of Tortoise that carries it."""
    return any(
        isinstance(each, asyncpg.UndefinedTableError)
        or (isinstance(each, sqlite3.OperationalError) and str(each).startswith("no such table"))
        for each in (error, *error.args)
    )


class Executor(MigrationExecutor):
    """Tortoise's executor, starting from a `PresentState`."""

    def __init__(self, connection: BaseDBAsyncClient, apps_config: dict[str, Any]) -> None:
        super().__init__(connection, apps_config)
        self.recorder = self.loader.recorder = _Recorder(connection)

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        state = await super()._project_state(applied, upto=upto)
        return PresentState(state.models, _DescribedApps(state.apps))


class PresentState(State):
    """The models that an operation leads to."""

    def clone(self) -> State:
        """Return the models as they are now, for an operation that is about to change them."""
        return _PastState({key: model.clone() for key, model in self.models.items()}, self.apps)


class _PastState(State):
    """The models before an operation, built when the operation asks for them."""

    def __init__(self, models: Models, present: StateApps) -> None:
        self.models = models
        self._present = present

    @cached_property
    def apps(self) -> StateApps:  # type: ignore[override]
        return self._present.clone(self.models)


class _DescribedApps(StateApps):
    """Models that the schema is read from, but that are not prepared for queries."""

    def __init__(self, apps: StateApps) -> None:
        super().__init__(dict(apps._default_connections), apps._connections)
        self.apps = apps.apps

    def clone(self, model_states: Models | None = None) -> StateApps:
        """Return the same models, prepared for queries."""
        prepared = StateApps(dict(self._default_connections), self._connections)
        prepared.apps = self.apps
        return prepared.clone(model_states)

    def _build_initial_querysets(self) -> None:
        pass
