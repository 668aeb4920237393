"""This service's registration with an identity provider, as its settings state it."""

import ipaddress
import re
from urllib.parse import urlsplit

from msgspec import Struct

TENANT = "{tenantid}"
"""Placeholder for the tenant in an issuer, as in the metadata of Entra ID."""
CALLBACK = "/sign-in/callback"
_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Secret:
    """Text that `repr` and `str` do not reveal."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Return a constant that reveals nothing of the text."""
        return "Secret()"


class Provider(Struct, frozen=True):
    """The identity provider and this service's registration with it, validated together."""

    issuer: str
    """Contains `{tenantid}` if people of several Entra ID tenants sign in."""
    client_id: str
    secret: Secret
    tenants: frozenset[str]
    """The Entra ID tenants whose people may sign in; empty for any other provider."""
    redirect_uri: str


def registered(
    issuer: str | None,
    client_id: str | None,
    secret: Secret | None,
    *,
    tenants: str | None,
    public_url: str | None,
) -> Provider | None:
    """Return the provider of some settings, or None without any; raises ValueError."""
    parts = {
        "TRACKER_OIDC_ISSUER": issuer,
        "TRACKER_OIDC_CLIENT_ID": client_id,
        "TRACKER_OIDC_CLIENT_SECRET or TRACKER_OIDC_CLIENT_SECRET_FILE": secret,
    }
    if not any(parts.values()) and tenants is None:
        return None
    parts["TRACKER_PUBLIC_URL"] = public_url
    if missing := [name for name, value in parts.items() if value is None]:
        raise ValueError(
            f"The identity provider is only partly configured; missing: {', '.join(missing)}."
        )
    if not is_safe_url((issuer or "").replace(TENANT, "t")) or "?" in (issuer or ""):
        raise ValueError(
            "TRACKER_OIDC_ISSUER must be an https URL, or http on the loopback, without "
            "credentials, query or fragment."
        )
    listed = frozenset(part.strip().lower() for part in (tenants or "").split(",") if part.strip())
    if bad := [tenant for tenant in listed if not _TENANT_ID.fullmatch(tenant)]:
        raise ValueError(f"TRACKER_OIDC_TENANTS contains an invalid tenant id: {bad[0]}")
    if (TENANT in (issuer or "")) and not listed:
        raise ValueError(
            f"TRACKER_OIDC_ISSUER contains {TENANT}: list the tenants whose people may sign in as "
            "TRACKER_OIDC_TENANTS."
        )
    return Provider(
        issuer or "",
        client_id or "",
        secret or Secret(""),
        listed,
        (public_url or "").rstrip("/") + CALLBACK,
    )


_URL = re.compile(r"[\x21-\x7e]{1,2000}")


def is_safe_url(url: str) -> bool:
    """Return whether a URL is https, or http on the loopback, without credentials or fragment.

    It is of visible ASCII characters alone: a line break in it would end a header.
    """
    if not _URL.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Return whether a host is the loopback of this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
