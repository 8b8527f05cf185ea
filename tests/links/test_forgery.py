"""No token can be made without its key, changed into another, or used as one of another kind (R31)."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from preference_center.links.kinds import TokenKind
from preference_center.links.maker import LinkExpired, LinkMaker
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.rules.types import Channel, RecipientKind
from tests.links import cast
from tests.links.cast import ALICE, MAKER, MANAGE_KEY, NOW, SECRET_KEY, WITHDRAW_KEY

ONE_KEY = b"one key for every kind of token, which no installation should use"
SAME_KEYS = LinkMaker(cast.settings(withdraw_keys=(ONE_KEY,), manage_keys=(ONE_KEY,), secret_keys=(ONE_KEY,)))
OF_OTHERS = (
    TokenKind.SHORT,
    TokenKind.FLASH,
    TokenKind.UNSUBSCRIBED,
    TokenKind.SHOWN_PHONE,
    TokenKind.DOWNLOAD,
)
KINDS = [kind for kind in TokenKind if kind not in OF_OTHERS]
"""The kinds that `LinkMaker` makes."""


def made_by(maker: LinkMaker) -> dict[TokenKind, str]:
    """One token of each kind."""
    return {
        TokenKind.WITHDRAW: maker.withdraw(ALICE, Channel.EMAIL, "digest", campaign="spring campaign"),
        TokenKind.MANAGE: maker.manage(ALICE, RecipientKind.EMAIL, NOW, "acme"),
        TokenKind.CONFIRM: maker.confirm(ALICE, Channel.EMAIL, "digest", NOW),
        TokenKind.ERASURE: maker.erasure(ALICE, RecipientKind.EMAIL, NOW, "acme"),
        TokenKind.UNDO: maker.undo([1, 2, 3], NOW),
        TokenKind.LEAVING_REASON: maker.leaving_reason([1, 2, 3], NOW),
        TokenKind.PREVIEW: maker.preview("acme", NOW),
    }


def readers(maker: LinkMaker) -> dict[TokenKind, Callable[[str], Any]]:
    """The reader of each kind."""
    return {
        TokenKind.WITHDRAW: maker.read_withdraw,
        TokenKind.MANAGE: lambda token: maker.read_manage(token, NOW),
        TokenKind.CONFIRM: lambda token: maker.read_confirm(token, NOW),
        TokenKind.ERASURE: lambda token: maker.read_erasure(token, NOW),
        TokenKind.UNDO: lambda token: maker.read_undo(token, NOW),
        TokenKind.LEAVING_REASON: lambda token: maker.read_leaving_reason(token, NOW),
        TokenKind.PREVIEW: lambda token: maker.read_preview(token, NOW),
    }


TOKENS = made_by(MAKER)


@pytest.mark.parametrize("read_as", KINDS)
@pytest.mark.parametrize("made_as", KINDS)
def test_r31_no_kind_of_token_can_be_used_as_another_even_under_one_key(
    made_as: TokenKind, read_as: TokenKind
) -> None:
    token, read = made_by(SAME_KEYS)[made_as], readers(SAME_KEYS)[read_as]
    if made_as == read_as:
        assert read(token)
        return
    with pytest.raises(LinkInvalid, match="signature"):
        read(token)


@pytest.mark.parametrize("kind", KINDS)
def test_r31_a_token_signed_with_another_key_is_refused(kind: TokenKind) -> None:
    other_maker = LinkMaker(
        cast.settings(withdraw_keys=(b"x" * 32,), manage_keys=(b"x" * 32,), secret_keys=(b"x" * 32,))
    )
    with pytest.raises(LinkInvalid, match="signature"):
        readers(MAKER)[kind](made_by(other_maker)[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_changing_any_one_character_makes_a_token_invalid(kind: TokenKind) -> None:
    token, read = TOKENS[kind], readers(MAKER)[kind]
    alphabet = string.ascii_letters + string.digits + "-_.=~%"
    for place, right in enumerate(token):
        for wrong in alphabet.replace(right, ""):
            with pytest.raises(LinkInvalid):
                read(token[:place] + wrong + token[place + 1 :])


@pytest.mark.parametrize("kind", KINDS)
def test_cutting_or_adding_anything_makes_a_token_invalid(kind: TokenKind) -> None:
    token, read = TOKENS[kind], readers(MAKER)[kind]
    payload, _, signature = token.partition(".")
    cut = [token[:n] for n in range(len(token))] + [token[n:] for n in range(1, len(token))]
    added = [f"{token}{more}" for more in ("=", ".", "A", "\n", " ", "\x00", ">", "." + signature)]
    changed = [
        f"A{token}",
        f"{payload}=.{signature}",
        f"{payload}..{signature}",
        f"{token}.{token}",
        token.swapcase(),
    ]
    for wrong in cut + added + changed:
        with pytest.raises(LinkInvalid):
            read(wrong)


def test_unused_base64_bits_in_the_signature_are_refused() -> None:
    token = TOKENS[TokenKind.WITHDRAW]
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    last = alphabet.index(token[-1])
    assert last % 4 == 0, "43 characters hold 258 bits of which 256 count"
    for spare in (1, 2, 3):
        with pytest.raises(LinkInvalid, match="bits left over"):
            MAKER.read_withdraw(token[:-1] + alphabet[last + spare])


def test_unused_base64_bits_in_a_correctly_signed_payload_are_refused() -> None:
    signer = TokenSigner((WITHDRAW_KEY,), b"sayso.withdraw")
    payload = signer.token(b"\x01\x10" + ALICE + bytes(6) + b"x").partition(".")[0]
    assert payload.endswith("A")
    with_spare_bits = payload[:-1] + "B"
    with pytest.raises(LinkInvalid, match="bits left over"):
        MAKER.read_withdraw(signer._signer.sign(with_spare_bits).decode())


@pytest.mark.parametrize(
    ("kind", "key", "payload"),
    [
        (TokenKind.WITHDRAW, WITHDRAW_KEY, b"\x02\x10" + bytes(22)),
        (TokenKind.WITHDRAW, WITHDRAW_KEY, b"\x01\x13" + bytes(22)),
        (TokenKind.WITHDRAW, WITHDRAW_KEY, b"\x01\x30" + bytes(22)),
        (TokenKind.WITHDRAW, WITHDRAW_KEY, b"\x01\x10" + bytes(21)),
        (TokenKind.WITHDRAW, WITHDRAW_KEY, b"\x01"),
        (TokenKind.MANAGE, MANAGE_KEY, b"\x01\x02" + bytes(28)),
        (TokenKind.MANAGE, MANAGE_KEY, b"\x00\x00" + bytes(28)),
        (TokenKind.MANAGE, MANAGE_KEY, b"\x01\x00" + bytes(27)),
        (TokenKind.MANAGE, MANAGE_KEY, b"\x01\x00" + bytes(22) + b"\xff" * 6),
        (TokenKind.CONFIRM, SECRET_KEY, b"\x01\x03" + bytes(28)),
        (TokenKind.CONFIRM, SECRET_KEY, b"\x01\x00" + bytes(29)),
        (TokenKind.CONFIRM, SECRET_KEY, b"\x01\x00" + bytes(27)),
        (TokenKind.CONFIRM, SECRET_KEY, b"\x01\x00" + bytes(28 + 50 * 6)),
        (TokenKind.ERASURE, SECRET_KEY, b"\x01\x02" + bytes(28)),
        (TokenKind.ERASURE, SECRET_KEY, b"\x02\x00" + bytes(28)),
        (TokenKind.ERASURE, SECRET_KEY, b"\x01\x00" + bytes(27)),
        (TokenKind.ERASURE, SECRET_KEY, b"\x01\x00" + bytes(29)),
        (TokenKind.UNDO, SECRET_KEY, b"\x01" + bytes(6)),
        (TokenKind.UNDO, SECRET_KEY, b"\x01" + bytes(13)),
        (TokenKind.UNDO, SECRET_KEY, b"\x02" + bytes(14)),
        (TokenKind.UNDO, SECRET_KEY, b"\x01" + bytes(17)),
        (TokenKind.LEAVING_REASON, SECRET_KEY, b"\x01" + bytes(6)),
        (TokenKind.LEAVING_REASON, SECRET_KEY, b"\x02" + bytes(14)),
    ],
)
def test_a_correctly_signed_payload_of_an_unknown_format_is_refused(
    kind: TokenKind, key: bytes, payload: bytes
) -> None:
    token = TokenSigner((key,), kind.salt).token(payload)
    with pytest.raises(LinkInvalid, match="no version"):
        readers(MAKER)[kind](token)


@pytest.mark.parametrize(
    ("campaign", "expected"),
    [
        (b"a\x00b\r\nc", "abc"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"y" * 400, "y" * 64),
        ("ż".encode() * 60, "ż" * 32),
    ],
)
def test_a_malformed_campaign_does_not_prevent_an_opt_out(campaign: bytes, expected: str) -> None:
    token = TokenSigner((WITHDRAW_KEY,), b"sayso.withdraw").token(b"\x01\x10" + ALICE + bytes(6) + campaign)
    assert MAKER.read_withdraw(token).campaign == expected


def test_after_a_key_rotation_old_links_work_until_their_key_is_removed() -> None:
    rotated = LinkMaker(cast.settings(withdraw_keys=(b"n" * 32, WITHDRAW_KEY)))
    assert rotated.read_withdraw(TOKENS[TokenKind.WITHDRAW]).fingerprint == ALICE
    fresh = rotated.withdraw(ALICE, Channel.EMAIL, "digest")
    with pytest.raises(LinkInvalid, match="signature"):
        MAKER.read_withdraw(fresh)
    only_new = LinkMaker(cast.settings(withdraw_keys=(b"n" * 32,)))
    assert only_new.read_withdraw(fresh).fingerprint == ALICE
    with pytest.raises(LinkInvalid, match="signature"):
        only_new.read_withdraw(TOKENS[TokenKind.WITHDRAW])


@pytest.mark.parametrize("keys", [(), (b"",)])
def test_a_link_maker_needs_keys(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        LinkMaker(cast.settings(withdraw_keys=keys))


_TEXTS = (
    st.text(max_size=200)
    | st.text(alphabet="AQ-_.=\x00ż\ud800", max_size=120)
    | st.from_regex(r"[A-Za-z0-9_-]{0,90}\.[A-Za-z0-9_-]{43}", fullmatch=True)
)


@settings(deadline=None)
@given(_TEXTS)
@example("A" * 1_000_000)
@example("A" * 1_000_000 + "." + "A" * 43)
@example("." * 100_000)
@example("\x00" * 76)
@example("\ud800" * 33 + "." + "A" * 43)
@example("Ａ" * 32 + "." + "A" * 43)
@example("٣" * 32 + "." + "A" * 43)
def test_r34_any_text_as_a_token_raises_link_invalid_and_nothing_else(token: str) -> None:
    for read in readers(MAKER).values():
        with pytest.raises(LinkInvalid) as refused:
            read(token)
        assert len(token) < 5 or token not in str(refused.value)


@settings(deadline=None)
@given(st.binary(max_size=120))
@example(b"")
def test_any_signed_payload_is_read_or_refused(payload: bytes) -> None:
    keys = {TokenKind.WITHDRAW: WITHDRAW_KEY, TokenKind.MANAGE: MANAGE_KEY}
    for kind, read in readers(MAKER).items():
        token = TokenSigner((keys.get(kind, SECRET_KEY),), kind.salt).token(payload)
        try:
            read(token)
        except (LinkInvalid, LinkExpired):
            continue


@settings(deadline=None)
@given(
    st.binary(min_size=16, max_size=16), st.sampled_from(Channel), st.text(max_size=12), st.text(max_size=14)
)
def test_a_token_round_trips(fp: bytes, channel: Channel, key: str, campaign: str) -> None:
    if not (key + campaign).isprintable():
        return
    withdrawal = MAKER.read_withdraw(MAKER.withdraw(fp, channel, key, campaign=campaign))
    assert (withdrawal.fingerprint, withdrawal.channel, withdrawal.campaign) == (fp, channel, campaign)
    claim = MAKER.read_manage(
        MAKER.manage(fp, withdrawal.recipient_kind, NOW, key, campaign), NOW + timedelta(1)
    )
    assert (claim.fingerprint, claim.recipient_kind, claim.campaign) == (
        fp,
        withdrawal.recipient_kind,
        campaign,
    )
