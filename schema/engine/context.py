"""The context of an operation: who acts, with which scopes, on which catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import GraphQLError
from strawberry.types.info import Info as StrawberryInfo

from preference_center.access.scopes import Access
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Invalid
from preference_center.precedence import Patience
from preference_center.rules.types import Actor
from preference_center.storage import database
from schema.contract.api_errors import Forbidden

if TYPE_CHECKING:
    from schema.engine.plans import Plans


@dataclass
class Context:
    """The context of one operation."""

    actor: Actor
    """The token, and the end user that it acts for."""
    scopes: frozenset[str]
    catalog: Catalog
    expires_at: datetime | None = None
    """When the token stops working; None if it does not expire."""
    now: datetime = field(default_factory=database.now)
    plans: Plans = field(default_factory=dict)
    """The plans of the operation's selections. They are kept with the document where that is possible."""
    load_errors: dict[tuple[str, int], GraphQLError] = field(default_factory=dict)
    """The errors of loaders, by the type and the node of the field, which reports them."""
    many_objects: bool = False
    """Whether the answer may have many objects: they are completed in the thread for calculations."""
    patience: Patience | None = None
    """That of an operation which may have many objects: recipients go first."""
    catalog_view: Any = None
    """Cache of `schema.catalog.view.catalog_view`."""

    def may(self, access: Access) -> bool:
        """Whether the token has the scopes for something."""
        return access.missing(self.scopes) is None

    def require(self, access: Access) -> None:
        """Raise Forbidden if the token lacks a scope for something."""
        scope = access.missing(self.scopes)
        if scope is not None:
            raise Forbidden(scope)

    def subscription_type(self, key: str, *path: str) -> CatalogType:
        """Return the subscription type with a key. Raises Invalid (NOT_FOUND) that names the field."""
        found = self.catalog.type_by_key(key)
        if found is None:
            raise Invalid(ErrorCode.NOT_FOUND, f"There is no subscription type {key[:80]!r}.", *path)
        return found

    def business_unit(self, key: str, *path: str) -> CatalogUnit:
        """Return the business unit with a key. Raises Invalid (NOT_FOUND) that names the field."""
        found = self.catalog.unit_by_key(key)
        if found is None:
            raise Invalid(ErrorCode.NOT_FOUND, f"There is no business unit {key[:80]!r}.", *path)
        return found

    def optional_type(self, key: str | None, *path: str) -> CatalogType | None:
        """Return None for None, else the subscription type. Raises Invalid (NOT_FOUND)."""
        return None if key is None else self.subscription_type(key, *path)

    def optional_unit(self, key: str | None, *path: str) -> CatalogUnit | None:
        """Return None for None, else the business unit. Raises Invalid (NOT_FOUND)."""
        return None if key is None else self.business_unit(key, *path)

    async def refresh_catalog(self) -> None:
        """Read the catalog again, after this operation or another process changed it."""
        self.catalog = await exact_catalog()


Info: TypeAlias = StrawberryInfo[Context, Any]
