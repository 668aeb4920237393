"""What can be configured: one checked Struct, read from the environment once."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=0, le=65_535)]
Origin = Annotated[
    str, Meta(max_length=261, pattern=r"^https?://[a-z0-9]([a-z0-9.-]{0,252})(:[0-9]{1,5})?$(?!\n)")
]
Networks = Annotated[str, Meta(max_length=1_000)]
LogFormat = Literal["auto", "json", "console"]


class SettingsError(Exception):
    """A setting is wrong. Says which, what it is and what is allowed."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of one process. Every name is an environment variable."""

    TRACKER_DATA: Path
    """The data folder: the embedded database lives in it."""
    DATABASE_URL: str | None = None
    """A libpq URL; without it the embedded database is used."""
    DATABASE_OWNER_URL: str | None = None
    """The URL of the owner, for migrations; without it DATABASE_URL is."""
    TRACKER_HOST: Literal["127.0.0.1", "::1"] = "127.0.0.1"
    """Loopback only: sign-in for people is not part of this version."""
    TRACKER_PORT: Port = 8000
    TRACKER_POOL: Annotated[int, Meta(ge=1, le=100)] = 8
    """Database connections of one process that serves."""
    TRACKER_POOL_WAIT: Annotated[int, Meta(ge=1, le=60)] = 5
    """Seconds that a request waits for a connection before it is answered 503."""
    TRACKER_PUBLIC_URL: Origin | None = None
    """The address at which the service is reached from elsewhere, such as https://tracker.example:
    its name is answered for, besides the loopback's; if it is https, browsers are told so."""
    TRACKER_TRUSTED_PROXIES: Networks | None = None
    """Addresses and networks of proxies, with commas between, that say truly who asks
    (X-Forwarded-For); from anybody else, and without this setting, it is ignored."""
    TRACKER_LOG: LogFormat = "auto"
    """JSON lines, or console lines; auto is console on a terminal."""

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
    given["TRACKER_DATA"] = Path(given["TRACKER_DATA"]).expanduser().absolute()
    data = str(given.pop("TRACKER_DATA"))
    try:
        found = msgspec.convert(
            {**given, "TRACKER_DATA": data}, Settings, strict=False, dec_hook=_path
        )
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting in the environment is wrong: {error}") from None
    try:
        found.proxies  # noqa: B018  they are checked by being read
    except ValueError as error:
        raise SettingsError(f"TRACKER_TRUSTED_PROXIES is wrong: {error}.") from None
    return found


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
