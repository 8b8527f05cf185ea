"""`/exports/…`: contacts, suppressions and the ledger as files; `/operations/{id}/refusals` likewise."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.files import parameters
from api.files.parameters import Make, Pairs
from api.files.stream_response import MEDIA_TYPES, ExportResponse, accepted, problem
from api.http.auth import BadUser, Unauthenticated, caller_of
from preference_center.catalog.catalog import exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports.events import refusals
from preference_center.exports.stream import Export, Format
from preference_center.operations import operations
from schema.contract.ids import number_of
from schema.engine.context import Context


async def contacts(request: Request) -> Response:
    """`GET /exports/contacts`"""
    return await _answer(request, "contacts", ("contacts:read",), parameters.contacts_asked)


async def suppressions(request: Request) -> Response:
    """`GET /exports/suppressions`"""
    return await _answer(request, "suppressions", ("preferences:read",), parameters.suppressions_asked)


async def events(request: Request) -> Response:
    """`GET /exports/events`"""
    return await _answer(request, "events", ("preferences:read",), parameters.events_asked)


async def refused_rows(request: Request) -> Response:
    """`GET /operations/{id}/refusals`: what an operation could not do, and why."""
    number = number_of(request.path_params["id"], "Operation")

    async def asked(pairs: Pairs, _: Context, __: Format) -> Export:
        parameters.Given(pairs, ())
        if number is None or await operations.get(number) is None:
            raise Invalid(ErrorCode.NOT_FOUND, "There is no such operation.", "id")
        return refusals(number)

    return await _answer(request, f"refusals-{number}", ("operations:write", "contacts:read"), asked)


async def _answer(request: Request, name: str, scopes: Sequence[str], make: Make) -> Response:
    """Look at who asks (one of the scopes does), then at what for, and hand over a file."""
    try:
        caller = await caller_of(request.headers)
    except Unauthenticated:
        translator = "An access token is needed: `Authorization: Bearer sayso_…`."
        return problem(401, "UNAUTHENTICATED", translator, WWW_Authenticate='Bearer realm="sayso"')
    except BadUser:
        return problem(400, "BAD_REQUEST", "X-Sayso-User is too long, or no plain text.")
    context = Context(caller.actor, caller.scopes, await exact_catalog())
    if not any(map(context.may, scopes)):
        return problem(403, "FORBIDDEN", f"This token lacks the scope {scopes[0]}.")
    try:
        written, pairs = _format(request)
        if written is None:
            translator = f"Accept {' or '.join(MEDIA_TYPES.values())}, or give `format`."
            return problem(406, "NOT_ACCEPTABLE", translator)
        return ExportResponse(await make(pairs, context, written), written, name)
    except Invalid as refused:
        missing = refused.code is ErrorCode.NOT_FOUND and refused.field == ("id",)
        field = ".".join(refused.field) if refused.field else None
        return problem(404 if missing else 400, refused.code.value, refused.message, field)


def _format(request: Request) -> tuple[Format | None, Pairs]:
    """The format asked for, by `format` or by Accept, and the other parameters."""
    pairs = request.query_params.multi_items()
    asked = [pair for pair in pairs if pair[0] == "format"]
    written = parameters.Given(asked, ("format",)).one_of("format", Format)
    others = [pair for pair in pairs if pair[0] != "format"]
    return written or accepted(request.headers.get("accept")), others


routes: list[BaseRoute] = [
    Route("/exports/contacts", contacts),
    Route("/exports/suppressions", suppressions),
    Route("/exports/events", events),
    Route("/operations/{id}/refusals", refused_rows),
]
