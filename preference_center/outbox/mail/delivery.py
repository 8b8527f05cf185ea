"""Delivers a mail: by SMTP, or as an .eml file in the `mail` folder of the data directory."""

from __future__ import annotations

from email.utils import parseaddr

from preference_center.config import settings
from preference_center.outbox.files import deliver_to_file
from preference_center.outbox.link_message import load_link_message
from preference_center.outbox.mail.message import build_mail
from preference_center.outbox.message import OutgoingMessage

MAIL_FOLDER = "mail"


async def deliver(outgoing: OutgoingMessage) -> bool:
    """Render a mail and send it; False if it must not be sent.

    Raises ChannelUnavailable, TemporaryFailure or Rejected, as `smtp.send` does.
    """
    message = await load_link_message(outgoing)
    if message is None:
        return False
    mail, config = build_mail(outgoing, message), settings.current()
    if config.smtp is None:
        return await deliver_to_file(outgoing, config.data_dir / MAIL_FOLDER, ".eml", mail.content)
    from preference_center.outbox.mail import smtp  # slow to import, and only needed to send

    await smtp.send(mail, parseaddr(config.mail_from)[1])
    return True


async def close_connections() -> None:
    """Close the connections to the mail server, as nothing is left to send."""
    if settings.current().smtp is not None:
        from preference_center.outbox.mail import smtp

        await smtp.close()
