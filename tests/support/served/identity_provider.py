"""Identity providers over real HTTP: oidc-provider-mock, and one whose answers can be changed."""
# pyright: reportPrivateUsage=false

import json
import os
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.served.program import free_port

START_SECONDS = 30
KEY = RSAKey.generate_key(2048, {"kid": "one"})
CLIENT, SECRET = "tracker", "s3cret~ä"


@contextmanager
def mock_provider() -> Generator[str]:
    """Run oidc-provider-mock as a process of its own; yield its address, which is its issuer."""
    port = free_port()
    program = subprocess.Popen(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-P", "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        env={**os.environ, "PYTHONPATH": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            with suppress(httpx.TransportError):
                httpx.get(f"{url}/jwks")
                break
            assert time.monotonic() < until
            time.sleep(0.05)
        yield url
    finally:
        program.terminate()
        program.wait(START_SECONDS)


class Provider:
    """A strict provider: it issues `claims`, signed by `key`, to a client that proves PKCE.

    An item of `pages` replaces the answer at a path by a status and a body.
    """

    def __init__(self) -> None:
        self.key: RSAKey | ECKey | OctKey = KEY
        self.published: list[RSAKey | ECKey] = [KEY]
        self.algorithm = "RS256"
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.payload: bytes | None = None
        """The claims as they are sent, in place of JSON made of them."""
        self.unnamed = False
        """Whether tokens name no key."""
        self.named: str | None = None
        """The issuer that the callback names (RFC 9207)."""
        self.hanging = threading.Event()
        """Set while nothing is answered."""
        self.more: dict[str, Any] = {}
        """Further metadata."""
        self.keys_more: list[dict[str, Any]] = []
        """Further published keys."""
        self.pages: dict[str, tuple[int, bytes]] = {}
        self.paths: list[str] = []
        self.waiting: dict[str, dict[str, str]] = {}
        self.url = ""

    def authorize(self, address: str) -> str:
        """Confirm the sign-in as its person; return the address the browser is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"code-{len(self.waiting)}"
        self.waiting[code] = query
        issuer = "" if self.named is None else f"&iss={quote(self.named, safe='')}"
        return f"{urlsplit(query['redirect_uri']).path}?code={code}&state={query['state']}{issuer}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        query = self.waiting.pop(form["code"], None)  # a code is good for one try
        name, secret = httpx.BasicAuth("tracker", "s3cret~%C3%A4"), authorization
        proof = sha256(form["code_verifier"].encode()).digest()
        if (
            query is None
            or secret != name._auth_header
            or form["redirect_uri"] != query["redirect_uri"]
            or urlsafe_b64encode(proof).decode().rstrip("=") != query["code_challenge"]
        ):
            return 400, b'{"error": "invalid_grant"}'
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "person-1", "iat": now, "exp": now + 300,
            "nonce": query["nonce"], "roles": ["inspector"], "name": "Ada Lovelace", **self.claims,
        }  # fmt: skip
        for name_ in self.without:
            del claims[name_]
        header = {"alg": self.algorithm, "kid": self.key.kid or ""}
        if self.unnamed:
            del header["kid"]
        if self.payload is not None:
            payload = self.payload % json.dumps(claims).encode().strip(b"{}")
            signed = jws.serialize_compact(header, payload, self.key, algorithms=[self.algorithm])
            return 200, json.dumps({"id_token": signed, "access_token": "x"}).encode()
        if self.algorithm == "none":
            parts = [urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims)]
            token = b".".join([*(part.rstrip(b"=") for part in parts), b""]).decode()
        else:
            token = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return 200, json.dumps({"id_token": token, "access_token": "x"}).encode()

    def answer(self, path: str, body: bytes, authorization: str) -> tuple[int, bytes]:
        self.paths.append(path)
        while self.hanging.is_set():
            time.sleep(0.01)
        if path in self.pages:
            return self.pages[path]
        if path == "/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return self.token(form, authorization)
        if path == "/keys":
            keys = [key.as_dict(private=False) for key in self.published] + self.keys_more
            return 200, json.dumps({"keys": keys}).encode()
        if path.endswith("/.well-known/openid-configuration"):
            return 200, json.dumps(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    **self.more,
                }
            ).encode()
        return 404, b""

    @contextmanager
    def running(self) -> Generator["Provider"]:
        """Serve until the context ends."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = provider.answer(
                    self.path, body, self.headers.get("Authorization", "")
                )
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", provider.url + "/elsewhere")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with suppress(OSError):  # a client may hang up early
                    self.wfile.write(answer)

            do_POST = do_GET  # noqa: N815  the library's name

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002  as there
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            self.issuer = self.issuer or self.url
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join(START_SECONDS)
