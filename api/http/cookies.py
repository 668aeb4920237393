"""Cookies of this service: host-only, Secure and HttpOnly."""

from litestar.datastructures import Cookie

SESSION = "__Host-session"
"""A session cookie: deleted when the browser closes; the service decides when it expires."""
SIGN_IN = "__Host-sign-in"
"""Binds a sign-in in progress to the browser that started it."""

UNSENT = "__Host-unsent"
"""Opens the forms that were held for this browser when a session had ended."""


def cookie(name: str, value: str, *, seconds: int | None = None) -> Cookie:
    """Return a cookie that meets the requirements of the `__Host-` prefix (RFC 6265bis).

    SameSite is Lax because the redirect back from an identity provider starts at another site.
    """
    return Cookie(
        name, value=value, path="/", secure=True, httponly=True, samesite="lax", max_age=seconds
    )


def expired_cookie(name: str) -> Cookie:
    """Return a cookie that makes the browser delete the one of this name."""
    return cookie(name, "", seconds=0)
