"""DKIM signatures as a receiver verifies them, with dkimpy and a fake DNS."""

from __future__ import annotations

import base64
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from preference_center.config.settings import Settings
from preference_center.outbox import delivery as outbox
from tests.conftest import ALICE, BOB, Brands
from tests.mailing.conftest import Configure, Key, pem, public_der
from tests.mailing.queueing import create_news, request_link, request_opt_in
from tests.mailing.relay import Relay, serving

SIGNED = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
    "list-unsubscribe", "list-unsubscribe-post",
}  # fmt: skip


def verified(content: bytes, key: Key) -> bool:
    """Whether the signature verifies with this key in the DNS."""
    kind = "ed25519" if "Ed25519" in type(key).__name__ else "rsa"
    record = f"v=DKIM1; k={kind}; p={base64.b64encode(public_der(key)).decode()}"
    looked_up = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        looked_up.append(name)
        return record.encode()

    verifies: bool = dkim.verify(content, dnsfunc=dns)
    assert looked_up == [b"sayso2026._domainkey.example.org."]
    return verifies


def signing(key: Key, folder: Path, form: PrivateFormat = PrivateFormat.PKCS8) -> dict[str, str]:
    file = folder / "dkim.pem"
    file.write_bytes(pem(key, form))
    return {
        "SAYSO_DKIM_DOMAIN": "example.org",
        "SAYSO_DKIM_SELECTOR": "sayso2026",
        "SAYSO_DKIM_KEY_FILE": str(file),
    }


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("rsa", PrivateFormat.PKCS8),
        ("rsa", PrivateFormat.TraditionalOpenSSL),
        ("ed25519", PrivateFormat.PKCS8),
    ],
)
async def test_rfc_8058_signatures_verify_and_cover_both_unsubscribe_headers(
    relay: Relay, sending: Configure, brands: Brands, keys: dict[str, Key], tmp_path: Path,
    kind: str, form: PrivateFormat,
) -> None:  # fmt: skip
    """RFC 8058 §4."""
    sending(
        SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}",
        **signing(keys[kind], tmp_path, form),
    )
    await request_link(ALICE, brands.bazaar, "pl")
    await request_opt_in(BOB, await create_news("Żółte\r\n wiadomości"))
    await outbox.deliver_due()
    link, confirm = relay.accepted
    for one, covered in ((link, SIGNED), (confirm, SIGNED | {"list-id"})):
        assert verified(one.content, keys[kind])
        signature = str(one.message["DKIM-Signature"]).replace(" ", "")
        assert "c=relaxed/relaxed;" in signature
        names = signature.partition(";h=")[2].partition(";")[0].split(":")
        assert set(names) >= covered
        assert {str(name).lower() for name in one.message} - {"dkim-signature"} == set(names)


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: ", b"Subject: Win: "),
        (b"/u/", b"/v/"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: no"),
        (b"MIME-Version: ", b"List-Unsubscribe: <http://elsewhere.example/>\r\nMIME-Version: "),
        (b"DKIM-Signature: ", b"Subject: Another\r\nDKIM-Signature: "),
        (b"DKIM-Signature: ", b"List-Unsubscribe: <http://elsewhere.example/>\r\nDKIM-Signature: "),
        (b"Choose what you get", b"Choose what we get"),
    ],
)
async def test_a_changed_or_added_field_breaks_the_signature(
    relay: Relay, sending: Configure, brands: Brands, keys: dict[str, Key], tmp_path: Path,
    change: tuple[bytes, bytes],
) -> None:  # fmt: skip
    sending(
        SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}",
        **signing(keys["ed25519"], tmp_path),
    )
    await request_link(ALICE, brands.acme)
    await outbox.deliver_due()
    content = relay.accepted[0].content
    assert verified(content, keys["ed25519"])
    changed = content.replace(*change, 1)
    assert changed != content
    assert not verified(changed, keys["ed25519"])


async def test_the_signature_of_a_mail_with_utf8_header_fields_verifies(
    sending: Configure, brands: Brands, keys: dict[str, Key], tmp_path: Path
) -> None:
    """RFC 6532."""
    async with serving(enable_SMTPUTF8=True) as relay:
        sending(
            SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}",
            **signing(keys["rsa"], tmp_path),
        )
        await request_link("jürgen@bücher.example", brands.acme)
        await outbox.deliver_due(limit=1)
        assert verified(relay.accepted[0].content, keys["rsa"])
        assert await outbox.deliver_due() == 0


async def test_mails_written_to_files_are_signed(
    sending: Configure, db: Settings, brands: Brands, keys: dict[str, Key], tmp_path: Path
) -> None:
    sending(**signing(keys["rsa"], tmp_path))
    await request_link(ALICE, brands.acme)
    await outbox.deliver_due()
    (file,) = (db.data_dir / "mail").iterdir()
    assert verified(file.read_bytes(), keys["rsa"])


async def test_without_a_key_mail_is_not_signed(relay: Relay, brands: Brands) -> None:
    await request_link()
    await outbox.deliver_due()
    assert "DKIM-Signature" not in relay.accepted[0].message
