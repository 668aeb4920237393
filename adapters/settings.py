"""Configuration: a validated Struct, read once from environment variables."""

import ipaddress
import os
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict

from adapters.documents.scanner import Scanner, scanner_at
from adapters.identity.oidc.registration import Provider, Secret, is_safe_url, registered
from adapters.messages.mail import MailServer, mail_server
from adapters.secret_files import SECRETS, SettingsError, secrets_in_files

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
MetricsAddress: TypeAlias = tuple[str, int]
"""An IP address and a port."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of a process. Every field is named after its environment variable."""

    TRACKER_DATA: Path
    """The data folder, which contains the embedded database."""
    TRACKER_WAL_ARCHIVE: Path | None = None
    """A folder that keeps the embedded database's write-ahead log, for recovery to a moment."""
    DATABASE_URL: str | None = None
    """A libpq URL; the embedded database is used if unset."""
    DATABASE_URL_FILE: Path | None = None
    """A file that contains the URL, instead of DATABASE_URL."""
    DATABASE_OWNER_URL: str | None = None
    """The URL of the database's owner, for migrations; defaults to DATABASE_URL."""
    DATABASE_OWNER_URL_FILE: Path | None = None
    """A file that contains that URL, instead of DATABASE_OWNER_URL."""
    TRACKER_HOST: Annotated[str, Meta(max_length=50)] = "127.0.0.1"
    """The IP address to listen on; any but a loopback address requires an identity provider."""
    TRACKER_PORT: Port = 8000
    TRACKER_POOL: Annotated[int, Meta(ge=1, le=100)] = 8
    """Database connections of a serving process."""
    TRACKER_POOL_WAIT: Annotated[int, Meta(ge=1, le=60)] = 5
    """Seconds that a request waits for a database connection before it is answered 503."""
    TRACKER_PUBLIC_URL: Origin | None = None
    """The URL at which people reach the service, such as https://tracker.example, or http on the
    loopback. Its host name is accepted besides those of the loopback. If it is https, responses
    carry Strict-Transport-Security."""
    TRACKER_TRUSTED_PROXIES: Networks | None = None
    """Comma-separated addresses and networks of proxies whose X-Forwarded-For is trusted; from any
    other address, or if unset, the header is ignored."""
    TRACKER_LOG: LogFormat = "auto"
    """JSON lines or console lines; `auto` means console on a terminal, otherwise JSON."""
    TRACKER_OIDC_ISSUER: Address | None = None
    """The issuer identifier, exactly as the identity provider publishes it."""
    TRACKER_OIDC_CLIENT_ID: Address | None = None
    TRACKER_OIDC_CLIENT_SECRET: Secret | None = None
    TRACKER_OIDC_CLIENT_SECRET_FILE: Path | None = None
    """A file that contains the secret, instead of TRACKER_OIDC_CLIENT_SECRET."""
    TRACKER_OIDC_TENANTS: Address | None = None
    """For Entra ID: comma-separated ids of the tenants whose people may sign in."""
    TRACKER_CONTACT: Contact | None = None
    """Contact for readers of the pages: an e-mail address or an https URL."""
    TRACKER_LANGUAGE: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$(?!\n)")] = "en_GB"
    """The language of the pages: English, or a language with a catalogue."""
    TRACKER_LAG_MAX: Annotated[int, Meta(ge=1, le=3_600)] = 60
    """Seconds that an entry may wait for a list before the service reports that it is not ready."""
    TRACKER_ANSWERS_KEPT: Annotated[int, Meta(ge=0, le=10_000)] = 200
    """The most counts and answers that a process keeps in memory while their lists do not move."""
    TRACKER_LISTS_KEPT: Annotated[int, Meta(ge=0, le=10_080)] = 60
    """Minutes for which the lists of another version stay after the last process that used them:
    so long is the way back to that version a mere restart. They take their room on disk."""
    TRACKER_SESSION_IDLE: Annotated[int, Meta(ge=5, le=60)] = 30
    """Minutes after which an unused session ends."""
    TRACKER_SESSION_MAX: Annotated[int, Meta(ge=1, le=12)] = 8
    """Hours after which a session ends, even if it is in use."""
    TRACKER_COMMAND_RATE: Annotated[int, Meta(ge=60, le=1_000_000)] = 600
    """Commands a minute that one actor may send to a process, after 1,000 at once."""

    TRACKER_SCAN: Annotated[str, Meta(max_length=300)] | None = None
    """The clamd that scans documents before they are kept: host:port, :port on this machine, or the
    path of a socket. Documents reach it unencrypted. If unset, they are not scanned."""

    TRACKER_WEBHOOKS: Literal["on", "off", "loopback"] = "off"
    """Whether notices are sent to subscribed addresses: public ones over https; with `loopback`,
    for demonstrations and tests, those of this machine too, and by http."""

    TRACKER_MAIL: Address | None = None
    """The sender of messages by mail: smtp://HOST:PORT (with STARTTLS, but on this machine),
    smtps://USER@HOST:PORT, or notify://TEMPLATE for GOV.UK Notify. If unset, no mail is sent."""
    TRACKER_MAIL_FROM: Address | None = None
    """The address that mails by SMTP come from, to which refused ones go back."""
    TRACKER_MAIL_SECRET: Secret | None = None
    """The password of TRACKER_MAIL's user, or the API key of GOV.UK Notify."""
    TRACKER_MAIL_SECRET_FILE: Path | None = None
    """A file that contains it, instead of TRACKER_MAIL_SECRET."""
    TRACKER_MAIL_HOUR: Annotated[int, Meta(ge=0, le=23)] = 7
    """The hour of the day in the UK at which digests are made and alerts sent."""

    TRACKER_METRICS: Annotated[str, Meta(max_length=60)] | None = None
    """Where to serve metrics for Prometheus: address:port, such as 127.0.0.1:9464 or [::1]:9464.
    They hold no text of users, and whoever reaches the address reads them. If unset, they are not
    served."""

    TRACKER_OTEL: Literal["on", "off"] = "off"
    """Whether to send traces and metrics by OpenTelemetry, which OTEL_EXPORTER_OTLP_ENDPOINT and
    its other variables configure. Needs the extra `otel`."""

    def __repr__(self) -> str:
        """Return all settings, with a mask in place of secrets."""
        shown = (
            f"{name}={'***' if value is not None and name in SECRETS else repr(value)}"
            for name, value in asdict(self).items()
        )
        return f"Settings({', '.join(shown)})"

    @property
    def metrics(self) -> MetricsAddress | None:
        """Return where to serve metrics, or None. Raises SettingsError if it is invalid."""
        if self.TRACKER_METRICS is None:
            return None
        host, _, port = self.TRACKER_METRICS.rpartition(":")
        try:
            address = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
            number = msgspec.convert(port, Port, strict=False)
        except ValueError:
            raise SettingsError(
                f"TRACKER_METRICS is invalid: {self.TRACKER_METRICS}: give the IP address of an "
                "interface and a port, such as 127.0.0.1:9464."
            ) from None
        return address, number

    @property
    def scanner(self) -> Scanner | None:
        """Return the scanner of documents, or None. Raises SettingsError if it is invalid."""
        if self.TRACKER_SCAN is None:
            return None
        try:
            return scanner_at(self.TRACKER_SCAN)
        except ValueError as error:
            raise SettingsError(f"TRACKER_SCAN is invalid: {self.TRACKER_SCAN}: {error}.") from None

    @property
    def mail(self) -> MailServer | None:
        """Return what sends mail, or None. Raises SettingsError if it is invalid."""
        if self.TRACKER_MAIL is None:
            return None
        secret = self.TRACKER_MAIL_SECRET.text if self.TRACKER_MAIL_SECRET else None
        try:
            server = mail_server(self.TRACKER_MAIL, secret, self.TRACKER_MAIL_FROM)
        except ValueError as error:
            raise SettingsError(f"TRACKER_MAIL is invalid: {error}.") from None
        if self.TRACKER_PUBLIC_URL is None:
            raise SettingsError("TRACKER_MAIL needs TRACKER_PUBLIC_URL: mails link to its pages.")
        return server

    @property
    def provider(self) -> Provider | None:
        """Return the identity provider, or None. Raises SettingsError if it is invalid."""
        try:
            return registered(
                self.TRACKER_OIDC_ISSUER,
                self.TRACKER_OIDC_CLIENT_ID,
                self.TRACKER_OIDC_CLIENT_SECRET,
                tenants=self.TRACKER_OIDC_TENANTS,
                public_url=self.TRACKER_PUBLIC_URL,
            )
        except ValueError as error:
            raise SettingsError(str(error)) from None

    @property
    def proxies(self) -> list[str]:
        """Return the networks of the trusted proxies.

        Raises ValueError if a network is malformed or covers every address.
        """
        parts = (self.TRACKER_TRUSTED_PROXIES or "").split(",")
        networks = [ip_network(part.strip()) for part in parts if part.strip()]
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("a network that covers every address cannot be trusted")
        return [str(network) for network in networks]


