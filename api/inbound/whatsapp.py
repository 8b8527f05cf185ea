"""`/inbound/whatsapp`: the webhook of WhatsApp's Cloud API, verified once, then called with messages."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from hashlib import sha256

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from api.http.bodies import BodyTooLarge, read_body
from api.inbound.whatsapp_payload import Batch, Unreadable, read_batch
from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.inbound import receive as inbound
from preference_center.inbound.refusals import receive_refusal
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.outbox.queue import queue_keyword_reply
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from preference_center.upgrade import readiness

log = structlog.get_logger()
PATH = "/inbound/whatsapp"
MAX_BODY_BYTES = 3 * 1024 * 1024
"""The most that Meta puts into one delivery."""
_MAX_CHALLENGE_LENGTH = 1_000


async def handshake(request: Request) -> Response:
    """`GET`: return the challenge if the verify token is right."""
    query = request.query_params
    expected, sent = settings.current().whatsapp_verify_token, query.get("hub.verify_token", "")
    valid = expected is not None and hmac.compare_digest(expected.encode(), sent.encode())
    if not valid or query.get("hub.mode") != "subscribe":
        log.warning("whatsapp_handshake_refused")
        return _answer(403)
    return _answer(200, query.get("hub.challenge", "")[:_MAX_CHALLENGE_LENGTH])


async def receive(request: Request) -> Response:
    """`POST`: receive the messages of a delivery that Meta signed, each once, oldest first (R17, R30).

    403 without a valid signature; 400 for a body that is not JSON; 413 over 3 MiB; 503 to get the whole
    delivery again, of which messages already received have no effect.
    """
    signature = request.headers.get("x-hub-signature-256", "")
    secrets = settings.current().whatsapp_app_secrets
    if not signature or not secrets:
        return _refuse_signature()
    try:
        body = await read_body(request, MAX_BODY_BYTES)
    except BodyTooLarge:
        return _answer(413)
    if not any(_is_signed_with(secret, body, signature) for secret in secrets):
        return _refuse_signature()
    try:
        batch = read_batch(body)
    except Unreadable:
        log.warning("whatsapp_unreadable")
        return _answer(400)
    return _answer(200 if await _receive_all(batch) else 503)


def _is_signed_with(secret: str, body: bytes, signature: str) -> bool:
    expected = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())


async def _receive_all(batch: Batch) -> bool:
    """Receive everything in a delivery, also after something has failed. False if anything failed."""
    if batch.skipped:
        log.warning("whatsapp_passed_over", number=batch.skipped)
    failed = 0
    for receive_one in _parts(batch):
        try:
            await receive_one()
        except Exception as error:
            if await readiness.is_outage(error):
                raise
            log.exception("whatsapp_failed")
            failed += 1
    return not failed


def _parts(batch: Batch) -> Iterator[Callable[[], Awaitable[object]]]:
    """What to do for each part of a delivery. User ids first: they tell who sent the other parts."""
    for sender in batch.senders:
        if sender.phone is not None:
            yield partial(inbound.learn_user_ids, sender.user_ids, sender.phone)
    for refusal in batch.refusals:
        yield partial(receive_refusal, refusal)
    for message in batch.messages:
        yield partial(inbound.receive_message, message, queue_reply=_queue_reply)


async def _queue_reply(reply: KeywordReply) -> None:
    """Queue the reply to a message, in the transaction that receives the message."""
    if reply.to is None:
        return  # only WhatsApp knows the number
    sender = (await sender_numbers.get_many([reply.sender_number_id]))[reply.sender_number_id]
    unit = (await exact_catalog()).unit_by_id(sender.unit_id)
    await queue_keyword_reply(reply, Address(RecipientKind.PHONE, reply.to), Channel.WHATSAPP, unit)


def _refuse_signature() -> Response:
    log.warning("whatsapp_signature_refused")
    return _answer(403)


def _answer(status: int, text: str = "") -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(text, status, headers=headers)


routes: list[BaseRoute] = [
    Route(PATH, handshake, methods=["GET"]),
    Route(PATH, receive, methods=["POST"]),
]
