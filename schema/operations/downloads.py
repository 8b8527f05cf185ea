"""The signed URL of an operation's refusals, which a browser can open."""

from __future__ import annotations

from preference_center.access.scopes import ADMIN, WATCH_OPERATIONS
from preference_center.config import settings
from preference_center.links.downloads import Download, query_of
from preference_center.operations.operations import OperationRow
from preference_center.operations.visibility import refusals_shown
from preference_center.storage import database
from schema.contract.ids import global_id
from schema.engine.context import Context


def refusals_url(operation: OperationRow, context: Context) -> str | None:
    """Return a URL that is valid for an hour, and shows what the token may read; None if that is nothing."""
    if not context.may(WATCH_OPERATIONS) or not refusals_shown(operation, context.scopes):
        return None
    current = settings.current()
    held = frozenset([ADMIN]) if ADMIN in context.scopes else context.scopes
    query = query_of(Download(operation.id, held), current.secret_keys, database.now())
    return f"{current.public_url}/operations/{global_id('Operation', operation.id)}/refusals?{query}"
