"""Messages as files, for an installation without a mail server or a provider of text messages."""

from __future__ import annotations

from pathlib import Path

from preference_center.config import private_files
from preference_center.outbox.message import OutgoingMessage
from preference_center.storage import database


async def deliver_to_file(outgoing: OutgoingMessage, folder: Path, ending: str, content: bytes) -> bool:
    """Write a message to a file; False, and no file, if its recipient was erased meanwhile (R36).

    An erasure empties the outbox first and then deletes the files: either it finds this file, or this
    function finds the message gone from the outbox.
    """
    name = outgoing.file_name + ending
    write_file(folder, name, content)
    if await database.fetch("SELECT 1 FROM outgoing_mails WHERE id = $1", outgoing.id):
        return True
    (folder / name).unlink(missing_ok=True)
    return False


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write the whole file or nothing; a second delivery of the same message replaces it."""
    private_files.write(folder / name, content)
