"""Word to the supervisor of processes: that this one works, or that it has to be started again."""

import os
import socket
from contextlib import suppress

import structlog

from adapters.threads import dead_threads

ALIVE_SECONDS = 1
"""How often a process asks `is_alive`."""

log = structlog.get_logger()


def is_alive() -> bool:
    """Return whether every lasting thread of this process lives, and tell systemd so.

    Where one is dead, logs `threads_dead` and tells systemd nothing: the process should end with a
    status other than 0, for then systemd and container engines start it again.
    """
    dead = dead_threads()
    if dead:
        log.error("threads_dead", names=dead)
        return False
    _notify("WATCHDOG=1")
    return True


def _notify(message: str) -> None:
    """Send a message by the protocol of sd_notify, if systemd waits for one of this process."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address and os.environ.get("WATCHDOG_PID") == str(os.getpid()):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(0)
            sender.sendto(message.encode(), address.replace("@", "\0", 1))
