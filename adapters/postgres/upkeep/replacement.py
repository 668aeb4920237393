"""Replacement of the embedded database's files: complete and checked first, then by their name.

The old files are kept under another name. A kill at any moment leaves either the old or the new
ones in use, and nothing of either lost; the same command can then be given again.
"""

import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path

from adapters.clock import now
from adapters.postgres import data_files as files
from adapters.postgres.database import Database, embedded_at
from adapters.postgres.embedded import Embedded, EmbeddedError
from adapters.postgres.programs import sync
from adapters.postgres.upkeep.backup import BackupError

WORKPLACE = "replacement"
"""The folder in the data folder in which the new files are made."""


@contextmanager
def replacement(embedded: Embedded, home: Path) -> Generator[Database]:
    """Yield a new, empty database, whose files take their place if the context ends well.

    `embedded`, whose data folder is `home`, has to be `alone`. Files of the same version that were
    in the place are set aside. Raises EmbeddedError and OSError.
    """
    workplace = home / WORKPLACE
    if workplace.exists():  # left by a killed command, its server included
        _clear(Embedded(workplace, embedded.programs))
    new = Embedded(workplace, embedded.programs)
    try:
        with new.use() as url:
            yield embedded_at(url)
        _put_in_place(new.data, embedded.data)
    finally:
        new.remove()


@contextmanager
def new_embedded(home: Path, *, replace: bool) -> Generator[Database]:
    """Yield a new, empty embedded database, that of a data folder if the context ends well.

    A database that the folder has is set aside if `replace`. Raises BackupError if it has one that
    is not to be replaced, or is in use; EmbeddedError and OSError.
    """
    embedded = Embedded(home)
    if files.majors_in(embedded.data.parent) and not replace:
        raise BackupError(
            f"{home} holds a database already. Name another data folder (TRACKER_DATA), or add "
            "--replace: the database is then kept under another name, and no longer used."
        )
    with embedded.alone():
        with replacement(embedded, home) as database:
            yield database
        for major in files.majors_in(embedded.data.parent) - {embedded.major}:
            set_aside(embedded.data.with_name(f"pg{major}"))


def _put_in_place(new: Path, data: Path) -> None:
    if data.exists():
        complete = files.restored(data)  # from now on, a start without the old files takes these
        shutil.rmtree(complete, ignore_errors=True)
        new.rename(complete)
        set_aside(data)
        complete.rename(data)
    else:
        new.rename(data)
    sync(data.parent)


def set_aside(data: Path) -> Path:
    """Give a folder of PostgreSQL's files a name under which nothing starts them; return it."""
    aside = data.with_name(f"{data.name}.replaced-{now().astimezone(UTC):%Y%m%dT%H%M%SZ}")
    data.rename(aside)
    sync(data.parent)
    return aside


def _clear(left: Embedded) -> None:
    with suppress(EmbeddedError), left.use():
        pass
    left.remove()
