"""The query `viewer`: what a program can find out about the token that it uses."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.catalog.types import BusinessUnit
from schema.contract.enums import ConsentOrigin
from schema.contract.fields import query
from schema.engine.context import Info


@strawberry.type
class Viewer:
    """The API token that sends the request, and the end user that it acts for."""

    name: str = strawberry.field(
        description="The name of the token. The ledger records it as the actor of changes."
    )
    scopes: list[str] = strawberry.field(
        description="The scopes of the token, in alphabetical order. A token with `admin` has all scopes."
    )
    origin: ConsentOrigin = strawberry.field(
        description="The origin of the token's changes to one recipient: `CONTACT_RECORD` for the team's own"
        " programs, `INTEGRATION` for other systems, which may not reverse a recipient's own opt-out."
    )
    business_units: list[BusinessUnit] | None = strawberry.field(
        description="The business units that the token is limited to; null if it may use all."
    )
    end_user: str | None = strawberry.field(
        description="The end user that the token acts for, from the header `X-Sayso-User`; null without it."
    )
    expires_at: datetime | None = strawberry.field(
        description="When the token stops working; null if it is valid until it is revoked."
    )


@strawberry.type
class ViewerQueries:
    """Queries about the caller."""

    @query()
    async def viewer(self, info: Info) -> Viewer:
        """The token that sends the request: its name, scopes, origin and expiry, and its end user."""
        context = info.context
        return Viewer(
            name=context.actor.name,
            scopes=sorted(context.scopes),
            origin=context.actor.origin,
            business_units=None,
            end_user=context.actor.on_behalf_of,
            expires_at=context.expires_at,
        )
