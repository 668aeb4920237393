"""Pages of a list: opaque cursors that belong to the filters they were given for."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Protocol, TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response
from msgspec import Meta
from msgspec.structs import replace

from api.http.problems import wrong
from api.request.query_params import PageParams, Params


class HasNext(Protocol):
    """One page of a list."""

    @property
    def next(self) -> str | None:
        """The cursor of the next page, if there is one."""
        ...


Page = TypeVar("Page", bound=HasNext)
_Place: TypeAlias = tuple[
    str, Annotated[str, Meta(max_length=150, pattern=r"^[a-z0-9_ -]+$(?!\n)")]
]

_decode: Callable[[bytes], tuple[str, str]] = msgspec.json.Decoder(_Place).decode


def cursor(params: PageParams, last: str) -> str:
    """What leads on behind the last item of a page, under the same filters."""
    return urlsafe_b64encode(msgspec.json.encode((_digest(params), last))).decode().rstrip("=")


def last_seen(params: PageParams) -> str | None:
    """The last item that the reader has seen, by the cursor, if one was sent."""
    if params.cursor is None:
        return None
    try:
        text = urlsafe_b64decode(params.cursor + "=" * (-len(params.cursor) % 4))
        digest, last = _decode(text)
    except ValueError:
        raise wrong("That is no cursor.", parameter="cursor") from None
    if digest != _digest(params):
        raise wrong("That cursor is of a list with other filters.", parameter="cursor")
    return last


def paged(path: str, params: PageParams, page: Page) -> Response[Page]:
    """One page of a list, with a link to the next."""
    headers = link_to_next(path, replace(params, cursor=page.next)) if page.next else {}
    return Response(page, headers=headers)


def link_to_next(path: str, params: Params) -> dict[str, str]:
    """The header that leads on (RFC 8288) to what is asked for there."""
    sent = msgspec.to_builtins(params)
    flags = {True: "true", False: "false"}
    query = {
        name: flags[value] if isinstance(value, bool) else value
        for name, value in sent.items()
        if value is not None
    }
    return {"Link": f'<{path}?{urlencode(query)}>; rel="next"'}


def _digest(params: PageParams) -> str:
    filters = replace(params, cursor=None, limit=1, position=None)
    return sha256(msgspec.json.encode(filters)).hexdigest()[:16]
