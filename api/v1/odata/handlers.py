"""The routes of OData: the service document, its description, entity sets, rows and counts.

Read only, and the same for everybody: what the public sees. The first page of an entity set fixes
the moment, and links to the next carry it, so that all pages are of one extract whatever is
recorded meanwhile.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromPath

from adapters.ledger.codec import moment_of
from adapters.ledger.queries import freeze, page, published_through
from api.http.problems import Request, invalid
from api.request.services import service_address, services
from api.request.waiting import wait_in_thread
from api.v1.odata.entity_sets import ENTITY_SETS, EntitySet
from api.v1.odata.errors import ROOT, VERSION
from api.v1.odata.metadata import metadata
from api.v1.odata.options import (
    OF_A_COUNT,
    OF_A_DOCUMENT,
    OF_A_ROW,
    OF_A_SET,
    ODataParams,
    condition_of,
    options_of,
    selected,
    typed,
)
from domain.vocabulary.errors import NotFound
from projections.reporting.filter_tokens import FilterError
from projections.reporting.filtering import read_key
from projections.reporting.rows import RowsAsOf, RowsPart, count_rows, position_of_all, read_part

JSON = "application/json;odata.metadata=minimal"
_NAMED = re.compile(r"(\w+)(?:\((.+)\))?", re.ASCII | re.DOTALL)


@get(ROOT, opt={"public": True}, sync_to_thread=False)
def get_service_document(request: Request) -> Response[bytes]:
    """Return the names of the entity sets."""
    _format(typed(request, None, OF_A_DOCUMENT).system, "json")
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in ENTITY_SETS]
    return _json({"@odata.context": f"{_root(request)}/$metadata", "value": sets})


@get(
    f"{ROOT}/$metadata",
    opt={"public": True},
    sync_to_thread=False,
)
def get_metadata(request: Request) -> Response[bytes]:
    """Return the description of the entity sets, in CSDL XML."""
    _format(typed(request, None, OF_A_DOCUMENT).system, "xml")
    return Response(metadata(), media_type=MediaType.XML, headers=VERSION)


@get(
    f"{ROOT}/{{entity_set:str}}/$count",
    opt={"public": True},
    sync_to_thread=True,
)
def count_entity_set(request: Request, entity_set: FromPath[str]) -> Response[str]:
    """Return how many rows an entity set has under `$filter`, as text."""
    of, _ = _named(entity_set, may_have_key=False)
    query = typed(request, of, OF_A_COUNT)
    condition = condition_of(query.system, of)
    as_of = _as_of(request, query.params)
    count = services(request).downloads.read(lambda c: count_rows(c, of.view, as_of, condition))
    return Response(str(count), media_type=MediaType.TEXT, headers=VERSION)


@get(
    f"{ROOT}/{{entity_set:str}}",
    opt={"public": True},
    sync_to_thread=True,
)
def read_entity_set(request: Request, entity_set: FromPath[str]) -> Response[bytes]:
    """Return a page of an entity set, or the one row that a key names."""
    of, key = _named(entity_set)
    return _row(request, of, key) if key else _page(request, of)


ODATA_ROUTES = (get_service_document, get_metadata, count_entity_set, read_entity_set)


def _page(request: Request, of: EntitySet) -> Response[bytes]:
    query = typed(request, of, OF_A_SET)
    _format(query.system, "json")
    options = options_of(query, of)
    as_of = _as_of(request, query.params)
    part = RowsPart(
        columns=options.columns,
        condition=options.condition,
        order=options.order,
        then=of.order,
        limit=options.rows + (not options.is_last),
        offset=options.skip + options.before,
    )
    downloads = services(request).downloads
    body: dict[str, Any] = {"@odata.context": _context(request, query.system, of, options.columns)}
    if options.count:
        condition = options.condition
        body["@odata.count"] = downloads.read(lambda c: count_rows(c, of.view, as_of, condition))
    rows = downloads.read(lambda c: read_part(c, of.view, as_of, part))
    body["value"] = [dict(zip(part.columns, row, strict=True)) for row in rows[: options.rows]]
    if len(rows) > options.rows:
        following = query.next_page(
            options.before + options.rows, as_of, is_history=of.view.is_history
        )
        body["@odata.nextLink"] = f"{_root(request)}/{of.name}?{following}"
    return _json(body)


def _row(request: Request, of: EntitySet, key: str) -> Response[bytes]:
    query = typed(request, of, OF_A_ROW)
    _format(query.system, "json")
    columns = selected(query.system, of)
    try:
        condition = read_key(key, of.view.columns, of.key)
    except FilterError as error:
        raise invalid(str(error), parameter=of.name) from None
    as_of = _as_of(request, query.params)
    part = RowsPart(columns=columns, condition=condition, limit=1)
    rows = services(request).downloads.read(lambda c: read_part(c, of.view, as_of, part))
    if not rows:
        raise NotFound("There is no row of that key.")
    context = f"{_context(request, query.system, of, columns)}/$entity"
    return _json({"@odata.context": context, **dict(zip(columns, rows[0], strict=True))})


def _named(name: str, *, may_have_key: bool = True) -> tuple[EntitySet, str]:
    match = _NAMED.fullmatch(name)
    if match is None or match[1] not in ENTITY_SETS or (match[2] and not may_have_key):
        raise NotFound(f"There is no such entity set; there are: {', '.join(ENTITY_SETS)}.")
    return ENTITY_SETS[match[1]], match[2] or ""


def _as_of(request: Request, params: ODataParams) -> RowsAsOf:
    """Return what the rows are as of: the last published entry that every list has reached."""
    wait_in_thread(request, params)
    opened = services(request)
    ledger = opened.ledger.rows
    if params.known_at:
        reached = ledger.run(freeze(params.known_at))
    else:
        reached = opened.lists.read(position_of_all)
    position = ledger.run(published_through(reached))
    known_at = params.known_at
    if known_at is None and position:
        known_at = moment_of(ledger.run(page(position - 1, 1)))
    return RowsAsOf(day=params.day, known_at=known_at, position=position)


def _format(system: Mapping[str, str], default: str) -> None:
    chosen = system.get("$format", default)
    if chosen != default and not chosen.startswith(f"application/{default}"):
        raise invalid(f"It is {default}.", parameter="$format")


def _context(
    request: Request, system: Mapping[str, str], of: EntitySet, columns: Sequence[str]
) -> str:
    chosen = f"({','.join(columns)})" if "$select" in system else ""
    return f"{_root(request)}/$metadata#{of.name}{chosen}"


def _root(request: Request) -> str:
    return service_address(request) + ROOT


def _json(body: object) -> Response[bytes]:
    return Response(msgspec.json.encode(body), media_type=JSON, headers=VERSION)
