"""The mail settings: the server, the sender and the DKIM key."""

from __future__ import annotations

import base64
import re
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr, quote
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from preference_center.config.environment import Environment
from preference_center.rules import addresses
from preference_center.rules.addresses import AddressError

Tls = Literal["IMPLICIT", "REQUIRED", "OFFERED"]
"""From the first byte; by STARTTLS or not at all; by STARTTLS if the server offers it."""
DEFAULT_SENDER = "preferences@localhost"
_SCHEMES: dict[str, tuple[int, Tls]] = {
    "smtp": (25, "OFFERED"),
    "smtp+starttls": (587, "REQUIRED"),
    "smtps": (465, "IMPLICIT"),
}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_SELECTOR = re.compile(
    r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9][a-z0-9_-]{0,61})*", re.ASCII | re.IGNORECASE
)
_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----\n([A-Za-z0-9+/=\n]+)\n-----END \1-----")
_ED25519_PREFIX = bytes.fromhex("302e020100300506032b657004220420")
"""The PKCS#8 bytes before the 32 bytes of an Ed25519 key (RFC 8410 §7)."""
_MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server, and how to connect to it."""

    url: str = field(repr=False)
    host: str
    port: int
    tls: Tls
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Certificates to trust in addition to the system's."""


@dataclass(frozen=True, slots=True)
class Dkim:
    """The key that signs mail. Its public key is published at `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    algorithm: Literal["rsa-sha256", "ed25519-sha256"]
    key: bytes = field(repr=False)
    """In the format of dkimpy: an RSA key as PEM, the 32 bytes of an Ed25519 key as base64."""


def read(env: Environment, *, production: bool) -> dict[str, Any]:
    """Read the mail settings by name. Reported problems contain neither passwords nor keys."""
    ca_file = _ca_file(env)
    found: dict[str, Any] = {"smtp": None, "dkim": _dkim(env)}
    if url := env.text("SAYSO_SMTP_URL"):
        try:
            found["smtp"] = _smtp(url, ca_file)
        except ValueError as error:
            env.report("SAYSO_SMTP_URL", str(error))
    sender = env.text("SAYSO_MAIL_FROM")
    if url and not sender and production:
        env.report("SAYSO_MAIL_FROM", "must be set if SAYSO_SMTP_URL is set")
    try:
        found["mail_from"] = _sender(sender or DEFAULT_SENDER)
    except ValueError as error:
        env.report("SAYSO_MAIL_FROM", str(error))
    return found


def sender_domain(mail_from: str) -> str:
    """Return the domain of the sender's address."""
    return parseaddr(mail_from)[1].rpartition("@")[2].lower()


def warnings(smtp: Smtp | None, dkim: Dkim | None, mail_from: str, *, production: bool) -> list[str]:
    """Return what is valid but probably not intended."""
    found = []
    if production and smtp is None:
        found.append("SAYSO_SMTP_URL is not set: mail is written to files and not sent")
    domain = sender_domain(mail_from)
    if dkim and domain != dkim.domain and not domain.endswith(f".{dkim.domain}"):
        found.append(
            f"SAYSO_DKIM_DOMAIN ({dkim.domain}) is neither the domain of SAYSO_MAIL_FROM ({domain}) nor above"
            " it: signatures will not align for DMARC"
        )
    return found


