"""What a message carries: footers for people, headers for their mail clients."""

from __future__ import annotations

from dataclasses import replace

from preference_center.links.batches import MessageScope, PreferenceLinks, list_unsubscribe_headers
from preference_center.links.claims import Target
from preference_center.rules.types import Channel, RecipientKind
from tests.html import parse
from tests.links.cast import ALICE, BOB, FOOTER_TEXT, MAKER, NOW


def links(type_key: str | None = "digest", **text: str) -> PreferenceLinks:
    """Alice's links in a message of Acme."""
    return MAKER.batch(
        MessageScope(Channel.EMAIL, type_key, "acme", "spring"), replace(FOOTER_TEXT, **text), NOW
    ).links(ALICE)


def token(url: str) -> str:
    return url.rpartition("/")[2]


def test_r31_a_message_has_links_to_manage_to_unsubscribe_from_its_type_and_from_all() -> None:
    made = links()
    manage = MAKER.read_manage(token(made.manage_url), NOW)
    own = MAKER.read_withdraw(token(made.unsubscribe_url))
    from_all = MAKER.read_withdraw(token(made.unsubscribe_all_url))
    assert (manage.fingerprint, manage.recipient_kind, manage.campaign) == (
        ALICE,
        RecipientKind.EMAIL,
        "spring",
    )
    assert (own.target, own.campaign) == (Target.TYPE, "spring")
    assert from_all.target is Target.UNIT
    assert made.manage_url.startswith("https://sayso.example/p/")
    assert made.unsubscribe_url.startswith("https://sayso.example/u/")


def test_a_batch_makes_the_same_links_as_single_calls() -> None:
    made = links()
    assert made.manage_url == MAKER.manage_url(
        MAKER.manage(ALICE, RecipientKind.EMAIL, NOW, "acme", "spring")
    )
    assert token(made.unsubscribe_url) == MAKER.withdraw(ALICE, Channel.EMAIL, "digest", campaign="spring")
    assert token(made.unsubscribe_all_url) == MAKER.withdraw(ALICE, Channel.EMAIL, None, "acme", "spring")


def test_unsubscribing_from_a_message_without_a_unit_covers_all_units() -> None:
    made = MAKER.batch(MessageScope(Channel.SMS), FOOTER_TEXT, NOW).links(BOB)
    withdrawal = MAKER.read_withdraw(token(made.unsubscribe_all_url))
    assert (withdrawal.target, withdrawal.channel, withdrawal.fingerprint) == (
        Target.ALL_UNITS,
        Channel.SMS,
        BOB,
    )
    assert MAKER.read_manage(token(made.manage_url), NOW).recipient_kind is RecipientKind.PHONE


def test_rfc_8058_the_list_unsubscribe_headers_carry_the_link_of_the_messages_type() -> None:
    made = links()
    assert made.list_unsubscribe == f"<{made.unsubscribe_url}>"
    assert made.list_unsubscribe_post == "List-Unsubscribe=One-Click"
    assert list_unsubscribe_headers("https://x.example/u/t") == (
        "<https://x.example/u/t>",
        "List-Unsubscribe=One-Click",
    )
    assert made.list_unsubscribe.isascii()


def test_the_html_footer_shows_three_links_and_the_sender() -> None:
    made = links()
    page = parse(made.footer_html)
    assert page.links == {
        "Manage preferences": made.manage_url,
        "Unsubscribe": made.unsubscribe_url,
        "Unsubscribe from all": made.unsubscribe_all_url,
    }
    assert page.text_with_breaks.startswith("You get this because you subscribed to Weekly digest.\n")
    assert page.text_with_breaks.endswith("\nAcme\n1 Main Street\nSpringfield")
    assert {element.tag for element in page.find("//body//*")} == {"p", "a", "br"}, (
        "nothing that a mail client drops or fetches"
    )
    assert len(made.footer_html) < 1200


def test_the_text_footer_has_each_link_on_its_own_line() -> None:
    made = links()
    assert made.footer_text.splitlines() == [
        "You get this because you subscribed to Weekly digest.",
        "",
        f"Manage preferences: {made.manage_url}",
        f"Unsubscribe: {made.unsubscribe_url}",
        f"Unsubscribe from all: {made.unsubscribe_all_url}",
        "",
        "Acme",
        "1 Main Street",
        "Springfield",
    ]


def test_the_footer_of_a_message_without_a_type_has_two_links() -> None:
    made = links(type_key=None)
    assert made.unsubscribe_url == made.unsubscribe_all_url
    assert list(parse(made.footer_html).links) == ["Manage preferences", "Unsubscribe from all"]
    assert "Unsubscribe: " not in made.footer_text


def test_footer_text_is_escaped_in_html() -> None:
    hostile = """</p><script>alert("'&")</script>{0}%s"""
    made = links(why=hostile, manage=hostile, sender=hostile, postal_address=hostile, locale='en" onclick="x')
    page = parse(made.footer_html)
    assert {element.tag for element in page.find("//body//*")} == {"p", "a", "br"}
    assert page.text_with_breaks.count(hostile) == 4
    assert 'lang="en&quot; onclick=&quot;x"' in made.footer_html


def test_a_footer_declares_its_language_and_omits_empty_parts() -> None:
    made = links(why="", sender="", postal_address="", locale="pl", manage="Twoje ustawienia")
    assert made.footer_html.startswith('<p lang="pl"')
    assert made.footer_text.startswith("Twoje ustawienia: https://sayso.example/p/")
    assert made.footer_text.endswith(f"{made.unsubscribe_all_url}\n")
    assert not parse(made.footer_html).text_with_breaks.endswith("\n")
    assert links(locale="he", direction="rtl").footer_html.startswith('<p lang="he" dir="rtl" style=')


def test_a_footer_takes_colour_and_font_from_the_text_around_it() -> None:
    """On a dark ground as well as on a light one, and in the cell of a table as well as in a block."""
    html = links().footer_html
    declarations = {
        declaration.partition(":")[0]: declaration.partition(":")[2]
        for style in parse(html).find("//@style")
        for declaration in str(style).split(";")
    }
    assert declarations.pop("color") == "inherit"
    assert set(declarations) == {
        "margin",
        "font-size",
        "line-height",
        "display",
        "padding",
        "text-decoration",
    }
    assert "#" not in html.replace("&#", "")
    in_a_cell = parse(f"<table><tr><td>Hello{html}</td></tr></table>")
    assert [each.getparent().tag for each in in_a_cell.find("//p")] == ["td"]
