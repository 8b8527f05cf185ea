"""The provenance and evidence of a change that a recipient makes on a page (R18)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from preference_center.catalog.catalog import last_known_catalog
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.links.hosts import url_at
from preference_center.rules.types import RECIPIENT, ConsentOrigin
from preference_center.translations import Translator

_MAX_IP_ADDRESS = 45
_MAX_USER_AGENT = 500
_MAX_SHOWN_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class PageAct:
    """What a recipient did on a page."""

    origin: ConsentOrigin
    path: str
    """The page's path without its token, which is a capability and stays out of every record."""
    shown_text: str
    """What the recipient read and pressed, in the language of the page.

    Each text is stored once for all who read the same and is never deleted, so it must not identify anybody,
    not even by a masked address.
    """
    campaign: str = ""
    link_sent_to: str = ""
    """The kind of address that the page's link was sent to, if it is not the recipient's own."""


def page_provenance(request: Request, translator: Translator, act: PageAct) -> Provenance:
    """The recipient's own act, with the request as its evidence."""
    pairs = (("campaign", act.campaign), ("link", act.link_sent_to))
    query = urlencode([pair for pair in pairs if pair[1]], safe="/", quote_via=quote)
    evidence = EvidenceFacts(
        ip_address=request.client.host[:_MAX_IP_ADDRESS] if request.client else None,
        user_agent=request.headers.get("user-agent", "")[:_MAX_USER_AGENT] or None,
        url=url_at(request.headers.get("host", ""), last_known_catalog())
        + act.path
        + (f"?{query}" if query else ""),
        shown_text=act.shown_text[:_MAX_SHOWN_TEXT] or None,
        locale=translator.language,
        own_page=True,
    )
    return Provenance(act.origin, RECIPIENT, evidence=evidence)
