"""The OpenAPI description."""

from litestar import get


@get("/schema/openapi.json", opt={"public": True}, sync_to_thread=False)
def serve() -> dict[str, str]:
    """The OpenAPI description of this service."""
    return {}
