"""What each kind of link says, and when it expires (R31 to R34)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from preference_center.links.claims import Target
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, LinkMaker, link_maker
from preference_center.rules.references import type_reference, unit_reference
from preference_center.rules.types import Channel, RecipientKind
from tests.links.cast import ALICE, BOB, MAKER, NOW, settings

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP


@pytest.mark.parametrize(
    ("type_key", "unit_key", "target", "reference"),
    [
        ("digest", None, Target.TYPE, type_reference("digest")),
        ("digest", "acme", Target.TYPE, type_reference("digest")),
        (None, "acme", Target.UNIT, unit_reference("acme")),
        (None, None, Target.ALL_UNITS, b""),
    ],
)
def test_r31_a_withdraw_link_names_one_type_one_unit_or_all(
    type_key: str | None, unit_key: str | None, target: Target, reference: bytes
) -> None:
    withdrawal = MAKER.read_withdraw(MAKER.withdraw(ALICE, EMAIL, type_key, unit_key))
    assert (withdrawal.fingerprint, withdrawal.channel, withdrawal.target, withdrawal.reference) == (
        ALICE,
        EMAIL,
        target,
        reference,
    )
    assert withdrawal.campaign == ""


@pytest.mark.parametrize(
    ("channel", "kind"),
    [(EMAIL, RecipientKind.EMAIL), (SMS, RecipientKind.PHONE), (WHATSAPP, RecipientKind.PHONE)],
)
def test_a_withdraw_link_names_its_channel_and_recipient_kind(channel: Channel, kind: RecipientKind) -> None:
    withdrawal = MAKER.read_withdraw(MAKER.withdraw(BOB, channel, "digest", campaign="wiosna ☀"))
    assert (withdrawal.channel, withdrawal.recipient_kind, withdrawal.campaign) == (channel, kind, "wiosna ☀")


def test_r31_a_withdraw_link_has_no_timestamp_and_never_expires() -> None:
    assert MAKER.withdraw(ALICE, EMAIL, "digest") == MAKER.withdraw(ALICE, EMAIL, "digest")
    assert len(MAKER.withdraw(ALICE, EMAIL, "digest")) == 76


def test_a_type_and_a_unit_with_the_same_key_have_different_references() -> None:
    assert type_reference("acme") != unit_reference("acme")


def test_r31_a_manage_link_expires_after_180_days() -> None:
    token = MAKER.manage(ALICE, RecipientKind.EMAIL, NOW, "acme", "spring")
    claim = MAKER.read_manage(token, NOW + timedelta(days=180))
    assert (claim.fingerprint, claim.recipient_kind, claim.campaign) == (ALICE, RecipientKind.EMAIL, "spring")
    assert claim.unit_reference == unit_reference("acme")
    with pytest.raises(LinkExpired) as expired:
        MAKER.read_manage(token, NOW + timedelta(days=180, milliseconds=1))
    assert expired.value.claim == claim, "R34: the page still knows whose link it was"


def test_r31_the_lifetime_of_a_manage_link_is_applied_when_it_is_opened() -> None:
    token = MAKER.manage(ALICE, RecipientKind.EMAIL, NOW)
    shorter = LinkMaker(settings(manage_link_days=30))
    with pytest.raises(LinkExpired):
        shorter.read_manage(token, NOW + timedelta(days=31))
    assert MAKER.read_manage(token, NOW + timedelta(days=31)).unit_reference == b""


def test_r31_a_manage_link_dated_far_ahead_counts_as_expired() -> None:
    skewed = MAKER.manage(ALICE, RecipientKind.EMAIL, NOW + timedelta(hours=23))
    assert MAKER.read_manage(skewed, NOW).fingerprint == ALICE
    ahead = MAKER.manage(ALICE, RecipientKind.EMAIL, NOW + timedelta(days=3650))
    with pytest.raises(LinkExpired):
        MAKER.read_manage(ahead, NOW)


@pytest.mark.parametrize(
    ("revoked_at", "revoked"),
    [
        (None, False),
        (NOW - timedelta(milliseconds=1), False),
        (NOW, True),
        (NOW.replace(microsecond=123999), True),
        (NOW + timedelta(days=1), True),
    ],
)
def test_r31_revoking_invalidates_the_links_issued_before(revoked_at: datetime | None, revoked: bool) -> None:
    claim = MAKER.read_manage(MAKER.manage(ALICE, RecipientKind.EMAIL, NOW), NOW)
    assert claim.revoked(revoked_at) is revoked


def test_r19_a_confirm_link_expires_after_seven_days() -> None:
    token = MAKER.confirm(BOB, SMS, "digest", NOW)
    claim = MAKER.read_confirm(token, NOW + timedelta(days=7))
    assert (claim.fingerprint, claim.channel, claim.recipient_kind) == (BOB, SMS, RecipientKind.PHONE)
    assert claim.type_references == (type_reference("digest"),)
    with pytest.raises(LinkExpired) as expired:
        MAKER.read_confirm(token, NOW + timedelta(days=7, milliseconds=1))
    assert expired.value.claim == claim


def test_r19_a_confirm_link_names_one_to_fifty_types() -> None:
    for number in (2, 50):
        keys = [f"type-{n}" for n in range(number)]
        claim = MAKER.read_confirm(MAKER.confirm(BOB, SMS, keys, NOW), NOW)
        assert claim.type_references == tuple(map(type_reference, keys))
    for wrong in ([], [*keys, "one-more"]):
        with pytest.raises(ValueError, match="1 to 50 types"):
            MAKER.confirm(BOB, SMS, wrong, NOW)


def test_r36_an_erasure_link_expires_after_24_hours_or_when_links_are_revoked() -> None:
    token = MAKER.erasure(BOB, RecipientKind.PHONE, NOW, "acme")
    claim = MAKER.read_erasure(token, NOW + timedelta(hours=24))
    assert (claim.fingerprint, claim.recipient_kind) == (BOB, RecipientKind.PHONE)
    assert claim.unit_reference == unit_reference("acme")
    assert claim.revoked(NOW)
    assert not claim.revoked(NOW - timedelta(seconds=1))
    with pytest.raises(LinkExpired) as expired:
        MAKER.read_erasure(token, NOW + timedelta(hours=24, milliseconds=1))
    assert expired.value.claim == claim


def test_an_undo_token_names_its_events_and_expires_after_24_hours() -> None:
    token = MAKER.undo([17, 2**62], NOW)
    assert MAKER.read_undo(token, NOW + timedelta(hours=24)).event_ids == (17, 2**62)
    with pytest.raises(LinkExpired):
        MAKER.read_undo(token, NOW + timedelta(hours=24, milliseconds=1))


def test_a_leaving_reason_token_names_up_to_50_events_and_expires_after_24_hours() -> None:
    token = MAKER.leaving_reason([17, 2**62], NOW)
    assert MAKER.read_leaving_reason(token, NOW + timedelta(hours=24)).event_ids == (17, 2**62)
    with pytest.raises(LinkExpired):
        MAKER.read_leaving_reason(token, NOW + timedelta(hours=24, milliseconds=1))
    for events in ([], range(1, 52)):
        with pytest.raises(ValueError, match="1 to 50 events"):
            MAKER.leaving_reason(events, NOW)


def test_an_undo_token_can_name_1000_events() -> None:
    events = list(range(1, 1001))
    assert MAKER.read_undo(MAKER.undo(events, NOW), NOW).event_ids == tuple(events)


@pytest.mark.parametrize("events", [[], list(range(1001))])
def test_an_undo_token_for_no_event_or_more_than_1000_is_refused(events: list[int]) -> None:
    with pytest.raises(ValueError, match="1 to 1000 events"):
        MAKER.undo(events, NOW)


@pytest.mark.parametrize("campaign", ["x" * 65, "ż" * 33])
def test_a_campaign_of_more_than_64_bytes_is_refused(campaign: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        MAKER.withdraw(ALICE, EMAIL, "digest", campaign=campaign)
    with pytest.raises(ValueError, match="64 bytes"):
        MAKER.manage(ALICE, RecipientKind.EMAIL, NOW, campaign=campaign)


def test_r32_a_link_contains_no_address() -> None:
    token = MAKER.withdraw(ALICE, EMAIL, "digest")
    assert "alice" not in token
    assert "example.com" not in MAKER.manage_url(MAKER.manage(ALICE, RecipientKind.EMAIL, NOW))


def test_urls_are_built_from_the_public_url() -> None:
    maker = LinkMaker(settings(public_url="https://mail.acme.example/preferences"))
    assert maker.withdraw_url("t.s") == "https://mail.acme.example/preferences/u/t.s"
    assert maker.manage_url("t.s") == "https://mail.acme.example/preferences/p/t.s"
    assert maker.confirm_url("t.s") == "https://mail.acme.example/preferences/c/t.s"
    assert maker.erasure_url("t.s") == "https://mail.acme.example/preferences/f/t.s"


@pytest.mark.parametrize("url", ["https://a.example\r\nBcc:x", "https://a.example>", "https://a b.example"])
def test_a_public_url_that_could_inject_a_header_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public URL"):
        LinkMaker(settings(public_url=url))


def test_salts_and_paths_are_those_of_the_links_already_sent() -> None:
    assert {kind.name: (kind.salt, kind.path) for kind in TokenKind} == {
        "WITHDRAW": (b"sayso.withdraw", "/u"),
        "MANAGE": (b"sayso.manage", "/p"),
        "CONFIRM": (b"sayso.confirm", "/c"),
        "ERASURE": (b"sayso.forget", "/f"),
        "PREVIEW": (b"sayso.preview", "/v"),
        "SHORT": (b"sayso.short", "/s"),
        "UNDO": (b"sayso.undo", ""),
        "LEAVING_REASON": (b"sayso.reason", ""),
        "FLASH": (b"sayso.flash", ""),
        "UNSUBSCRIBED": (b"sayso.unsubscribed", ""),
        "SHOWN_PHONE": (b"sayso.shown-phone", ""),
        "DOWNLOAD": (b"sayso.download", ""),
    }


def test_the_same_settings_share_one_link_maker() -> None:
    assert link_maker(settings()) is link_maker(settings())
    assert link_maker(settings()) is not link_maker(settings(manage_link_days=3))
