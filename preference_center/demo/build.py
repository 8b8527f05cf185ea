"""Demo data: two brands, a dozen types, and contacts with a plausible history, made through the door."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from preference_center.catalog.catalog import Catalog, SubscriptionType, exact_catalog
from preference_center.catalog.changes import create_type, create_unit
from preference_center.contacts.fields import folded
from preference_center.demo import choices as demo_choices
from preference_center.demo import leaving_reasons as demo_reasons
from preference_center.demo import text_messages as demo_texts
from preference_center.demo import workflows as demo_workflows
from preference_center.demo.people import CITIES, FIRST_NAMES, LAST_NAMES, TYPES, UNITS
from preference_center.ledger.record import record
from preference_center.ledger.types import EvidenceFacts, Intent, Provenance
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address, parse
from preference_center.rules.types import (
    RECIPIENT,
    Actor,
    Channel,
    ConsentOrigin,
    LegalBasis,
    PreferenceStatus,
    Purpose,
)
from preference_center.storage import database

CHUNK = 500
_ENROLLED = 60
"""How many people may have gone through the demo's workflows."""
ADA = "ada.lovelace@example.com"
"""The demo contact whose links are printed: subscribed to much, out of little."""
_IN, _NEITHER, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


async def load(count: int = 200, progress: Callable[[int], None] = lambda _done: None) -> int:
    """Make the demo's brands and `count` contacts; returns how many it made.

    Makes nothing where the demo's brands are there already. `progress` is told how many contacts were
    made since last.
    """
    if (await exact_catalog()).unit_by_key(UNITS[0]["key"]):
        return 0
    for unit in UNITS:
        await create_unit(**unit)
    for kind in TYPES:
        await create_type(**kind)
    await demo_texts.register()
    first: list[int] = []
    chance = random.Random(1815)  # noqa: S311 (a story, no secret)
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        people = await _people(numbers, chance)
        await _history(people, chance)
        await demo_texts.write_stop([phone for _, phone in people[1:] if phone], chance)
        if start == 0:
            await _ask_to_confirm(people[0][0])
            await demo_choices.look_back(people[0][0])
            await demo_choices.rest([email for email, _ in people[1:_ENROLLED]], chance)
            await demo_texts.ask_for_less(parse(_number(0)))
            first = [email for email, _ in people[1:_ENROLLED]]
        progress(len(people))
    await demo_workflows.enrol_some(await demo_workflows.make(), first)
    return count


Person = tuple[int, int | None]
"""The recipient ids of an email address and, for some, of a phone number."""


async def _people(numbers: Iterable[int], chance: random.Random) -> list[Person]:
    """Insert a chunk of contacts, and return their recipients."""
    drawn = [_drawn(number, chance) for number in numbers]
    ids = await recipients.ensure(
        address for _, email, phone, _ in drawn for address in (email, phone) if address
    )
    now = database.now()
    rows, people = [], []
    for (first, last), email, phone, locale in drawn:
        phone_id = ids[phone] if phone else None
        people.append((ids[email], phone_id))
        made = now - timedelta(days=chance.randint(200, 700), minutes=chance.randint(0, 1439))
        basis = LegalBasis.PROCESS_AND_STORE.value if chance.random() < 0.9 else None
        city = chance.choice(list(CITIES))
        properties = json.dumps({"city": city, "country": CITIES[city]})
        rows.append(
            (
                *(ids[email], phone_id, email.value, phone.value if phone else None, first, last),
                *(folded(first), folded(last), locale, properties, basis, made, made),
            )
        )
    await database.insert("contacts", _CONTACT, rows)
    return people


