"""The peak memory of a separate process that streams a ledger."""

import resource
import sys
from pathlib import Path
from typing import Literal

from msgspec import Struct

from adapters.audit.check import Checker
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.postgres.database import CHECKER, Database
from deploy.bench import processes, world
from projections.read_models import READ_MODELS

KILOBYTES = 1024
MEGABYTE = 1024 * 1024
STATUS = Path("/proc/self/status")


class Peak(Struct, frozen=True, tag=True):
    """A way to go through a whole ledger."""

    conninfo: str
    what: Literal["catch_up", "check", "export"]

    def run(self) -> float:
        """Return the peak in megabytes."""
        database = Database(self.conninfo, self.conninfo)
        match self.what:
            case "catch_up":
                world.keep_until_level(database, READ_MODELS)
            case "check":
                _check(database)
            case "export":
                world.export(database)
        return peak()


def _check(database: Database) -> None:
    with Ledger(environment(database.conninfo(CHECKER), pool=2)) as ledger:
        checker = Checker(ledger.rows)
        checker.run(lambda _done, _of: None)
    if checker.faults:
        raise processes.Failed(f"the synthetic ledger is wrong: {checker.faults[0].problem}")


def peak() -> float:
    """Return the peak resident megabytes of this process."""
    if STATUS.exists():  # getrusage also counts the process before its exec
        line = next(line for line in STATUS.read_text("ascii").splitlines() if "VmHWM" in line)
        return int(line.split()[1]) * KILOBYTES / MEGABYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (most if sys.platform == "darwin" else most * KILOBYTES) / MEGABYTE
