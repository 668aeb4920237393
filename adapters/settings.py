"""What can be configured: one checked Struct, read from the environment once."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=0, le=65_535)]
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
    TRACKER_LOG: LogFormat = "auto"
    """JSON lines, or console lines; auto is console on a terminal."""


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
        return msgspec.convert(
            {**given, "TRACKER_DATA": data}, Settings, strict=False, dec_hook=_path
        )
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting in the environment is wrong: {error}") from None


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
