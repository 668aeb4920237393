"""The data set in a folder, without the service: its tables, archive, catalogue and page."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from adapters.ledger.queries import published_through
from adapters.postgres.database import PROJECTOR, READER, Database
from adapters.postgres.pools import thread_pool
from adapters.settings import Settings
from api.downloads.dataset.catalogue import ARCHIVE, CATALOGUE_FILE, INDEX_FILE, DataOffer, dcat
from api.downloads.dataset.files import DataSet, public_lists, write_archive, write_folder
from api.downloads.exporting import readable_lists
from api.http.moment import today
from api.pages.public.about.published import folder_page
from api.pages.rendering import language


def origin(settings: Settings) -> str:
    """Return the address of the service that the files lead to, without a last slash."""
    return (settings.TRACKER_PUBLIC_URL or f"http://127.0.0.1:{settings.TRACKER_PORT}").rstrip("/")


def write_published(
    folder: Path,
    database: Database,
    settings: Settings,
    address: str,
    on_progress: Callable[[int, int | None], None],
) -> DataSet:
    """Write the files into an empty folder, which the catalogue says is served at an address.

    The address has a last slash, or is empty: the catalogue then names the files beside itself.
    Raises TimeoutError if the lists cannot be read.
    """
    language.speak(settings.TRACKER_LANGUAGE)
    service, wait, day = origin(settings), settings.TRACKER_POOL_WAIT, today()
    with (
        readable_lists(),
        thread_pool(database.conninfo(READER), size=1, wait=wait) as lists,
        # The projector may read the ledger without its notes, and append nothing.
        thread_pool(database.conninfo(PROJECTOR), size=1, wait=wait) as ledger,
    ):
        data = write_folder(
            folder,
            lists,
            service=service,
            today=day,
            published=lambda position: ledger.run(published_through(position)),
        )
    many = len(data.tables)
    on_progress(many, many)
    paths = [*folder.iterdir()]
    with (folder / ARCHIVE[1:]).open("wb") as out:
        write_archive(paths, out)
    offer = DataOffer(
        service=service,
        contact=settings.TRACKER_CONTACT,
        language=language.code(),
        day=day,
        position=data.about.position,
        lists=public_lists(),
        folder=address,
    )
    described = msgspec.json.format(msgspec.json.encode(dcat(offer)))
    (folder / CATALOGUE_FILE).write_bytes(described)
    (folder / INDEX_FILE).write_bytes(folder_page(data))
    return data
