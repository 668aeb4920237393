"""The static files of the pages, read once.

No requested name is ever looked up in a folder.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from domain.vocabulary.errors import NotFound

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
FOR_EVER = "public, max-age=31536000, immutable"


class File(Struct, frozen=True):
    """A static file."""

    content: bytes
    media_type: str


@cache
def static() -> dict[str, File]:
    """Return every static file by name."""
    by_name: dict[str, File] = {}
    for path in (files("api.pages") / "static").iterdir():
        suffix = "." + path.name.rpartition(".")[2]
        if suffix in TYPES:
            by_name[path.name] = File(path.read_bytes(), TYPES[suffix])
    return dict(sorted(by_name.items()))


@cache
def version() -> str:
    """Return a hash of all the files.

    They share it, so that a file can name another file beside it.
    """
    return sha256(b"".join(file.content for file in static().values())).hexdigest()[:16]


def address_of(name: str) -> str:
    """Return the address of a file, valid until any of the files changes."""
    return f"/static/{version()}/{name}"


@get(
    "/static/{of:str}/{name:str}",
    opt={"public": True, "offline": True},
    sync_to_thread=False,
)
def serve(of: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve a file; clients may cache it for ever under its version."""
    file = static().get(name)
    if file is None or of != version():
        raise NotFound("There is no such file.")
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": FOR_EVER})
