"""What can be configured: one checked Struct, read from the environment once."""

import ipaddress
import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=0, le=65_535)]
Origin = Annotated[
    str, Meta(max_length=261, pattern=r"^https?://[a-z0-9]([a-z0-9.-]{0,252})(:[0-9]{1,5})?$(?!\n)")
]
Contact = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
        r"|https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9./_~%-]*)?)$(?!\n)",
    ),
]
Networks = Annotated[str, Meta(max_length=1_000)]
LogFormat = Literal["auto", "json", "console"]
Address = Annotated[str, Meta(max_length=500)]

TENANT = "{tenantid}"
"""Stands in an issuer for the tenant, as in what Entra ID says of itself."""
CALLBACK = "/sign-in/callback"
SECRET_BYTES_MAX = 4_096
_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SettingsError(Exception):
    """A setting is wrong. Says which, what it is and what is allowed."""


class Secret:
    """A text that shows itself to nobody who does not ask for it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Secret()"


class Provider(Struct, frozen=True):
    """The identity provider, and this service's place with it; checked together."""

    issuer: str
    """With `{tenantid}` in it where people of several tenants of Entra ID sign in."""
    client_id: str
    secret: Secret
    tenants: frozenset[str]
    """The tenants of Entra ID whose people may sign in; none for another provider."""
    redirect_uri: str


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of one process. Every name is an environment variable."""

    TRACKER_DATA: Path
    """The data folder: the embedded database lives in it."""
    DATABASE_URL: str | None = None
    """A libpq URL; without it the embedded database is used."""
    DATABASE_OWNER_URL: str | None = None
    """The URL of the owner, for migrations; without it DATABASE_URL is."""
    TRACKER_HOST: Annotated[str, Meta(max_length=50)] = "127.0.0.1"
    """The IP address to listen at; one of another machine's reach takes an identity provider."""
    TRACKER_PORT: Port = 8000
    TRACKER_POOL: Annotated[int, Meta(ge=1, le=100)] = 8
    """Database connections of one process that serves."""
    TRACKER_POOL_WAIT: Annotated[int, Meta(ge=1, le=60)] = 5
    """Seconds that a request waits for a connection before it is answered 503."""
    TRACKER_PUBLIC_URL: Origin | None = None
    """The address at which people reach the service, such as https://tracker.example, or http on
    the loopback: its name is answered for, besides the loopback's; if it is https, browsers are
    told so."""
    TRACKER_TRUSTED_PROXIES: Networks | None = None
    """Addresses and networks of proxies, with commas between, that say truly who asks
    (X-Forwarded-For); from anybody else, and without this setting, it is ignored."""
    TRACKER_LOG: LogFormat = "auto"
    """JSON lines, or console lines; auto is console on a terminal."""
    TRACKER_OIDC_ISSUER: Address | None = None
    """The identity provider's issuer, exactly as it names itself."""
    TRACKER_OIDC_CLIENT_ID: Address | None = None
    TRACKER_OIDC_CLIENT_SECRET: Secret | None = None
    TRACKER_OIDC_CLIENT_SECRET_FILE: Path | None = None
    """A file with the secret, in place of TRACKER_OIDC_CLIENT_SECRET."""
    TRACKER_OIDC_TENANTS: Address | None = None
    """For Entra ID: the ids of the tenants whose people may sign in, with commas between."""
    TRACKER_CONTACT: Contact | None = None
    """Where readers of the pages can write to: an e-mail address, or a page's address of https."""
    TRACKER_LANGUAGE: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$(?!\n)")] = "en_GB"
    """The language of the pages: English, or one that has a catalogue."""
    TRACKER_SESSION_IDLE: Annotated[int, Meta(ge=5, le=60)] = 30
    """Minutes after which an unused session ends."""
    TRACKER_SESSION_MAX: Annotated[int, Meta(ge=1, le=12)] = 8
    """Hours after which a session ends, however much it is used."""

    @property
    def provider(self) -> Provider | None:
        """The identity provider, if one is configured. Raises SettingsError."""
        return _provider(self)

    @property
    def proxies(self) -> list[str]:
        """The networks of the proxies that are trusted. Raises ValueError if one is none."""
        named = (self.TRACKER_TRUSTED_PROXIES or "").split(",")
        found = [ip_network(one.strip()) for one in named if one.strip()]
        if any(network.prefixlen == 0 for network in found):
            raise ValueError("a network of everybody is no proxy")
        return [str(network) for network in found]


