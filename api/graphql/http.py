"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/): requests are read strictly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.graphql.limits import BODY_BYTES
from api.graphql.run import Answer, Params
from api.graphql.turns import Kind, turn
from api.http.accept import preferred
from api.http.bodies import BodyTooLarge, read_body
from api.http.outages import CODE, MESSAGE
from preference_center.precedence import Patience

LARGE_BODY = 100_000
"""In bytes. Parsing a body that is as large as allowed takes some ten milliseconds, in a thread too."""
JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
_OFFERED = {JSON: JSON, "*/*": JSON, "application/*": JSON, GRAPHQL: GRAPHQL}


class Refused(Exception):
    """A request that is not GraphQL over HTTP, or is not allowed."""

    def __init__(self, status: int, message: str, code: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Document:
    """The document that a request asks for."""

    text: str
    by_id: bool = False
    """Whether the request has an id or a hash in the place of the document."""
    register_as: str | None = None
    """The hash that the document came with, for later requests."""


Choose = Callable[[Mapping[str, Any]], Document]
"""Finds the document that the parameters of a request ask for. Raises Refused."""


def negotiate(accept: str | None) -> str:
    """Choose the media type of the response. Raises Refused (406) if none is accepted."""
    if accept is None or not accept.strip():
        return JSON
    chosen = preferred(accept, _OFFERED)
    if chosen is None:
        raise Refused(406, f"Accept {GRAPHQL} or {JSON}.", "NOT_ACCEPTABLE")
    return chosen


async def read_post(request: Request, choose: Choose) -> tuple[Params, Document]:
    """Read the parameters of a POST. Raises Refused: 415, 413, 400, and what `choose` raises."""
    content_type, _, options = request.headers.get("content-type", "").partition(";")
    if content_type.strip().lower() != JSON:
        raise Refused(415, f"Send {JSON}.", "UNSUPPORTED_MEDIA_TYPE")
    charset = options.partition("charset=")[2].partition(";")[0].strip().strip('"').lower()
    if charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "Send UTF-8.", "UNSUPPORTED_MEDIA_TYPE")
    body = await _read(request)
    if len(body) <= LARGE_BODY:
        return parse_params(_parse_json(body, "the body"), choose)
    async with turn(Kind.LARGE_BODY):
        await Patience().give_way()
        params = parse_params(_parse_json(body, "the body"), choose)
        await asyncio.sleep(0)  # others are served before the next large body is parsed
        return params


def read_get(request: Request, choose: Choose) -> tuple[Params, Document]:
    """Read the parameters of a GET; `variables` and `extensions` are JSON.

    Raises Refused: 400, and what `choose` raises.
    """
    values: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    for name in values.keys() & {"variables", "extensions"}:
        values[name] = _parse_json(values[name].encode(errors="replace"), f"`{name}`")
    return parse_params(values, choose)


async def _read(request: Request) -> bytes:
    try:
        return await read_body(request, BODY_BYTES)
    except BodyTooLarge:
        message = f"The body is larger than {BODY_BYTES:,} bytes. Send less at a time."
        raise Refused(413, message, "BODY_TOO_LARGE") from None


def _parse_json(text: bytes, source: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"Cannot read {source} as JSON: {error.msg}."
        raise Refused(400, message, "BAD_REQUEST") from None


def parse_params(values: Any, choose: Choose) -> tuple[Params, Document]:
    """Check the parameters of a request, or of a WebSocket's subscribe message.

    Raises Refused: 400, and what `choose` raises.
    """
    if not isinstance(values, dict):
        raise bad_request("Send a JSON object. Batches are not supported.")
    document, name = choose(values), values.get("operationName")
    if name is not None and not isinstance(name, str):
        raise bad_request("`operationName` must be a string or null.")
    for part in ("variables", "extensions"):
        if values.get(part) is not None and not isinstance(values[part], dict):
            raise bad_request(f"`{part}` must be an object or null.")
    return Params(document.text, values.get("variables") or {}, name), document


def bad_request(message: str) -> Refused:
    """Return the refusal of a request that is not valid: 400."""
    return Refused(400, message, "BAD_REQUEST")


def answer_response(answer: Answer, media_type: str) -> Response:
    """Return an answer as a response: 200, or 400 for a refused document if the client accepts GRAPHQL."""
    status = 200 if answer.started or media_type == JSON else 400
    return _response(answer.body, status, media_type)


def refusal_response(refused: Refused, media_type: str) -> Response:
    """Return a refusal as a response, in the form of a GraphQL answer."""
    errors = [{"message": refused.message, "extensions": {"code": refused.code}}]
    response = _response({"errors": errors}, refused.status, media_type)
    response.headers.update(refused.headers)
    return response


def unavailable(request: Request) -> Response:
    """Return the response during an outage of the database."""
    try:
        media_type = negotiate(request.headers.get("accept"))
    except Refused:
        media_type = JSON
    return refusal_response(Refused(503, MESSAGE, CODE), media_type)


def encoded(body: Mapping[str, Any]) -> bytes:
    """Encode an answer as JSON: enums by their values, instants in UTC."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def _response(body: Mapping[str, Any], status: int, media_type: str) -> Response:
    headers = {"content-type": f"{media_type}; charset=utf-8", "cache-control": "no-store"}
    return Response(encoded(body), status, headers)
