"""Many contacts with preferences, opt-outs and a history, created in a few batches."""

from __future__ import annotations

from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, by_recipient, by_team


def email(n: int) -> str:
    return f"person{n:03}@example.com"


async def create_contacts(brands: Brands, size: int) -> None:
    """Make so many contacts: each opted in to two types; every third opted out of one, every tenth of all."""
    ids = await recipients.ensure(parse(email(n)) for n in range(size))
    recipient_ids = [ids[parse(email(n))] for n in range(size)]
    await database.insert(
        "contacts",
        {
            "email": "text",
            "email_recipient_id": "bigint",
            "first_name": "text",
            "folded_first_name": "text",
            "properties": "jsonb" if database.dialect() == "postgres" else "text",
            "created_at": "timestamptz",
            "updated_at": "timestamptz",
        },
        [
            (email(n), recipient_id, f"P{n}", f"p{n}", "{}", database.now(), database.now())
            for n, recipient_id in enumerate(recipient_ids)
        ],
    )
    opted_in, opted_out = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
    types = (brands.digest, brands.letters)
    intents = [
        Intent(n, Channel.EMAIL, opted_in, type_.business_unit, type_)
        for n in recipient_ids
        for type_ in types
    ]
    await record(intents, by_team())
    opt_outs = [Intent(n, Channel.EMAIL, opted_out, brands.acme, brands.digest) for n in recipient_ids[::3]]
    opt_outs_of_all = [Intent(n, Channel.EMAIL, opted_out, brands.bazaar) for n in recipient_ids[::10]]
    await record([*opt_outs, *opt_outs_of_all], by_recipient())
