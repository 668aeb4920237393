"""The routes that answer a list as a file to save."""

import asyncio
from contextlib import closing
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec.structs import replace

from adapters.tables.formats import CSV, CSV_METADATA, FORMATS
from adapters.tables.sheets import ROWS_MAX, TooManyRows
from api.downloads.endings import DOWNLOADS
from api.downloads.making import Made, Making, extract, query_string, refuse_pages, write
from api.downloads.sending import answer_file
from api.downloads.sources import SOURCES, Reading, SavedList
from api.http.moment import today
from api.http.problems import Request, invalid
from api.pages.rendering import query_form
from api.request.published import as_published
from api.request.query_params import AsOfParams, PageParams, parse_params
from api.request.services import service_address, services
from api.request.waiting import wait_until_known
from domain.vocabulary.errors import NotFound

BOM = "bom"
"""The parameter with which a CSV begins with a byte order mark."""


def _handler(name: str, source: SavedList[Any, Any]) -> HTTPRouteHandler:
    async def download(request: Request, ending: FromPath[str]) -> Response[bytes] | Stream:
        return await _download(request, source, ending)

    download.__name__ = f"download_{name.replace('-', '_')}"
    opt = {"sight": source.sight} if source.sight else {"public": True}
    types = {"stream": "uuid"}
    parameters = "".join(f"/{{{n}:{types.get(n, 'str')}}}" for n in source.path_parameters)
    paths = [f"{version}{DOWNLOADS}/{name}{parameters}/{{ending:str}}" for version in ("", "/v1")]
    return get(paths, opt=opt)(download)


DOWNLOAD_ROUTES = tuple(_handler(name, source) for name, source in SOURCES.items())


async def _download(
    request: Request, source: SavedList[Any, Any], ending: str
) -> Response[bytes] | Stream:
    if ending not in FORMATS:
        raise NotFound(
            f"There is no such format; the endings are: {', '.join(FORMATS)}. "
            "JSON is at the address below /v1 without an ending."
        )
    making = _making(request, source, ending)
    await wait_until_known(request, making.params)

    async def make() -> Made:
        reading = await source.reading(request, making.params)
        return await asyncio.to_thread(_make, request, making, reading)

    return await answer_file(request, make, making.format.media_type, _described_by(making))


def _making(request: Request, source: SavedList[Any, Any], ending: str) -> Making:
    """Return the file that a request asks for. Raises ProblemError ("invalid")."""
    items = [*request.query_params.multi_items()]
    of_path = {name: str(request.path_params[name]) for name in source.path_parameters}
    bom = [text for name, text in items if name == BOM]
    if bom and (ending not in {CSV.ending, CSV_METADATA.ending} or bom[0] not in {"true", "false"}):
        raise invalid("It is true or false, and for CSV only.", parameter=BOM)
    params = (
        _strict(source, [*of_path.items(), *(item for item in items if item[0] != BOM)])
        if request.scope["path"].startswith("/v1/") or of_path
        else _as_page(request, source)
    )
    service = service_address(request)
    source = source.of(params)
    return Making(
        source=source,
        params=params,
        format=FORMATS[ending],
        bom=bom == ["true"],
        service=service,
        query=query_string(source, params),
    )


def _strict(source: SavedList[Any, Any], items: list[tuple[str, str]]) -> AsOfParams:
    refuse_pages(items)
    params: AsOfParams = parse_params(source.params, items)
    return params


def _as_page(request: Request, source: SavedList[Any, Any]) -> AsOfParams:
    """Read the query of the list's page, of which a file shows all pages."""
    query = query_form.read(request, source.params)
    for name, words in query.errors.items():
        raise invalid(words, parameter=name)
    params: AsOfParams = query.params
    if isinstance(params, PageParams):
        return replace(params, cursor=None, page=None, limit=PageParams().limit)
    return params


def _make(request: Request, making: Making, reading: Reading[Any]) -> Made:
    """Make a file, in a thread. Raises ProblemError if it cannot hold so many rows."""
    downloads = services(request).downloads

    def made() -> Made:
        with closing(downloads.read(lambda cursor: reading(cursor, today()))) as whole:
            histories = services(request).ledger.histories
            table = extract(making, making.source.completed(histories, making.params, whole))
            return write(making, replace(table, about=as_published(request, table.about)))

    try:
        return downloads.at_once(made)
    except TooManyRows:
        raise invalid(
            f"This list is too long for a spreadsheet, which holds {ROWS_MAX} rows at most. Filter "
            "it, or ask for CSV, Parquet or JSON lines."
        ) from None


def _described_by(making: Making) -> dict[str, str]:
    """Return the header that links a CSV to its description (RFC 8288)."""
    if making.format is not CSV:
        return {}
    path = making.at(making.source.path)
    address = f"/v1{path}.{CSV_METADATA.ending}{making.query}"
    return {"Link": f'<{address}>; rel="describedby"; type="{CSV_METADATA.media_type}"'}
