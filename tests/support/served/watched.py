"""`tracker` as systemd starts it with a watchdog: it names the process that has to speak."""

import os

from api.cli.__main__ import run

if __name__ == "__main__":
    os.environ["WATCHDOG_PID"] = str(os.getpid())
    run()
