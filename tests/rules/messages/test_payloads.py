"""Ids of buttons and list items: those for opting out count like text, and none opts in (R27, R29)."""

from __future__ import annotations

import pytest

from preference_center.rules.messages.payloads import read_payload
from preference_center.rules.types import Meaning

STOPS = [
    *("STOP", "stop", "StopAll", "STOP_ALL", "stop-promotions", "STOP_MARKETING", "stopMarketingMessages"),
    *("UNSUBSCRIBE", "unsub", "btn_unsubscribe", "unsubscribe_all_en", "UNSUBSCRIBE_SMS", "unsubscribe.me"),
    *("OPTOUT", "opt-out", "optOut", "OPT_OUT_WHATSAPP", "opt out", "marketing_opt_out"),
    *("QUIT", "REVOKE", "revoke_consent", "cancel_subscription", "please_stop_messaging_me"),
    *(
        "0_Stop",
        "1_Stop_messages",
        "row-7-stop",
        "STOP:42",
        "stop?id=7",
        '{"action":"stop"}',
        "stop_1699999999",
    ),
    *(
        "abmelden",
        "BAJA",
        "desabonnement",
        "WYPISZ",
        "avregistrera",
        "disiscriviti",
        "afmelden",
        "退订",
        "退訂",
    ),
]
OTHERS = [
    *(
        "",
        "1",
        "row-7",
        "yes",
        "no",
        "no_thanks",
        "START",
        "subscribe",
        "resubscribe",
        "UNSTOP",
        "opt_in",
        "help",
    ),
    *(
        "dont_stop",
        "DO_NOT_STOP",
        "non_stop",
        "nonstop",
        "bus_stop",
        "keep",
        "cancel_order",
        "CANCEL_BOOKING",
    ),
    *("END_CHAT", "endless", "weekend", "not_interested", "stopwatch", "a" * 100_000, "\x00\ud800"),
]


@pytest.mark.parametrize("payload", STOPS)
def test_an_id_for_opting_out_is_a_stop(payload: str) -> None:
    assert read_payload(payload, "No thanks") is Meaning.STOP
    assert read_payload(payload) is Meaning.STOP


@pytest.mark.parametrize("payload", OTHERS)
def test_any_other_id_means_nothing(payload: str) -> None:
    assert read_payload(payload, "No thanks") is read_payload(payload) is Meaning.NOTHING


@pytest.mark.parametrize("payload", ["CANCEL", "END", "cancelar", "ANNULER", "anuluj", "Ende", "remove"])
def test_an_id_that_may_be_about_something_else_is_unclear_beside_a_title(payload: str) -> None:
    assert read_payload(payload, "Cancel my table") is Meaning.UNCLEAR
    assert read_payload(payload) is Meaning.STOP
