"""`/inbound/whatsapp`: what WhatsApp's Cloud API calls, once to get acquainted and then with messages."""

from __future__ import annotations

import hmac
from hashlib import sha256

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from api.http.bodies import BodyTooLarge, read_body
from api.inbound.whatsapp_payload import Batch, Unreadable, read
from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.inbound import receive as inbound
from preference_center.inbound.receive import Answering, Message
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.outbox.queue import queue_keyword_reply
from preference_center.rules.types import Channel
from preference_center.storage.outages import is_unavailable

log = structlog.get_logger()
PATH = "/inbound/whatsapp"
LARGEST_BODY = 3 * 1024 * 1024
"""Bytes; as much as Meta puts into one delivery."""
_LONGEST_CHALLENGE = 1_000


async def handshake(request: Request) -> Response:
    """`GET`: say the challenge back to whoever knows the token that was agreed on."""
    asked = request.query_params
    token, given = settings.current().whatsapp_verify_token, asked.get("hub.verify_token", "")
    known = token is not None and hmac.compare_digest(token.encode(), given.encode())
    if not known or asked.get("hub.mode") != "subscribe":
        log.warning("whatsapp_handshake_refused")
        return _answer(403)
    return _answer(200, asked.get("hub.challenge", "")[:_LONGEST_CHALLENGE])


async def receive(request: Request) -> Response:
    """`POST`: take in the messages of a delivery that Meta signed, each once, oldest first (R17, R30).

    What is not signed is answered 403, what is no JSON 400, and 503 asks for the whole delivery again: what
    was taken in of it acts no second time.
    """
    signature = request.headers.get("x-hub-signature-256", "")
    secrets = settings.current().whatsapp_app_secrets
    if not signature or not secrets:
        return _unsigned()
    try:
        body = await read_body(request, LARGEST_BODY)
    except BodyTooLarge:
        return _answer(413)
    if not any(_signs(secret, body, signature) for secret in secrets):
        return _unsigned()
    try:
        batch = read(body)
    except Unreadable:
        log.warning("whatsapp_unreadable")
        return _answer(400)
    return _answer(200 if await _taken_in(batch) else 503)


def _signs(secret: str, body: bytes, signature: str) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())


async def _taken_in(batch: Batch) -> bool:
    """Whether every message is taken in; one that fails holds up none of the others."""
    if batch.passed_over:
        log.warning("whatsapp_passed_over", number=batch.passed_over)
    failed = 0
    for message in batch.messages:
        try:
            await inbound.take_in(message, answer=_queueing(message))
        except Exception as error:
            if is_unavailable(error):
                log.warning("inbound_database_away", provider="whatsapp")
                return False
            log.exception("whatsapp_failed")
            failed += 1
    return not failed


def _queueing(message: Message) -> Answering:
    """What queues the answer to a message, in the transaction that takes the message in."""

    async def queue(answer: KeywordReply) -> None:
        sender = (await sender_numbers.get_many([answer.sender_number_id]))[answer.sender_number_id]
        unit = (await exact_catalog()).unit_by_id(sender.unit_id)
        await queue_keyword_reply(answer, message.sender, Channel.WHATSAPP, unit)

    return queue


def _unsigned() -> Response:
    log.warning("whatsapp_signature_refused")
    return _answer(403)


def _answer(status: int, text: str = "") -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(text, status, headers=headers)


routes: list[BaseRoute] = [
    Route(PATH, handshake, methods=["GET"]),
    Route(PATH, receive, methods=["POST"]),
]
