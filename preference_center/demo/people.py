"""The names that the demo is made of."""

from __future__ import annotations

from typing import Any

from preference_center.rules.types import Channel, Purpose, ResubscribePolicy

_TEXT = (Channel.SMS, Channel.WHATSAPP)
_ALL = tuple(Channel)
UNITS: list[dict[str, Any]] = [
    {
        "key": "lantern-books",
        "name": "Lantern Books",
        "data_privacy": True,
        "default_locale": "en",
        "colour": "#2f5d50",
        "postal_address": "Lantern Books, 12 Mill Lane, Leeds LS1 4AB, United Kingdom",
    },
    {
        "key": "kawa-i-spolka",
        "name": "Kawa i Spółka",
        "data_privacy": False,
        "resubscribe": ResubscribePolicy.RECIPIENT_ONLY,
        "default_locale": "pl",
        "colour": "#9c4a1a",
        "postal_address": "Kawa i Spółka sp. z o.o., ul. Długa 7, 31-147 Kraków",
    },
]


def _kind(key: str, unit: str, en: str, pl: str, about_en: str, about_pl: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "business_unit": unit,
        "name": {"en": en, "pl": pl},
        "description": {"en": about_en, "pl": about_pl},
        **more,
    }


_BOOKS, _COFFEE = "lantern-books", "kawa-i-spolka"
# fmt: off (one line a text)
TYPES: list[dict[str, Any]] = [
    _kind(
        "weekly-digest",
        _BOOKS,
        "Weekly digest",
        "Przegląd tygodnia",
        "New books and reviews, every Thursday.",
        "Nowe książki i recenzje, w każdy czwartek.",
    ),
    _kind(
        "events",
        _BOOKS,
        "Readings and events",
        "Spotkania i wydarzenia",
        "Invitations to readings in our shops.",
        "Zaproszenia na spotkania w naszych księgarniach.",
        channels=_ALL,
    ),
    _kind(
        "offers",
        _BOOKS,
        "Offers",
        "Promocje",
        "Discounts and bundles, twice a month.",
        "Zniżki i zestawy, dwa razy w miesiącu.",
        channels=_ALL,
    ),
    _kind(
        "book-club",
        _BOOKS,
        "Book club",
        "Klub książki",
        "The book of the month and how to join in.",
        "Książka miesiąca i jak wziąć udział.",
        double_opt_in=True,
    ),
    _kind(
        "orders",
        _BOOKS,
        "Orders and deliveries",
        "Zamówienia i dostawy",
        "Confirmations, invoices and parcel news.",
        "Potwierdzenia, faktury i informacje o paczkach.",
        purpose=Purpose.TRANSACTIONAL,
        channels=_ALL,
    ),
    _kind(
        "reader-panel",
        _BOOKS,
        "Reader panel",
        "Panel czytelników",
        "For members of our panel only.",
        "Tylko dla członków panelu.",
        is_public=False,
    ),
    _kind(
        "coffee-letter",
        _COFFEE,
        "Coffee letter",
        "List o kawie",
        "One origin, one recipe, once a month.",
        "Jedno pochodzenie, jeden przepis, raz w miesiącu.",
    ),
    _kind(
        "new-beans",
        _COFFEE,
        "New beans",
        "Nowe ziarna",
        "When a fresh roast arrives.",
        "Gdy pojawia się świeżo palona kawa.",
        channels=_ALL,
    ),
    _kind(
        "tastings",
        _COFFEE,
        "Tastings",
        "Degustacje",
        "Tastings and courses near you.",
        "Degustacje i kursy w pobliżu.",
        channels=(Channel.EMAIL, Channel.SMS),
    ),
    _kind(
        "refill",
        _COFFEE,
        "Refill reminders",
        "Przypomnienia o zapasie",
        "A nudge when your beans should run out.",
        "Sygnał, gdy kawa powinna się kończyć.",
        channels=_TEXT,
    ),
    _kind(
        "subscription-service",
        _COFFEE,
        "Your subscription",
        "Twoja subskrypcja",
        "Shipping dates and payments of your subscription.",
        "Terminy wysyłki i płatności subskrypcji.",
        purpose=Purpose.TRANSACTIONAL,
        channels=_ALL,
    ),
    _kind(
        "surveys",
        _COFFEE,
        "Surveys",
        "Ankiety",
        "A few questions, twice a year.",
        "Kilka pytań, dwa razy w roku.",
    ),
]
# fmt: on
CITIES = {"Kraków": "PL", "Łódź": "PL", "Leeds": "GB", "Malmö": "SE", "Porto": "PT"}
"""Each with its country."""
FIRST_NAMES = {
    "en": ["Grace", "Alan", "Edith", "Tim", "Radia", "Donald", "Barbara", "Ken", "Frances", "Edsger"],
    "pl": ["Maria", "Jan", "Zofia", "Piotr", "Łucja", "Stanisław", "Wisława", "Kazimierz", "Irena", "Józef"],
}
LAST_NAMES = {
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
