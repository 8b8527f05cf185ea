"""`/p`: whoever has no message at hand asks for a link by typing their address (R35).

The answer is the same, and takes the same work, whether the address is known or not: the mail is queued in
any case, and the worker drops what is for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.i18n import choose
from api.pages.forms import read_form
from api.pages.problem import AskForm, ask_form
from api.pages.response import frame, respond
from api.pages.unsubscribe_views import DonePage
from preference_center import catalog, outbox
from preference_center.catalog import Catalog, Unit
from preference_center.rules.addresses import AddressError, parse_email
from preference_center.wording import Wording


@dataclass(frozen=True, slots=True)
class AskPage:
    """What `ask.html` shows."""

    ask: AskForm


async def show(request: Request) -> Response:
    """The form; in the name of the unit that `?unit=` names, where there is one."""
    book = await catalog.current()
    unit = book.unit_by_key(request.query_params.get("unit", ""))
    words = choose(request, unit=unit.default_locale if unit else None)
    return _form(words, book, unit, ask_form(unit))


async def act(request: Request) -> Response:
    """Queue the mail, or say beside the field what is wrong with the address."""
    form = (await read_form(request)).only("email", "unit", "lang")
    typed, shown, key = form.needed("email"), form.one("lang"), form.one("unit")
    book = await catalog.current()
    unit = book.unit_by_key(key or "")
    words = choose(request, unit=unit.default_locale if unit else None, shown=shown)
    try:
        address = parse_email(typed)
    except AddressError:
        return _form(words, book, unit, ask_form(unit, typed[:320], _wrong(words, typed)), 422)
    await outbox.queue("LINK", address, unit, None, words.language)
    return asked(words, book, unit)


def asked(words: Wording, book: Catalog, unit: Unit | None) -> Response:
    """The answer to everybody who asked for a link."""
    page = DonePage(
        words.gettext("Check your inbox"),
        words.gettext(
            "If we know that address, a message with a link is on its way to it."
            " It arrives within a few minutes. If it doesn’t, look in your spam folder"
            " and check the spelling."
        ),
    )
    return respond(words, "done.html", frame(words, book, unit), page)


def _wrong(words: Wording, typed: str) -> str:
    if not typed.strip():
        return words.gettext("Type your email address.")
    if "@" not in typed:
        return words.gettext("An email address has an @ in it, as in name@example.com.")
    return words.gettext("This is not an email address that mail can be sent to. Is a letter missing?")


def _form(words: Wording, book: Catalog, unit: Unit | None, ask: AskForm, status: int = 200) -> Response:
    around = frame(words, book, unit, query_unit=unit.key if unit else None)
    return respond(words, "ask.html", around, AskPage(ask), status)
