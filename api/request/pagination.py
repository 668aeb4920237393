"""Pages of a list: opaque cursors that are bound to the filters of the list."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

import msgspec
from litestar import Response
from msgspec import Meta, Struct
from msgspec.structs import replace

from api.http.moment import today
from api.http.problems import Request, invalid
from api.request.published import as_published
from api.request.query_params import PageParams, Params
from api.request.services import services


class HasNext(Protocol):
    """One page of a list."""

    @property
    def next(self) -> str | None:
        """The place after which the next page begins, if there is a next page."""
        ...

    @property
    def position(self) -> int:
        """The position that its read model had reached."""
        ...


Page = TypeVar("Page", bound=HasNext)
L = TypeVar("L", bound=PageParams)
C = TypeVar("C")
_CursorParts: TypeAlias = tuple[
    str, Annotated[str, Meta(max_length=200, pattern=r"^[a-z0-9_ -]+$(?!\n)")]
]
"""The digest of the filters, and the place after which the next page begins."""

_decode: Callable[[bytes], tuple[str, str]] = msgspec.json.Decoder(_CursorParts).decode


def read_page(
    request: Request, params: L, read: Callable[[Any, L, date, str | None], Page]
) -> Page:
    """Return the requested page of a list, with a cursor as its `next`.

    `read` takes a database cursor, the filter, today, and the place after which the page begins;
    `next` of the page it returns is such a place. Raises ProblemError for a bad cursor.
    """
    after = _place_after(params)
    page = services(request).lists.read(lambda c: read(c, params, today(), after))
    page = as_published(request, page)
    if page.next is None:
        return page
    return cast("Page", replace(cast("Struct", page), next=_cursor(params, page.next)))


def total_of(
    request: Request, params: L, count: Callable[[Any, L, date], C], share: Hashable = None
) -> C:
    """Return what is counted of all pages of a list, or of a share, kept until the list moves.

    `count` takes a database cursor, the filter, and today; it counts no more than the share.
    """
    opened = services(request)
    every = replace(params, cursor=None, page=None, position=None)
    return opened.answers.kept(
        opened.lists,
        params.read_models,
        (every, share, today()),
        lambda: opened.lists.read(lambda cursor: count(cursor, every, today())),
    )


def paged(path: str, params: PageParams, page: Page) -> Response[Page]:
    """Return the response for a page of a list, with a link to the next."""
    headers = link_to_next(path, replace(params, cursor=page.next, page=None)) if page.next else {}
    return Response(page, headers=headers)


def link_to_next(path: str, params: Params) -> dict[str, str]:
    """Return the header that links to the next page (RFC 8288), given its parameters."""
    return {"Link": f'<{path}?{urlencode(query_of(params))}>; rel="next"'}


def query_of(params: Params) -> dict[str, object]:
    """Return the query for some parameters."""
    flags = {True: "true", False: "false"}
    return {
        name: flags[value] if isinstance(value, bool) else value
        for name, value in msgspec.to_builtins(params).items()
        if value is not None
    }


def _cursor(params: PageParams, place: str) -> str:
    text = msgspec.json.encode((_digest(params), place))
    return urlsafe_b64encode(text).decode().rstrip("=")


def _place_after(params: PageParams) -> str | None:
    if params.cursor is None:
        return None
    try:
        text = urlsafe_b64decode(params.cursor + "=" * (-len(params.cursor) % 4))
        digest, place = _decode(text)
    except ValueError:
        raise invalid("That is no cursor.", parameter="cursor") from None
    if digest != _digest(params):
        words = "That cursor is of a list with other filters, or in another order."
        raise invalid(words, parameter="cursor")
    return place


def _digest(params: PageParams) -> str:
    filters = replace(params, cursor=None, page=None, limit=1, position=None)
    return sha256(msgspec.json.encode(filters)).hexdigest()[:16]
