"""Handing a mail to the SMTP server (RFC 5321), and what its answers mean.

A connection is kept while there is mail to send, and let go when there is none. What the server says in
words is passed on to nobody: it repeats the address.
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
from preference_center.outbox.mail.content import Mail
from preference_center.outbox.message import Refused, Standstill, TryLater

OPENING_SECONDS = 60.0
"""How long it may take until the server has taken our sender's address."""
HANDING_SECONDS = 200.0
"""How long the rest may take: servers look at a mail before they take it. Both fit into a worker's lease."""
_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)", re.ASCII)
"""An enhanced status code (RFC 3463)."""
_OURS = frozenset({530, 534, 535, 538})
"""The server wants a login, or another: ours to mend, and no fault of the mail's."""
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_BARE_NO_MAILBOX = frozenset({550, 551, 553})
_kept: list[SMTP] = []
"""Connections that are open and idle."""


async def send(mail: Mail, sender: str) -> None:
    """Hand a mail over; on return the server has it.

    Raises Standstill where the server is away or will not have us, TryLater where it will not have this mail
    now or the answer got lost, Refused where it will never have it.
    """
    client = await _opened(mail, sender)
    try:
        async with asyncio.timeout(HANDING_SECONDS):
            await client.rcpt(mail.to, encoding="utf-8", timeout=HANDING_SECONDS)
            await client.data(mail.content, timeout=HANDING_SECONDS)
    except SMTPResponseException as error:
        client.close()
        _judge(error)
    except (SMTPException, OSError) as error:
        client.close()
        raise TryLater(_said(error)) from None
    except BaseException:
        client.close()
        raise
    _kept.append(client)


async def close() -> None:
    """Say goodbye on the connections that are kept."""
    while _kept:
        client = _kept.pop()
        with contextlib.suppress(SMTPException, OSError):
            await client.quit(timeout=5)
        client.close()


async def _opened(mail: Mail, sender: str) -> SMTP:
    """A connection on which the server has taken the sender: a kept one where it still lives."""
    while True:
        kept = bool(_kept)
        client = _kept.pop() if kept else _new()
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                if not kept:
                    await client.connect()
                options = _options(client, mail)
                await client.mail(sender, options=options)
        except (SMTPException, OSError) as error:
            client.close()
            if not kept:
                raise Standstill(_said(error)) from None
        except BaseException:
            client.close()
            raise
        else:
            return client


def _options(client: SMTP, mail: Mail) -> list[str]:
    if mail.to.isascii():
        return []
    if not client.supports_extension("smtputf8"):
        raise Refused("the server has no SMTPUTF8, which this address needs (RFC 6531)")
    return ["SMTPUTF8"]


def _new() -> SMTP:
    config = settings.current()
    assert config.smtp
    smtp = config.smtp
    return SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.user.encode() if smtp.user else None,
        password=smtp.password.encode() if smtp.password else None,
        local_hostname=_own_name(config.public_url),
        timeout=OPENING_SECONDS,
        use_tls=smtp.tls == "IMPLICIT",
        start_tls={"IMPLICIT": False, "REQUIRED": True, "OFFERED": None}[smtp.tls],
        tls_context=_tls(smtp),
    )


@cache
def _tls(smtp: Smtp) -> ssl.SSLContext:
    """Trusted certificates, read once.

    Where TLS is used only if it is offered, none is asked for: who could show a false one could as well
    hide the offer.
    """
    context = ssl.create_default_context()
    if smtp.tls == "OFFERED":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif smtp.ca_file:
        context.load_verify_locations(cafile=smtp.ca_file)
    return context


def _own_name(public_url: str) -> str:
    """What EHLO says: the public URL's host, which can be looked up, or an address (RFC 5321, 4.1.3)."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host if host.isascii() else host.encode("idna").decode()
    return f"[IPv6:{address}]" if isinstance(address, IPv6Address) else f"[{address}]"


def _judge(error: SMTPResponseException) -> NoReturn:
    """Raise what a refusal means.

    5.7.x is policy ("relaying denied", "not on our list"), which somebody may mend: it is tried again.
    """
    said, code = _said(error), _enhanced(error)
    if error.code in _OURS:
        raise Standstill(said)
    if not 500 <= error.code < 600 or code.startswith("5.7."):
        raise TryLater(said)
    bare = isinstance(error, SMTPRecipientRefused) and not code and error.code in _BARE_NO_MAILBOX
    raise Refused(said, unusable=bare or code in _NO_MAILBOX)


def _said(error: Exception) -> str:
    """What went wrong, in our library's words and the server's numbers."""
    name = type(error).__name__
    if isinstance(error, SMTPResponseException):
        return " ".join(filter(None, (name, str(error.code), _enhanced(error))))
    if type(error) is SMTPException:
        return str(error)
    return f"{name}, {type(error.__cause__).__name__}" if error.__cause__ else name


def _enhanced(error: SMTPResponseException) -> str:
    found = _CODE.match(error.message.strip())
    return found[0] if found else ""
