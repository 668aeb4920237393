"""`tracker publish-data`: the data set as files for any web server, whole or as it was before."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import httpx
import pytest
import rdflib

from adapters.postgres.database import Database
from adapters.published_folder import SUMS, replaced_folder
from api.downloads.dataset.files import public_lists
from tests.support.data.examples import INSPECTOR, issue
from tests.support.served.serving import Served, Service, command, published

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SECONDS = 60
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


def environment(database: Database, service: Service) -> dict[str, str]:
    """Return the variables of a command on the database of a service, which its files lead to."""
    env = {**os.environ, "DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
    if database.embedded:
        env["PGUSER"] = "tracker_owner"
    env["TRACKER_PUBLIC_URL"] = service.url
    return env


def publish(
    database: Database, service: Service, folder: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "api.cli", "publish-data", *words, str(folder)],
        cwd=ROOT,
        env=environment(database, service),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def leads_to(link: Path) -> str:
    return str(link.readlink())


def contents(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_published_archive_has_the_bytes_of_the_services_and_its_files_lie_beside_it(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    done = publish(make_database, service, tmp_path / "data")
    assert done.returncode == 0, done.stderr
    files = contents(tmp_path / "data")
    assert files["data.zip"] == service.get("/data.zip").content
    with ZipFile(BytesIO(files["data.zip"])) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert {name: files[name] for name in packed} == packed
    assert files.keys() - packed.keys() == {"data.zip", "catalogue.jsonld", "index.html", SUMS}
    sums = dict(line.split("  ")[::-1] for line in files[SUMS].decode().splitlines())
    assert sums == {
        name: sha256(content).hexdigest() for name, content in files.items() if name != SUMS
    }
    position = service.get("/v1/recommendations").json()["position"]
    assert f"Published {len(public_lists())} tables of " in done.stdout
    assert (
        f" at position {position} in {tmp_path / 'data'}: {len(files) - 1} files of" in done.stdout
    )


def test_files_published_twice_at_one_position_are_the_same_and_leave_nothing_beside(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    for name in ("data", "other", "data"):
        assert publish(make_database, service, tmp_path / name).returncode == 0
    assert contents(tmp_path / "data") == contents(tmp_path / "other")
    folders = {item.name for item in tmp_path.iterdir() if not item.is_symlink()}
    assert folders == {leads_to(tmp_path / "data"), leads_to(tmp_path / "other")}


def test_anybody_may_read_published_files_whatever_the_umask(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    before = os.umask(0o077)
    try:
        assert publish(make_database, service, tmp_path / "data").returncode == 0
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o644}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o755


def test_what_is_recorded_later_is_in_the_next_published_files(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    first = tmp_path / "data"
    assert publish(make_database, service, first).returncode == 0
    before = contents(first)
    made = published(service, "kent-published-2024", issue("kent", text="A new text 4417."))
    assert service.get(f"/v1/recommendations?position={made.position}").is_success
    noted = command(service, made.recommendations[0], INSPECTOR, "comment", comment="Private 4418")
    assert noted.status_code == 201
    assert publish(make_database, service, first).returncode == 0
    after = contents(first)
    assert b"4417" not in before["recommendations.csv"]
    assert b"4417" in after["recommendations.csv"]
    assert not any(b"4418" in content for content in after.values())


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # the library's own use
@pytest.mark.parametrize("served_at", ["named", "anywhere"])
def test_a_web_server_of_the_files_has_every_address_of_their_catalogue_and_page(
    make_database: Database, service: Service, tmp_path: Path, served_at: str
) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        Thread(target=web.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{web.server_port}/data"
        words = ("--address", address) if served_at == "named" else ()
        assert publish(make_database, service, tmp_path / "data", *words).returncode == 0
        with httpx.Client() as client:
            text = client.get(f"{address}/catalogue.jsonld").text
            page = client.get(f"{address}/").text
            graph = rdflib.Graph().parse(
                data=text, format="json-ld", publicID=f"{address}/catalogue.jsonld"
            )
            files = {str(graph.value(file, DCAT.downloadURL))
                     for file in graph.subjects(rdflib.RDF.type, DCAT.Distribution)}  # fmt: skip
            assert len(files) == len(public_lists()) + 1
            links = set(re.findall(r'href="([^"]+)"', page))
            inner = {f"{address}/{link}" for link in links if not link.startswith("http")}
            assert files < inner
            assert {client.get(file).status_code for file in inner} == {200}
            assert links - {link.removeprefix(f"{address}/") for link in inner} == {
                f"{service.url}/data",
                "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
            }
        web.shutdown()
    assert (address in text) is (served_at == "named")
    ids = {dataset["@id"] for dataset in json.loads(text)["dcat:dataset"]}
    offered = json.loads(service.get("/data/catalogue.jsonld").text)["dcat:dataset"]
    assert ids == {dataset["@id"] for dataset in offered}, "one data set, wherever it is served"


def test_a_folder_that_holds_other_things_is_refused_and_kept(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("full")
    for name in ("full", "file", "link"):
        done = publish(make_database, service, tmp_path / name)
        assert done.returncode == 2, done.stdout
        assert f"{tmp_path / name} is " in done.stderr
    assert publish(make_database, service, tmp_path / "data").returncode == 0
    (tmp_path / "data" / "mine.txt").write_text("mine")
    done = publish(make_database, service, tmp_path / "data")
    assert (done.returncode, "holds other things, such as mine.txt" in done.stderr) == (2, True)
    assert (tmp_path / "data" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"
    assert "There is no folder" in publish(make_database, service, tmp_path / "a" / "b").stderr


def test_an_empty_folder_is_filled(
    make_database: Database, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    assert publish(make_database, service, tmp_path / "data").returncode == 0
    assert (tmp_path / "data" / "index.html").is_file()


def test_lists_that_are_not_built_leave_the_former_files(
    database: Database, service: Service, tmp_path: Path
) -> None:
    with replaced_folder(tmp_path / "data") as folder:
        (folder / "former.txt").write_text("former")
    done = publish(database, service, tmp_path / "data")
    assert done.returncode == 1
    assert "tracker project --build" in done.stderr
    assert contents(tmp_path / "data").keys() == {"former.txt", SUMS}
    assert len([*tmp_path.iterdir()]) == 2


@pytest.mark.crash
@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_run_leaves_the_former_files_and_the_next_one_tidies_up(
    make_database: Database, service: Service, tmp_path: Path, with_signal: signal.Signals
) -> None:
    assert publish(make_database, service, tmp_path / "data").returncode == 0
    former = leads_to(tmp_path / "data")
    process = subprocess.Popen(  # noqa: S603  our own words, read by no shell
        [sys.executable, "-m", "api.cli", "publish-data", str(tmp_path / "data")],
        cwd=ROOT,
        env=environment(make_database, service),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + SECONDS
    while len([*tmp_path.glob(".data-published-*")]) < 2:
        assert time.monotonic() < until
        time.sleep(0.001)
    process.send_signal(with_signal)
    assert process.wait(SECONDS) != 0
    assert leads_to(tmp_path / "data") == former
    assert SUMS in contents(tmp_path / "data")
    assert publish(make_database, service, tmp_path / "data").returncode == 0
    assert len([*tmp_path.iterdir()]) == 2


def test_a_folder_is_the_same_by_a_path_from_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    monkeypatch.chdir(tmp_path / "full")
    for words in (".", "..", "../full", str(tmp_path / "full")):
        with pytest.raises(FileExistsError), replaced_folder(Path(words)):
            pass
    with replaced_folder(Path("../data")) as folder:
        (folder / "first.txt").write_text("first")
    assert (tmp_path / "data" / "first.txt").read_text() == "first"
    assert [*(tmp_path / "full").iterdir()] == [tmp_path / "full" / "mine.txt"]


def test_a_folder_whose_work_fails_is_not_put_in_place(tmp_path: Path) -> None:
    place = tmp_path / "data"
    with replaced_folder(place) as folder:
        (folder / "first.txt").write_text("first")
    with suppress(ZeroDivisionError), replaced_folder(place) as folder:
        (folder / "second.txt").write_text("second")
        raise ZeroDivisionError
    assert (place / "first.txt").read_text() == "first"
    assert len([*tmp_path.iterdir()]) == 2
