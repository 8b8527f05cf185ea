"""`/imports/…` takes files and queues operations; `/operations/{id}` shows the progress of one."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.files.parameters import Parameters, required, wrong
from api.files.problems import authorized, refusing
from api.files.upload_body import charset_of, file_chunks
from preference_center.access.scopes import RUN_OPERATIONS, WATCH_OPERATIONS, Access
from preference_center.config import settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.cells.phones import check_country
from preference_center.imports.contacts import ContactImport
from preference_center.imports.csv_encoding import check_encoding
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.operations import operations
from preference_center.operations.operations import OperationRow
from preference_center.operations.visibility import access_to_progress, access_to_results, refusals_shown
from preference_center.rules.types import Channel, LegalBasis
from preference_center.storage.shares import Share
from schema.contract.ids import decode_id, global_id
from schema.engine.context import Context
from schema.operations.downloads import refusals_url

_FILE = ("expect", "encoding", "country", "dry_run", "explanation")
_OPT_OUTS = ("business_unit", "channel", *_FILE)
_CONTACTS = ("business_unit", "legal_basis", "processing_basis", *_FILE)
_EXPECTED = re.compile("[0-9]{1,15}", re.ASCII)
"""A number of rows, exact in JSON."""
_refusing = refusing(invalid_status=422, share=Share.CHANGES)


@_refusing
async def opt_outs(request: Request) -> Response:
    """`POST /imports/opt-outs`: opts every address of a file out of all of a business unit."""
    context = await authorized(request, RUN_OPERATIONS)
    parameters = Parameters(request.query_params.multi_items(), _OPT_OUTS)
    wanted = OptOutImport(
        unit=required(parameters.business_unit("business_unit", context), "business_unit"),
        channel=required(parameters.choice("channel", Channel), "channel"),
        explanation=parameters.text("explanation") or "",
        dry_run=parameters.flag("dry_run") or False,
        country=check_country(parameters.text("country")),
    )
    row = await opt_out_imports.receive(wanted, _upload(request, parameters), context.actor)
    return _queued(row, context)


@_refusing
async def contacts(request: Request) -> Response:
    """`POST /imports/contacts`: creates or updates the contacts of a file, by email address."""
    context = await authorized(request, RUN_OPERATIONS)
    parameters = Parameters(request.query_params.multi_items(), _CONTACTS)
    wanted = ContactImport(
        legal_basis=parameters.choice("legal_basis", LegalBasis),
        processing_basis=parameters.choice("processing_basis", LegalBasis),
        explanation=parameters.text("explanation") or "",
        dry_run=parameters.flag("dry_run") or False,
        country=check_country(parameters.text("country")),
        unit=parameters.business_unit("business_unit", context),
    )
    row = await contact_imports.receive(wanted, _upload(request, parameters), context.actor)
    return _queued(row, context)


@_refusing
async def operation(request: Request) -> Response:
    """`GET /operations/{id}`: one operation as JSON. What the token may not read is null."""
    context = await authorized(request, WATCH_OPERATIONS)
    Parameters(request.query_params.multi_items(), known=())
    operation_id = decode_id(request.path_params["id"], "Operation")
    row = await operations.get(operation_id) if operation_id is not None else None
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no operation with this id.", "id")
    return JSONResponse(operation_json(row, context), headers={"Cache-Control": "no-store"})


def _upload(request: Request, parameters: Parameters) -> Upload:
    encoding = check_encoding(parameters.text("encoding") or charset_of(request))
    return Upload(file_chunks(request), _expected_rows(parameters), encoding)


def _expected_rows(parameters: Parameters) -> int | None:
    text = parameters.text("expect")
    if text is None:
        return None
    if not _EXPECTED.fullmatch(text):
        raise wrong("expect", "`expect` must be the number of rows below the header.")
    return int(text)


def _queued(row: OperationRow, context: Context) -> Response:
    content = operation_json(row, context)
    location = f"{settings.current().public_url}/operations/{content['id']}"
    return JSONResponse(content, 202, headers={"Cache-Control": "no-store", "Location": location})


def operation_json(row: OperationRow, context: Context) -> dict[str, Any]:
    """An operation as JSON, with the field names and the id of the GraphQL type.

    What the token may not read is null.
    """
    refusals = refusals_shown(row, context.scopes)
    to_progress, to_results = access_to_progress(row), access_to_results(row)

    def shown(count: int | None, access: Access | None) -> int | None:
        return count if access is None or context.may(access) else None

    return {
        "id": global_id("Operation", row.id),
        "kind": row.kind.value,
        "state": row.state.value,
        "dryRun": row.dry_run,
        "total": shown(row.total, to_progress),
        "processed": shown(row.processed, to_progress),
        "changed": shown(row.changed, to_results),
        "unchanged": shown(row.unchanged, to_results),
        "refused": shown(row.refused, to_results),
        "optedOut": shown(row.opted_out, to_results),
        "refusals": [{"code": code.value, "count": count} for code, count in refusals.items()],
        "refusalsUrl": refusals_url(row, context),
        "columns": row.parameters.get("columns"),
        "actor": row.actor,
        "explanation": row.explanation,
        "createdAt": row.created_at.isoformat(),
        "finishedAt": row.finished_at.isoformat() if row.finished_at else None,
        "error": row.error,
    }


routes: list[BaseRoute] = [
    Route("/imports/opt-outs", opt_outs, methods=["POST"]),
    Route("/imports/contacts", contacts, methods=["POST"]),
    Route("/operations/{id}", operation),
]
