"""Files sent with a form: the good ones are kept, the others named, and nothing typed is lost."""

from hashlib import sha256
from uuid import uuid4

import httpx
import pytest

from adapters.documents.store import DOCUMENT_BYTES_MAX
from adapters.postgres.database import Database
from api.http.forms import FILES_MAX
from tests.support.data.examples import KENT
from tests.support.served.browser import OURS, Browser
from tests.support.served.forms import posted, send, words_of
from tests.support.served.serving import Service, published

pytestmark = pytest.mark.slow

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


@pytest.fixture(scope="module")
def kent(service: Service, make_database: Database) -> Browser:
    return Browser(service).sign_in(make_database, KENT)


@pytest.fixture
def path(service: Service) -> str:
    stream = published(service, f"kent-{uuid4().hex}").recommendations[0]
    return f"/recommendations/{stream}/record/claim_completion"


def uploaded(browser: Browser, path: str, files: dict[str, bytes]) -> httpx.Response:
    """Send a filled-in form with files as a browser does."""
    form = posted(browser.get(path))
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return browser.service.client.post(
        path,
        data={**form.fields, "evidence": "All are trained.", "then": "check"},
        files=[("files", (name, content, "x/y")) for name, content in files.items()],
        headers={**OURS, "Cookie": cookie},
    )


def check_kept(browser: Browser, answer: httpx.Response, names: list[str], refused: str) -> None:
    """The form has the good files and the text, and says in its summary what was refused."""
    assert answer.status_code == 400
    words = words_of(answer)
    assert f"Already uploaded: {', '.join(names)}" in words
    assert refused in words
    form = posted(answer)
    assert form.fields["evidence"] == "All are trained."
    check = send(browser, form, "check")
    assert check.status_code == 200, words_of(check)
    assert ", ".join(names) in words_of(check)
    assert send(browser, posted(check), "record").status_code == 303


def test_of_five_files_the_one_that_is_no_document_is_named_and_the_others_kept(
    kent: Browser, path: str
) -> None:
    files = {f"{letter}.txt": letter.encode() * 9 for letter in "abce"}
    sent = {**dict(list(files.items())[:3]), "d.gif": GIF, "e.txt": files["e.txt"]}
    answer = uploaded(kent, path, sent)
    check_kept(kent, answer, list(files), "1 file was not kept. d.gif: It is of no accepted type")
    stream = path.split("/")[2]
    for content in files.values():
        name = sha256(content).hexdigest()
        assert kent.get(f"/v1/recommendations/{stream}/documents/{name}").content == content


def test_of_eleven_files_ten_are_kept_and_the_last_is_named(kent: Browser, path: str) -> None:
    files = {f"{n:02}.txt": b"Document %d" % n for n in range(FILES_MAX + 1)}
    answer = uploaded(kent, path, files)
    check_kept(kent, answer, sorted(files)[:-1], "10.txt: 10 files can be sent at a time.")


def test_a_file_that_is_too_large_takes_nothing_else_with_it(kent: Browser, path: str) -> None:
    files = {"a.txt": b"Who was trained.", "film.txt": b"x" * (DOCUMENT_BYTES_MAX + 1)}
    answer = uploaded(kent, path, files)
    check_kept(kent, answer, ["a.txt"], "film.txt: it is larger than 10 MB.")


def test_files_that_are_too_large_together_are_named(kent: Browser, path: str) -> None:
    whole = {f"{n}.txt": b"%d" % n * DOCUMENT_BYTES_MAX for n in range(3)}
    answer = uploaded(kent, path, whole)
    check_kept(kent, answer, ["0.txt", "1.txt"], "2.txt: the files before it have 20 MB already.")
