"""What every answer carries besides what it says: what a browser may do with it, who may keep it.

The service answers with data, and with pages whose style, script and pictures are its own, so that
a browser is told to take nothing from elsewhere and to run nothing that stands in a page.
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
"""One year, and only where the public address of the service is https."""

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What no answer does without: the server itself adds it, to its own answers too."""
VARY = "Authorization, Cookie"
"""What an answer depends on besides its address."""
REVALIDATED = "public, max-age=0, must-revalidate"
NO_STORE = "no-store"


def always(public_url: str | None) -> dict[str, str]:
    """The headers of every answer, for a service at an address; None is the loopback."""
    if public_url and public_url.startswith("https:"):
        return {**ALWAYS, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY}
    return ALWAYS


def set_keeping(headers: MutableScopeHeaders, *, shared: bool) -> None:
    """Say who may keep an answer: anybody what is `shared`, nobody anything else.

    What a handler says itself counts for shared answers only, so that none can ever let the
    answer to one asker be kept for another.
    """
    headers["Vary"] = VARY
    if not shared:
        headers["Cache-Control"] = NO_STORE
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = REVALIDATED
