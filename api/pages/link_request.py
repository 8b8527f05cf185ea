"""`/p`: whoever has no message at hand asks for a link by typing their email address or phone number (R35).

The answer is the same, and takes the same work, whether the address is known or not: a message is queued in
any case, and the worker drops what is for nobody. A network that asks too often is told so, whomever it asks
about.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import read_form
from api.pages.frame.language import choose
from api.pages.frame.problem import AskForm, ask_form, too_many
from api.pages.frame.response import frame, respond
from api.pages.unsubscribe.view import DonePage
from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog
from preference_center.outbox import link_requests
from preference_center.rules.addresses import Address, AddressError, parse
from preference_center.rules.types import RecipientKind
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class AskPage:
    """What `ask.html` shows."""

    ask: AskForm


async def show(request: Request) -> Response:
    """The form; in the name of the unit that `?unit=` names, where there is one."""
    catalog = await current_catalog()
    unit = catalog.unit_by_key(request.query_params.get("unit", ""))
    translator = choose(request, unit=unit.default_locale if unit else None)
    return _form(translator, catalog, unit, ask_form(unit))


async def act(request: Request) -> Response:
    """Queue the message, or say beside the field what is wrong with the address."""
    form = (await read_form(request)).only("email", "unit", "lang")
    typed, shown, key = form.needed("email"), form.one("lang"), form.one("unit")
    catalog = await current_catalog()
    unit = catalog.unit_by_key(key or "")
    translator = choose(request, unit=unit.default_locale if unit else None, shown=shown)
    try:
        address = parse(typed)
    except AddressError:
        return _form(translator, catalog, unit, ask_form(unit, typed[:320], _wrong(translator, typed)), 422)
    return await send_link(request, address, translator, catalog, unit)


async def send_link(
    request: Request, address: Address, translator: Translator, catalog: Catalog, unit: BusinessUnit | None
) -> Response:
    """Have a link sent to an address, and answer what everybody is answered."""
    host = request.client.host if request.client else None
    wait = await link_requests.ask(address, unit, translator.language, host)
    if wait is not None:
        return too_many(translator, frame(translator, catalog, unit), wait)
    return asked(translator, catalog, unit, address.kind)


def asked(
    translator: Translator, catalog: Catalog, unit: BusinessUnit | None, kind: RecipientKind
) -> Response:
    """The answer to everybody who asked for a link to an email address, or to a phone number."""
    page = _mailed(translator) if kind is RecipientKind.EMAIL else _texted(translator)
    return respond(translator, "done.html", frame(translator, catalog, unit), page)


def _mailed(translator: Translator) -> DonePage:
    return DonePage(
        translator.gettext("Check your inbox"),
        translator.gettext(
            "If we know that address, a message with a link is on its way to it."
            " It arrives within a few minutes. If it doesn’t, look in your spam folder"
            " and check the spelling."
        ),
    )


def _texted(translator: Translator) -> DonePage:
    return DonePage(
        translator.gettext("Check your text messages"),
        translator.gettext(
            "If we know that number, a text message with a link is on its way to it."
            " It arrives within a few minutes. If it doesn’t, check the digits and the country code."
        ),
    )


def _wrong(translator: Translator, typed: str) -> str:
    given = typed.strip()
    if not given:
        return translator.gettext("Type your email address or phone number.")
    if "@" in given:
        return translator.gettext(
            "This is not an email address that mail can be sent to. Is a letter missing?"
        )
    if any(map(str.isalpha, given)) or not any(map(str.isdigit, given)):
        return translator.gettext("An email address has an @ in it, as in name@example.com.")
    if not given.startswith(("+", "＋")):
        return translator.gettext("A phone number needs its country code, as in +48 601 234 567.")
    return translator.gettext("This phone number does not exist. Is a digit missing, or one too many?")


def _form(
    translator: Translator, catalog: Catalog, unit: BusinessUnit | None, ask: AskForm, status: int = 200
) -> Response:
    around = frame(translator, catalog, unit, kept=(("unit", unit.key),) if unit else ())
    return respond(translator, "ask.html", around, AskPage(ask), status)
