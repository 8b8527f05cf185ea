"""Delivering a mail: by SMTP, or as an .eml file in the `mail` folder of the data directory."""

from __future__ import annotations

from email.utils import parseaddr

from preference_center.config import settings
from preference_center.outbox.mail import content as mail_messages
from preference_center.outbox.message import Outgoing, deliver_to_file, read

MAIL_FOLDER = "mail"


async def deliver(outgoing: Outgoing) -> bool:
    """Render a mail and send it; False where nobody is to get it.

    Raises Standstill, TryLater or Refused as `mail_relay.send` does.
    """
    letter = await read(outgoing)
    if letter is None:
        return False
    mail, config = mail_messages.build(outgoing, letter), settings.current()
    if config.smtp is None:
        return await deliver_to_file(outgoing, config.data_dir / MAIL_FOLDER, ".eml", mail.content)
    from preference_center.outbox.mail import (
        smtp as mail_relay,  # takes a while to import, and only who sends needs it
    )

    await mail_relay.send(mail, parseaddr(config.mail_from)[1])
    return True


async def rest() -> None:
    """Nothing is left to send: let go of the server."""
    if settings.current().smtp is not None:
        from preference_center.outbox.mail import smtp as mail_relay

        await mail_relay.close()
