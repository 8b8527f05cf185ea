"""The brands of the demo and their subscription types."""

from __future__ import annotations

from typing import Any

from preference_center.demo import looks
from preference_center.rules.types import Channel, Purpose, ResubscribePolicy

_TEXT_MESSAGES = (Channel.SMS, Channel.WHATSAPP)
_ALL_CHANNELS = tuple(Channel)
_READING = {"en": "Things to read", "pl": "Do czytania"}
_SHOP = {"en": "From our shops", "pl": "Z księgarni"}
_BEANS = {"en": "Beans and brewing", "pl": "Kawa i parzenie"}
_TOGETHER = {"en": "You and us", "pl": "Ty i my"}
_SERVICE = {"en": "Your orders", "pl": "Twoje zamówienia"}
_BOOKS, _COFFEE = "lantern-books", "kawa-i-spolka"
UNITS: list[dict[str, Any]] = [
    {
        "key": _BOOKS,
        "name": "Lantern Books",
        "data_privacy": True,
        "default_locale": "en",
        "postal_address": "Lantern Books\n12 Mill Lane\nLeeds LS1 4AB\nUnited Kingdom",
        "appearance": looks.BOOKS,
    },
    {
        "key": _COFFEE,
        "name": "Kawa i Spółka",
        "data_privacy": False,
        "resubscribe": ResubscribePolicy.RECIPIENT_ONLY,
        "default_locale": "pl",
        "postal_address": "Kawa i Spółka sp. z o.o.\nul. Długa 7\n31-147 Kraków",
        "appearance": looks.COFFEE,
    },
]
"""Each as `catalog.changes.create_unit` takes it."""
TYPES: list[dict[str, Any]] = [
    {
        "key": "weekly-digest",
        "business_unit": _BOOKS,
        "name": {"en": "Weekly digest", "pl": "Przegląd tygodnia"},
        "description": {
            "en": "New books and honest reviews.",
            "pl": "Nowe książki i szczere recenzje.",
        },
        "group": _READING,
        "frequency": {"en": "every Thursday", "pl": "w każdy czwartek"},
        "position": 1,
    },
    {
        "key": "events",
        "business_unit": _BOOKS,
        "name": {"en": "Readings and events", "pl": "Spotkania i wydarzenia"},
        "description": {
            "en": "Readings in our shops.",
            "pl": "Zaproszenia na spotkania w naszych księgarniach.",
        },
        "channels": _ALL_CHANNELS,
        "group": _SHOP,
        "frequency": {"en": "about twice a month", "pl": "mniej więcej dwa razy w miesiącu"},
        "position": 4,
    },
    {
        "key": "offers",
        "business_unit": _BOOKS,
        "name": {"en": "Offers", "pl": "Promocje"},
        "description": {
            "en": "Discounts and bundles.",
            "pl": "Zniżki i zestawy.",
        },
        "channels": _ALL_CHANNELS,
        "group": _SHOP,
        "frequency": {"en": "at most twice a month", "pl": "najwyżej dwa razy w miesiącu"},
        "position": 5,
    },
    {
        "key": "book-club",
        "business_unit": _BOOKS,
        "name": {"en": "Book club", "pl": "Klub książki"},
        "description": {
            "en": "The book of the month.",
            "pl": "Książka miesiąca i jak dołączyć.",
        },
        "double_opt_in": True,
        "group": _READING,
        "frequency": {"en": "once a month", "pl": "raz w miesiącu"},
        "position": 2,
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
        "group": _SERVICE,
        "position": 6,
    },
    {
        "key": "reader-panel",
        "business_unit": _BOOKS,
        "name": {"en": "Reader panel", "pl": "Panel czytelników"},
        "description": {"en": "For members of our panel only.", "pl": "Tylko dla członków panelu."},
        "is_public": False,
        "group": _READING,
        "position": 3,
    },
    {
        "key": "coffee-letter",
        "business_unit": _COFFEE,
        "name": {"en": "Coffee letter", "pl": "List o kawie"},
        "description": {
            "en": "One origin, one recipe.",
            "pl": "Jedno pochodzenie, jeden przepis.",
        },
        "group": _BEANS,
        "frequency": {"en": "once a month", "pl": "raz w miesiącu"},
        "position": 1,
    },
    {
        "key": "new-beans",
        "business_unit": _COFFEE,
        "name": {"en": "New beans", "pl": "Nowe ziarna"},
        "description": {"en": "When a fresh roast arrives.", "pl": "Gdy pojawia się świeżo palona kawa."},
        "channels": _ALL_CHANNELS,
        "group": _BEANS,
        "frequency": {"en": "two or three times a month", "pl": "dwa, trzy razy w miesiącu"},
        "position": 2,
    },
    {
        "key": "tastings",
        "business_unit": _COFFEE,
        "name": {"en": "Tastings", "pl": "Degustacje"},
        "description": {"en": "Tastings and courses near you.", "pl": "Degustacje i kursy w pobliżu."},
        "channels": (Channel.EMAIL, Channel.SMS),
        "group": _TOGETHER,
        "frequency": {"en": "about once a month", "pl": "mniej więcej raz w miesiącu"},
        "position": 4,
    },
    {
        "key": "refill",
        "business_unit": _COFFEE,
        "name": {"en": "Refill reminders", "pl": "Przypomnienia o zapasie"},
        "description": {
            "en": "Before your beans run out.",
            "pl": "Sygnał, gdy kawa powinna się kończyć.",
        },
        "channels": _TEXT_MESSAGES,
        "group": _BEANS,
        "frequency": {"en": "when it is time", "pl": "gdy przyjdzie pora"},
        "position": 3,
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
        "group": _SERVICE,
        "position": 6,
    },
    {
        "key": "surveys",
        "business_unit": _COFFEE,
        "name": {"en": "Surveys", "pl": "Ankiety"},
        "description": {
            "en": "A few questions, two minutes.",
            "pl": "Kilka pytań, dwie minuty.",
        },
        "group": _TOGETHER,
        "frequency": {"en": "twice a year", "pl": "dwa razy w roku"},
        "position": 5,
    },
]
"""Each as `catalog.changes.create_type` takes it."""
