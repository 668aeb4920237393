"""The way into `tracker`: signals come first, since loading the commands takes most of a second."""

import io
import os
import sys
from contextlib import suppress
from typing import cast

from adapters import signals

UNTIL_STOPPED = {"demo", "serve", "project"}
"""The commands whose work ends only when they are stopped, so that this is success."""


def run() -> None:
    """Run the program, and exit with its status: that of a stopped command is 0 or 1."""
    _open_standard_files()
    os.umask(0o077)  # whatever it writes is for its owner only
    status = 0 if UNTIL_STOPPED.intersection(sys.argv[1:2]) else 1
    signals.install(status)
    with signals.stop_calls(lambda: os._exit(status)):  # nothing has begun yet
        from api.cli.main import main  # noqa: PLC0415  it takes most of a second
    try:
        main(prog_name="tracker")
    except signals.Stopped:
        if status:
            with suppress(OSError):  # the terminal may be closed
                print("Stopped before it was done.", file=sys.stderr)  # noqa: T201
        raise


def _open_standard_files() -> None:
    """Open /dev/null in place of closed standard files, and let the others take any text."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w")
    if isinstance(out := cast("object", sys.stdout), io.TextIOWrapper):
        out.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    run()
