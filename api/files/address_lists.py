"""`/eligibility` and `/links`: lists of addresses in, an answer to each out, while they arrive."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.files.duplex_response import DuplexResponse
from api.files.parameters import Pairs, Parameters, required, wrong
from api.files.problems import Problem, authorized, refusing
from api.files.stream_response import CONTENT_TYPES, MEDIA_TYPES
from api.files.upload_body import charset_of, limited_body, media_type_of
from api.http.accept import preferred
from preference_center.access.scopes import CREATE_LINKS, READ_CONSENT
from preference_center.address_lists.answers import Answerer, answered
from preference_center.address_lists.eligibility import ListedEligibility
from preference_center.address_lists.formats import ListFormat, line_reader
from preference_center.address_lists.links import ListedLinks
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports.stream import Format
from preference_center.imports.csv_encoding import check_encoding
from preference_center.links.message_links import LinkedMessage
from preference_center.rules.types import Channel
from preference_center.storage.shares import Share
from schema.engine.context import Context

_FORMATS: Final = {
    "": ListFormat.TEXT,
    "text/plain": ListFormat.TEXT,
    "text/csv": ListFormat.CSV,
    "text/tab-separated-values": ListFormat.CSV,
    "application/csv": ListFormat.CSV,
    "application/vnd.ms-excel": ListFormat.CSV,
    "application/x-ndjson": ListFormat.NDJSON,
    "application/ndjson": ListFormat.NDJSON,
    "application/jsonl": ListFormat.NDJSON,
    "application/x-jsonlines": ListFormat.NDJSON,
}
"""The formats of lists by media type; a list without one is text."""
_ACCEPTED: Final = {
    "text/csv": Format.CSV,
    "text/*": Format.CSV,
    **{name: Format.NDJSON for name, format_ in _FORMATS.items() if format_ is ListFormat.NDJSON},
}
_ELIGIBILITY: Final = ("subscription_type", "channel")
_LINKS: Final = ("subscription_type", "business_unit", "channel", "campaign")
MakeAnswerer = Callable[[Pairs, Context, Format], Answerer]
"""Makes what answers a list from parameters. Raises Invalid naming the parameter that is wrong."""
_refusing = refusing(invalid_status=400, share=Share.QUERIES)


def eligibility_answerer(pairs: Pairs, context: Context, file_format: Format) -> Answerer:
    """May a message of `subscription_type` be sent to each address on `channel`?"""
    parameters = Parameters(pairs, _ELIGIBILITY)
    type_ = required(parameters.subscription_type("subscription_type", context), "subscription_type")
    channel = required(parameters.choice("channel", Channel), "channel")
    return ListedEligibility(type_.key, channel, file_format)


def links_answerer(pairs: Pairs, context: Context, file_format: Format) -> Answerer:
    """The links and headers of a message of `subscription_type`, or of `business_unit`, for each address."""
    parameters = Parameters(pairs, _LINKS)
    type_ = parameters.subscription_type("subscription_type", context)
    unit = parameters.business_unit("business_unit", context) or (type_.business_unit if type_ else None)
    channel = parameters.choice("channel", Channel) or Channel.EMAIL
    if unit is None:
        raise wrong("subscription_type", "Add `subscription_type` or `business_unit`: one is required.")
    if type_ is not None and type_.business_unit.id != unit.id:
        message = "The subscription type belongs to another business unit. Name that one, or none."
        raise wrong("business_unit", message)
    if type_ is not None and channel not in type_.channels:
        offered = f"The subscription type is not offered on {channel.value}."
        raise Invalid(ErrorCode.CHANNEL_NOT_OFFERED, f"{offered} Choose another channel.", "channel")
    campaign = parameters.text("campaign") or ""
    return ListedLinks(LinkedMessage(channel, type_, unit, campaign), file_format)


@_refusing
async def eligibility(request: Request) -> Response:
    """`POST /eligibility`"""
    return _answer(request, eligibility_answerer, await authorized(request, READ_CONSENT))


@_refusing
async def links(request: Request) -> Response:
    """`POST /links`"""
    return _answer(request, links_answerer, await authorized(request, CREATE_LINKS))


def _answer(request: Request, make: MakeAnswerer, context: Context) -> Response:
    list_format = _FORMATS.get(media_type_of(request))
    if list_format is None:
        message = "Send the addresses as text/plain, text/csv or application/x-ndjson, one a line."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        message = "Send the addresses as they are: a Content-Encoding such as gzip is not supported."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    pairs = request.query_params.multi_items()
    file_format = _format_of_answer(request, pairs, list_format)
    answerer = make([pair for pair in pairs if pair[0] != "format"], context, file_format)
    reader = line_reader(list_format, answerer.kind, check_encoding(charset_of(request)))
    headers = {
        "Content-Type": CONTENT_TYPES[file_format],
        "Cache-Control": "no-store",
        "Vary": "Accept, Authorization",
        "X-Accel-Buffering": "no",
        "X-Content-Type-Options": "nosniff",
    }
    return DuplexResponse(limited_body(request), partial(answered, reader=reader, answerer=answerer), headers)


def _format_of_answer(request: Request, pairs: Pairs, list_format: ListFormat) -> Format:
    """The format by `format`, or else by Accept, or else that of the list. Raises Problem (406), Invalid."""
    asked = Parameters([pair for pair in pairs if pair[0] == "format"], known=("format",))
    usual = Format.CSV if list_format is ListFormat.CSV else Format.NDJSON
    accepted = preferred(request.headers.get("accept") or "*/*", {**_ACCEPTED, "*/*": usual})
    file_format = asked.choice("format", Format) or accepted
    if file_format is None:
        message = f"Accept {' or '.join(MEDIA_TYPES.values())}, or send `format`."
        raise Problem(406, "NOT_ACCEPTABLE", message)
    return file_format


routes: list[BaseRoute] = [
    Route("/eligibility", eligibility, methods=["POST"]),
    Route("/links", links, methods=["POST"]),
]
