"""Previews of a look that is not saved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from preference_center.access.scopes import WRITE_CATALOG
from preference_center.catalog import previews
from preference_center.config import settings
from preference_center.links.maker import link_maker
from schema.catalog.appearance_inputs import AppearanceInput, appearance_values
from schema.catalog.look_enums import PreviewPage
from schema.contract.descriptions import UNIT_KEY
from schema.contract.fields import mutation, resolver
from schema.contract.scalars import Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info

OfPage = Annotated[
    PreviewPage, strawberry.argument(description="What it shows. Each page has links to the others.")
]
InLanguage = Annotated[
    Locale | None,
    strawberry.argument(
        description="The language of the page. Left out: that of the browser, as far as the business unit"
        " offers it."
    ),
]


@strawberry.type
class Preview:
    """A preview of the pages and mails of a business unit, with a look that is not saved."""

    expires_at: datetime = strawberry.field(description="Until when its links work: for one day.")
    token: strawberry.Private[str]

    @resolver()
    def url(self, page: OfPage = PreviewPage.PREFERENCES, locale: InLanguage = None) -> str:
        """A link to one page or mail. Whoever has it can see it; it shows nothing about anybody."""
        return link_maker(settings.current()).preview_url(self.token, locale, page.value)


@strawberry.input
class CreatePreviewInput:
    """A look to see before it is saved."""

    business_unit: Key = strawberry.field(description=UNIT_KEY)
    appearance: AppearanceInput = strawberry.field(
        description="What is to change in the look of the business unit. What is left out is shown as it is."
    )


@strawberry.type
class PreviewPayload:
    """The preview that a mutation made, or why the input was refused."""

    preview: Preview | None = strawberry.field(
        default=None, description="The preview; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class PreviewMutations:
    """Mutations of previews."""

    @mutation(PreviewPayload, access=WRITE_CATALOG)
    async def create_preview(self, info: Info, input: CreatePreviewInput) -> PreviewPayload:
        """Make links that show the pages and mails of a business unit in a look that is not saved.

        The look of the business unit stays as it is, and no message is sent. After a day the links end and
        the look is deleted.
        """
        kept = await previews.keep_look(input.business_unit, appearance_values(input.appearance))
        token = link_maker(settings.current()).preview(kept.unit_key, kept.created_at, kept.reference)
        preview = Preview(expires_at=kept.created_at + previews.VALID_FOR, token=token)
        return PreviewPayload(preview=preview)
