"""A browser as far as cookies and origin headers go; it follows no redirect."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import httpx
import psycopg

from adapters.identity.links import make_link
from adapters.postgres.database import OWNER, Database
from api.http.cookies import SESSION
from domain.vocabulary.actors import Actor
from tests.support.served.serving import Service

OURS = {"Sec-Fetch-Site": "same-origin"}


class Clock:
    """A clock that moves only by `forward`."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **time: float) -> None:
        self.at += timedelta(**time)


class Browser:
    """A client that keeps the cookies it receives, and sends them."""

    def __init__(self, service: Service, cookies: Mapping[str, str] | None = None) -> None:
        self.service = service
        self.cookies = dict(cookies or {})

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", path, headers=headers)

    def post(
        self, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] = OURS
    ) -> httpx.Response:
        """Send a form as a page of the service would."""
        return self.send("POST", path, data=form or {}, headers=headers)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        json: object = None,
        files: Sequence[bytes] = (),
        file_name: str = "a name.pdf",
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.service.client.request(
            method,
            path,
            headers=named,
            data=data,
            json=json,
            files=[("files", (file_name, file, "text/html")) for file in files] or None,
        )
        for name, morsel in set_cookies(answer).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer

    def sign_in(self, database: Database, actor: Actor) -> "Browser":
        """Sign in by a one-time link."""
        self.follow_link(database, actor)
        assert SESSION in self.cookies
        return self

    def follow_link(self, database: Database, actor: Actor) -> httpx.Response:
        """Return the answer to a sign-in by a one-time link that no test's clock ends."""
        code = make_link(database.conninfo(OWNER), actor)
        with psycopg.connect(database.conninfo(OWNER)) as connection:
            connection.execute("UPDATE sign_in_links SET ends_at = 'infinity'")
        answer = self.post("/sign-in/link", {"code": code})
        assert answer.status_code == 303, answer.text
        return answer

    @property
    def csrf(self) -> str:
        """The CSRF token of the session, as a page would read it."""
        return str(self.get("/v1/session").json()["session"]["csrf"])

    @property
    def session(self) -> str:
        """The secret of the session."""
        return self.cookies[SESSION]


def set_cookies(answer: httpx.Response) -> "SimpleCookie":
    """Return the cookies that a response sets, each with its attributes."""
    cookies = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        cookies.load(line)
    return cookies
