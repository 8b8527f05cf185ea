"""The brands of the demo and their subscription types."""

from __future__ import annotations

from typing import Any

from preference_center.rules.types import Channel, Purpose, ResubscribePolicy

_TEXT_MESSAGES = (Channel.SMS, Channel.WHATSAPP)
_ALL_CHANNELS = tuple(Channel)
_BOOKS, _COFFEE = "lantern-books", "kawa-i-spolka"
UNITS: list[dict[str, Any]] = [
    {
        "key": _BOOKS,
        "name": "Lantern Books",
        "data_privacy": True,
        "default_locale": "en",
        "colour": "#2f5d50",
        "postal_address": "Lantern Books, 12 Mill Lane, Leeds LS1 4AB, United Kingdom",
    },
    {
        "key": _COFFEE,
        "name": "Kawa i Spółka",
        "data_privacy": False,
        "resubscribe": ResubscribePolicy.RECIPIENT_ONLY,
        "default_locale": "pl",
        "colour": "#9c4a1a",
        "postal_address": "Kawa i Spółka sp. z o.o., ul. Długa 7, 31-147 Kraków",
    },
]
"""Each as `catalog.changes.create_unit` takes it."""
TYPES: list[dict[str, Any]] = [
    {
        "key": "weekly-digest",
        "business_unit": _BOOKS,
        "name": {"en": "Weekly digest", "pl": "Przegląd tygodnia"},
        "description": {
            "en": "New books and reviews, every Thursday.",
            "pl": "Nowe książki i recenzje, w każdy czwartek.",
        },
    },
    {
        "key": "events",
        "business_unit": _BOOKS,
        "name": {"en": "Readings and events", "pl": "Spotkania i wydarzenia"},
        "description": {
            "en": "Invitations to readings in our shops.",
            "pl": "Zaproszenia na spotkania w naszych księgarniach.",
        },
        "channels": _ALL_CHANNELS,
    },
    {
        "key": "offers",
        "business_unit": _BOOKS,
        "name": {"en": "Offers", "pl": "Promocje"},
        "description": {
            "en": "Discounts and bundles, twice a month.",
            "pl": "Zniżki i zestawy, dwa razy w miesiącu.",
        },
        "channels": _ALL_CHANNELS,
    },
    {
        "key": "book-club",
        "business_unit": _BOOKS,
        "name": {"en": "Book club", "pl": "Klub książki"},
        "description": {
            "en": "The book of the month and how to join in.",
            "pl": "Książka miesiąca i jak wziąć udział.",
        },
        "double_opt_in": True,
    },
    {
        "key": "orders",
        "business_unit": _BOOKS,
        "name": {"en": "Orders and deliveries", "pl": "Zamówienia i dostawy"},
        "description": {
            "en": "Confirmations, invoices and parcel news.",
            "pl": "Potwierdzenia, faktury i informacje o paczkach.",
        },
        "purpose": Purpose.TRANSACTIONAL,
        "channels": _ALL_CHANNELS,
    },
    {
        "key": "reader-panel",
        "business_unit": _BOOKS,
        "name": {"en": "Reader panel", "pl": "Panel czytelników"},
        "description": {"en": "For members of our panel only.", "pl": "Tylko dla członków panelu."},
        "is_public": False,
    },
    {
        "key": "coffee-letter",
        "business_unit": _COFFEE,
        "name": {"en": "Coffee letter", "pl": "List o kawie"},
        "description": {
            "en": "One origin, one recipe, once a month.",
            "pl": "Jedno pochodzenie, jeden przepis, raz w miesiącu.",
        },
    },
    {
        "key": "new-beans",
        "business_unit": _COFFEE,
        "name": {"en": "New beans", "pl": "Nowe ziarna"},
        "description": {"en": "When a fresh roast arrives.", "pl": "Gdy pojawia się świeżo palona kawa."},
        "channels": _ALL_CHANNELS,
    },
    {
        "key": "tastings",
        "business_unit": _COFFEE,
        "name": {"en": "Tastings", "pl": "Degustacje"},
        "description": {"en": "Tastings and courses near you.", "pl": "Degustacje i kursy w pobliżu."},
        "channels": (Channel.EMAIL, Channel.SMS),
    },
    {
        "key": "refill",
        "business_unit": _COFFEE,
        "name": {"en": "Refill reminders", "pl": "Przypomnienia o zapasie"},
        "description": {
            "en": "A nudge when your beans should run out.",
            "pl": "Sygnał, gdy kawa powinna się kończyć.",
        },
        "channels": _TEXT_MESSAGES,
    },
    {
        "key": "subscription-service",
        "business_unit": _COFFEE,
        "name": {"en": "Your subscription", "pl": "Twoja subskrypcja"},
        "description": {
            "en": "Shipping dates and payments of your subscription.",
            "pl": "Terminy wysyłki i płatności subskrypcji.",
        },
        "purpose": Purpose.TRANSACTIONAL,
        "channels": _ALL_CHANNELS,
    },
    {
        "key": "surveys",
        "business_unit": _COFFEE,
        "name": {"en": "Surveys", "pl": "Ankiety"},
        "description": {"en": "A few questions, twice a year.", "pl": "Kilka pytań, dwa razy w roku."},
    },
]
"""Each as `catalog.changes.create_type` takes it."""
