"""Security and cache headers set on every response, and the media type that a client prefers.

The service serves data, and pages whose styles, scripts and images are its own. The policy
therefore forbids browsers to load anything from elsewhere and to run anything inline.
"""

from litestar.datastructures import MutableScopeHeaders

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "fullscreen", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get",
        "screen-wake-lock", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
"""One year; sent only if the public URL of the service is https."""

DEFAULT_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every response; the server adds them, to the responses it makes itself too."""
VARY = "Accept, Authorization, Cookie"
"""The request headers that a response depends on."""
REVALIDATED = "public, max-age=0, must-revalidate"
NO_STORE = "no-store"


def default_headers(public_url: str | None) -> dict[str, str]:
    """Return the headers of every response; a `public_url` of None means loopback only."""
    if public_url and public_url.startswith("https:"):
        return {**DEFAULT_HEADERS, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY}
    return DEFAULT_HEADERS


def set_cache_headers(headers: MutableScopeHeaders, *, shared: bool) -> None:
    """Set Vary and Cache-Control: any cache may store a `shared` response, and no other.

    A handler's own Cache-Control is kept on shared responses only, so no handler can let a
    cache give one caller's response to another.
    """
    headers["Vary"] = VARY
    if not shared:
        headers["Cache-Control"] = NO_STORE
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = REVALIDATED


def preferred(accept: str) -> str:
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
