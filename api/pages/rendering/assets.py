"""The files that pages need, read once: no name that is asked for is looked up in a folder."""

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
    """One file."""

    content: bytes
    media_type: str


@cache
def static() -> dict[str, File]:
    """Every file by its name."""
    found: dict[str, File] = {}
    for one in (files("api.pages") / "static").iterdir():
        suffix = "." + one.name.rpartition(".")[2]
        if suffix in TYPES:
            found[one.name] = File(one.read_bytes(), TYPES[suffix])
    return dict(sorted(found.items()))


@cache
def version() -> str:
    """What changes with any of the files, so that one can name another beside it."""
    return sha256(b"".join(file.content for file in static().values())).hexdigest()[:16]


def address_of(name: str) -> str:
    """Where a file is, for as long as none of them changes."""
    return f"/static/{version()}/{name}"


@get(
    "/static/{of:str}/{name:str}",
    opt={"public": True, "offline": True},
    sync_to_thread=False,
)
def serve(of: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """One file; for ever, under its version."""
    file = static().get(name)
    if file is None or of != version():
        raise NotFound("There is no such file.")
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": FOR_EVER})
