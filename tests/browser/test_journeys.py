"""Journeys in Chromium: by keyboard, without scripts, dark, in Polish, and by a scanner that runs scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from preference_center.rules.types import RecipientKind
from tests.browser.conftest import Opener
from tests.browser.site import BY_TEAM, Site, press
from tests.browser.states.pages import STATES

FOCUS = "getComputedStyle(document.activeElement).outlineStyle"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus. Each element on the way must be visible."""
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) != "none"
        assert _uncovered(page), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab never came to {selector}")


def _uncovered(page: Page) -> bool:
    """Whether the middle of the focused element is visible (WCAG 2.4.11)."""
    return bool(
        page.evaluate(
            "() => { const e = document.activeElement, b = e.getBoundingClientRect();"
            " const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);"
            " return !!top && (e.contains(top) || top.contains(e)); }"
        )
    )


def test_the_page_works_by_keyboard(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.manage(), height=640)
    tab_to(page, "[value='weekly-digest:EMAIL']")
    page.keyboard.press("Space")
    tab_to(page, "[value='arrivals:EMAIL']")
    page.keyboard.press("Space")
    tab_to(page, ".save button")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert person.statuses() == {"weekly-digest": "OPTED_OUT", "arrivals": "OPTED_IN"}


def test_the_open_list_of_languages_never_covers_the_focus(site: Site, browser_page: Opener) -> None:
    page = browser_page(site.reader().manage(), height=640)
    tab_to(page, ".languages summary")
    page.keyboard.press("Enter")
    listed = page.locator(".languages ul")
    tab_to(page, "[hreflang='zh-Hant']")
    assert listed.is_visible()
    tab_to(page, "[value='weekly-digest:EMAIL']")
    assert listed.is_hidden()
    page.locator(".languages summary").focus()
    assert listed.is_visible()


def test_enter_on_a_box_saves_and_does_not_opt_out_of_all(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.manage())
    page.locator("[value='arrivals:EMAIL']").check()
    page.locator("[value='arrivals:EMAIL']").press("Enter")
    page.get_by_role("status").wait_for()
    assert person.statuses() == {"weekly-digest": "OPTED_IN", "arrivals": "OPTED_IN"}


def test_the_pages_work_without_scripts(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.manage(), java_script_enabled=False)
    page.get_by_label("New arrivals").check()
    press(page.get_by_role("button", name="Save choices"))
    assert page.get_by_role("status").inner_text() == "You’ll now get New arrivals."
    press(page.get_by_role("button", name="Stop all emails from Acme Outdoors"))
    assert person.statuses()["all of acme"] == "OPTED_OUT"
    press(page.get_by_role("button", name="Get emails from Acme Outdoors as before"))
    assert person.statuses() == {"weekly-digest": "OPTED_IN", "arrivals": "OPTED_IN"}
    page.goto(person.withdraw())
    press(page.get_by_role("button", name="Unsubscribe"))
    assert person.statuses()["weekly-digest"] == "OPTED_OUT"
    press(page.get_by_role("button", name="Undo"))
    assert person.statuses()["weekly-digest"] == "OPTED_IN"


def test_reloading_after_saving_repeats_nothing(site: Site, browser_page: Opener) -> None:
    page = STATES["saved"](site, browser_page)
    before = site.dump()
    page.reload()
    assert page.get_by_role("status").inner_text() == "You’ll now get New arrivals."
    assert site.dump() == before


def test_undo_and_reasons_survive_reloading_and_going_back(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.withdraw(), java_script_enabled=False)
    press(page.get_by_role("button", name="Unsubscribe"))
    page.reload()
    press(page.get_by_role("button", name="Too many messages"))
    page.reload()
    assert page.get_by_role("status").inner_text() == "Thank you."
    page.go_back()
    press(page.get_by_role("button", name="Undo"))
    assert person.statuses()["weekly-digest"] == "OPTED_IN"
    page.go_back()
    assert page.get_by_role("button", name="Unsubscribe from Weekly digest").is_visible()


@pytest.mark.parametrize(
    ("label", "said", "undo", "undone"),
    [
        ("Unsubscribe from Weekly digest", "You’re unsubscribed from Weekly digest.", "Undo", "You’ll get"),
        ("Stop all emails", "You’re unsubscribed from all Acme Outdoors emails.", "Undo", "You’ll get"),
        ("Pause emails", "Emails from Acme Outdoors are paused until", "End the pause", "no longer paused"),
    ],
)
def test_after_the_link_each_way_to_leave_takes_one_press_and_so_does_the_way_back(
    site: Site, browser_page: Opener, label: str, said: str, undo: str, undone: str
) -> None:
    page = browser_page(site.reader().withdraw(), java_script_enabled=False)
    press(page.get_by_role("button", name=label))
    for again in (page.reload, page.go_back, page.go_forward):
        again()
    assert said in page.get_by_role("heading", level=1).inner_text()
    press(page.get_by_role("button", name=undo))
    assert undone in page.get_by_role("heading", level=1).inner_text()


def test_a_half_typed_day_blocks_no_button(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.manage())
    page.locator(".rest summary").first.click()
    page.locator("input[type=date]").first.focus()
    page.keyboard.type("12")
    assert page.locator("input[type=date]").first.evaluate("field => field.validity.badInput")
    page.get_by_label("New arrivals").check()
    press(page.get_by_role("button", name="Save choices"))
    assert person.statuses()["arrivals"] == "OPTED_IN"


