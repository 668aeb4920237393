"""Notices of steps, page by page, as CloudEvents; a full page never changes.

A page is a range of positions of the ledger. Its address names the lineage, within which a position
is the same entry for ever, and no notice has a text that could be suppressed: so whoever has a full
page needs it never again. Decision 58 says why.
"""

from asyncio import to_thread
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct
from msgspec.structs import replace

from adapters.ledger.queries import Ends, ends
from adapters.notices.cloud_event import BATCH, CloudEvent, about_of, cloud_event
from adapters.notices.reading import POSITIONS
from api.http.headers import preferred
from api.http.problems import Request, Wrong, invalid
from api.request.authentication import current_actor
from api.request.pagination import query_of
from api.request.query_params import POSITION_MAX, Params, unknown
from api.request.readings import record_ledger_read
from api.request.services import service_address, services
from api.v1.notices.following import EVENT_STREAM, NoticeStream, end_for, resumed_at
from domain.access.notices import Notice, may_read_notice
from domain.access.permissions import ReadPermission, can_read
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import is_training
from projections.filters import ForceCode

NUMBER_MAX = 2**40
PATH = "/v1/notices"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class NoticeParams(Params, frozen=True, kw_only=True):
    """The notices to list or to follow; those of training forces only on request."""

    force: ForceCode | None = None
    about: Literal["report", "recommendation"] | None = None
    training: (
        Annotated[bool, Meta(description="Of training forces in place of all others.")] | None
    ) = None
    lineage: (
        Annotated[UUID, Meta(description="The lineage of the ledger; 404 if it has another.")]
        | None
    ) = None
    page: (
        Annotated[int, Meta(ge=1, le=NUMBER_MAX, description="By default the latest page.")] | None
    ) = None
    after: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=POSITION_MAX,
                description="The position after which an event stream begins, by default the "
                "end; without `page`, the page on which the notices after it are.",
            ),
        ]
        | None
    ) = None

    def wrong(self) -> Iterator[Wrong]:
        """Yield what is wrong with the values, beyond their types."""
        yield from unknown(self.force)
        if self.training and self.force is not None and not is_training(self.force):
            yield Wrong(f"{self.force} is not a training force.", parameter="force")

    def takes(self, actor: Actor, notice: Notice) -> bool:
        """Return whether an actor who asks so is told of a step."""
        training = is_training(notice.addressee)
        chosen = notice.addressee == self.force if self.force else training == bool(self.training)
        of_kind = self.about in {None, about_of(notice)}
        return chosen and of_kind and may_read_notice(actor, notice)


class NoticePage(Struct, frozen=True, kw_only=True):
    """The notices of a range of positions, from `first` to `last`, oldest first.

    A `complete` page never changes: nothing is added to its range, and no notice has a text. Follow
    `next` until a page has none, and ask for that page again later; or go on from `position`, up
    to which all notices are known, by an event stream.
    """

    items: tuple[CloudEvent, ...]
    page: int
    first: int
    last: int
    complete: bool
    position: int
    lineage: UUID
    previous: str | None
    next: str | None
    latest: str


@get(PATH, opt={"public": True, "media_types": (BATCH, EVENT_STREAM)})
async def list_notices(
    request: Request, params: NamedDependency[NoticeParams]
) -> Response[NoticePage]:
    """List what was recorded, step by step, as CloudEvents; or follow it as server-sent events.

    The public is told of published steps, readers of a history of each of its steps. `Accept`
    chooses: a page in JSON, its bare list in `application/cloudevents-batch+json`, or
    `text/event-stream`, which goes on after the header `Last-Event-ID`.
    """
    if can_read(current_actor(request), ReadPermission.HISTORY):
        await record_ledger_read(request)
    now = await services(request).async_ledger.run(ends())
    if params.lineage not in {None, now.lineage}:
        raise NotFound(f"The ledger has another lineage, {now.lineage}. Begin again at {PATH}.")
    media_type = preferred(request.headers.get("accept", ""))
    if media_type == EVENT_STREAM:
        if params.page is not None:
            raise invalid("An event stream has no pages.", parameter="page")
        after = resumed_at(request, params.after, now)
        stream = NoticeStream(request, params.takes, after, now.lineage)
        return cast("Response[NoticePage]", stream)
    return await _page_response(request, params, now, batch=media_type == BATCH)


async def _page_response(
    request: Request, params: NoticeParams, now: Ends, *, batch: bool
) -> Response[NoticePage]:
    """Answer a page. Raises NotFound if the ledger has not come so far."""
    actor = current_actor(request)
    end = end_for(actor, now)
    latest = end // POSITIONS + 1
    begin = latest if params.after is None else params.after // POSITIONS + 1
    number = params.page or begin
    if number > latest:
        raise NotFound(f"There is no page {number} yet; the latest is {latest}.")
    notices = await to_thread(services(request).notices.page, number, now)
    base = service_address(request)
    items = tuple(
        cloud_event(notice, now.lineage, base)
        for notice in notices
        if notice.position <= end and params.takes(actor, notice)
    )

    def address(of: int | None) -> str:
        named = replace(params, lineage=now.lineage if of else None, page=of, after=None)
        return f"{PATH}?{urlencode(query_of(named))}".rstrip("?")

    page = NoticePage(
        items=items,
        page=number,
        first=(number - 1) * POSITIONS + 1,
        last=number * POSITIONS,
        complete=number < latest,
        position=min(end, number * POSITIONS),
        lineage=now.lineage,
        previous=address(number - 1) if number > 1 else None,
        next=address(number + 1) if number < latest else None,
        latest=address(None),
    )
    links = {"prev": page.previous, "next": page.next, "current": page.latest}
    headers = {
        "Link": ", ".join(f'<{to}>; rel="{relation}"' for relation, to in links.items() if to),
        **(FOR_EVER if page.complete and params.lineage else {}),
    }
    return _encoded(items if batch else page, BATCH if batch else "application/json", headers)


def _encoded(
    body: NoticePage | Sequence[CloudEvent], media_type: str, headers: Mapping[str, str]
) -> Response[NoticePage]:
    answer = Response(msgspec.json.encode(body), media_type=media_type, headers=headers)
    return cast("Response[NoticePage]", answer)
