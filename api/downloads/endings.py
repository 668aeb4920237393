"""The address of a file: that of its list with an ending, or the list's with an Accept header.

`/v1/recommendations.csv` and `/recommendations.csv` are one file, as is `/v1/recommendations` for a
client that prefers `text/csv`. All of them come to one route for each list.
"""

from collections.abc import Iterator

from adapters.tables.formats import FORMATS, MEDIA_TYPES
from api.downloads.sources import SOURCES

DOWNLOADS = "/downloads"
"""The path under which the routes are, below `/v1` and without it."""


def _routes() -> Iterator[tuple[str, str]]:
    for name, source in SOURCES.items():
        yield source.path, f"{DOWNLOADS}/{name}"
        yield f"/v1{source.path}", f"/v1{DOWNLOADS}/{name}"


_ROUTES = dict(_routes())


def route_of(path: str, accept: str) -> str:
    """Return the path of the route that answers a request: that of a file, or its own."""
    if path in _ROUTES:
        ending = MEDIA_TYPES.get(_preferred(accept)) if accept else None
        return f"{_ROUTES[path]}/{ending}" if ending else path
    stem, dot, ending = path.rpartition("/")[2].partition(".")
    route = _ROUTES.get(path[: -len(ending) - 1]) if dot and stem else None
    return f"{route}/{ending}" if route and ending in FORMATS else path


def _preferred(accept: str) -> str:
    """Return the media type that an Accept header prefers (RFC 9110, section 12.5.1)."""
    best, weight = "", 0.0
    for part in accept.split(","):
        media_type, _, parameters = part.partition(";")
        quality = _quality(parameters)
        if quality > weight:
            best, weight = media_type.strip().lower(), quality
    return best


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
