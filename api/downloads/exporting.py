"""A list written to a file without the service: the file that the service sends to the public."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl

from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.queries import published_through
from adapters.postgres.database import READER, Database
from adapters.postgres.errors import is_transient
from adapters.postgres.pools import thread_pool
from adapters.settings import Settings
from adapters.tables.formats import FORMATS
from adapters.tables.sheets import TooManyRows
from adapters.tables.whole import watched
from api.downloads.making import Making, extract, query_string, refuse_pages
from api.downloads.sources import SOURCES
from api.http.moment import today
from api.http.problems import ProblemError
from api.pages.rendering.language import speak
from api.request.query_params import parse_params
from api.request.waiting import wait_for
from domain.vocabulary.errors import NotFound

REPORTED_ROWS = 1_000
"""After how many rows the progress is reported."""
BUILD = "`tracker project --build` builds lists that are missing."
EXPORTED = {name: source for name, source in SOURCES.items() if source.read}


def export_list(  # noqa: PLR0917  each is a part of the file
    database: Database,
    ledger: Ledger,
    settings: Settings,
    making: Making,
    out: IO[bytes],
    on_progress: Callable[[int, int | None], None],
) -> int:
    """Write a list, and return how many rows it has.

    Raises ValueError if it cannot be written, TimeoutError if it stays behind.
    """
    many = 0

    def count() -> None:
        nonlocal many
        many += 1
        if many % REPORTED_ROWS == 0:
            on_progress(many, None)

    def write() -> None:
        nonlocal many
        many = 0  # it may be done again on another connection
        out.seek(0)
        out.truncate()
        with closing(lists.read(lambda cursor: reading(cursor, today()))) as whole:
            counted = replace(whole, items=watched(whole.items, count))
            table = extract(making, making.source.completed(ledger.histories, params, counted))
            position = ledger.rows.run(published_through(whole.position))
            about = replace(table.about, position=position)
            making.format.write(replace(table, about=about), out)
        on_progress(many, many)

    speak(settings.TRACKER_LANGUAGE)
    params = making.params
    reading = making.source.reading_for_anybody(params)
    conninfo = database.conninfo(READER)
    with (
        thread_pool(conninfo, size=1, wait=settings.TRACKER_POOL_WAIT) as lists,
        readable_lists(),
    ):
        wait_for(ledger, lists, making.params, public=True)
        lists.at_once(write)
    return many


@contextmanager
def readable_lists() -> Generator[None]:
    """Raise TimeoutError for lists that cannot be read, and ValueError for what they lack."""
    try:
        yield
    except ProblemError as error:
        raise TimeoutError(str(error)) from None
    except (NotFound, TooManyRows) as error:
        raise ValueError(str(error)) from None
    except Exception as error:
        if not is_transient(error):
            raise
        raise TimeoutError(f"The lists cannot be read: {error} {BUILD}") from None


def making_of(table: str, query: str, file: Path, service: str) -> Making:
    """Return what to make of a table, by the query of its address and the ending of a file.

    Raises ValueError that says what is wrong with one of them.
    """
    ending = next((known for known in FORMATS if file.name.endswith(f".{known}")), "")
    if table not in EXPORTED:
        raise ValueError(f"There is no table {table}; there are: {', '.join(EXPORTED)}.")
    if not ending:
        raise ValueError(f"Name a FILE that ends in one of: {', '.join(FORMATS)}.")
    source = EXPORTED[table]
    items = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    try:
        refuse_pages(items)
        params = parse_params(source.params, items)
        source = source.of(params)
    except ProblemError as error:
        raise ValueError(str(error)) from None
    return Making(
        source=source,
        params=params,
        format=FORMATS[ending],
        service=service.rstrip("/"),
        query=query_string(source, params),
    )