def default_data(environ: Mapping[str, str]) -> Path:
    """Return the user's data folder for this program (XDG Base Directory Specification).

    Raises SettingsError if the user has no home folder.
    """
    try:
        base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    except RuntimeError:
        raise SettingsError(
            "There is no home folder to keep data in: set TRACKER_DATA to a folder."
        ) from None
    return Path(base) / "recommendation-tracker"


def read(environ: Mapping[str, str] = os.environ, *, serving: bool = True) -> Settings:
    """Read the settings from an environment; an empty variable counts as unset.

    A process that serves nobody needs no identity provider. Raises SettingsError if a setting is
    invalid, or does not go with the others.
    """
    settings = read_each(environ)
    try:
        settings.proxies  # noqa: B018  they are checked by being read
    except ValueError as error:
        raise SettingsError(f"TRACKER_TRUSTED_PROXIES is invalid: {error}.") from None
    settings.scanner  # noqa: B018  as are the proxies
    settings.metrics  # noqa: B018  the same
    settings.mail  # noqa: B018  the same
    if settings.TRACKER_OTEL == "on" and find_spec("opentelemetry") is None:
        raise SettingsError(
            "TRACKER_OTEL=on needs packages that are not installed: install the extra `otel`, as in"
            " pip install 'recommendation-tracker[otel]'."
        )
    if serving:
        _check_together(settings, settings.provider)
    return settings


