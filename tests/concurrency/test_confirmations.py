"""An opt-in that is replaced while it is confirmed keeps the legal basis of its own request (R19)."""

from __future__ import annotations

from functools import partial

from preference_center.catalog.catalog import SubscriptionType, current_catalog
from preference_center.config.settings import Settings
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.preferences.changes import confirm
from preference_center.recipients.states import read_states
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin, LegalBasis
from preference_center.storage.transactions import transaction
from tests.concurrency.clients import on, recipient_named, run_while_uncommitted
from tests.journeys.catalog import TRIAL
from tests.journeys.values import IN, OUT

EMAIL = Channel.EMAIL
CONFIRMATION = Provenance(ConsentOrigin.CONFIRMATION, RECIPIENT)


async def double_opt_in_type() -> SubscriptionType:
    subscription_type = (await current_catalog()).type_by_key(TRIAL.key)
    assert subscription_type is not None
    return subscription_type


async def request_in_transaction(recipient_id: int, basis: LegalBasis, explanation: str) -> None:
    """End a pending opt-in by an opt-out, and request another."""
    subscription_type = await double_opt_in_type()
    target = (subscription_type.business_unit, subscription_type)
    provenance = Provenance(
        ConsentOrigin.CONTACT_RECORD,
        Actor("crm"),
        legal_basis=basis,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation=explanation,
    )
    intents = [Intent(recipient_id, EMAIL, status, *target) for status in (OUT, IN)]
    await record_in_transaction(intents, provenance)


request = transaction(request_in_transaction)


def test_an_opt_in_replaced_while_it_is_confirmed_keeps_its_own_legal_basis(installation: Settings) -> None:
    """R19: the legal basis and explanation are read while the recipient is locked."""

    async def play() -> None:
        alice, subscription_type = await recipient_named("confirming"), await double_opt_in_type()
        await request(alice, LegalBasis.LEGITIMATE_INTEREST_CLIENT, "A client.")
        confirmed: list[Outcome] = []

        async def confirm_opt_in() -> None:
            confirmed.append(await confirm(alice, subscription_type, EMAIL, CONFIRMATION))

        await run_while_uncommitted(
            partial(request_in_transaction, alice, LegalBasis.CONSENT_WITH_NOTICE, "Signed a form."),
            confirm_opt_in,
        )
        assert confirmed[0].changed
        preference = (await read_states([alice]))[alice].preferences[subscription_type.id, EMAIL]
        assert preference.legal_basis is LegalBasis.CONSENT_WITH_NOTICE
        assert preference.explanation == "Signed a form."

    on(installation, play)
