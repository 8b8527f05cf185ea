"""Links to files of the API: only who has the key can make one, and none outlives its hour."""

from __future__ import annotations

import string
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from preference_center.links import downloads
from preference_center.links.downloads import PARAMETER, VALID_FOR, Download, DownloadExpired
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid, TokenSigner
from tests.links.cast import NOW, SECRET_KEY

KEYS = (SECRET_KEY,)
DOWNLOAD = Download(7, frozenset({"contacts:read", "operations:write"}))


def token(keys: tuple[bytes, ...] = KEYS) -> str:
    return parse_qs(downloads.query_of(DOWNLOAD, keys, NOW))[PARAMETER][0]


def test_a_link_carries_its_operation_and_scopes() -> None:
    assert downloads.read(token(), KEYS, NOW) == DOWNLOAD
    assert downloads.read(token(), (b"a newer key" * 4, *KEYS), NOW) == DOWNLOAD


def test_a_link_expires_after_an_hour() -> None:
    assert downloads.read(token(), KEYS, NOW + VALID_FOR - timedelta(seconds=1)) == DOWNLOAD
    with pytest.raises(DownloadExpired):
        downloads.read(token(), KEYS, NOW + VALID_FOR)


@pytest.mark.parametrize("kind", [kind for kind in TokenKind if kind is not TokenKind.DOWNLOAD])
def test_r31_a_token_of_another_kind_opens_no_file(kind: TokenKind) -> None:
    other = TokenSigner(KEYS, kind.salt).token(b'[7,9999999999,["admin"]]')
    with pytest.raises(LinkInvalid, match="signature"):
        downloads.read(other, KEYS, NOW)


def test_a_link_signed_with_another_key_or_changed_anywhere_opens_nothing() -> None:
    with pytest.raises(LinkInvalid):
        downloads.read(token((b"x" * 32,)), KEYS, NOW)
    whole = token()
    for place, right in enumerate(whole):
        for wrong in (string.ascii_letters + "-_.~").replace(right, ""):
            with pytest.raises(LinkInvalid):
                downloads.read(whole[:place] + wrong + whole[place + 1 :], KEYS, NOW)
    for cut in (whole[:-1], whole[1:], whole + "A", whole + "=", ""):
        with pytest.raises(LinkInvalid):
            downloads.read(cut, KEYS, NOW)
