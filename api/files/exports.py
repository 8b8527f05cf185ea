"""`/exports/…`: contacts, suppressions and the ledger as files. `/operations/{id}/refusals`: refused rows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.files.export_filters import MakeExport, contacts_export, events_export, suppressions_export
from api.files.links import LinkProblem, opened_by_link, takes_html
from api.files.parameters import Pairs, Parameters
from api.files.problems import Problem, authorized, refusing
from api.files.stream_response import MEDIA_TYPES, ExportResponse, accepted_format
from preference_center.access.scopes import (
    READ_CONSENT,
    READ_CONTACTS,
    READ_REFUSED_CONTACTS,
    WATCH_OPERATIONS,
)
from preference_center.errors import ErrorCode, Invalid
from preference_center.exports.events import refusals
from preference_center.exports.stream import Export, Format
from preference_center.links.downloads import PARAMETER
from preference_center.operations import operations
from preference_center.operations.visibility import reasons_shown
from preference_center.storage.shares import Share
from schema.contract.ids import decode_id
from schema.engine.context import Context

_refusing = refusing(invalid_status=400, share=Share.QUERIES)


@_refusing
async def contacts(request: Request) -> Response:
    """`GET /exports/contacts`"""
    return await _export(request, "contacts", contacts_export, await authorized(request, READ_CONTACTS))


@_refusing
async def suppressions(request: Request) -> Response:
    """`GET /exports/suppressions`"""
    context = await authorized(request, READ_CONSENT)
    return await _export(request, "suppressions", suppressions_export, context)


@_refusing
async def events(request: Request) -> Response:
    """`GET /exports/events`"""
    return await _export(request, "events", events_export, await authorized(request, READ_CONSENT))


@_refusing
async def refused_rows(request: Request) -> Response:
    """`GET /operations/{id}/refusals`: the rows that an operation refused, and why.

    Rows and columns that the token may not read are left out or empty. A link that a token was given opens
    the file without a token, for an hour.
    """
    operation_id = decode_id(request.path_params["id"], "Operation")
    if PARAMETER in request.query_params:
        try:
            context = await opened_by_link(request, operation_id)
        except LinkProblem as problem:
            return problem.for_browsers() if takes_html(request) else problem.response()
    else:
        context = await authorized(request, WATCH_OPERATIONS)

    async def refused(pairs: Pairs, context: Context, _file_format: Format) -> Export:
        Parameters(pairs, known=())
        operation = await operations.get(operation_id) if operation_id is not None else None
        if operation is None:
            raise Invalid(ErrorCode.NOT_FOUND, "There is no operation with this id.", "id")
        with_people = context.may(READ_REFUSED_CONTACTS)
        return refusals(operation.id, reasons_shown(operation, context.scopes), with_people=with_people)

    return await _export(request, f"refusals-{operation_id}", refused, context)


async def _export(request: Request, name: str, make: MakeExport, context: Context) -> Response:
    file_format, pairs = _format_and_parameters(request)
    return ExportResponse(await make(pairs, context, file_format), file_format, name)


def _format_and_parameters(request: Request) -> tuple[Format, Pairs]:
    """The format by `format` or else by Accept, and the other parameters. Raises Problem (406), Invalid."""
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
    formats = Parameters([pair for pair in pairs if pair[0] == "format"], known=("format",))
    file_format = formats.choice("format", Format) or accepted_format(request.headers.get("accept"))
    if file_format is None:
        message = f"Accept {' or '.join(MEDIA_TYPES.values())}, or send `format`."
        raise Problem(406, "NOT_ACCEPTABLE", message)
    return file_format, [pair for pair in pairs if pair[0] != "format"]


routes: list[BaseRoute] = [
    Route("/exports/contacts", contacts),
    Route("/exports/suppressions", suppressions),
    Route("/exports/events", events),
    Route("/operations/{id}/refusals", refused_rows),
]
