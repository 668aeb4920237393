"""Scanning of documents by clamd: refused before they are kept, and never kept unscanned."""

import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from adapters.documents.scanner import Infected, Scanner, Unscanned, scanner_at
from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.postgres.database import OWNER, Database
from tests.support.data.documents import DOCX, EXE, PDF, TEXT, archive
from tests.support.data.examples import KENT
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, words_of
from tests.support.served.serving import Service, published, serving, settings

MARKER = b"tracker-test-signature-7f3a"
INFECTED = b"All are trained. " + MARKER + b"\n"
NAME = "Tracker.Test.Marker.UNOFFICIAL"
"""clamd adds the last word to the names of signatures that are not its makers'."""
STREAM_BYTES_MAX = 1_048_576


# The client


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Generator[str]:
    """Yield the address of a server that does this with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def read_stream(connection: socket.socket) -> bytes:
    """Read one INSTREAM command as clamd does; return what it holds."""
    with connection.makefile("rb") as file:
        assert file.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", file.read(4))[0]:
            content += file.read(size)
        return content


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, DOCUMENT_BYTES_MAX])
def test_a_document_is_sent_whole_in_chunks(size: int) -> None:
    received: list[bytes] = []
    content = bytes(range(256)) * (size // 256 + 1)

    def answer(connection: socket.socket) -> None:
        received.append(read_stream(connection))
        connection.sendall(b"stream: OK\0")

    with answering(answer) as address:
        scanner_at(address).scan(content[:size])
    assert received == [content[:size]]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"", "closed the connection without an answer"),
        (b"stream: OK", "closed the connection without an answer"),
        (b"INSTREAM size limit exceeded. ERROR\0", "larger than the scanner takes"),
        (b"UNKNOWN COMMAND\0", "an answer that is not understood"),
        (b"stream: OK FOUND ERROR\0", "an answer that is not understood"),
        (b"\xff\xfe\0", "an answer that is not understood"),
        (b"\0", "an answer that is not understood"),
        (b"stream: OK\n", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 100_000, "closed the connection without an answer"),
    ],
)
def test_any_answer_but_ok_or_found_leaves_a_document_unscanned(reply: bytes, words: str) -> None:
    def answer(connection: socket.socket) -> None:
        read_stream(connection)
        connection.sendall(reply)

    with answering(answer) as address, pytest.raises(Unscanned, match=words):
        scanner_at(address).scan(TEXT)


def test_the_answer_may_come_in_parts() -> None:
    def answer(connection: socket.socket) -> None:
        read_stream(connection)
        for part in (b"stream: Eicar-", b"Signature FO", b"UND\0"):
            connection.sendall(part)
            time.sleep(0.02)

    with answering(answer) as address, pytest.raises(Infected) as infected:
        scanner_at(address).scan(TEXT)
    assert infected.value.signature == "Eicar-Signature"


def test_a_scanner_that_stops_reading_has_its_answer_read() -> None:
    """As clamd does with a stream over its limit: it answers, and closes."""

    def answer(connection: socket.socket) -> None:
        connection.recv(1_000)
        connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.2)

    with answering(answer) as address, pytest.raises(Unscanned):
        scanner_at(address).scan(bytes(DOCUMENT_BYTES_MAX))


@pytest.mark.parametrize("when", ["before reading", "before answering", "while answering"])
def test_a_scanner_that_stalls_is_given_up(when: str) -> None:
    done = threading.Event()

    def answer(connection: socket.socket) -> None:
        if when != "before reading":
            read_stream(connection)
        until = time.monotonic() + 5
        while not done.wait(0.05) and time.monotonic() < until:
            if when == "while answering":
                connection.sendall(b"s")

    began = time.monotonic()
    with answering(answer) as address:
        with pytest.raises(Unscanned, match="did not answer in time"):
            Scanner(scanner_at(address).address, scan_seconds=0.5).scan(bytes(DOCUMENT_BYTES_MAX))
        assert time.monotonic() - began < 2
        done.set()


def test_a_scanner_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for address in (f"127.0.0.1:{port}", str(tmp_path / "none.sock"), "scanner.invalid:3310"):
        with pytest.raises(Unscanned, match="cannot be reached"):
            scanner_at(address).scan(TEXT)


def test_an_address_is_a_path_or_a_host_and_port_on_the_loopback_by_default() -> None:
    assert scanner_at("/run/clamav/clamd.ctl").address == "/run/clamav/clamd.ctl"
    for text, address in (
        (":3310", ("127.0.0.1", 3310)),
        ("127.0.0.1:3310", ("127.0.0.1", 3310)),
        ("[::1]:3310", ("::1", 3310)),
        ("scanner.example:1", ("scanner.example", 1)),
    ):
        assert scanner_at(text).address == address
    for text in (
        "", "3310", "localhost", "localhost:", "localhost:0", "localhost:65536", "::1:3310",
        "tcp://localhost:3310", "a b:1", "clamd.sock", "/" + "x" * 108, "localhost:-1", "[::1:1",
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"host:port"):
            scanner_at(text)


# The real thing


@pytest.fixture(scope="module")
def clamd() -> Generator[dict[str, str]]:
    """A clamd with one signature, by its socket's path and by its TCP address."""
    program = shutil.which("clamd", path="/usr/bin:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("*** NO SCANNER *** install clamav-daemon to run the tests with a real clamd")
    # Not in pytest's folder, whose path is longer than that of a socket may be.
    with (
        tempfile.TemporaryDirectory(prefix="clamd-") as name,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        folder, port = Path(name), free.getsockname()[1]
        free.close()
        (folder / "test.ndb").write_text(f"Tracker.Test.Marker:0:*:{MARKER.hex()}\n")
        path = folder / "clamd.sock"
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nDatabaseDirectory {folder}\nLocalSocket {path}\n"
            f"TCPSocket {port}\nTCPAddr 127.0.0.1\nStreamMaxLength {STREAM_BYTES_MAX}\n"
            f"TemporaryDirectory {folder}\nFixStaleSocket yes\n"
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  Debian's program, and our own file
                [program, "--config-file", str(folder / "clamd.conf")], stdout=log, stderr=log
            )
        try:
            until = time.monotonic() + 60
            while not _listens(path):  # it is there a moment before
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, "clamd does not start"
                time.sleep(0.05)
            yield {"socket": str(path), "tcp": f"127.0.0.1:{port}"}
        finally:
            process.terminate()
            process.wait(30)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("way", ["socket", "tcp"])
def test_clamd_finds_a_signature_and_passes_the_rest(clamd: dict[str, str], way: str) -> None:
    scanner = scanner_at(clamd[way])
    for clean in (PDF, DOCX, TEXT, bytes(STREAM_BYTES_MAX)):
        scanner.scan(clean)
    for content in (INFECTED, archive({"inner.txt": INFECTED})):
        with pytest.raises(Infected) as infected:
            scanner.scan(content)
        assert infected.value.signature == NAME
    with pytest.raises(Unscanned, match="larger than the scanner takes"):
        scanner.scan(bytes(STREAM_BYTES_MAX + 1))
    with pytest.raises(Unscanned):
        scanner.scan(bytes(DOCUMENT_BYTES_MAX))
    scanner.scan(TEXT)


def send(service: Service, stream: str, content: bytes) -> httpx.Response:
    headers = {
        **service.headers(KENT),
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment; filename=audit.txt",
    }
    return service.client.post(
        f"/v1/recommendations/{stream}/documents", content=content, headers=headers
    )


def kept(database: Database) -> list[bytes]:
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        return [row[0] for row in connection.execute("SELECT content FROM documents").fetchall()]


def claim(browser: Browser, stream: str, *files: bytes) -> httpx.Response:
    path = f"/recommendations/{stream}/record/claim_completion"
    fields = {**posted(browser.get(path)).fields, "evidence": "All are trained.", "then": "check"}
    return browser.send("POST", path, data=fields, files=files, headers=OURS)


@pytest.mark.slow
def test_an_infected_document_is_refused_before_it_is_kept(
    clamd: dict[str, str], database: Database
) -> None:
    with serving(database, keep=False, chosen=settings(TRACKER_SCAN=clamd["socket"])) as service:
        stream = published(service, f"kent-scan-{uuid4().hex}").recommendations[0]
        answer = send(service, stream, INFECTED)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/infected")
        assert answer.json()["detail"] == (
            f"audit.txt: The scanner found {NAME} in the document. It was not kept."
        )
        assert send(service, stream, EXE).status_code == 415, "its type is judged first"
        browser = Browser(service).sign_in(database, KENT)
        page = claim(browser, stream, TEXT, INFECTED)
        assert page.status_code == 400
        assert f"a name.pdf: The scanner found {NAME} in the document" in words_of(page)
        assert posted(page).fields["evidence"] == "All are trained."
        assert kept(database) == [TEXT], "the good file that came with it is"
        assert claim(browser, stream, TEXT).status_code == 200
        assert send(service, stream, PDF).status_code == 201
    assert sorted(kept(database)) == sorted([TEXT, PDF])


@pytest.mark.slow
def test_a_document_that_cannot_be_scanned_is_not_kept(
    clamd: dict[str, str], database: Database, tmp_path: Path
) -> None:
    large = b"All trained.\n" * (STREAM_BYTES_MAX // 13 + 1)
    for address, content in ((clamd["tcp"], large), (str(tmp_path / "none.sock"), TEXT)):
        with serving(database, keep=False, chosen=settings(TRACKER_SCAN=address)) as service:
            stream = published(service, f"kent-scan-{uuid4().hex}").recommendations[0]
            answer = send(service, stream, content)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unscanned")
            assert "It was not kept." in answer.json()["detail"]
            browser = Browser(service).sign_in(database, KENT)
            page = claim(browser, stream, content)
            assert page.status_code == 503
            assert "It was not kept." in words_of(page)
            assert posted(page).fields["evidence"] == "All are trained."
    assert kept(database) == []


@pytest.mark.slow
def test_without_a_scanner_nothing_is_scanned(database: Database) -> None:
    with serving(database, keep=False) as service:
        stream = published(service, f"kent-scan-{uuid4().hex}").recommendations[0]
        assert send(service, stream, INFECTED).status_code == 201
