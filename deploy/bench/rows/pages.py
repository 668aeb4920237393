"""Rows about pages: the time of each page, divided by that of its API call.

The time is the server's: there is a single client, so no request waits for another. Neither is
kept, nor any count in them, so that both are as after a command.
"""

from functools import partial

from deploy.bench.load.http import get, request_rate
from deploy.bench.rows.registry import row
from deploy.bench.world import Site, World
from domain.vocabulary.forces import FORCES

AT_MOST = 10.0
STREAM, FORCE = "{stream}", "{force}"
SHOWN = {
    "home": ("/", "/v1/progress"),
    "register": ("/recommendations", "/v1/recommendations"),
    "recommendation": ("/recommendations/{stream}", "/v1/recommendations/{stream}"),
    "reports": ("/reports", "/v1/reports?order=newest"),
    "forces": ("/forces", "/v1/progress"),
    "force": ("/forces/{force}", "/v1/progress/{force}"),
    "progress": ("/progress", "/v1/progress"),
    "areas": ("/areas", "/v1/areas"),
    "measures": ("/measures", "/v1/measures"),
    "slippage": ("/slippage", "/v1/slippage"),
    "compare": ("/compare?force={force}", "/v1/compare?force={force}"),
    "restatement": ("/restatement?force={force}", "/v1/restatement?force={force}"),
    "chart": ("/charts/months.svg", "/v1/progress"),
    "feed": ("/feeds/reports.atom", "/v1/reports?order=newest"),
}
"""Every page that shows an API answer, with the path of its API call."""


def _requests(site: Site, path: str) -> list[str]:
    """Return the requests of a path, for each recommendation or force it can be about."""
    if STREAM in path:
        return [get(path.format(stream=stream)) for stream in site.typical]
    if FORCE in path:
        return [get(path.format(force=force)) for force in FORCES]
    return [get(path)]


def _rate(world: World, path: str) -> float:
    return request_rate(world.full.forgetful, _requests(world.full, path), 1, world.scale.seconds)


def _slower(page: str, call: str, world: World) -> float:
    """Return how many times as long a page takes as its API call."""
    return world.ratio(partial(_rate, world, call), partial(_rate, world, page))


for _name, (_page, _call) in SHOWN.items():
    row(f"page-{_name}", f"GET {_page} / GET {_call}, in time", AT_MOST, at_most=True)(
        partial(_slower, _page, _call)
    )
