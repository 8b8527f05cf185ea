"""Delivering a mail: for now as an .eml file in the `mail` folder of the data directory."""

from __future__ import annotations

from preference_center import mail_messages, settings
from preference_center.outgoing import Outgoing, read, write_file


async def deliver(outgoing: Outgoing) -> bool:
    """Render a mail and write it; False where nobody is to get it."""
    letter = await read(outgoing)
    if letter is None:
        return False
    message = mail_messages.build(outgoing.kind, outgoing.address, letter)
    write_file(settings.current().data_dir / "mail", f"{outgoing.file_name}.eml", message)
    return True
