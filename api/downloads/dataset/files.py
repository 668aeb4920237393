"""The files of the data set: every public list as CSV, and the descriptions beside them.

The lists are read in one transaction, once all of them are at one position: a folder is of one
moment, and the same position and day give the same bytes.
"""

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from msgspec import Struct
from msgspec.structs import replace

from adapters.postgres.pools import Pool
from adapters.tables.columns import About
from adapters.tables.delimited import write_csv, write_csv_metadata
from adapters.tables.formats import CSV, CSV_METADATA
from adapters.tables.ods import LONG_AGO
from adapters.tables.whole import Reader
from api.downloads.dataset.descriptions import Written, describe
from api.downloads.making import Making, extract
from api.downloads.sources import SOURCES, SavedList
from api.http.problems import ProblemError
from api.request.waiting import POLL_SECONDS, WAIT_SECONDS
from projections.runtime.read_model import ReadModel
from projections.runtime.tracking import tracked_positions

NAME = "recommendation-tracker"
ZIP = "application/zip"
ONLY_READ = 0o644
"""The rights of each file of an archive: anybody may read it."""


class DataSet(Struct, frozen=True):
    """A folder that was written: the day and position that it is of, and its tables."""

    about: About
    tables: tuple[Written, ...]

    @property
    def version(self) -> str:
        """The day and the position of the data set, for the name of a file."""
        return f"{self.about.day.isoformat()}-at-{self.about.position}"


OF_TWO_DAYS = frozenset({"compare", "restatement"})
"""Lists of two days that their reader chooses, which the data set of one day has none of."""


def public_lists() -> Mapping[str, SavedList[Any, Any]]:
    """Return the lists of the data set, by name: those that are the same for anybody.

    A list at an address of one force or one recommendation is a part of another.
    """
    return {
        name: source
        for name, source in SOURCES.items()
        if source.sight is None
        and source.read is not None
        and not source.path_parameters
        and name not in OF_TWO_DAYS
    }


def read_models() -> tuple[type[ReadModel], ...]:
    """Return the read models that the data set is read from."""
    every = (model for source in public_lists().values() for model in source.params.read_models)
    return tuple(dict.fromkeys(every))


def write_folder(
    folder: Path,
    downloads: Pool,
    *,
    service: str,
    today: date,
    published: Callable[[int], int],
) -> DataSet:
    """Write the data set into an empty folder. Raises ProblemError if its lists stay apart.

    `service` is its address; `published` gives the last published position up to another.
    """

    def write() -> DataSet | None:
        if not downloads.read(_are_level):
            return None
        every = public_lists().values()
        tables = [_write(folder, downloads, _making(source, service), today, published)
                  for source in every]  # fmt: skip
        return DataSet(tables[0].about, tuple(tables))

    until = time.monotonic() + WAIT_SECONDS
    while (data := downloads.at_once(write)) is None:
        if time.monotonic() > until:
            raise ProblemError("behind", "The lists of the data set are at different positions.")
        time.sleep(POLL_SECONDS)
    for name, content in describe(data.about, data.tables, version=data.version).items():
        (folder / name).write_bytes(content)
    return data


def _are_level(cursor: Reader) -> bool:
    """Return whether all lists are at one position."""
    return len({position for position, _ in tracked_positions(cursor, read_models())}) == 1


def _making(source: SavedList[Any, Any], service: str) -> Making:
    return Making(source=source, params=source.params(), format=CSV, service=service, query="")


def _write(
    folder: Path,
    downloads: Pool,
    making: Making,
    today: date,
    published: Callable[[int], int],
) -> Written:
    """Write one list and its description; nothing of it is in memory but a thousand rows."""
    reading = making.source.reading_for_anybody(making.params)
    name = making.source.table.name
    csv = folder / f"{name}.{CSV.ending}"
    with closing(downloads.read(lambda cursor: reading(cursor, today))) as whole:
        table = extract(making, whole)
        about = replace(table.about, position=published(table.about.position))
        table = replace(table, about=about)
        with csv.open("wb") as out:
            write_csv(table, out)
    with (folder / f"{name}.{CSV_METADATA.ending}").open("wb") as out:
        write_csv_metadata(table, out)
    with csv.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    return Written(making.source, about, table.columns, csv.stat().st_size, digest)


def write_archive(paths: Iterable[Path], out: IO[bytes]) -> None:
    """Write files, by name, into a ZIP archive, which has no clock and no owner."""
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for path in sorted(paths):
            info = ZipInfo(path.name, LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = ONLY_READ << 16
            with path.open("rb") as file, archive.open(info, "w") as entry:
                shutil.copyfileobj(file, entry)
