"""The server: uvicorn, as it is configured."""

from typing import Any, cast

import uvicorn
from litestar.types import ASGIApp

from adapters.settings import Settings
from api.http.connections.protocol import IDLE_SECONDS, Protocol
from api.http.headers import default_headers

STOP_SECONDS = 10
"""How long a service that is shutting down waits for requests to finish."""


def server_config(app: ASGIApp, chosen: Settings, *, port: int = 0) -> uvicorn.Config:
    """Return uvicorn's configuration: limits, default headers and trusted proxies."""
    return uvicorn.Config(
        cast("Any", app),
        host=chosen.TRACKER_HOST,
        port=port,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=list(default_headers(chosen.TRACKER_PUBLIC_URL).items()),
        proxy_headers=bool(chosen.proxies),
        forwarded_allow_ips=chosen.proxies,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
