"""Every page in every state, each reached the way a person reaches it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from preference_center.catalog.catalog import current_catalog
from preference_center.contacts import contacts
from preference_center.erasure import erase as erasure
from preference_center.outbox import link_requests
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.browser.rest_states import REST_STATES
from tests.browser.shape_states import SHAPE_STATES
from tests.browser.stage import BY_TEAM, Person, Stage, press
from tests.conftest import TEAM

Open = Callable[[str], Page]
LONG_AGO = timedelta(days=200)
SAVE = "button.main[value=save]"


def fresh(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().manage())


def saved(stage: Stage, go: Open) -> Page:
    page = fresh(stage, go)
    page.locator("input[value='arrivals:EMAIL']").check()
    press(page.locator(SAVE))
    return page


def unchanged(stage: Stage, go: Open) -> Page:
    page = fresh(stage, go)
    press(page.locator(SAVE))
    return page


def all_out(stage: Stage, go: Open) -> Page:
    page = fresh(stage, go)
    press(page.locator("button[value='out:acme:EMAIL']"))
    return page


def come_back(stage: Stage, go: Open) -> Page:
    page = all_out(stage, go)
    press(page.locator("button[value='back:acme:EMAIL']"))
    return page


def paused_and_pending(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    person.opts_in("offers", source=BY_TEAM)
    stage.run(lambda: _pause(person))
    return go(person.manage())


async def _pause(person: Person) -> None:
    unit = (await current_catalog()).unit_by_key("acme")
    assert unit
    until = preferences.database.now() + timedelta(days=30)
    await preferences.pause(person.id, Channel.EMAIL, unit, until, BY_TEAM)


def phone(stage: Stage, go: Open) -> Page:
    return go(stage.somebody(phone=True).manage())


def phone_out(stage: Stage, go: Open) -> Page:
    page = phone(stage, go)
    press(page.locator("button[value='out:acme:SMS']"))
    return page


def beside(stage: Stage, go: Open) -> Page:
    email, _ = stage.contact()
    return go(email.manage())


def beside_out(stage: Stage, go: Open) -> Page:
    page = beside(stage, go)
    press(page.locator("button[value='out:acme:EMAIL']"))
    press(page.locator("button[value='out:acme:WHATSAPP']"))
    return page


def beside_waits(stage: Stage, go: Open) -> Page:
    page = beside(stage, go)
    page.locator("input[value='offers:SMS']").check()
    page.locator("input[value='tastings:WHATSAPP']").check()
    press(page.locator(SAVE))
    return page


def beside_moved(stage: Stage, go: Open) -> Page:
    email, phone = stage.contact()
    page = go(email.manage())
    page.locator("input[value='tastings:SMS']").check()
    stage.run(lambda: contacts.create(phone=phone.address.value))
    press(page.locator(SAVE))
    return page


def unsubscribe(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().withdraw())


def unsubscribe_all(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().withdraw(None))


def done(stage: Stage, go: Open) -> Page:
    page = unsubscribe(stage, go)
    press(page.locator("button[value=unsubscribe]"))
    return page


def reason_given(stage: Stage, go: Open) -> Page:
    page = done(stage, go)
    press(page.locator("button[value='reason:TOO_MANY']"))
    return page


def thanks_alone(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    page = go(person.withdraw())
    press(page.locator("button[value=unsubscribe]"))
    stage.run(lambda: erasure.erase_recipient(person.id, TEAM))
    press(page.locator("button[value='reason:OTHER']"))
    return page


def left(stage: Stage, go: Open) -> Page:
    page = fresh(stage, go)
    page.locator("input[value='weekly-digest:EMAIL']").uncheck()
    press(page.locator(SAVE))
    return page


def left_and_said_why(stage: Stage, go: Open) -> Page:
    page = left(stage, go)
    press(page.locator("button[value='reason:OTHER']"))
    return page


def undone(stage: Stage, go: Open) -> Page:
    page = done(stage, go)
    press(page.locator("button[value=undo]"))
    return page


def not_undone(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    page = go(person.withdraw())
    press(page.locator("button[value=unsubscribe]"))
    person.opts_in("weekly-digest")
    press(page.locator("button[value=undo]"))
    return page


def ask(stage: Stage, go: Open) -> Page:
    return go(stage.url("/p"))


def asked(stage: Stage, go: Open) -> Page:
    page = ask(stage, go)
    page.get_by_role("textbox").fill("somebody@example.com")
    press(page.locator("button.main"))
    return page


def too_many(stage: Stage, go: Open) -> Page:
    page = ask(stage, go)
    stage.run(_ask_for_many)
    page.get_by_role("textbox").fill("somebody@example.com")
    press(page.locator("button.main"))
    stage.run(lambda: database.execute("DELETE FROM network_askings"))  # the other pages' tests ask as well
    return page


async def _ask_for_many() -> None:
    for number in range(link_requests.MAX_PER_HOUR):
        await link_requests.request_link(parse(f"somebody{number}@example.com"), None, None, "127.0.0.1")


def wrong_address(stage: Stage, go: Open) -> Page:
    page = ask(stage, go)
    page.get_by_role("textbox").fill("somebody@")
    press(page.locator("button.main"))
    return page


def invalid(stage: Stage, go: Open) -> Page:
    return go(stage.url("/p/damaged"))


def expired(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().manage(ago=LONG_AGO))


def expired_and_out(stage: Stage, go: Open) -> Page:
    page = expired(stage, go)
    press(page.locator("button[value='out:acme:EMAIL']"))
    return page


def revoked(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    link = person.manage(ago=timedelta(minutes=1))
    stage.run(lambda: recipients.revoke_links(person.id))
    return go(link)


def erased(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    stage.run(lambda: erasure.erase_recipient(person.id, TEAM))
    return go(person.manage())


def bad_form(stage: Stage, go: Open) -> Page:
    page = unsubscribe(stage, go)
    page.locator("button[value=unsubscribe]").evaluate("button => button.value = 'something else'")
    press(page.locator("button.main"))
    return page


def confirm(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    person.opts_in("offers", source=BY_TEAM)
    return go(person.confirm())


def confirmed(stage: Stage, go: Open) -> Page:
    page = confirm(stage, go)
    press(page.locator("button[value=confirm]"))
    return page


def lapsed(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().confirm())


def forget(stage: Stage, go: Open) -> Page:
    email, _ = stage.contact()
    page = go(email.manage())
    press(page.locator("footer a[href*='forget=1']"))
    return page


def forget_asked(stage: Stage, go: Open) -> Page:
    page = forget(stage, go)
    press(page.locator("button[value=send]"))
    return page


def forget_confirm(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().forget())


def forgotten(stage: Stage, go: Open) -> Page:
    page = forget_confirm(stage, go)
    press(page.locator("button[value=forget]"))
    return page


def forget_too_late(stage: Stage, go: Open) -> Page:
    return go(stage.somebody().forget(LONG_AGO))


def lapsed_and_waiting(stage: Stage, go: Open) -> Page:
    person = stage.somebody()
    person.opts_in("offers", source=BY_TEAM)
    return go(person.confirm(ago=LONG_AGO))


STATES: dict[str, Callable[[Stage, Open], Page]] = {
    state.__name__: state
    for state in (
        fresh, saved, unchanged, all_out, come_back, paused_and_pending, phone, phone_out, beside,
        beside_out, beside_waits, beside_moved, unsubscribe, unsubscribe_all, done, undone,
        not_undone, ask, asked, wrong_address, invalid, expired, expired_and_out, revoked, erased,
        bad_form, confirm, confirmed, lapsed, lapsed_and_waiting, too_many, reason_given, thanks_alone,
        left, left_and_said_why, forget, forget_asked, forget_confirm, forgotten, forget_too_late,
        *REST_STATES,
        *SHAPE_STATES,
    )
}  # fmt: skip
