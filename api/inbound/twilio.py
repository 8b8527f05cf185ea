"""`POST /inbound/sms/twilio`: Twilio delivers a message to a sender number, and gets a reply (R28).

Twilio signs the URL of the webhook and the form's fields. The check uses the configured public URL, because
behind a proxy the request has another.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm
from twilio.twiml.messaging_response import MessagingResponse

from api.http.bodies import BodyTooLarge, read_body
from preference_center.config import settings
from preference_center.inbound import receive as inbound
from preference_center.inbound.receive import Message
from preference_center.rules.addresses import Address
from preference_center.rules.phone_numbers import PhoneNumberError, business_number, parse_provider_number
from preference_center.rules.types import Channel, Meaning, RecipientKind
from preference_center.storage.outages import is_unavailable

log = structlog.get_logger()
PATH = "/inbound/sms/twilio"
MAX_BODY_BYTES = 256 * 1024
_MAX_FIELDS = 1000
_SIGNATURE, _SIGNATURE_SETTINGS = "x-twilio-signature", "x-twilio-webhooks-signature-settings"
_IDS = ("MessageSid", "SmsMessageSid", "SmsSid")
_OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}
_NO_STORE = {"Cache-Control": "no-store"}
Fields = ImmutableMultiDict[str, str]


async def receive(request: Request) -> Response:
    """Receive one message and reply to it.

    403 if the signature is wrong or missing, or no auth token is configured; 400 for a signed request that is
    not a person's message; 413 over 256 KiB; 503 while the database is unavailable.
    """
    try:
        fields = _fields(await read_body(request, MAX_BODY_BYTES))
    except BodyTooLarge:
        return _refused(413, "too large")
    if fields is None or not _is_signed(request, fields):
        log.warning("twilio_signature_refused")
        return _refused(403, "not signed by Twilio")
    message = _message(fields)
    if message is None:
        return _refused(400, "From, To and MessageSid are required")
    try:
        answer = await inbound.receive_message(message)
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("inbound_database_away", provider="twilio")
        return _refused(503, "try again later")
    return _reply(answer.text if answer else None)


def _fields(body: bytes) -> Fields | None:
    """The form's fields; None for a body that Twilio does not send."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:  # not UTF-8, or too many fields
        return None
    return ImmutableMultiDict(pairs)


def _is_signed(request: Request, fields: Fields) -> bool:
    """Whether the signature is valid under a configured auth token, by either of Twilio's algorithms."""
    signature = request.headers.get(_SIGNATURE)
    algorithm = get_signature_algorithm(request.headers.get(_SIGNATURE_SETTINGS)).upper()
    if not signature or algorithm not in (HMAC_SHA1, HMAC_SHA256):
        return False
    config = settings.current()
    query = request.scope["query_string"].decode("latin-1")
    url = config.public_url + PATH + (f"?{query}" if query else "")
    return any(
        RequestValidator(secret).validate(url, fields, signature, algorithm)
        for secret in config.twilio_auth_tokens
    )


def _message(fields: Fields) -> Message | None:
    """The message; None if its sender, recipient or id is missing."""
    message_id = next((fields[name] for name in _IDS if fields.get(name)), None)
    sender, to = fields.get("From", ""), fields.get("To", "")
    if not message_id or not to.strip():
        return None
    try:
        address = Address(RecipientKind.PHONE, parse_provider_number(sender))
    except PhoneNumberError:
        return None
    on_whatsapp = any(number.strip().lower().startswith("whatsapp:") for number in (sender, to))
    meaning = _OPT_OUT_TYPES.get(fields.get("OptOutType", "").strip().upper())
    return Message(
        provider="twilio",
        message_id=message_id,
        channel=Channel.WHATSAPP if on_whatsapp else Channel.SMS,
        sender=address,
        to=business_number(to),
        text=fields.get("Body", "") or fields.get("ButtonText", ""),
        provider_meaning=meaning,
        provider_replied="OptOutType" in fields,
    )


def _reply(text: str | None) -> Response:
    """TwiML: a message to the sender, or nothing."""
    twiml = MessagingResponse()
    if text is not None:
        twiml.message(text)
    return Response(str(twiml), media_type="text/xml", headers=_NO_STORE)


def _refused(status: int, reason: str) -> Response:
    return PlainTextResponse(reason + "\n", status, headers=_NO_STORE)


routes: list[BaseRoute] = [Route(PATH, receive, methods=["POST"])]
