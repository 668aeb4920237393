"""The cookies of this service: for its own address alone, over TLS, out of reach of scripts."""

from litestar.datastructures import Cookie

SESSION = "__Host-session"
"""A browser holds it until it is closed; how long it counts is the service's to say."""
SIGN_IN = "__Host-sign-in"
"""Binds a sign-in on its way to the browser that began it."""


def cookie(name: str, value: str, *, seconds: int | None = None) -> Cookie:
    """A cookie; the browser's name for what it promises is the prefix `__Host-` (RFC 6265bis).

    Lax, since the way back from an identity provider begins at another site.
    """
    return Cookie(
        name, value=value, path="/", secure=True, httponly=True, samesite="lax", max_age=seconds
    )


def cleared(name: str) -> Cookie:
    """What makes a browser forget a cookie."""
    return cookie(name, "", seconds=0)
