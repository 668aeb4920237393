"""`tracker` with one more lasting thread in its first process, which dies once DYING exists."""

import os
import time
from pathlib import Path

from adapters.threads import LastingThread
from api.cli.__main__ import run


def die() -> None:
    """Wait for the file, and end without a return."""
    while not Path(os.environ["DYING"]).exists():
        time.sleep(0.02)
    raise SystemExit


if __name__ == "__main__":
    LastingThread(die, "dies").start()
    run()
