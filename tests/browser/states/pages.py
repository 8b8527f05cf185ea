"""Every page in every state, each reached the way a person reaches it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from preference_center.catalog.catalog import current_catalog
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.outbox import link_requests
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.browser.site import BY_TEAM, Person, Site, press
from tests.browser.states.catalogs import CATALOG_STATES
from tests.browser.states.pauses import PAUSE_STATES
from tests.browser.states.withdrawals import WITHDRAWAL_STATES
from tests.conftest import TEAM

Open = Callable[[str], Page]
LONG_AGO = timedelta(days=200)
SAVE = "button.main[value=save]"


def fresh(site: Site, go: Open) -> Page:
    return go(site.reader().manage())


def saved(site: Site, go: Open) -> Page:
    page = fresh(site, go)
    page.locator("input[value='arrivals:EMAIL']").check()
    press(page.locator(SAVE))
    return page


def unchanged(site: Site, go: Open) -> Page:
    page = fresh(site, go)
    press(page.locator(SAVE))
    return page


def opted_out_of_all(site: Site, go: Open) -> Page:
    page = fresh(site, go)
    press(page.locator(".leave button[value='out:acme:EMAIL']"))
    return page


def back_as_before(site: Site, go: Open) -> Page:
    page = opted_out_of_all(site, go)
    press(page.locator("button[value='back:acme:EMAIL']"))
    return page


def paused_and_pending(site: Site, go: Open) -> Page:
    person = site.reader()
    person.opts_in("offers", source=BY_TEAM)
    site.run(lambda: _pause(person))
    return go(person.manage())


async def _pause(person: Person) -> None:
    unit = (await current_catalog()).unit_by_key("acme")
    assert unit
    until = preferences.database.now() + timedelta(days=30)
    await preferences.pause(person.id, Channel.EMAIL, unit, until, BY_TEAM)


def phone(site: Site, go: Open) -> Page:
    return go(site.reader(phone=True).manage())


def phone_opted_out_of_all(site: Site, go: Open) -> Page:
    page = phone(site, go)
    _stop(page, "SMS")
    return page


def _stop(page: Page, channel: str) -> None:
    """Stop a channel of Acme, in whatever language the page is."""
    stop = page.locator("button[value='out:acme']")
    page.locator("details", has=stop).locator("> summary").click()
    page.locator(f"input[name='where:acme'][value='{channel}']").check()
    press(stop)


def with_phone(site: Site, go: Open) -> Page:
    email, _ = site.contact()
    return go(email.manage())


def with_phone_opted_out(site: Site, go: Open) -> Page:
    page = with_phone(site, go)
    press(page.locator(".leave button[value='out:acme:EMAIL']"))
    _stop(page, "WHATSAPP")
    return page


def everything_stopped(site: Site, go: Open) -> Page:
    page = with_phone(site, go)
    press(page.locator("button[value=out]"))
    return page


def with_phone_pending(site: Site, go: Open) -> Page:
    page = with_phone(site, go)
    page.locator("input[value='offers:SMS']").check()
    page.locator("input[value='tastings:WHATSAPP']").check()
    press(page.locator(SAVE))
    return page


def phone_moved_away(site: Site, go: Open) -> Page:
    email, phone = site.contact()
    page = go(email.manage())
    page.locator("input[value='tastings:SMS']").check()
    site.run(lambda: contacts.create(phone=phone.address.value))
    press(page.locator(SAVE))
    return page


def unsubscribe(site: Site, go: Open) -> Page:
    return go(site.reader().withdraw())


def unsubscribe_all(site: Site, go: Open) -> Page:
    return go(site.reader().withdraw(None))


def unsubscribed(site: Site, go: Open) -> Page:
    page = unsubscribe(site, go)
    press(page.locator("button[value=unsubscribe]"))
    return page


def already_unsubscribed(site: Site, go: Open) -> Page:
    person = site.reader()
    page = go(person.withdraw())
    press(page.locator("button[value=unsubscribe]"))
    return go(person.withdraw())


def reason_given(site: Site, go: Open) -> Page:
    page = unsubscribed(site, go)
    press(page.locator("button[value='reason:TOO_MANY']"))
    return page


def reason_after_erasure(site: Site, go: Open) -> Page:
    person = site.reader()
    page = go(person.withdraw())
    press(page.locator("button[value=unsubscribe]"))
    site.run(lambda: erase_recipient(person.id, TEAM))
    press(page.locator("button[value='reason:OTHER']"))
    return page


def opted_out(site: Site, go: Open) -> Page:
    page = fresh(site, go)
    page.locator("input[value='weekly-digest:EMAIL']").uncheck()
    press(page.locator(SAVE))
    return page


def opted_out_with_reason(site: Site, go: Open) -> Page:
    page = opted_out(site, go)
    page.locator("details.why > summary").click()
    press(page.locator("button[value='reason:OTHER']"))
    return page


def undone(site: Site, go: Open) -> Page:
    page = unsubscribed(site, go)
    press(page.locator("button[value=undo]"))
    return page


def not_undone(site: Site, go: Open) -> Page:
    person = site.reader()
    page = go(person.withdraw())
    press(page.locator("button[value=unsubscribe]"))
    person.opts_in("weekly-digest")
    press(page.locator("button[value=undo]"))
    return page


def link_request(site: Site, go: Open) -> Page:
    return go(site.url("/p"))


def link_requested(site: Site, go: Open) -> Page:
    page = link_request(site, go)
    page.get_by_role("textbox").fill("somebody@example.com")
    press(page.locator("button.main"))
    return page


def too_many_requests(site: Site, go: Open) -> Page:
    page = link_request(site, go)
    site.run(_ask_for_many)
    page.get_by_role("textbox").fill("somebody@example.com")
    press(page.locator("button.main"))
    site.run(lambda: database.execute("DELETE FROM network_askings"))  # other tests ask for links as well
    return page


async def _ask_for_many() -> None:
    for number in range(link_requests.MAX_PER_HOUR):
        await link_requests.request_link(parse(f"somebody{number}@example.com"), None, None, "127.0.0.1")


def invalid_address(site: Site, go: Open) -> Page:
    page = link_request(site, go)
    page.get_by_role("textbox").fill("somebody@")
    press(page.locator("button.main"))
    return page


def invalid_link(site: Site, go: Open) -> Page:
    return go(site.url("/p/damaged"))


def expired_link(site: Site, go: Open) -> Page:
    return go(site.reader().manage(ago=LONG_AGO))


def expired_link_opted_out(site: Site, go: Open) -> Page:
    page = expired_link(site, go)
    press(page.locator("button[value='out:acme:EMAIL']"))
    return page


def revoked_link(site: Site, go: Open) -> Page:
    person = site.reader()
    link = person.manage(ago=timedelta(minutes=1))
    site.run(lambda: recipients.revoke_links(person.id))
    return go(link)


def erased(site: Site, go: Open) -> Page:
    person = site.reader()
    site.run(lambda: erase_recipient(person.id, TEAM))
    return go(person.manage())


def revoked_while_open(site: Site, go: Open) -> Page:
    person = site.reader()
    page = go(person.manage(ago=timedelta(minutes=1)))
    page.locator("input[value='weekly-digest:EMAIL']").uncheck()
    page.locator("input[value='arrivals:EMAIL']").check()
    site.run(lambda: recipients.revoke_links(person.id))
    press(page.locator(SAVE))
    return page


def unknown_path(site: Site, go: Open) -> Page:
    return go(site.url("/nothing"))


def invalid_form(site: Site, go: Open) -> Page:
    page = confirm(site, go)
    page.locator("button[value=confirm]").evaluate("button => button.value = 'something else'")
    press(page.locator("button.main"))
    return page


def confirm(site: Site, go: Open) -> Page:
    person = site.reader()
    person.opts_in("offers", source=BY_TEAM)
    return go(person.confirm())


def confirmed(site: Site, go: Open) -> Page:
    page = confirm(site, go)
    press(page.locator("button[value=confirm]"))
    return page


def lapsed_confirmation(site: Site, go: Open) -> Page:
    return go(site.reader().confirm())


def erasure_request(site: Site, go: Open) -> Page:
    email, _ = site.contact()
    page = go(email.manage())
    press(page.locator("footer a[href*='forget=1']"))
    return page


def erasure_requested(site: Site, go: Open) -> Page:
    page = erasure_request(site, go)
    press(page.locator("button[value=send]"))
    return page


def erasure_confirmation(site: Site, go: Open) -> Page:
    return go(site.reader().erasure())


def erasure_done(site: Site, go: Open) -> Page:
    page = erasure_confirmation(site, go)
    press(page.locator("button[value=forget]"))
    return page


def erasure_lapsed(site: Site, go: Open) -> Page:
    return go(site.reader().erasure(LONG_AGO))


def lapsed_but_pending(site: Site, go: Open) -> Page:
    person = site.reader()
    person.opts_in("offers", source=BY_TEAM)
    return go(person.confirm(ago=LONG_AGO))


STATES: dict[str, Callable[[Site, Open], Page]] = {
    state.__name__: state
    for state in (
        fresh,
        saved,
        unchanged,
        opted_out_of_all,
        back_as_before,
        paused_and_pending,
        phone,
        phone_opted_out_of_all,
        with_phone,
        with_phone_opted_out,
        everything_stopped,
        with_phone_pending,
        phone_moved_away,
        unsubscribe,
        unsubscribe_all,
        unsubscribed,
        already_unsubscribed,
        undone,
        not_undone,
        link_request,
        link_requested,
        invalid_address,
        invalid_link,
        expired_link,
        expired_link_opted_out,
        revoked_link,
        revoked_while_open,
        unknown_path,
        erased,
        invalid_form,
        confirm,
        confirmed,
        lapsed_confirmation,
        lapsed_but_pending,
        too_many_requests,
        reason_given,
        reason_after_erasure,
        opted_out,
        opted_out_with_reason,
        erasure_request,
        erasure_requested,
        erasure_confirmation,
        erasure_done,
        erasure_lapsed,
        *PAUSE_STATES,
        *WITHDRAWAL_STATES,
        *CATALOG_STATES,
    )
}
"""How to reach each state of each page, by the state's name."""
