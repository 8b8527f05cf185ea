"""Turns parameters into exports; the same for `/exports/…` and `sayso export`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from api.files.parameters import Pairs, Parameters, wrong
from preference_center.access.scopes import FILTER_BY_CONSENT, FILTER_BY_CONTACT, READ_CONSENT, Access
from preference_center.contacts.filter import ContactFilter, PreferenceIs
from preference_center.exports.contacts import contacts
from preference_center.exports.events import events
from preference_center.exports.stream import Export, Format
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from preference_center.rules.types import Channel, PreferenceStatus
from schema.contacts.filter_json import filter_from_json
from schema.engine.context import Context

_CONTACTS: dict[str, Access | None] = {
    "filter": None,
    "search": FILTER_BY_CONTACT,
    "subscription_type": FILTER_BY_CONSENT,
    "status": FILTER_BY_CONSENT,
    "channel": FILTER_BY_CONSENT,
    "unsubscribed_from_all_email": FILTER_BY_CONSENT,
}
"""What a token has to be allowed for each parameter. The conditions in `filter` are checked one by one."""
_SUPPRESSIONS = ("business_unit", "channel", "subscription_type", "opt_out_of_all")
_EVENTS = ("from", "before")
MakeExport = Callable[[Pairs, Context, Format], Awaitable[Export]]
"""Makes an export from its parameters. Raises Invalid naming the parameter that is wrong, or Forbidden."""


async def contacts_export(pairs: Pairs, context: Context, file_format: Format) -> Export:
    """Contacts that match `filter` (the API's ContactFilter as JSON) and all simple parameters.

    Includes the preferences of their addresses if the token may read preferences.
    """
    parameters = Parameters(pairs, _CONTACTS)
    for access in (_CONTACTS[name] for name, _ in pairs):
        if access is not None:
            context.require(access)
    filter_json = parameters.text("filter")
    filter_ = ContactFilter(
        search=parameters.text("search"),
        preference=_preference(parameters, context),
        unsubscribed_from_all_email=parameters.flag("unsubscribed_from_all_email"),
        any_of=None if filter_json is None else [_filter(filter_json, context)],
    )
    return await contacts(filter_, context.catalog, file_format, with_consent=context.may(READ_CONSENT))


def _preference(parameters: Parameters, context: Context) -> PreferenceIs | None:
    subscription_type = parameters.subscription_type("subscription_type", context)
    status = parameters.choice("status", PreferenceStatus)
    channel = parameters.choice("channel", Channel)
    if subscription_type is not None and status is not None:
        return PreferenceIs(subscription_type, channel or Channel.EMAIL, status)
    if subscription_type is not None:
        raise wrong("status", "Add `status`: `subscription_type` needs it.")
    if status is not None or channel is not None:
        raise wrong("subscription_type", "Add `subscription_type`: `status` and `channel` need it.")
    return None


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text.encode(errors="surrogatepass"))
    except orjson.JSONDecodeError as error:
        raise wrong("filter", f"`filter` is not valid JSON: {error.msg}.") from None


async def suppressions_export(pairs: Pairs, context: Context, _file_format: Format) -> Export:
    """Opt-outs by business unit, channel and subscription type.

    Opt-outs of a type include the opt-outs of all that cover it.
    """
    parameters = Parameters(pairs, _SUPPRESSIONS)
    return suppressions(
        SuppressionFilter(
            unit=parameters.business_unit("business_unit", context),
            channel=parameters.choice("channel", Channel),
            type=parameters.subscription_type("subscription_type", context),
            of_all=parameters.flag("opt_out_of_all"),
        )
    )


async def events_export(pairs: Pairs, _context: Context, _file_format: Format) -> Export:
    """The ledger's events recorded `from` an instant (inclusive) `before` another (exclusive)."""
    parameters = Parameters(pairs, _EVENTS)
    return events(parameters.instant("from"), parameters.instant("before"))


def _filter(filter_json: str, context: Context) -> ContactFilter:
    """Return the filter in a JSON text. Raises Invalid, Forbidden."""
    # Building the schema takes a while: requests and commands without a filter are spared it.
    from schema.root import schema

    return filter_from_json(_parsed(filter_json), context, schema)
