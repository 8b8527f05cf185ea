"""A mail server and its certificate, DKIM keys, and mail settings."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from preference_center.config import mail as mail_settings
from preference_center.config import settings
from preference_center.config.environment import Environment
from preference_center.config.settings import Settings
from preference_center.outbox.mail import delivery as mail
from tests.graphql.conftest import api, http
from tests.http.conftest import client
from tests.mailing.relay import Relay, serving

__all__ = ["api", "client", "http"]
SENDER = "Sayso <preferences@example.org>"


@dataclass(frozen=True)
class Certificate:
    """A server's certificate, and the CA file that makes it trusted."""

    context: ssl.SSLContext
    ca_file: Path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Certificate(context, ca_file)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())


def public_der(key: Key) -> bytes:
    """The public key as the DNS publishes it: for Ed25519 the raw key (RFC 8463)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="session")
def keys() -> dict[str, Key]:
    return {"rsa": rsa_key(), "ed25519": ed25519.Ed25519PrivateKey.generate()}


Configure = Callable[..., Settings]


def configured(made: Settings, **env: str) -> Settings:
    """The settings with the mail settings in these variables."""
    variables = Environment({"SAYSO_MAIL_FROM": SENDER, **env})
    found = mail_settings.read(variables, production=False)
    assert not variables.problems
    return replace(made, **found)


@pytest.fixture
async def sending(db: Settings) -> AsyncIterator[Configure]:
    """Use the mail settings in these variables until the test ends."""

    def use(**env: str) -> Settings:
        made = configured(db, **env)
        settings.use(made)
        return made

    yield use
    await mail.close_connections()
    settings.use(db)


@pytest.fixture
async def relay(sending: Configure) -> AsyncIterator[Relay]:
    """A server without TLS that Sayso sends its mail to."""
    async with serving() as relay:
        sending(SAYSO_SMTP_URL=f"smtp://127.0.0.1:{relay.port}")
        yield relay
        await mail.close_connections()
