"""Checks URLs and email addresses that a brand shows or sends from."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from preference_center.config import settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.addresses import AddressError, parse_email

_MAX_URL_LENGTH: Final = 2_000
_NEVER_PLAIN: Final = frozenset(' "<>\\^`{|}')
"""ASCII characters that no URL has as they are (RFC 3986, 2)."""


def check_url(written: str, *field: str) -> str:
    """Return a URL that links may lead to: https, or http in development, with a host and without a user.

    Raises Invalid, naming the field.
    """
    url = written.strip()
    if len(url) > _MAX_URL_LENGTH:
        raise Invalid(
            ErrorCode.INVALID_VALUE, f"This is too long: at most {_MAX_URL_LENGTH:,} characters.", *field
        )
    _parts_of(url, *field)
    return url


def check_origin(written: str, *field: str) -> str:
    """Return a scheme and host, with a port if it is not the usual one, such as `https://mail.acme.example`.

    Raises Invalid, naming the field.
    """
    parts = _parts_of(written.strip(), *field)
    if parts.path.strip("/") or "?" in written or "#" in written:
        message = "Write scheme and host only, such as https://mail.acme.example, without a path."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    usual = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual)}"


def check_sender(written: str, *field: str) -> str:
    """Return an email address that mail can be sent from: ASCII, as many servers accept no other.

    Raises Invalid, naming the field.
    """
    try:
        address = parse_email(written)
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), *field) from None
    if not address.value.isascii():
        message = "Use an address in ASCII: many mail servers accept no other sender."
        raise Invalid(ErrorCode.INVALID_ADDRESS, message, *field)
    return address.value


def _parts_of(url: str, *field: str) -> SplitResult:
    production = settings.current().production
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        parts = urlsplit("")
    plain = url.isascii() and url.isprintable() and not set(url) & _NEVER_PLAIN
    allowed = ("https",) if production else ("https", "http")
    if not plain or parts.scheme not in allowed or not parts.hostname or "@" in parts.netloc:
        accepted = "https://" if production else "https:// or http://"
        message = f"Write a URL that begins with {accepted}, in ASCII, with a host and without a user name."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    return parts
