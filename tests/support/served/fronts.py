"""nginx and Caddy with the examples of deploy/proxy, in front of the service, over TLS.

Only addresses, names of files and the longest waits differ from the examples. Without the programs
these tests are skipped with a clear message; `.ci/run` installs them if it can.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec import Struct

from tests.support.served.program import free_port

EXAMPLES = Path(__file__).parents[3] / "deploy" / "proxy"
HOST = "tracker.example"
SECONDS = 20
TIMES_QUICKER = 1_000
"""How much sooner the longest wait of a proxy under test is over."""
IMPATIENT = 1
"""Seconds that a proxy under test waits for a head or a body, in place of its usual time."""
NGINX = """
daemon off; worker_processes 1; error_log {home}/errors; pid {home}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/bodies; proxy_temp_path {home}/answers;
    fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    include {home}/site;
}}
"""


class Front(Struct, frozen=True):
    """A proxy that listens for TLS on the loopback, and the certificate it shows."""

    program: str
    port: int
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def trust(self, *protocols: str) -> ssl.SSLContext:
        """Return a client's context that trusts this proxy, and offers some protocols."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.set_alpn_protocols(protocols)
        return context

    def connect(self, protocol: str = "http/1.1") -> ssl.SSLSocket:
        """Open a connection for bytes of our own."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)
        return self.trust(protocol).wrap_socket(plain, server_hostname=HOST)


@contextmanager
def fronting(program: str, backend: str) -> Generator[Front]:
    """Run a proxy in front of the server at an address `host:port`."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        pytest.skip(f"*** NO {program.upper()} *** apt install {program} to run its tests")
    with TemporaryDirectory(prefix="tracker-front-") as folder:
        home, port = Path(folder), free_port()
        certificate = _certificate(home)
        if program == "nginx":
            words = [
                path,
                "-e",
                f"{home}/errors",
                "-p",
                folder,
                "-c",
                str(_nginx(home, port, backend)),
            ]
        else:
            config = str(_caddy(home, port, backend))
            words = [path, "run", "--adapter", "caddyfile", "--config", config]
        front = Front(program, port, certificate)
        with _running(words, home):
            _wait_for(front)
            yield front


@contextmanager
def _running(words: list[str], home: Path) -> Generator[None]:
    """Run a program as a user without rights, who owns its folder."""
    other = "nobody" if os.geteuid() == 0 else None
    if other:
        for path in (home, *home.iterdir()):
            shutil.chown(path, other)
    process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
        words,
        env={"HOME": str(home), "PATH": os.defpath},
        cwd=home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=other,
        extra_groups=[] if other else None,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


def _nginx(home: Path, port: int, backend: str) -> Path:
    site = _changed(
        EXAMPLES / "nginx.conf",
        {
            r"127\.0\.0\.1:8000": backend,
            r"listen 443": f"listen 127.0.0.1:{port}",
            r"listen \[::\]:443 ssl http2;": "",
            r"/etc/tracker/": f"{home}/",
            r"(client_(?:header|body)_timeout +)10s": rf"\g<1>{IMPATIENT}s",
        },
    )
    (home / "site").write_text(site)
    config = home / "nginx.conf"
    config.write_text(NGINX.format(home=home))
    return config


def _caddy(home: Path, port: int, backend: str) -> Path:
    config = home / "Caddyfile"
    config.write_text(
        _changed(
            EXAMPLES / "Caddyfile",
            {
                r"127\.0\.0\.1:8000": backend,
                r"(?m)^tracker\.example \{": f"https://{HOST}:{port} {{\n\tbind 127.0.0.1",
                r"/etc/tracker/": f"{home}/",
                r"read_header 10s": f"read_header {IMPATIENT}s",
                r"read_body 120s": f"read_body {IMPATIENT}s",
                r"write (\d+)s": lambda wait: f"write {int(wait[1]) * 1_000 // TIMES_QUICKER}ms",
            },
        )
    )
    return config


def _changed(example: Path, changes: Mapping[str, str | Callable[[re.Match[str]], str]]) -> str:
    """Return an example with every change made; each has to apply."""
    text = example.read_text()
    for pattern, replacement in changes.items():
        text, count = re.subn(pattern, replacement, text)
        assert count, f"{example}: {pattern}"
    return text


def _certificate(home: Path) -> Path:
    """Make a self-signed certificate, as deploy/install.sh does."""
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    files = ["-keyout", str(home / "tls.key"), "-out", str(home / "tls.crt")]
    subprocess.run(["openssl", *words, *names, *files], check=True, capture_output=True)  # noqa: S603, S607  ours
    return home / "tls.crt"


def _wait_for(front: Front) -> None:
    until = time.monotonic() + SECONDS
    while True:
        with suppress(OSError):
            front.connect().close()
            return
        errors = front.certificate.with_name("errors")
        assert time.monotonic() < until, errors.read_text() if errors.exists() else front.program
        time.sleep(0.02)