def _smtp(url: str, ca_file: Path | None) -> Smtp:
    """Parse the server's URL. Raises ValueError with a message that contains no part of it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        user, password = (
            unquote(p, errors="strict") if p else None for p in (parts.username, parts.password)
        )
    except ValueError:
        raise ValueError("is not a valid URL; percent-encode special characters in the password") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError("must start with smtp://, smtp+starttls:// or smtps://")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must end with the port; percent-encode special characters in the password")
    if port == 0:
        raise ValueError("the port must be from 1 to 65535")
    if (user is None) != (password is None):
        raise ValueError("must have both a user and a password, or neither")
    if any(not character.isprintable() for character in f"{user or ''}{password or ''}"):
        raise ValueError("the user and the password must consist of printable characters")
    default_port, tls = _SCHEMES[parts.scheme]
    host = _host(host)
    if user and tls == "OFFERED" and not is_loopback(host):
        tls = "REQUIRED"  # never send a password unencrypted
    return Smtp(url, host, port or default_port, tls, user, password, ca_file)


def _host(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise ValueError("must name a host")
    return name


def is_loopback(host: str) -> bool:
    """Return whether a host is the local machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ca_file(env: Environment) -> Path | None:
    name = env.text("SAYSO_SMTP_CA_FILE")
    if not name:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=name)
    except OSError as error:  # ssl.SSLError is one
        env.report(
            "SAYSO_SMTP_CA_FILE", f"must be a readable PEM file of certificates ({type(error).__name__})"
        )
    return Path(name)


def _sender(text: str) -> str:
    """Return the sender as a From header, its domain in ASCII. Raises ValueError."""
    name, address = parseaddr(text)
    local, at, domain = address.rpartition("@")
    if not at or not text.isprintable() or not (text == address or text.endswith(f"<{address}>")):
        raise ValueError("must be an address, or a name followed by an <address>")
    if not local.isascii():
        raise ValueError("the part before the @ must be ASCII: few servers accept other senders")
    is_local = domain == "localhost"  # for trying it on one machine
    try:
        checked = addresses.parse_email(f"{local}@{'example.com' if is_local else domain}").value
    except AddressError as error:
        raise ValueError(str(error)) from None
    address = f"{local}@{domain if is_local else checked.rpartition('@')[2]}"
    return f'"{quote(name)}" <{address}>' if name else address


def _dkim(env: Environment) -> Dkim | None:
    names = ("SAYSO_DKIM_DOMAIN", "SAYSO_DKIM_SELECTOR", "SAYSO_DKIM_KEY_FILE")
    values = {name: env.text(name) for name in names if env.text(name)}
    if not values:
        return None
    if len(values) < len(names):
        for name in names:
            if name not in values:
                env.report(name, "must be set if another SAYSO_DKIM_* variable is set")
        return None
    domain, selector, path = values.values()
    before = len(env.problems)
    if not _DOMAIN.fullmatch(domain := domain.lower()):
        env.report("SAYSO_DKIM_DOMAIN", "must be a domain name, in ASCII (xn--… if international)")
    if not _SELECTOR.fullmatch(selector):
        env.report("SAYSO_DKIM_SELECTOR", "must be a DNS label: letters, digits, - and _")
    try:
        algorithm, key = _key(Path(path).read_bytes())
    except OSError as error:
        env.report("SAYSO_DKIM_KEY_FILE", f"cannot be read ({type(error).__name__})")
    except ValueError as error:
        env.report("SAYSO_DKIM_KEY_FILE", str(error))
    return Dkim(domain, selector, algorithm, key) if len(env.problems) == before else None


def _key(pem: bytes) -> tuple[Literal["rsa-sha256", "ed25519-sha256"], bytes]:
    """Read a private key in PEM. Raises ValueError if it is not one, or too weak."""
    found = _PEM.search(pem.replace(b"\r\n", b"\n"))
    if found is None or found[1] not in (b"PRIVATE KEY", b"RSA PRIVATE KEY"):
        raise ValueError("must be a private key in PEM, without a passphrase")
    der = base64.b64decode(found[2])
    if der.startswith(_ED25519_PREFIX) and len(der) == len(_ED25519_PREFIX) + 32:
        return "ed25519-sha256", base64.b64encode(der[-32:])
    from dkim import crypto  # imported here: it takes a while, and few commands sign

    try:
        bits = int(crypto.parse_private_key(der)["modulus"]).bit_length()
    except Exception:  # dkimpy's parser raises many kinds of error
        raise ValueError("must be an RSA or an Ed25519 key") from None
    if bits < _MIN_RSA_BITS:
        raise ValueError(f"an RSA key must have at least {_MIN_RSA_BITS} bits, not {bits}")
    return "rsa-sha256", found[0]
