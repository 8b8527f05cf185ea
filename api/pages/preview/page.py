"""Shows one page or mail of a preview, whatever is pressed on it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.forms import read_form
from api.pages.frame.language import choose_language, query
from api.pages.frame.layout import PreviewLink
from api.pages.frame.problem import GONE, ProblemPage
from api.pages.frame.response import PageContext, respond
from api.pages.preview.messages import show_message
from api.pages.preview.pages import PAGES, Shown
from api.pages.record import SEE
from preference_center.catalog import previews
from preference_center.catalog.catalog import BusinessUnit, Catalog, current_catalog
from preference_center.catalog.previews import PreviewPage
from preference_center.config import settings
from preference_center.links.claims import PreviewClaim
from preference_center.links.maker import LinkExpired, link_maker
from preference_center.links.tokens import LinkInvalid
from preference_center.storage import database
from preference_center.translations import Translator

_AFTER_PRESS: Final = {
    PreviewPage.UNSUBSCRIBE: PreviewPage.UNSUBSCRIBED,
    PreviewPage.CONFIRM: PreviewPage.CONFIRMED,
    PreviewPage.LINK_REQUEST: PreviewPage.LINK_REQUESTED,
    PreviewPage.EXPIRED_LINK: PreviewPage.LINK_REQUESTED,
}


async def show(request: Request) -> Response:
    """The page or mail that `?page=` names, of an example recipient with an email address and a phone."""
    return await _answer(request, _wanted(request), None)


async def act(request: Request) -> Response:
    """What would follow a press, or the same page again."""
    form, page = await read_form(request), _wanted(request)
    return await _answer(request, _AFTER_PRESS.get(page, page), form.optional("lang"))


def _wanted(request: Request) -> PreviewPage:
    """The page that is asked for. The links of the preference page to others are as recipients have them."""
    if request.query_params.get("see") == SEE:
        return PreviewPage.HISTORY
    if "forget" in request.query_params:
        return PreviewPage.ERASURE
    try:
        return PreviewPage(request.query_params.get("page", PreviewPage.PREFERENCES.value))
    except ValueError:
        return PreviewPage.PREFERENCES


async def _answer(request: Request, page: PreviewPage, posted_language: str | None) -> Response:
    catalog = await current_catalog()
    claim, expired = _read(request.path_params["token"])
    unit = catalog.unit_by_reference(claim.unit_reference)
    if unit is None and not expired:
        raise LinkInvalid("its business unit does not exist here")
    if unit is not None and claim.look_reference and not expired:
        catalog, unit, expired = await _in_look(catalog, unit, claim.look_reference)
    translator = choose_language(request, unit=unit, shown=posted_language)
    if unit is None or expired:
        return _expired(PageContext(translator, catalog, unit))
    context = PageContext(translator, catalog, unit, preview=_links(translator, page))
    shown = Shown(request, context, unit, database.now())
    if page in PAGES:
        return await PAGES[page](shown)
    return show_message(shown, page) or await PAGES[PreviewPage.PREFERENCES](shown)


async def _in_look(
    catalog: Catalog, unit: BusinessUnit, reference: bytes
) -> tuple[Catalog, BusinessUnit, bool]:
    """The catalog and the unit in a look that is not saved, and whether that has been deleted."""
    look = await previews.find_look(reference)
    if look is None:
        return catalog, unit, True
    return *previews.with_look(catalog, unit, look), False


def _links(translator: Translator, current: PreviewPage) -> tuple[PreviewLink, ...]:
    return tuple(
        PreviewLink(
            page.value,
            page.value.replace("_", " ").capitalize(),
            query(translator, page=page.value),
            page is current,
        )
        for page in PreviewPage
    )


def _read(token: str) -> tuple[PreviewClaim, bool]:
    """The claim, and whether it has expired. Raises LinkInvalid."""
    try:
        return link_maker(settings.current()).read_preview(token, database.now()), False
    except LinkExpired as expired:
        if not isinstance(expired.claim, PreviewClaim):
            raise
        return expired.claim, True


def _expired(context: PageContext) -> Response:
    page = ProblemPage(
        context.translator.gettext("This preview has ended"),
        context.translator.gettext("A preview works for one day. Have a new link to it made."),
    )
    return respond(context, "problem.html", page, GONE)
