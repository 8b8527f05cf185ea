"""Hands a mail to the SMTP server (RFC 5321) and interprets its replies.

Connections stay open while there is mail to send and are closed when there is none. The text of a reply is
never logged or stored: it repeats the address.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException

from preference_center.config import settings
from preference_center.config.mail import Smtp
from preference_center.outbox.failures import ChannelUnavailable, Rejected, TemporaryFailure
from preference_center.outbox.mail.message import Mail

CONNECT_SECONDS = 60.0
"""How long it may take until the server has accepted the sender's address."""
TRANSFER_SECONDS = 200.0
"""How long the rest may take: servers inspect a mail before they accept it. Both fit into a lease."""
_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)", re.ASCII)
"""An enhanced status code (RFC 3463)."""
_LOGIN_CODES = frozenset({530, 534, 535, 538})
"""The server requires a login, or rejects ours: a fault of the configuration, not of the mail."""
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_NO_MAILBOX_WITHOUT_ENHANCED_CODE = frozenset({550, 551, 553})
_idle: list[SMTP] = []
"""Connections that are open and idle."""


async def send(mail: Mail, sender: str) -> None:
    """Send a mail; on return the server has accepted it.

    Raises ChannelUnavailable if the server is down or rejects us, TemporaryFailure if it does not accept this
    mail now or its reply is lost, Rejected if it will never accept it.
    """
    client = await _connected(mail, sender)
    try:
        async with asyncio.timeout(TRANSFER_SECONDS):
            await client.rcpt(mail.to, encoding="utf-8", timeout=TRANSFER_SECONDS)
            await client.data(mail.content, timeout=TRANSFER_SECONDS)
    except SMTPResponseException as error:
        client.close()
        _raise_failure(error)
    except (SMTPException, OSError) as error:
        client.close()
        raise TemporaryFailure(_reason(error)) from None
    except BaseException:
        client.close()
        raise
    _idle.append(client)


async def close() -> None:
    """Close the idle connections."""
    while _idle:
        client = _idle.pop()
        with contextlib.suppress(SMTPException, OSError):
            await client.quit(timeout=5)
        client.close()


async def _connected(mail: Mail, sender: str) -> SMTP:
    """Return a connection on which the server has accepted the sender: an idle one if it still works."""
    while True:
        reused = bool(_idle)
        client = _idle.pop() if reused else _client()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if not reused:
                    await client.connect()
                await client.mail(sender, options=_mail_options(client, mail))
        except (SMTPException, OSError) as error:
            client.close()
            if not reused:
                raise ChannelUnavailable(_reason(error)) from None
        except BaseException:
            client.close()
            raise
        else:
            return client


def _mail_options(client: SMTP, mail: Mail) -> list[str]:
    if mail.to.isascii():
        return []
    if not client.supports_extension("smtputf8"):
        raise Rejected("the server has no SMTPUTF8, which this address needs (RFC 6531)")
    return ["SMTPUTF8"]


def _client() -> SMTP:
    config = settings.current()
    assert config.smtp
    smtp = config.smtp
    return SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user.encode() if smtp.user else None,
        password=smtp.password.encode() if smtp.password else None,
        local_hostname=_local_hostname(config.public_url),
        timeout=CONNECT_SECONDS,
        use_tls=smtp.tls == "IMPLICIT",
        start_tls={"IMPLICIT": False, "REQUIRED": True, "OFFERED": None}[smtp.tls],
        tls_context=_tls(smtp),
    )


@cache
def _tls(smtp: Smtp) -> ssl.SSLContext:
    """Return the trusted certificates, read once.

    Opportunistic TLS checks no certificate: an attacker who could present a false one could as well hide the
    offer of TLS.
    """
    context = ssl.create_default_context()
    if smtp.tls == "OFFERED":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif smtp.ca_file:
        context.load_verify_locations(cafile=smtp.ca_file)
    return context


def _local_hostname(public_url: str) -> str:
    """Return the name for EHLO: the public URL's host or an address literal (RFC 5321 §4.1.3)."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host if host.isascii() else host.encode("idna").decode()
    return f"[IPv6:{address}]" if isinstance(address, IPv6Address) else f"[{address}]"


def _raise_failure(error: SMTPResponseException) -> NoReturn:
    """Raise the failure that a reply means.

    5.7.x is policy ("relaying denied", "not on our list"), which somebody may change: it is retried.
    """
    reason, enhanced = _reason(error), _enhanced_code(error)
    if error.code in _LOGIN_CODES:
        raise ChannelUnavailable(reason)
    if not 500 <= error.code < 600 or enhanced.startswith("5.7."):
        raise TemporaryFailure(reason)
    without_code = isinstance(error, SMTPRecipientRefused) and not enhanced
    no_mailbox = without_code and error.code in _NO_MAILBOX_WITHOUT_ENHANCED_CODE
    raise Rejected(reason, no_mailbox=no_mailbox or enhanced in _NO_MAILBOX)


def _reason(error: Exception) -> str:
    """Return what went wrong, in the library's words and the server's codes."""
    name = type(error).__name__
    if isinstance(error, SMTPResponseException):
        return " ".join(filter(None, (name, str(error.code), _enhanced_code(error))))
    if type(error) is SMTPException:
        return str(error)
    return f"{name}, {type(error.__cause__).__name__}" if error.__cause__ else name


def _enhanced_code(error: SMTPResponseException) -> str:
    found = _ENHANCED_CODE.match(error.message.strip())
    return found[0] if found else ""
