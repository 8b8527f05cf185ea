"""The time of an opt-out is found in lists under the names of other systems (R17)."""

from __future__ import annotations

import pytest

from preference_center.imports.opt_out_columns.times import time_columns
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE, BOB, Brands, by_recipient, update_preferences
from tests.imports.files import numbers, opt_outs, opted_out, refusals

NAMES = """
occurred_at|unsubscribed_at|Unsubscribed On|unsubscribed_on|UNSUB_TIME|Unsub Date|opt_out_date
Opt-Out Time|Opted Out At|optedOutOn|Date unsubscribed|Unsubscribe Date|unsubscribeDate
Unsubscribed Date (UTC)|Date of opt-out|Suppressed At|suppression_date|Blacklisted at|Complaint date
created|created_at|CreatedAt|Created On|Date Created|Creation Date|Added|Added Time|Date Added
LastUpdateTime|Last Updated|updated_at|Last Modified|timestamp|Date|Time|Datetime|event_time|Event Date
Status Date|Status changed at|Abgemeldet am|Abmeldedatum|Datum der Abmeldung|Datum|Erstellt am
Date de désinscription|Désabonné le|Créé le|Date de création|Fecha de baja|Fecha|Fecha de creación
Data de descadastro|Criado em|Data di disiscrizione|Data disiscrizione|Creato il|Afgemeld op
Uitschrijfdatum|Aangemaakt op|Data wypisania|Data rezygnacji|Wypisano dnia|Data utworzenia
Avregistrerad den|Avanmäld datum|Afmeldt den|Odhlášen dne|Дата отписки|Дата|退订时间|退订日期|退訂時間
取消订阅时间|创建时间|配信停止日|配信停止日時|日時|수신거부일|수신거부 일시|날짜
"""
OTHERS = """
subscribed_at|Opt-in time|CONFIRM_TIME|birthday|Birth date|Order date|unsubscribe_link|unsub_reason
unsubscribed|first_name|reason|status|list|Campaign|source|created_by|Last campaign sent
unsubscribe_count|Update
"""
MOST_SPECIFIC_FIRST = [
    "occurred_at",
    "Unsubscribed On",
    "Event Date",
    "Timestamp",
    "Last Updated",
    "created_at",
]


@pytest.mark.parametrize("name", NAMES.strip().replace("\n", "|").split("|"))
def test_a_name_for_the_time_of_an_opt_out_is_known(name: str) -> None:
    assert time_columns(["email", name, "note"]) == [1]


@pytest.mark.parametrize("name", OTHERS.strip().replace("\n", "|").split("|"))
def test_a_name_of_something_else_is_no_time(name: str) -> None:
    assert time_columns(["email", name]) == []


def test_the_most_specific_name_wins_wherever_it_is() -> None:
    for position, name in enumerate(MOST_SPECIFIC_FIRST):
        less_specific = MOST_SPECIFIC_FIRST[position + 1 :]
        assert time_columns(["email", name, *less_specific]) == [1]
        assert time_columns([*less_specific, name, "email"]) == [len(less_specific)]


def test_of_two_names_that_are_equally_specific_the_first_counts() -> None:
    assert time_columns(["email", "opt_out_date", "UNSUB_TIME"]) == [1]
    assert time_columns(["unsub_time", "email", "UNSUB_TIME"]) == [0, 2]


@pytest.mark.parametrize("name", ["created", "CreatedAt", "LastUpdateTime", "Suppressed At", "退订时间"])
@pytest.mark.parametrize("cell", ["1443651125", "2015-09-30T22:12:05Z", "1443651125000"])
async def test_who_came_back_since_stays_in(brands: Brands, alice: int, name: str, cell: str) -> None:
    changes = [(brands.digest, Channel.EMAIL, PreferenceStatus.OPTED_IN)]
    await update_preferences(alice, changes, by_recipient())
    done = await opt_outs(f"email,{name},note\n{ALICE},{cell},\n{BOB},{cell},\n", brands)
    assert numbers(done) == (1, 0, 1, {"SUPERSEDED": 1})
    assert await opted_out(brands) == {BOB}
    assert done.parameters["columns"] == {
        "used": [{"name": "email", "as": "address"}, {"name": name, "as": "occurred_at"}],
        "ignored": ["note"],
    }


async def test_of_two_columns_that_may_be_the_time_the_operation_names_the_one_that_is(
    brands: Brands, alice: int
) -> None:
    changes = [(brands.digest, Channel.EMAIL, PreferenceStatus.OPTED_IN)]
    await update_preferences(alice, changes, by_recipient())
    text = f"created_at,Unsubscribed On,email\n2015-09-30,2099-01-01,{ALICE}\n2015-09-30,2016-01-01,{BOB}\n"
    done = await opt_outs(text, brands)
    assert await refusals(done) == []
    assert await opted_out(brands) == {ALICE, BOB}
    columns = done.parameters["columns"]
    assert {"name": "Unsubscribed On", "as": "occurred_at"} in columns["used"]
    assert columns["ignored"] == ["created_at"]
