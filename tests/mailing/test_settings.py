"""The mail settings, and the warnings at startup."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from structlog.testing import capture_logs

from api.cli import serving
from preference_center.config.mail import Smtp
from preference_center.config.settings import Settings, SettingsError, load
from tests.mailing.conftest import Certificate, Key, pem, rsa_key
from tests.use_cases.config.test_settings import PRODUCTION

SENDING = {**PRODUCTION, "SAYSO_SMTP_URL": "smtp://127.0.0.1", "SAYSO_MAIL_FROM": "hello@example.org"}


def smtp(url: str) -> Smtp:
    found = load({**SENDING, "SAYSO_SMTP_URL": url}).smtp
    assert found
    return found


def problems(**env: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load({**SENDING, **env})
    return refused.value.problems


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://relay.example", ("relay.example", 25, "OFFERED")),
        ("smtp://relay:2525", ("relay", 2525, "OFFERED")),
        ("smtp+starttls://relay.example", ("relay.example", 587, "REQUIRED")),
        ("smtps://relay.example/", ("relay.example", 465, "IMPLICIT")),
        ("smtp://[::1]:25", ("::1", 25, "OFFERED")),
        ("smtp://mail.bücher.example", ("mail.xn--bcher-kva.example", 25, "OFFERED")),
        ("smtp://me:pw@relay.example:587", ("relay.example", 587, "REQUIRED")),
        ("smtp://me:pw@127.0.0.1:1025", ("127.0.0.1", 1025, "OFFERED")),
        ("smtp://me:pw@localhost", ("localhost", 25, "OFFERED")),
    ],
)
def test_the_url_says_which_server_and_how_to_connect(url: str, found: tuple[str, int, str]) -> None:
    read = smtp(url)
    assert (read.host, read.port, read.tls) == found


def test_user_and_password_are_decoded_and_never_shown() -> None:
    settings = load({**SENDING, "SAYSO_SMTP_URL": "smtps://me%40acme:sword%2Ffish%3A%C3%B3@relay.example"})
    assert settings.smtp
    assert (settings.smtp.user, settings.smtp.password) == ("me@acme", "sword/fish:ó")
    assert "sword" not in repr(settings) + str(settings.smtp)


@pytest.mark.parametrize(
    "url",
    [
        "relay.example:25",
        "http://relay.example",
        "smtp://",
        "smtp://me:sword#fish@relay.example",
        "smtp://me:sword/fish@relay.example",
        "smtp://me:sword?fish@relay.example",
        "smtp://me@relay.example",
        "smtp://:swordfish@relay.example",
        "smtp://me:sword%0D%0Afish@relay.example",
        "smtp://me:sword%ff@relay.example",
        "smtp://relay.example:0",
        "smtp://relay.example:99999",
        "smtp://relay.example:swordfish",
        "smtp://re lay.example",
        "smtp://[relay",
        "smtp://relay.example?starttls=swordfish",
    ],
)
def test_an_invalid_url_is_reported_without_its_content(url: str) -> None:
    (problem,) = problems(SAYSO_SMTP_URL=url)
    assert problem.startswith("SAYSO_SMTP_URL: ")
    for secret in ("swordf", "fish", "relay"):
        assert secret not in problem


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        ("hello@example.org", "hello@example.org"),
        ("Acme <Hello@Example.org>", '"Acme" <Hello@example.org>'),
        ("Acme <hello@bücher.example>", '"Acme" <hello@xn--bcher-kva.example>'),
        ("Żółw <hello@example.org>", '"Żółw" <hello@example.org>'),
        ("hello@localhost", "hello@localhost"),
    ],
)
def test_a_sender_is_an_address_with_or_without_a_name(sender: str, found: str) -> None:
    assert load({**SENDING, "SAYSO_MAIL_FROM": sender}).mail_from == found


@pytest.mark.parametrize(
    "sender",
    [
        "Acme",
        "hello@",
        "hello@example",
        "żółw@example.org",
        "a@example.org, b@example.org",
        "Acme <hello@example.org> more",
        "hello@example.org\r\nBcc: eve@example.com",
        "he llo@example.org",
    ],
)
def test_an_invalid_sender_is_reported(sender: str) -> None:
    (problem,) = problems(SAYSO_MAIL_FROM=sender)
    assert problem.startswith("SAYSO_MAIL_FROM: ")


def test_production_needs_a_sender() -> None:
    assert problems(SAYSO_MAIL_FROM="") == ["SAYSO_MAIL_FROM: must be set if SAYSO_SMTP_URL is set"]


def test_production_starts_without_a_mail_server_and_warns() -> None:
    (warning,) = load(PRODUCTION).warnings()
    assert "SAYSO_SMTP_URL" in warning
    assert load(SENDING).warnings() == []


def test_a_ca_file_must_contain_certificates(certificate: Certificate, tmp_path: Path) -> None:
    assert load({**SENDING, "SAYSO_SMTP_CA_FILE": str(certificate.ca_file)}).smtp
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "missing.pem"):
        (problem,) = problems(SAYSO_SMTP_CA_FILE=str(tmp_path / name))
        assert problem.startswith("SAYSO_SMTP_CA_FILE: ")


def signing(key: bytes, folder: Path, **more: str) -> dict[str, str]:
    (folder / "dkim.pem").write_bytes(key)
    return {
        "SAYSO_DKIM_DOMAIN": "example.org",
        "SAYSO_DKIM_SELECTOR": "sayso2026",
        "SAYSO_DKIM_KEY_FILE": str(folder / "dkim.pem"),
        **more,
    }


@pytest.mark.parametrize(("key_type", "algorithm"), [("rsa", "rsa-sha256"), ("ed25519", "ed25519-sha256")])
def test_a_dkim_key_is_read_and_never_shown(
    keys: dict[str, Key], tmp_path: Path, key_type: str, algorithm: str
) -> None:
    written = pem(keys[key_type]).replace(b"\n", b"\r\n")
    settings = load({**SENDING, **signing(written, tmp_path)})
    assert settings.dkim
    assert settings.dkim.algorithm == algorithm
    assert "PRIVATE" not in repr(settings)
    assert settings.dkim.key.decode()[-20:] not in repr(settings)
    assert settings.warnings() == []


@pytest.mark.parametrize(
    ("domain", "warns"), [("example.org", False), ("org.example", True), ("mail.example.org", True)]
)
def test_a_signature_that_does_not_align_with_the_sender_is_a_warning(
    keys: dict[str, Key], tmp_path: Path, domain: str, warns: bool
) -> None:
    settings: Settings = load({**SENDING, **signing(pem(keys["rsa"]), tmp_path, SAYSO_DKIM_DOMAIN=domain)})
    assert bool(settings.warnings()) is warns
    subdomain = load({
        **SENDING, **signing(pem(keys["rsa"]), tmp_path), "SAYSO_MAIL_FROM": "hello@news.example.org"
    })  # fmt: skip
    assert subdomain.warnings() == []


def test_weak_and_invalid_keys_are_reported(keys: dict[str, Key], tmp_path: Path) -> None:
    locked = keys["rsa"].private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"swordfish")
    )
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    mangled = pem(keys["rsa"])[:400] + b"\n-----END PRIVATE KEY-----\n"
    for key in (pem(rsa_key(1024)), locked, elliptic, mangled, b"", b"no key"):
        (problem,) = problems(**signing(key, tmp_path))
        assert problem.startswith("SAYSO_DKIM_KEY_FILE: ")
    assert "1024" in problems(**signing(pem(rsa_key(1024)), tmp_path))[0]


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"SAYSO_DKIM_DOMAIN": ""}, "SAYSO_DKIM_DOMAIN"),
        ({"SAYSO_DKIM_SELECTOR": ""}, "SAYSO_DKIM_SELECTOR"),
        ({"SAYSO_DKIM_KEY_FILE": ""}, "SAYSO_DKIM_KEY_FILE"),
        ({"SAYSO_DKIM_KEY_FILE": "/nowhere/dkim.pem"}, "SAYSO_DKIM_KEY_FILE"),
        ({"SAYSO_DKIM_DOMAIN": "example org"}, "SAYSO_DKIM_DOMAIN"),
        ({"SAYSO_DKIM_SELECTOR": "a b"}, "SAYSO_DKIM_SELECTOR"),
    ],
)
def test_the_dkim_settings_are_set_together_or_not_at_all(
    keys: dict[str, Key], tmp_path: Path, change: dict[str, str], variable: str
) -> None:
    (problem,) = problems(**{**signing(pem(keys["rsa"]), tmp_path), **change})
    assert problem.startswith(f"{variable}: ")


async def test_warnings_are_logged_at_startup() -> None:
    with capture_logs() as logs:
        await serving._log_warnings(load(PRODUCTION))
        await serving._log_warnings(load(SENDING))
    assert [(line["event"], line["log_level"]) for line in logs] == [("settings_doubtful", "warning")]
