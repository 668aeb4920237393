"""The page about the data set, its archive, and its catalogue for programs."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import msgspec
from litestar import Response, get
from litestar.response import Stream

from adapters.ledger.queries import published_through
from api.downloads.dataset.catalogue import ARCHIVE, CATALOGUE, JSON_LD, DataOffer, dcat, schema_org
from api.downloads.dataset.descriptions import DESCRIPTION, TITLE
from api.downloads.dataset.files import (
    NAME,
    ZIP,
    public_lists,
    read_models,
    write_archive,
    write_folder,
)
from api.downloads.making import Made
from api.downloads.sending import answer_file
from api.http.moment import today
from api.http.problems import Request
from api.pages.rendering import language
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT, asof
from api.pages.rendering.render import page
from api.request.services import service_address, services
from projections.runtime.tracking import tracked_positions


@get("/data", opt=OPT, sync_to_thread=True)
def show_data(request: Request) -> Response[bytes]:
    """Show what the data set has, and how to get it."""
    offer = _offer(request)
    return page(
        request,
        "pages/public/about/data.html",
        title=_("Data"),
        crumbs=[HOME],
        name=TITLE,
        description=DESCRIPTION,
        listed=[(source.page or source.path, source) for source in offer.lists.values()],
        archive=ARCHIVE,
        catalogue=CATALOGUE,
        described=_json(schema_org(offer)),
        asof=asof(),
        position=offer.position,
    )


@get(ARCHIVE, opt=OPT)
async def download_data(request: Request) -> Response[bytes] | Stream:
    """Answer the whole data set as one archive."""
    return await answer_file(request, lambda: asyncio.to_thread(_made, request), ZIP)


@get(CATALOGUE, opt=OPT, sync_to_thread=True)
def data_catalogue(request: Request) -> Response[bytes]:
    """Describe the data set in DCAT, for catalogues of data."""
    text = msgspec.json.format(msgspec.json.encode(dcat(_offer(request))))
    return Response(text, media_type=JSON_LD)


DATA_PAGES = (show_data, download_data, data_catalogue)


def _offer(request: Request) -> DataOffer:
    """Return the data set as it is now, up to the position that its reader may know of."""
    opened = services(request)
    tracked = opened.lists.read(lambda cursor: tracked_positions(cursor, read_models()))
    return DataOffer(
        service=service_address(request),
        contact=opened.contact,
        language=language.code(),
        day=today(),
        position=_published(request, min(position for position, _build in tracked)),
        lists=public_lists(),
    )


def _published(request: Request, position: int) -> int:
    """Return the position of the last published entry: the data set is the same for all."""
    return services(request).ledger.rows.run(published_through(position))


def _json(described: object) -> str:
    """Return JSON for an element `script`, which nothing in it ends."""
    return msgspec.json.encode(described).decode().replace("<", "\\u003c")


def _made(request: Request) -> Made:
    """Make the archive, in a thread."""
    with TemporaryDirectory(prefix="tracker-data-") as folder:
        data = write_folder(
            Path(folder),
            services(request).downloads,
            service=service_address(request),
            today=today(),
            published=lambda position: _published(request, position),
        )
        file = TemporaryFile()  # noqa: SIM115  closed once it was sent
        try:
            write_archive(Path(folder).iterdir(), file)
            size = file.seek(0, 2)
            file.seek(0)
        except BaseException:
            file.close()
            raise
    return Made(file, size, f"{NAME}-{data.version}.zip")
