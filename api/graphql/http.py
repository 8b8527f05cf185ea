"""GraphQL over HTTP: what a request must look like, read strictly, and the media type of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.graphql.limits import BODY_BYTES
from api.graphql.run import Answer, Params
from api.http.bodies import BodyTooLarge, read_body

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
_OPTIONS = orjson.OPT_UTC_Z


class Refused(Exception):
    """A request that is not GraphQL over HTTP, or not allowed."""

    def __init__(self, status: int, message: str, code: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def media_type(accept: str | None) -> str:
    """Choose the answer's media type. Raises Refused (406) where none that is accepted can be given."""
    if accept is None or not accept.strip():
        return JSON
    best, chosen = 0.0, None
    for part in accept.split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(options)
        offered = GRAPHQL if name == GRAPHQL else JSON if name in (JSON, "*/*", "application/*") else None
        if offered is not None and quality > best:
            best, chosen = quality, offered
    if chosen is None:
        raise Refused(406, f"Accept {GRAPHQL} or {JSON}.", "NOT_ACCEPTABLE")
    return chosen


def _quality(options: list[str]) -> float:
    for option in options:
        if option.startswith("q="):
            try:
                return float(option[2:])
            except ValueError:
                return 0.0
    return 1.0


async def read_post(request: Request) -> Params:
    """Read a POST's parameters. Raises Refused: 415, 413, 400."""
    kind, _, options = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != JSON:
        raise Refused(415, f"Send {JSON}.", "UNSUPPORTED_MEDIA_TYPE")
    charset = options.partition("charset=")[2].partition(";")[0].strip().strip('"').lower()
    if charset not in ("", "utf-8", "utf8"):
        raise Refused(415, "Send UTF-8.", "UNSUPPORTED_MEDIA_TYPE")
    return _params(_decoded(await _body(request), "the body"))


def read_get(request: Request) -> Params:
    """Read a GET's parameters; `variables` and `extensions` are JSON. Raises Refused: 400."""
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _decoded(given[name].encode(errors="replace"), f"`{name}`")
        else:
            given.pop(name, None)
    if not given.get("operationName"):
        given.pop("operationName", None)
    return _params(given)


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, BODY_BYTES)
    except BodyTooLarge:
        message = f"A body has at most {BODY_BYTES} bytes."
        raise Refused(413, message, "BODY_TOO_LARGE") from None


def _decoded(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"Cannot read {what} as JSON: {error.msg}."
        raise Refused(400, message, "BAD_REQUEST") from None


def _params(given: Any) -> Params:
    if not isinstance(given, dict):
        raise Refused(400, "The parameters must be a JSON object; batches are not served.", "BAD_REQUEST")
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "`query` must be a text.", "BAD_REQUEST")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "`operationName` must be a text or null.", "BAD_REQUEST")
    for part in ("variables", "extensions"):
        if given.get(part) is not None and not isinstance(given[part], dict):
            raise Refused(400, f"`{part}` must be an object or null.", "BAD_REQUEST")
    return Params(query, given.get("variables") or {}, name)


def params_of(payload: Mapping[str, Any]) -> Params:
    """Read the parameters of a WebSocket's subscribe message. Raises Refused."""
    return _params(dict(payload))


def response(answer: Answer, media: str) -> Response:
    """Encode an answer: 200, or 400 where a client that knows the newer media type sent what can't run."""
    status = 200 if answer.started or media == JSON else 400
    return _response(answer.body, status, media)


def refusing(refused: Refused, media: str) -> Response:
    """Encode a refusal in the shape of a GraphQL answer."""
    errors = [{"message": refused.message, "extensions": {"code": refused.code}}]
    made = _response({"errors": errors}, refused.status, media)
    made.headers.update(refused.headers)
    return made


def encoded(body: Mapping[str, Any]) -> bytes:
    """Encode as JSON; enums by their value, instants in UTC."""
    return orjson.dumps(body, option=_OPTIONS)


def _response(body: Mapping[str, Any], status: int, media: str) -> Response:
    headers = {"content-type": f"{media}; charset=utf-8", "cache-control": "no-store"}
    return Response(encoded(body), status, headers)