@pytest.mark.parametrize("state", ["with_phone", "unsubscribed", "already_unsubscribed", "link_request"])
def test_enlarged_text_stays_in_a_narrow_window_and_is_not_covered(
    site: Site, browser_page: Opener, state: str
) -> None:
    page = STATES[state](site, lambda url: browser_page(url, width=320, height=640, bypass_csp=True))
    page.add_style_tag(content="html { font-size: 200% }")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.evaluate("scrollTo(0, 400)")
    covering = page.locator(".save").filter(visible=True)
    for bar in covering.all():
        assert (bar.bounding_box() or {"y": 640})["y"] >= 640


def test_a_printed_page_shows_ticks_and_the_brand_and_nothing_that_covers(
    site: Site, browser_page: Opener
) -> None:
    page = STATES["fresh"](site, lambda url: browser_page(url, color_scheme="dark"))
    page.emulate_media(media="print")
    tick = page.locator("input:checked").first
    expect(tick).to_have_css("print-color-adjust", "exact")
    expect(tick).to_have_css("background-color", "rgb(31, 122, 92)")
    assert page.locator(".brand").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in (".save", "nav", "button.quiet"):
        assert page.locator(hidden).first.is_hidden()


def test_the_page_is_dark_where_the_system_is(site: Site, browser_page: Opener) -> None:
    light = STATES["fresh"](site, lambda url: browser_page(url, color_scheme="light"))
    dark = STATES["fresh"](site, lambda url: browser_page(url, color_scheme="dark"))
    ground = "getComputedStyle(document.body).backgroundColor"
    assert light.evaluate(ground) == "rgb(247, 246, 243)"
    assert dark.evaluate(ground) == "rgb(20, 22, 26)"


def test_a_page_switched_to_polish_stays_polish_when_saved(site: Site, browser_page: Opener) -> None:
    person = site.reader()
    page = browser_page(person.manage(), java_script_enabled=False)
    page.locator(".languages summary", has_text="English").click()
    press(page.get_by_role("link", name="Polski"))
    assert page.locator("html").get_attribute("lang") == "pl"
    page.get_by_label("Nowości").check()
    press(page.get_by_role("button", name="Zapisz wybór"))
    assert "Nowości" in page.get_by_role("status").inner_text()
    page.locator(".languages summary", has_text="Polski").click()
    press(page.get_by_role("link", name="English"))
    assert page.locator("h1").inner_text() == "Your preferences"


def test_a_phone_number_chooses_sms_and_whatsapp_separately(site: Site, browser_page: Opener) -> None:
    person = site.reader(phone=True)
    assert person.address.kind is RecipientKind.PHONE
    page = browser_page(person.manage(), width=1280)
    page.get_by_role("checkbox", name="Offers and sales WhatsApp").check()
    press(page.get_by_role("button", name="Save choices"))
    assert page.get_by_role("checkbox", name="Offers and sales WhatsApp").is_checked()
    assert not page.get_by_role("checkbox", name="Offers and sales SMS").is_checked()


def test_a_contact_chooses_for_email_and_phone_on_one_page(site: Site, browser_page: Opener) -> None:
    email, phone = site.contact()
    page = browser_page(email.manage(), java_script_enabled=False)

    def box(name: str) -> Locator:
        return page.get_by_role("checkbox", name=name)

    assert [box(f"Weekly digest {on}").is_checked() for on in ("Email", "SMS", "WhatsApp")] == [1, 0, 1]
    box("Weekly digest Email").uncheck()
    box("Weekly digest WhatsApp").uncheck()
    box("Workshops and tastings SMS").check()
    box("Offers and sales SMS").check()
    press(page.get_by_role("button", name="Save choices"))
    said = page.get_by_role("status").inner_text()
    assert said.startswith(
        "You’ll now get Workshops and tastings (SMS)."
        " You’re unsubscribed from Weekly digest (Email and WhatsApp). To get Offers and sales (SMS), open"
    )
    assert email.statuses() == {"weekly-digest": "OPTED_OUT"}
    assert phone.statuses() == {"weekly-digest": "OPTED_OUT", "tastings": "OPTED_IN"}  # R19
    bazaar = page.get_by_role("region", name="Bazaar")
    bazaar.locator("summary", has_text="Pause or stop").click()
    bazaar.get_by_role("radio", name="SMS").check(force=True)
    press(bazaar.get_by_role("button", name="Stop these messages"))
    assert "all of bazaar" in phone.statuses()
    assert "all of bazaar" not in email.statuses()


def test_the_content_security_policy_allows_the_style_and_blocks_nothing_used(
    site: Site, browser_page: Opener
) -> None:
    complaints: list[str] = []
    page = browser_page(site.url("/p"))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.reader().manage())
    page.reload()
    assert page.locator("button.main").first.evaluate("b => getComputedStyle(b).borderRadius") == "12px"
    accent = page.locator(".save button").evaluate("b => getComputedStyle(b).backgroundColor")
    assert accent == "rgb(31, 122, 92)"  # Acme's own colour, which has enough contrast
    assert complaints == []


def test_a_scanner_that_runs_scripts_leaves_the_database_byte_for_byte(
    site: Site, browser_page: Opener
) -> None:
    person = site.reader()
    person.opts_in("offers", source=BY_TEAM)
    left = browser_page(site.reader().withdraw())
    press(left.get_by_role("button", name="Unsubscribe"))
    manage = person.manage()
    links = [manage, person.withdraw(), person.withdraw(None), person.confirm(), person.erasure(), left.url]
    links += [f"{manage}/forget", f"{manage}?see=record", site.url("/p"), site.url("/nothing")]
    before = site.dump()
    on_disk = site.digest_of_file()
    for link in links:
        page = browser_page(link)
        page.wait_for_load_state("networkidle")
        page.request.head(link)
        page.request.fetch(link, method="OPTIONS")
    assert site.digest_of_file() == on_disk
    assert site.dump() == before
    assert person.statuses() == {"weekly-digest": "OPTED_IN"}
