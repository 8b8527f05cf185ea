"""The models as each migration finds them, without work that no migration of Sayso needs.

Before each operation Tortoise builds every model class again, which may look at the earlier models, and
prepares each class for queries. That takes most of the time of a migration. Here the earlier models are
built when an operation asks for them, and only they can be queried.
"""

from __future__ import annotations

from functools import cached_property

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

Models = dict[tuple[str, str], ModelState]


class Executor(MigrationExecutor):
    """Tortoise's executor, starting from a `PresentState`."""

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