def read_each(environ: Mapping[str, str]) -> Settings:
    """Read the settings, each by its type alone. Raises SettingsError."""
    values: dict[str, str | Path] = {
        name: environ[name] for name in Settings.__struct_fields__ if environ.get(name)
    }
    if "TRACKER_DATA" not in values:
        values["TRACKER_DATA"] = default_data(environ)
    for name in ("TRACKER_DATA", "TRACKER_WAL_ARCHIVE"):
        if name in values:
            values[name] = _absolute(name, Path(values[name]))
    values |= secrets_in_files(values)
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_own)
    except msgspec.ValidationError as error:
        raise SettingsError(f"Invalid setting in the environment: {error}") from None


def _check_together(settings: Settings, provider: Provider | None) -> None:
    try:
        listens_here = ipaddress.ip_address(settings.TRACKER_HOST).is_loopback
    except ValueError:
        raise SettingsError(f"TRACKER_HOST is not an IP address: {settings.TRACKER_HOST}") from None
    public = settings.TRACKER_PUBLIC_URL
    if public is not None and not is_safe_url(public):
        raise SettingsError(
            f"TRACKER_PUBLIC_URL must be an https URL, or http on the loopback: {public}"
        )
    reached = [] if listens_here else [f"TRACKER_HOST={settings.TRACKER_HOST}"]
    reached += [f"TRACKER_PUBLIC_URL={public}"] if (public or "").startswith("https:") else []
    if reached and provider is None:
        raise SettingsError(
            f"{reached[0]} exposes the service to other machines, but nobody could sign in. Listen "
            "on 127.0.0.1 without a public URL, or configure an identity provider: "
            "TRACKER_OIDC_ISSUER, TRACKER_OIDC_CLIENT_ID, TRACKER_OIDC_CLIENT_SECRET and "
            "TRACKER_PUBLIC_URL."
        )
    if not listens_here and not (public or "").startswith("https:"):
        raise SettingsError(
            f"TRACKER_HOST={settings.TRACKER_HOST} requires an https TRACKER_PUBLIC_URL: run a "
            "proxy that terminates TLS in front of the service."
        )


def _absolute(name: str, path: Path) -> str:
    try:
        return str(path.expanduser().absolute())
    except (RuntimeError, OSError) as error:  # no such home, or the present folder is gone
        raise SettingsError(f"{name} is invalid: {path}: {error}") from None


def _own(kind: type, value: object) -> object:
    if kind in {Path, Secret}:
        return kind(str(value))
    raise NotImplementedError(kind)
