"""`/imports/…`: files in, operations out; `/operations/{id}` shows how far one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.files.parameters import Given
from api.files.upload_body import BadBody, charset_of, chunks_of
from api.http.auth import BadUser, Unauthenticated, caller_of
from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.csv_encoding import check_encoding
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.reception import Upload
from preference_center.operations import operations
from preference_center.operations.operations import OperationRow
from preference_center.rules.types import Channel, LegalBasis
from schema.contract.ids import global_id, number_of
from schema.engine.context import Context

T = TypeVar("T")
_FILE = ("expect", "encoding", "dry_run", "explanation")
_OPT_OUTS = ("business_unit", "channel", *_FILE)
_CONTACTS = ("legal_basis", "processing_basis", *_FILE)
_LARGEST_NUMBER = 2**53


async def opt_outs(request: Request) -> Response:
    """`POST /imports/opt-outs`: every address of a file is opted out of all of a business unit."""

    async def act(given: Given, context: Context) -> Response:
        wish = OptOutImport(
            unit=_needed(given.unit("business_unit", context), "business_unit"),
            channel=_needed(given.one_of("channel", Channel), "channel"),
            explanation=given.text("explanation") or "",
            dry_run=given.flag("dry_run") or False,
        )
        return _accepted(await opt_out_imports.receive(wish, _upload(request, given), context.actor))

    return await _Answer(request, _OPT_OUTS, ("operations:write",)).by(act)


async def contacts(request: Request) -> Response:
    """`POST /imports/contacts`: the contacts of a file are created or changed, by email."""

    async def act(given: Given, context: Context) -> Response:
        wish = ContactImport(
            legal_basis=given.one_of("legal_basis", LegalBasis),
            processing_basis=given.one_of("processing_basis", LegalBasis),
            explanation=given.text("explanation") or "",
            dry_run=given.flag("dry_run") or False,
        )
        return _accepted(await contact_imports.receive(wish, _upload(request, given), context.actor))

    return await _Answer(request, _CONTACTS, ("operations:write",)).by(act)


async def operation(request: Request) -> Response:
    """`GET /operations/{id}`: one operation as JSON."""

    async def act(_given: Given, _context: Context) -> Response:
        number = number_of(request.path_params["id"], "Operation")
        row = await operations.get(number) if number is not None else None
        if row is None:
            raise Invalid(ErrorCode.NOT_FOUND, "There is no such operation.", "id")
        return _json(shown(row), 200)

    return await _Answer(request, (), ("operations:write", "contacts:read")).by(act)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One request: who asks is looked at first, then what for, then the body."""

    request: Request
    known: tuple[str, ...]
    scopes: tuple[str, ...]

    async def by(self, act: Callable[[Given, Context], Awaitable[Response]]) -> Response:
        """Answer with what `act` makes, or with what is wrong."""
        try:
            caller = await caller_of(self.request.headers)
        except Unauthenticated:
            translator = "An access token is needed: `Authorization: Bearer sayso_…`."
            return _problem(401, "UNAUTHENTICATED", translator, WWW_Authenticate='Bearer realm="sayso"')
        except BadUser:
            return _problem(400, "BAD_REQUEST", "X-Sayso-User is too long, or no plain text.")
        context = Context(caller.actor, caller.scopes, await exact_catalog())
        if not any(map(context.may, self.scopes)):
            return _problem(403, "FORBIDDEN", f"This token lacks the scope {self.scopes[0]}.")
        try:
            return await act(Given(self.request.query_params.multi_items(), self.known), context)
        except BadBody as bad:
            return _problem(bad.status, bad.code, bad.message)
        except Invalid as refused:
            missing = refused.code is ErrorCode.NOT_FOUND and refused.field == ("id",)
            field = ".".join(refused.field) if refused.field else None
            return _problem(404 if missing else 422, refused.code.value, refused.message, field)


def _needed(value: T | None, name: str) -> T:
    if value is None:
        raise Invalid(ErrorCode.INVALID_VALUE, f"`{name}` is missing.", name)
    return value


def _upload(request: Request, given: Given) -> Upload:
    encoding = check_encoding(given.text("encoding") or charset_of(request))
    return Upload(chunks_of(request), _expected(given.text("expect")), encoding)


def _expected(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text) < _LARGEST_NUMBER):
        raise Invalid(ErrorCode.INVALID_VALUE, "`expect` is the number of rows below the header.", "expect")
    return int(text)


def _accepted(row: OperationRow) -> Response:
    said = shown(row)
    return _json(said, 202, Location=f"{settings.current().public_url}/operations/{said['id']}")


def shown(row: OperationRow) -> dict[str, Any]:
    """An operation as JSON has it: the names and the id are those of the GraphQL type."""
    number = global_id("Operation", row.id)
    refusals = f"{settings.current().public_url}/operations/{number}/refusals"
    return {
        "id": number,
        "kind": row.kind.value,
        "state": row.state.value,
        "dryRun": row.dry_run,
        "total": row.total,
        "processed": row.processed,
        "changed": row.changed,
        "unchanged": row.unchanged,
        "refused": row.refused,
        "refusals": [{"code": code, "count": count} for code, count in sorted(row.refusals.items())],
        "refusalsUrl": refusals if row.refusals else None,
        "actor": row.actor,
        "explanation": row.explanation,
        "createdAt": row.created_at.isoformat(),
        "finishedAt": row.finished_at.isoformat() if row.finished_at else None,
        "error": row.error,
    }


def _problem(status: int, code: str, message: str, field: str | None = None, **headers: str) -> Response:
    return _json({"code": code, "message": message, "field": field}, status, **headers)


def _json(said: dict[str, Any], status: int, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(said, status, headers={"Cache-Control": "no-store", **named})


routes: list[BaseRoute] = [
    Route("/imports/opt-outs", opt_outs, methods=["POST"]),
    Route("/imports/contacts", contacts, methods=["POST"]),
    Route("/operations/{id}", operation),
]
