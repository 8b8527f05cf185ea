"""The contacts of the demo: invented names, addresses and properties, drawn at random."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from preference_center.contacts.fields import folded
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address, parse
from preference_center.rules.types import LegalBasis
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Json, Text, columns_of

ADA = "ada.lovelace@example.com"
"""The first contact, whose links the command line prints."""
_CITIES = {"Kraków": "PL", "Łódź": "PL", "Leeds": "GB", "Malmö": "SE", "Porto": "PT"}
"""With their countries."""
_FIRST_NAMES = {
    "en": ["Grace", "Alan", "Edith", "Tim", "Radia", "Donald", "Barbara", "Ken", "Frances", "Edsger"],
    "pl": ["Maria", "Jan", "Zofia", "Piotr", "Łucja", "Stanisław", "Wisława", "Kazimierz", "Irena", "Józef"],
}
_LAST_NAMES = {
    "en": [
        "Hopper",
        "Clarke",
        "Perlman",
        "Barton",
        "O'Neill",
        "Allen",
        "Whitfield",
        "Marsh",
        "Hale",
        "Quinn",
    ],
    "pl": ["Nowak", "Wiśniewska", "Zając", "Lewandowska", "Dąbrowski", "Mazur", "Krawczyk", "Żak", "Pawlak"],
}


class Person(NamedTuple):
    """The recipients of one contact."""

    email: int
    phone: int | None


class _Drawn(NamedTuple):
    """A contact before it is inserted."""

    first_name: str
    last_name: str
    email: Address
    phone: Address | None
    locale: str


class _ContactRow(NamedTuple):
    """A new row of `contacts`."""

    email_recipient_id: BigInt
    phone_recipient_id: BigInt | None
    email: Text
    phone: Text | None
    first_name: Text
    last_name: Text
    folded_first_name: Text
    folded_last_name: Text
    locale: Text
    properties: Json
    processing_basis: Text | None
    created_at: Instant
    updated_at: Instant


async def insert_people(numbers: Iterable[int], chance: random.Random) -> list[Person]:
    """Insert the contacts with these numbers, and return their recipients. Number 0 is Ada."""
    drawn = [_draw(number, chance) for number in numbers]
    ids = await recipients.ensure(
        address for contact in drawn for address in (contact.email, contact.phone) if address
    )
    people = [Person(ids[c.email], ids[c.phone] if c.phone else None) for c in drawn]
    now = database.now()
    rows = [_row(*pair, now, chance) for pair in zip(drawn, people, strict=True)]
    await database.insert("contacts", columns_of(_ContactRow), rows)
    return people


def phone_number(number: int) -> str:
    """Return a UK number that is reserved for fiction."""
    return f"+447700900{number % 1000:03d}"


def _draw(number: int, chance: random.Random) -> _Drawn:
    if number == 0:
        return _Drawn("Ada", "Lovelace", parse(ADA), parse(phone_number(0)), "en")
    locale = chance.choice(["en", "en", "pl"])
    first_name, last_name = chance.choice(_FIRST_NAMES[locale]), chance.choice(_LAST_NAMES[locale])
    domain = f"example.{chance.choice(['com', 'org', 'net'])}"
    email = parse(f"{_ascii(first_name)}.{_ascii(last_name)}.{number}@{domain}")
    phone = parse(phone_number(number)) if chance.random() < 0.4 else None
    return _Drawn(first_name, last_name, email, phone, locale)


def _row(drawn: _Drawn, person: Person, now: datetime, chance: random.Random) -> _ContactRow:
    created_at = now - timedelta(days=chance.randint(200, 700), minutes=chance.randint(0, 1439))
    basis = LegalBasis.PROCESS_AND_STORE.value if chance.random() < 0.9 else None
    city = chance.choice(list(_CITIES))
    return _ContactRow(
        email_recipient_id=person.email,
        phone_recipient_id=person.phone,
        email=drawn.email.value,
        phone=drawn.phone.value if drawn.phone else None,
        first_name=drawn.first_name,
        last_name=drawn.last_name,
        folded_first_name=folded(drawn.first_name),
        folded_last_name=folded(drawn.last_name),
        locale=drawn.locale,
        properties=json.dumps({"city": city, "country": _CITIES[city]}),
        processing_basis=basis,
        created_at=created_at,
        updated_at=created_at,
    )


def _ascii(name: str) -> str:
    letters = str.maketrans("ąćęłńóśźżäöüøåéèç", "acelnoszzaouoaeec")
    return name.lower().translate(letters).replace(" ", "-").replace("'", "")
