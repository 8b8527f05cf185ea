"""What a message means, with everything that it consists of: an opt-out anywhere in it counts (R27, R29)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from preference_center.catalog import keywords
from preference_center.catalog.catalog import BusinessUnit
from preference_center.inbound.message import Message
from preference_center.rules.messages.classify import Reading, classify
from preference_center.rules.messages.payloads import read_payload
from preference_center.rules.types import Meaning

OPT_OUTS = frozenset({Meaning.STOP, Meaning.WITHDRAWAL})
_STRENGTH = (Meaning.STOP, Meaning.WITHDRAWAL, Meaning.UNCLEAR)
"""Meanings that count wherever in a message they are, strongest first."""


def read_message(message: Message, business_unit: BusinessUnit | None) -> Reading:
    """Return what a message to a unit, or to an unknown number, means.

    The text alone opts in or asks for help: elsewhere START is unclear, and the id of a button is ignored.
    """
    text = _read(message.text, business_unit)
    if message.provider_meaning:
        return replace(text, meaning=message.provider_meaning)
    others = list(_others(message, business_unit))
    for meaning in _STRENGTH:
        if text.meaning is meaning:
            return text
        if meaning in others:
            return Reading(meaning, text.language)
    return text


def _others(message: Message, business_unit: BusinessUnit | None) -> Iterator[Meaning]:
    """The meanings of everything but the text."""
    for more in message.more_texts:
        meaning = _read(more, business_unit).meaning
        repeated = more.strip().casefold() == message.text.strip().casefold()
        yield Meaning.UNCLEAR if meaning is Meaning.START and not repeated else meaning
    for answer in message.answers:
        yield _answer(answer, business_unit)
    for payload in message.payloads:
        yield read_payload(payload, message.text)


def _answer(answer: str, business_unit: BusinessUnit | None) -> Meaning:
    """The meaning of an answer in a form. A choice may be an id, and CANCEL may be about an order."""
    meaning = _read(answer, business_unit).meaning
    if meaning is Meaning.START:
        return Meaning.UNCLEAR
    if meaning is Meaning.STOP or (meaning not in OPT_OUTS and " " not in answer.strip()):
        chosen = read_payload(answer, title=answer)
        return meaning if chosen is Meaning.NOTHING else chosen
    return meaning


def _read(text: str, business_unit: BusinessUnit | None) -> Reading:
    return keywords.read(text, business_unit) if business_unit else classify(text)
