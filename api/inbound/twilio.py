"""`POST /inbound/sms/twilio`: Twilio delivers a message to a sender number, and gets a reply (R28).

Twilio signs the URL of the webhook and the form's fields. The check uses the configured public URL, because
behind a proxy the request has another.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm
from twilio.twiml.messaging_response import MessagingResponse

from api.http.bodies import BodyTooLarge, read_body
from api.inbound.json_values import storable
from api.inbound.whatsapp_senders import parsed_phone
from api.inbound.words import answers_of
from preference_center.config import settings
from preference_center.inbound import receive as inbound
from preference_center.inbound.message import Message
from preference_center.inbound.refusals import Refusal, receive_refusal
from preference_center.inbound.senders import keyed_digest
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.outbox.text_messages.providers import OPT_OUT_CODES
from preference_center.rules.addresses import Address
from preference_center.rules.phone_numbers import business_number
from preference_center.rules.types import Channel, Meaning

log = structlog.get_logger()
PATH = "/inbound/sms/twilio"
MAX_BODY_BYTES = 256 * 1024
_MAX_FIELDS = 1000
_SIGNATURE, _SIGNATURE_SETTINGS = "x-twilio-signature", "x-twilio-webhooks-signature-settings"
_IDS = ("MessageSid", "SmsMessageSid", "SmsSid")
_TEXTS = ("Body", "ButtonText", "ListTitle")
"""What the person typed or pressed."""
_PAYLOADS = ("ButtonPayload", "ListId")
_USER_IDS = ("ExternalUserId", "ParentExternalUserId")
_STATUSES, _RECEIVED = ("MessageStatus", "SmsStatus"), frozenset({"received", "receiving"})
_CODE = re.compile("[0-9]{1,9}", re.ASCII)
_SERVICE = re.compile("MG[0-9a-f]{32}")
"""The id of a messaging service, which chooses the number itself."""
_PREFIX = re.compile("(?:whatsapp|sms|rcs):", re.IGNORECASE)
_OPT_OUT_TYPES = {"STOP": Meaning.STOP, "START": Meaning.START, "HELP": Meaning.HELP}
_NO_STORE = {"Cache-Control": "no-store"}
Fields = ImmutableMultiDict[str, str]


async def receive(request: Request) -> Response:
    """Receive one message and reply to it, or learn from the status of a message to a person (R39).

    403 if the signature is wrong or missing, or no auth token is configured; 400 for a signed request that
    has neither a text nor a sender; 413 over 256 KiB.
    """
    try:
        fields = _fields(await read_body(request, MAX_BODY_BYTES))
    except BodyTooLarge:
        return _refused(413, "too large")
    if fields is None or not _is_signed(request, fields):
        log.warning("twilio_signature_refused")
        return _refused(403, "not signed by Twilio")
    try:
        answer = await _receive(fields)
    except _NotAMessage:
        return _refused(400, "not a message")
    return _reply(answer.text if answer else None)


async def _receive(fields: Fields) -> KeywordReply | None:
    """Receive what a signed request says. Raises _NotAMessage if it says nothing."""
    if _is_status(fields):
        phone, user_ids = _person(fields, fields.get("To", ""))
        if phone is not None and user_ids:
            await inbound.learn_user_ids(user_ids, phone)
        refusal = _refusal(fields)
        if refusal is not None:
            await receive_refusal(refusal)
        return None
    message = _message(fields)
    if message is None:
        raise _NotAMessage
    return await inbound.receive_message(message)


class _NotAMessage(ValueError):
    """A request without a text that names no sender."""


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


def _is_status(fields: Fields) -> bool:
    """Whether it is about a message of the business's own: a status callback that is sent to this URL."""
    statuses = {fields.get(name, "").strip().lower() for name in _STATUSES} - {""}
    if statuses:
        return statuses.isdisjoint(_RECEIVED)
    return bool(fields.get("ErrorCode")) and not any(fields.get(name) for name in (*_TEXTS, *_PAYLOADS))


def _refusal(fields: Fields) -> Refusal | None:
    """The refusal that a status reports; None for any other status, which says nothing about consent."""
    code = fields.get("ErrorCode", "").strip()
    if not _CODE.fullmatch(code) or int(code) not in OPT_OUT_CODES:
        return None
    phone, user_ids = _person(fields, fields.get("To", ""))
    sent_from = fields.get("From", "").strip()
    return Refusal(
        provider="twilio",
        message_id=_message_id(fields),
        channel=_channel(fields),
        recipient=phone,
        sent_from="" if _SERVICE.fullmatch(sent_from) else business_number(sent_from),
        code=int(code),
        user_ids=user_ids,
    )


def _message(fields: Fields) -> Message | None:
    """The message; None if it is empty and has no sender, or does not name the number it was sent to."""
    to = fields.get("To", "")
    phone, user_ids = _person(fields, fields.get("From", ""), fields.get("WaId", ""))
    form = answers_of(fields.get("InteractiveData", "") or fields.get("FlowData", ""))
    texts = [text for name in _TEXTS if (text := storable(fields.get(name, "")))]
    payloads = [text for name in _PAYLOADS if (text := storable(fields.get(name, "")))]
    says_something = bool(texts or payloads) or not form.is_empty
    if not says_something and (phone is None or not to.strip()):
        return None
    return Message(
        provider="twilio",
        message_id=_message_id(fields),
        channel=_channel(fields),
        sender=phone,
        to=business_number(to),
        text=texts[0] if texts else "",
        more_texts=tuple(texts[1:]),
        answers=tuple(form.answers),
        payloads=(*payloads, *form.payloads),
        user_ids=user_ids,
        user_name=storable(fields.get("ProfileName", "")),
        provider_meaning=_OPT_OUT_TYPES.get(fields.get("OptOutType", "").strip().upper()),
        provider_replied="OptOutType" in fields,
    )


def _person(fields: Fields, *numbers: str) -> tuple[Address | None, tuple[str, ...]]:
    """The person's phone number, and whatever else identifies them: WhatsApp user ids, a short name."""
    phones = [parsed_phone(number) for number in numbers]
    others = [
        _PREFIX.sub("", storable(number)).strip()
        for number, phone in zip(numbers, phones, strict=True)
        if phone is None
    ]
    user_ids = [_PREFIX.sub("", storable(fields.get(name, ""))).strip() for name in _USER_IDS]
    return next(filter(None, phones), None), tuple(dict.fromkeys(filter(None, (*user_ids, *others))))


def _channel(fields: Fields) -> Channel:
    """WHATSAPP if one of the two is a WhatsApp address, or the sender has a WhatsApp user id."""
    numbers = (fields.get(name, "").strip().lower() for name in ("From", "To"))
    on_whatsapp = any(number.startswith("whatsapp:") for number in numbers)
    return Channel.WHATSAPP if on_whatsapp else Channel.SMS


def _message_id(fields: Fields) -> str:
    """The id; for a request without one, a digest of all that it says, so that it acts once too."""
    found = next((fields[name] for name in _IDS if fields.get(name)), None)
    return found or keyed_digest(repr(sorted(fields.multi_items())))


def _reply(text: str | None) -> Response:
    """TwiML: a message to the sender, or nothing."""
    twiml = MessagingResponse()
    if text is not None:
        twiml.message(text)
    return Response(str(twiml), media_type="text/xml", headers=_NO_STORE)


def _refused(status: int, reason: str) -> Response:
    return PlainTextResponse(reason + "\n", status, headers=_NO_STORE)


routes: list[BaseRoute] = [Route(PATH, receive, methods=["POST"])]
