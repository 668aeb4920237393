"""The address of a file: that of its list with an ending, or the list's with an Accept header.

`/v1/recommendations.csv` and `/recommendations.csv` are one file, as is `/v1/recommendations` for a
client that prefers `text/csv`. All of them come to one route for each list, which names
the formats if an ending is of none.
"""

import re
from collections.abc import Iterator

from adapters.tables.formats import MEDIA_TYPES
from api.downloads.sources import SOURCES
from api.http.headers import preferred

DOWNLOADS = "/downloads"
"""The path under which the routes are, below `/v1` and without it."""
_PARAMETER = re.compile(r"\{(\w+)\}")


def _routes() -> Iterator[tuple[str, str]]:
    """Yield the pattern of each list's path, and the beginning of its routes."""
    for name, source in SOURCES.items():
        parameters = "".join(f"/{{{parameter}}}" for parameter in source.path_parameters)
        for version in ("", "/v1"):
            pattern = _PARAMETER.sub(r"(?P<\1>[^/]+)", version + source.path)
            yield pattern, f"{version}{DOWNLOADS}/{name}{parameters}"


_ROUTES = dict(_routes())
_PATTERNS = [(re.compile(pattern), route) for pattern, route in _ROUTES.items() if "(" in pattern]


def route_of(path: str, accept: str) -> str:
    """Return the path of the route that answers a request: that of a file, or its own."""
    stem, ending = _ending_of(path)
    if ending and (route := _route(stem)):
        return f"{route}/{ending}"
    ending = MEDIA_TYPES.get(preferred(accept), "") if accept else ""
    route = _route(path) if ending else None
    return f"{route}/{ending}" if route else path


def _ending_of(path: str) -> tuple[str, str]:
    """Return the parts of a path before and after its ending, be it of a format or not."""
    stem, dot, ending = path.rpartition("/")[2].partition(".")
    return (path[: -len(ending) - 1], ending) if dot and stem and ending else (path, "")


def _route(path: str) -> str | None:
    """Return the beginning of the routes of the list at a path; None if there is no list."""
    if path in _ROUTES:
        return _ROUTES[path]
    for pattern, route in _PATTERNS:
        if match := pattern.fullmatch(path):
            return route.format(**match.groupdict())
    return None