def default_data(environ: Mapping[str, str]) -> Path:
    """The user's data folder for this program (XDG Base Directory Specification)."""
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "recommendation-tracker"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in an environment. Raises SettingsError; an empty variable counts as unset."""
    given: dict[str, str | Path] = {"TRACKER_DATA": default_data(environ)}
    for name in Settings.__struct_fields__:
        if environ.get(name):
            given[name] = environ[name]
    given["TRACKER_DATA"] = str(Path(given["TRACKER_DATA"]).expanduser().absolute())
    try:
        found = msgspec.convert(given, Settings, strict=False, dec_hook=_own)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting in the environment is wrong: {error}") from None
    try:
        found.proxies  # noqa: B018  they are checked by being read
    except ValueError as error:
        raise SettingsError(f"TRACKER_TRUSTED_PROXIES is wrong: {error}.") from None
    _check_together(found, found.provider)
    return found


def is_safe_url(url: str) -> bool:
    """Say whether an address is of https, or of http on this very machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _check_together(found: Settings, provider: Provider | None) -> None:
    try:
        listens_here = ipaddress.ip_address(found.TRACKER_HOST).is_loopback
    except ValueError:
        raise SettingsError(f"TRACKER_HOST is no IP address: {found.TRACKER_HOST}") from None
    public = found.TRACKER_PUBLIC_URL
    if public is not None and not is_safe_url(public):
        raise SettingsError(
            "TRACKER_PUBLIC_URL is an address of https, or of http on the loopback."
        )
    reached = [] if listens_here else [f"TRACKER_HOST={found.TRACKER_HOST}"]
    reached += [f"TRACKER_PUBLIC_URL={public}"] if (public or "").startswith("https:") else []
    if reached and provider is None:
        raise SettingsError(
            f"{reached[0]} would let others come here, where nobody can sign in. Listen on "
            "127.0.0.1 without a public address, or configure an identity provider: "
            "TRACKER_OIDC_ISSUER, TRACKER_OIDC_CLIENT_ID, TRACKER_OIDC_CLIENT_SECRET and "
            "TRACKER_PUBLIC_URL."
        )
    if not listens_here and not (public or "").startswith("https:"):
        raise SettingsError(
            f"TRACKER_HOST={found.TRACKER_HOST} takes a TRACKER_PUBLIC_URL of https: a proxy "
            "with TLS stands before the service."
        )


def _provider(found: Settings) -> Provider | None:
    issuer, tenants = found.TRACKER_OIDC_ISSUER, found.TRACKER_OIDC_TENANTS
    file, secret = found.TRACKER_OIDC_CLIENT_SECRET_FILE, found.TRACKER_OIDC_CLIENT_SECRET
    parts = {
        "TRACKER_OIDC_ISSUER": issuer,
        "TRACKER_OIDC_CLIENT_ID": found.TRACKER_OIDC_CLIENT_ID,
        "TRACKER_OIDC_CLIENT_SECRET or TRACKER_OIDC_CLIENT_SECRET_FILE": secret or file,
    }
    if not any(parts.values()) and tenants is None:
        return None
    parts["TRACKER_PUBLIC_URL"] = found.TRACKER_PUBLIC_URL
    if missing := [name for name, value in parts.items() if value is None]:
        raise SettingsError(f"Sign-in is configured in part; missing: {', '.join(missing)}.")
    if secret and file:
        raise SettingsError(
            "TRACKER_OIDC_CLIENT_SECRET is given, and in a file too; one is enough."
        )
    if not is_safe_url((issuer or "").replace(TENANT, "t")) or "?" in (issuer or ""):
        raise SettingsError("TRACKER_OIDC_ISSUER is an address: https, or http on the loopback.")
    listed = frozenset(one.strip().lower() for one in (tenants or "").split(",") if one.strip())
    if bad := [one for one in listed if not _TENANT_ID.fullmatch(one)]:
        raise SettingsError(f"TRACKER_OIDC_TENANTS has what is no tenant's id: {bad[0]}")
    if (TENANT in (issuer or "")) and not listed:
        raise SettingsError(f"An issuer with {TENANT} takes TRACKER_OIDC_TENANTS: whose people?")
    return Provider(
        issuer or "",
        found.TRACKER_OIDC_CLIENT_ID or "",
        secret or _secret_in(file),
        listed,
        (found.TRACKER_PUBLIC_URL or "").rstrip("/") + CALLBACK,
    )


def _secret_in(file: Path | None) -> Secret:
    try:
        text = file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"TRACKER_OIDC_CLIENT_SECRET_FILE: {error}") from None
    if not 0 < len(text) <= SECRET_BYTES_MAX:
        raise SettingsError("TRACKER_OIDC_CLIENT_SECRET_FILE holds no secret, or too long a one.")
    return Secret(text)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own(kind: type, value: object) -> object:
    if kind in {Path, Secret}:
        return kind(str(value))
    raise NotImplementedError(kind)
