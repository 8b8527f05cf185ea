"""Mutations of the keywords that a business unit adds."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import WRITE_INTEGRATIONS
from preference_center.catalog import keywords
from preference_center.catalog.catalog import AddedKeyword
from preference_center.rules.types import Meaning
from schema.catalog.types import BusinessUnit, Keyword, KeywordMeaning, keyword
from schema.catalog.view import catalog_view
from schema.contract.fields import mutation
from schema.contract.inputs import non_null_values
from schema.contract.scalars import Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info


@strawberry.input
class AddKeywordInput:
    """A keyword to add to a business unit."""

    business_unit: Key = strawberry.field(description="The key of the business unit.")
    word: str = strawberry.field(description="The word or phrase. Case and punctuation are ignored.")
    meaning: KeywordMeaning = strawberry.field(description="What the word does.")
    locale: Locale | None = strawberry.field(description="The language of the answer.")


@strawberry.input
class RemoveKeywordInput:
    """A keyword to remove from a business unit."""

    business_unit: Key = strawberry.field(description="The key of the business unit.")
    word: str = strawberry.field(description="The word or phrase.")


@strawberry.type
class KeywordPayload:
    """The result of adding or removing a keyword."""

    keyword: Keyword | None = strawberry.field(
        default=None, description="The keyword that was added or removed."
    )
    business_unit: BusinessUnit | None = strawberry.field(
        default=None, description="The business unit after the change."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class KeywordMutations:
    """Mutations of keywords."""

    @mutation(KeywordPayload, access=WRITE_INTEGRATIONS)
    async def add_keyword(self, info: Info, input: AddKeywordInput) -> KeywordPayload:
        """Add a keyword to those that every business unit has, such as STOP."""
        row = await keywords.add(**{**non_null_values(input), "meaning": Meaning(input.meaning.value)})
        return await _payload(info, input.business_unit, row)

    @mutation(KeywordPayload, access=WRITE_INTEGRATIONS)
    async def remove_keyword(self, info: Info, input: RemoveKeywordInput) -> KeywordPayload:
        """Remove a keyword that the business unit added."""
        row = await keywords.remove(business_unit=input.business_unit, word=input.word)
        return await _payload(info, input.business_unit, row)


async def _payload(info: Info, key: str, row: AddedKeyword) -> KeywordPayload:
    await info.context.refresh_catalog()
    unit = info.context.business_unit(key, "businessUnit")
    return KeywordPayload(keyword=keyword(row), business_unit=catalog_view(info.context).unit(unit))