_CONTACT = {
    "email_recipient_id": "bigint",
    "phone_recipient_id": "bigint",
    "email": "text",
    "phone": "text",
    "first_name": "text",
    "last_name": "text",
    "folded_first_name": "text",
    "folded_last_name": "text",
    "locale": "text",
    "properties": "jsonb",
    "processing_basis": "text",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
Drawn = tuple[tuple[str, str], Address, Address | None, str]


def _drawn(number: int, chance: random.Random) -> Drawn:
    if number == 0:
        return ("Ada", "Lovelace"), parse(ADA), parse(_number(0)), "en"
    locale = chance.choice(["en", "en", "pl"])
    first, last = chance.choice(FIRST_NAMES[locale]), chance.choice(LAST_NAMES[locale])
    email = parse(f"{_plain(first)}.{_plain(last)}.{number}@example.{chance.choice(['com', 'org', 'net'])}")
    phone = parse(_number(number)) if chance.random() < 0.4 else None
    return (first, last), email, phone, locale


def _number(number: int) -> str:
    """One of the numbers that are kept free for stories."""
    return f"+447700900{number % 1000:03d}"


def _plain(name: str) -> str:
    letters = str.maketrans("ąćęłńóśźżäöüøåéèç", "acelnoszzaouoaeec")
    return name.lower().translate(letters).replace(" ", "-").replace("'", "")


async def _history(people: Sequence[Person], chance: random.Random) -> None:
    """What these people and the team did, oldest first, each way in with its own evidence."""
    catalog = await exact_catalog()
    for provenance, intents in (
        (_signed_up(), _some(people, catalog, chance, 0.62, _IN)),
        (_asked_at_the_fair(), _some(people, catalog, chance, 0.08, _IN)),
        (_on_the_page(), _some(people, catalog, chance, 0.12, _IN)),
        (_on_the_page(), _some(people, catalog, chance, 0.05, _OUT)),
        (_from_a_footer(ConsentOrigin.ONE_CLICK), _some(people, catalog, chance, 0.05, _OUT)),
        (_from_a_footer(ConsentOrigin.UNSUBSCRIBE_LINK), _some(people, catalog, chance, 0.03, _OUT)),
        (_old_list(), _all_of(people[1:], catalog, chance, 0.03)),
        (_from_a_footer(ConsentOrigin.UNSUBSCRIBE_LINK), _all_of(people[1:], catalog, chance, 0.04)),
    ):
        outcomes = await record(_dated(intents, provenance, chance), provenance)
        await demo_reasons.say_why(outcomes, provenance.origin)


_AGE_DAYS = {
    ConsentOrigin.IMPORT: (300, 400),
    ConsentOrigin.CONTACT_RECORD: (200, 299),
    ConsentOrigin.PREFERENCE_PAGE: (60, 199),
    ConsentOrigin.ONE_CLICK: (10, 59),
    ConsentOrigin.UNSUBSCRIBE_LINK: (1, 9),
}


def _dated(intents: list[Intent], provenance: Provenance, chance: random.Random) -> list[Intent]:
    oldest, newest = _AGE_DAYS[provenance.origin][1], _AGE_DAYS[provenance.origin][0]
    now = database.now()
    return [
        Intent(
            intent.recipient_id,
            intent.channel,
            intent.status,
            intent.business_unit,
            intent.subscription_type,
            now - timedelta(days=chance.randint(newest, oldest), seconds=chance.randint(1, 86000)),
        )
        for intent in intents
    ]


def _some(
    people: Sequence[Person], catalog: Catalog, chance: random.Random, share: float, status: PreferenceStatus
) -> list[Intent]:
    """The same wish for a share of all (person, type, channel)."""
    return [
        Intent(recipient, channel, status, kind.business_unit, kind)
        for email, phone in people
        for kind in catalog.types
        for channel in kind.channels
        if (recipient := email if channel is Channel.EMAIL else phone) is not None
        and _fits(kind, status)
        and chance.random() < (share if channel is Channel.EMAIL else share / 2)
    ]


def _fits(kind: SubscriptionType, status: PreferenceStatus) -> bool:
    if status is _IN:
        return not kind.double_opt_in
    return kind.is_public and kind.purpose is Purpose.MARKETING


async def _ask_to_confirm(recipient_id: int) -> None:
    """Leave one opt-in waiting, so that there is something to confirm (R19)."""
    kind = next(kind for kind in (await exact_catalog()).types if kind.double_opt_in)
    intent = Intent(recipient_id, Channel.EMAIL, _IN, kind.business_unit, kind)
    await record([intent], _asked_at_the_fair())


def _all_of(people: Sequence[Person], catalog: Catalog, chance: random.Random, share: float) -> list[Intent]:
    return [
        Intent(email, Channel.EMAIL, _OUT, unit)
        for email, _ in people
        for unit in catalog.units
        if chance.random() < share
    ]


def _signed_up() -> Provenance:
    return Provenance(
        ConsentOrigin.IMPORT,
        Actor("shop-migration"),
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation="Ticked the box of the sign-up form in the old shop.",
    )


def _asked_at_the_fair() -> Provenance:
    return Provenance(
        ConsentOrigin.CONTACT_RECORD,
        Actor("crm", on_behalf_of="jane@example.com"),
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation="Asked for it at our stand at the book fair.",
    )


def _on_the_page() -> Provenance:
    return Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT, evidence=_evidence("/p/…"))


def _from_a_footer(origin: ConsentOrigin) -> Provenance:
    return Provenance(origin, RECIPIENT, evidence=_evidence("/u/…"))


def _old_list() -> Provenance:
    return Provenance(
        ConsentOrigin.IMPORT,
        Actor("shop-migration"),
        explanation="On the suppression list of the mail provider we left.",
    )


def _evidence(page: str) -> EvidenceFacts:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    return EvidenceFacts("203.0.113.7", agent, page, "Choose what you get from us.", "en", own_page=True)
