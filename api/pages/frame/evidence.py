"""Where a change made on a page comes from, and what proves it (R18)."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request

from preference_center.config import settings
from preference_center.ledger.record import EvidenceFacts, Provenance
from preference_center.rules.types import RECIPIENT, ConsentOrigin
from preference_center.translations import Translator

_LONGEST_AGENT = 500
_LONGEST_WORDING = 10_000


def provenance(
    request: Request,
    translator: Translator,
    origin: ConsentOrigin,
    page: str,
    wording: str,
    campaign: str = "",
    link: str = "",
) -> Provenance:
    """The recipient's own act on a page.

    `page` is the page's path without its token, which is a capability and stays out of every record;
    `wording` is what the person read and pressed, in the language they read it in. It is kept once for all
    who read the same, and for good: it may name nobody, not even by a masked address. `link` says what kind
    of address the page's link was sent to, where that is not the recipient's own.
    """
    said = [(name, value) for name, value in (("campaign", campaign), ("link", link)) if value]
    query = "?" + urlencode(said, safe="/", quote_via=quote) if said else ""
    evidence = EvidenceFacts(
        ip_address=request.client.host[:45] if request.client else None,
        user_agent=request.headers.get("user-agent", "")[:_LONGEST_AGENT] or None,
        url=settings.current().public_url + page + query,
        wording=wording[:_LONGEST_WORDING] or None,
        locale=translator.language,
        own_page=True,
    )
    return Provenance(origin, RECIPIENT, evidence=evidence)
