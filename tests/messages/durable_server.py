"""A mail server in a process of its own, which keeps what it takes over before it says so."""

import asyncio
import os
import sys
from email import message_from_bytes
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PAUSE_SECONDS, ANSWER_SECONDS = 0.05, 0.25
"""How long it takes before it keeps a mail, and then to answer, so that kills come between."""


class Keeping:
    """Adds a line for each mail to a file: its Message-ID and address."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def handle_DATA(  # noqa: N802  as the library names it
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        await asyncio.sleep(PAUSE_SECONDS)
        with self.path.open("a") as file:
            file.write(f"{message_from_bytes(content)['Message-ID']} {envelope.rcpt_tos[0]}\n")
            file.flush()
            os.fsync(file.fileno())
        await asyncio.sleep(ANSWER_SECONDS)
        return "250 OK"


def run(port: int, path: Path) -> None:
    """Receive at a port until this process ends."""
    controller = Controller(Keeping(path), "127.0.0.1", port)
    controller.start()
    asyncio.run(asyncio.sleep(3_600))


if __name__ == "__main__":
    run(int(sys.argv[1]), Path(sys.argv[2]))
