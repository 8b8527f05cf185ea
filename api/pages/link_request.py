"""`/p`: anybody requests a link by typing an email address or phone number (R35).

The response is the same, and takes the same work, whether the address is known or not: a message is queued
in any case, and the worker drops it if it is for nobody. A network that requests too many is refused, whoever
the links are for.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.done import DonePage
from api.pages.frame.forms import read_form
from api.pages.frame.language import choose_language
from api.pages.frame.problem import LinkRequestForm, example_phone, link_request_form, too_many
from api.pages.frame.response import PageContext, respond
from preference_center.catalog.catalog import current_catalog
from preference_center.outbox import link_requests
from preference_center.rules.addresses import Address, AddressError, parse
from preference_center.rules.types import RecipientKind
from preference_center.translations import Translator

_MAX_TYPED = 320


@dataclass(frozen=True, slots=True)
class LinkRequestPage:
    """What `link_request.html` shows."""

    form: LinkRequestForm


async def show(request: Request) -> Response:
    """The form, with the brand of the unit that `?unit=` names."""
    context = await _context(request, request.query_params.get("unit"))
    return _respond(context, _form(context))


async def act(request: Request) -> Response:
    """Queue the message; or show the form again with what is wrong with the address."""
    form = (await read_form(request)).only("email", "unit", "lang")
    typed, shown, unit_key = form.required("email"), form.optional("lang"), form.optional("unit")
    context = await _context(request, unit_key, shown)
    try:
        address = parse(typed)
    except AddressError:
        example = example_phone(context.unit, context.translator.language)
        error = _address_error(context.translator, typed, example)
        return _respond(context, _form(context, typed[:_MAX_TYPED], error), 422)
    return await send_link(request, address, context)


async def send_link(request: Request, address: Address, context: PageContext) -> Response:
    """Send a link to an address, within limits, and answer with the page that everybody gets."""
    refused = await queue_link_or_refuse(request, address, context)
    return refused or message_sent(context, address.kind)


async def queue_link_or_refuse(request: Request, address: Address, context: PageContext) -> Response | None:
    """Queue a link to an address; the response to a network that has requested too many, else None."""
    host = request.client.host if request.client else None
    wait = await link_requests.request_link(address, context.unit, context.translator.language, host)
    return None if wait is None else too_many(context, wait)


def message_sent(context: PageContext, recipient_kind: RecipientKind) -> Response:
    """The page for everybody who requested a message to an email address, or to a phone number."""
    translator = context.translator
    page = _mail_sent(translator) if recipient_kind is RecipientKind.EMAIL else _text_sent(translator)
    return respond(context, "done.html", page)


def _mail_sent(translator: Translator) -> DonePage:
    return DonePage(
        translator.gettext("Check your inbox"),
        translator.gettext(
            "If your address is on our list, we’ve sent you a link. It arrives within a few minutes."
            " No mail? Check your spam folder and the spelling of your address."
        ),
    )


def _text_sent(translator: Translator) -> DonePage:
    return DonePage(
        translator.gettext("Check your text messages"),
        translator.gettext(
            "If your number is on our list, we’ve sent you a link. It arrives within a few minutes."
            " No message? Check the number and its country code."
        ),
    )


def _form(context: PageContext, typed: str = "", error: str | None = None) -> LinkRequestForm:
    return link_request_form(context.unit, typed, error, language=context.translator.language)


def _address_error(translator: Translator, typed: str, example: str) -> str:
    typed = typed.strip()
    if not typed:
        return translator.gettext("Enter your email address or phone number.")
    if "@" in typed:
        return translator.gettext("This email address doesn’t look right. Is a letter missing?")
    if any(map(str.isalpha, typed)) or not any(map(str.isdigit, typed)):
        return translator.gettext("An email address needs an @, like name@example.com.")
    if not typed.startswith(("+", "＋")):
        return translator.gettext("A phone number needs its country code, like %(example)s.", example=example)
    return translator.gettext("This phone number doesn’t exist. Check its digits.")


async def _context(request: Request, unit_key: str | None, shown: str | None = None) -> PageContext:
    catalog = await current_catalog()
    unit = catalog.unit_by_key(unit_key or "")
    translator = choose_language(request, unit=unit, shown=shown)
    return PageContext(translator, catalog, unit)


def _respond(context: PageContext, form: LinkRequestForm, status: int = 200) -> Response:
    if context.unit:
        context = context.keeping(("unit", context.unit.key))
    return respond(context, "link_request.html", LinkRequestPage(form), status)
