"""The answer of a file: one of the few that are made at a time, and sent in parts once whole."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from litestar import Response
from litestar.response import Stream

from api.downloads.making import Made
from api.downloads.slots import Slots
from api.http.problems import Request
from api.http.rate_limits import client_of
from api.request.authentication import current_actor
from api.request.published import is_public
from api.v1.record.content_disposition import attachment

PART_BYTES = 262_144
"""The bytes of a file that are held in memory while it is sent."""

SLOTS = Slots()
"""The files under way in this process."""


async def answer_file(
    request: Request,
    make: Callable[[], Awaitable[Made]],
    media_type: str,
    headers: Mapping[str, str] = {},
) -> Response[bytes] | Stream:
    """Answer a file that `make` makes, to be saved. Raises ProblemError if others are under way."""
    client = client_of(request.scope) if is_public(request) else current_actor(request).id
    SLOTS.take(client)
    try:
        with SLOTS.making():
            made = await make()
        every = {
            "Content-Disposition": attachment(made.name),
            "Content-Length": str(made.size),
            **headers,
        }
        if made.size > PART_BYTES:
            parts = _parts(made, client)
            client = ""
            return Stream(parts, media_type=media_type, headers=every)
        with made.file as file:  # small enough for an entity tag, which takes it whole
            return Response(file.read(), media_type=media_type, headers=every)
    finally:
        if client:
            SLOTS.release(client)


async def _parts(made: Made, client: str) -> AsyncGenerator[bytes]:
    try:
        while part := await asyncio.to_thread(made.file.read, PART_BYTES):
            yield part
    finally:
        made.file.close()
        SLOTS.release(client)
