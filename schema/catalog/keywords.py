"""Mutations of the keywords that a business unit adds."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import WRITE_INTEGRATIONS
from preference_center.catalog import keywords
from preference_center.catalog.catalog import AddedKeyword
from preference_center.rules.types import Meaning
from schema.catalog.types import BusinessUnit, Keyword, KeywordMeaning, keyword
from schema.catalog.view import catalog_view
from schema.contract.descriptions import UNIT_KEY
from schema.contract.fields import mutation
from schema.contract.inputs import non_null_values
from schema.contract.scalars import Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info


@strawberry.input
class AddKeywordInput:
    """A keyword to add to those that every business unit has."""

    business_unit: Key = strawberry.field(description=UNIT_KEY)
    word: str = strawberry.field(
        description="The word or phrase, with letters or digits and at most 80 characters. Case,"
        " spacing and punctuation are ignored. It must not mean something else to every business unit."
    )
    meaning: KeywordMeaning = strawberry.field(description="What a message with this word does.")
    locale: Locale | None = strawberry.field(
        description="The language that the word belongs to: that of the answer to recipients"
        " whose own language is unknown. Left out: the default language of the business unit."
    )


@strawberry.input
class RemoveKeywordInput:
    """A keyword that a business unit added, to remove again."""

    business_unit: Key = strawberry.field(description=UNIT_KEY)
    word: str = strawberry.field(
        description="The word or phrase of the keyword. Case, spacing and punctuation are ignored."
    )


@strawberry.type
class KeywordPayload:
    """The keyword that a mutation added or removed, or why the input was refused."""

    keyword: Keyword | None = strawberry.field(
        default=None, description="The keyword that was added or removed; null if the input was refused."
    )
    business_unit: BusinessUnit | None = strawberry.field(
        default=None, description="The business unit after the change; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class KeywordMutations:
    """Mutations of keywords."""

    @mutation(KeywordPayload, access=WRITE_INTEGRATIONS)
    async def add_keyword(self, info: Info, input: AddKeywordInput) -> KeywordPayload:
        """Add a keyword to those that every business unit has, such as STOP. It holds for SMS and WhatsApp,
        from the next message on.
        """
        row = await keywords.add(**{**non_null_values(input), "meaning": Meaning(input.meaning.value)})
        return await _payload(info, input.business_unit, row)

    @mutation(KeywordPayload, access=WRITE_INTEGRATIONS)
    async def remove_keyword(self, info: Info, input: RemoveKeywordInput) -> KeywordPayload:
        """Remove a keyword that the business unit added. Keywords that every business unit has cannot be
        removed.
        """
        row = await keywords.remove(business_unit=input.business_unit, word=input.word)
        return await _payload(info, input.business_unit, row)


async def _payload(info: Info, key: str, row: AddedKeyword) -> KeywordPayload:
    await info.context.refresh_catalog()
    unit = info.context.business_unit(key, "businessUnit")
    return KeywordPayload(keyword=keyword(row), business_unit=catalog_view(info.context).unit(unit))
