"""The making of a file: read whole, in one transaction, and written before any of it is sent.

So a file is complete or there is none, a slow reader holds up no connection, and the length is
known. It is written outside the event loop, in constant memory, to a temporary file.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlencode

from msgspec import Struct

from adapters.tables.columns import About, Extract
from adapters.tables.delimited import write_csv
from adapters.tables.formats import CSV, Format
from adapters.tables.whole import Whole
from api.downloads.sources import SavedList
from api.http.problems import invalid
from api.pages.rendering import language
from api.request.pagination import query_of
from api.request.query_params import AsOfParams

PUBLISHER = "Recommendation Tracker"
LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. Reports "
    "of the inspectorate are Crown copyright; a text of another publisher is that publisher's. "
    "ONS codes: Office for National Statistics, under the same licence."
)
LICENCE_ADDRESS = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
ORIGIN = (
    "Published reports of HMICFRS and other published sources, which each page of the service "
    "names, and what was recorded in the service."
)
OF_PAGES = ("cursor", "page", "limit")
"""The parameters of one page of a list, which a file has none of."""
EVER_BEFORE = datetime.min.replace(tzinfo=UTC)
EVER_AFTER = datetime.max.replace(tzinfo=UTC)
NAMED_APART = frozenset(
    {"on", "known_at", "force", "stream", "position", "training", "cursor", "limit"} | {"since"}
)
"""The parameters that a file's name has, or that do not restrict its rows."""


class Making(Struct, frozen=True, kw_only=True):
    """A file to make: a list, its parameters, and its format."""

    source: SavedList[Any, Any]
    params: AsOfParams
    format: Format
    bom: bool = False
    service: str
    """The address of the service, without a last slash."""
    query: str
    """The query of the list, with its question mark, or nothing."""

    def at(self, path: str) -> str:
        """Return a path of the list with its parameters in place."""
        of_path = self.source.path_parameters
        return path.format(**{name: getattr(self.params, name) for name in of_path})


def query_string(source: SavedList[Any, Any], params: AsOfParams) -> str:
    """Return the query of a list without what a file has none of, with its question mark."""
    left_out = {"position", *OF_PAGES, *source.path_parameters}
    query = {name: text for name, text in query_of(params).items() if name not in left_out}
    return f"?{urlencode(query)}" if query else ""


def refuse_pages(items: Iterable[tuple[str, str]]) -> None:
    """Refuse the parameters of one page. Raises ProblemError ("invalid")."""
    for name, _ in items:
        if name in OF_PAGES:
            raise invalid("A file has all rows: leave this out.", parameter=name)


class Made(Struct, frozen=True):
    """A file that was made."""

    file: IO[bytes]
    size: int
    name: str


def extract(making: Making, whole: Whole[Any]) -> Extract[Any]:
    """Return the table to write, whose items are read as they are asked for."""
    source = making.source
    path = making.at(source.path)
    about = About(
        day=whole.on,
        position=whole.position,
        known_at=whole.known_at,
        address=f"{making.service}{making.at(source.page or source.path)}{making.query}",
        service=making.service,
        csv_address=f"{path.rpartition('/')[2]}.csv{making.query}",
        language=language.code(),
        publisher=PUBLISHER,
        licence=LICENCE,
        licence_address=LICENCE_ADDRESS,
        source=ORIGIN,
    )
    return Extract(source.table, whole.items, about)


def write(making: Making, table: Extract[Any]) -> Made:
    """Write the table to a temporary file. Raises TooManyRows."""
    writing = making.format.write
    if making.bom and making.format is CSV:
        writing = partial(write_csv, bom=True)
    file = TemporaryFile()  # noqa: SIM115  closed once it was sent
    try:
        writing(table, file)
        size = file.seek(0, 2)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Made(file, size, f"{file_name(making, table.about)}.{making.format.ending}")


def file_name(making: Making, about: About) -> str:
    """Return the name of a file without its ending: what, of which day, at which position."""
    values: Mapping[str, object] = {
        name: getattr(making.params, name) for name in making.params.__struct_fields__
    }
    parts = [making.source.table.name]
    if about_one := values.get("force") or values.get("stream"):
        parts.append(str(about_one))
    elif values.get("training"):
        parts.append("training")
    if any(value is not None for name, value in values.items() if name not in NAMED_APART):
        parts.append("filtered")
    if isinstance(since := values.get("since"), date):
        parts += ["since", since.isoformat(), "to"]
    parts += [about.day.isoformat(), "at", str(about.position)]
    if about.known_at:
        parts += ["known", moment_in_name(about.known_at)]
    return "-".join(parts)


def moment_in_name(moment: datetime) -> str:
    """Return a moment for the name of a file, in UTC; one before the calendar of UTC is its first.

    One after it is its last.
    """
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = EVER_BEFORE if moment.year == 1 else EVER_AFTER
    return moment.strftime("%Y-%m-%dT%H%M%SZ")
