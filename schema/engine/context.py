"""What an operation runs with: who acts, with which scopes, and the catalogue as it stood when it began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError
from strawberry.types.info import Info as StrawberryInfo

from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Actor, Channel, RecipientKind
from preference_center.storage import database

if TYPE_CHECKING:
    from schema.catalog.types import CatalogView, SubscriptionType
    from schema.engine.plans import Plans


@dataclass
class Context:
    """One operation's context. `actor` names the token, and the end user it acts for."""

    actor: Actor
    scopes: frozenset[str]
    catalog: Catalog
    now: datetime = field(default_factory=database.now)
    plans: Plans = field(default_factory=dict)
    """How selections are completed: made for this operation, or kept with its document."""

    def may(self, scope: str) -> bool:
        """Whether the token has the scope; `admin` has all."""
        return scope in self.scopes or "admin" in self.scopes

    @cached_property
    def view(self) -> CatalogView:
        """The catalogue's units and types as the schema shows them, one object for each."""
        from schema.catalog.types import view_of

        return view_of(self.catalog)

    def offers(self, kind: RecipientKind) -> list[tuple[SubscriptionType, Channel]]:
        """Each type with each channel it is offered on, as far as this kind of address has the channel."""
        return self.view.offers[kind]

    def type_named(self, key: str, *names: str) -> CatalogType:
        """The type that an input names. Raises Invalid naming the field."""
        kind = self.catalog.type_by_key(key)
        if kind is None:
            raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key[:80]!r}.", *names)
        return kind

    def unit_named(self, key: str, *names: str) -> CatalogUnit:
        """The unit likewise."""
        unit = self.catalog.unit_by_key(key)
        if unit is None:
            raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key[:80]!r}.", *names)
        return unit

    async def renew(self) -> None:
        """Take the catalogue anew, after this operation or another process changed it."""
        self.catalog = await exact_catalog()
        self.__dict__.pop("view", None)

    async def catch_up(self, units: Iterable[int], types: Iterable[int]) -> None:
        """Take the catalogue anew where rows name units or types that another process made just now."""
        view = self.view
        if not (view.units.keys() >= set(units) and view.types.keys() >= set(types)):
            await self.renew()


Info: TypeAlias = StrawberryInfo[Context, Any]


def forbidden(scope: str) -> GraphQLError:
    """The answer where a token lacks a scope."""
    return GraphQLError(
        f"This token lacks the scope {scope}.", extensions={"code": "FORBIDDEN", "scope": scope}
    )


def bad_input(message: str, *names: str) -> GraphQLError:
    """The answer to an argument that can't be used; `names` is the path to it."""
    return GraphQLError(message, extensions={"code": "BAD_USER_INPUT", "field": list(names)})
