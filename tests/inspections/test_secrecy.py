"""Secrecy of a draft: nobody else finds a trace of it before its minute, and everybody after."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from threading import current_thread
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import pytest
from psycopg.rows import TupleRow

from adapters.postgres.connection import LibpqConnection
from adapters.postgres.query import Query
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import recommendation_id, report_id
from tests.projections.test_projections import eventually
from tests.support.data.examples import ESSEX
from tests.support.data.inspections import CANARY, Inspecting, MovedClock
from tests.support.matrices.private_marks import requests, sent
from tests.support.served.serving import EVERYBODY, Published, Served, Service, published

pytestmark = pytest.mark.slow

CLOCK = MovedClock()
REFERENCE = "kent-secret-2026"
REPORT = f"{REFERENCE}-report"
TRACES = (CANARY.lower(), REPORT, str(report_id(REPORT)), str(recommendation_id(f"{REPORT}-r01")))
"""Words, names and identifiers of what is to be published, in small letters."""
MAY_KNOW = {Role.INSPECTOR, Role.PUBLISHER}
OTHERS = (None, *(a for a in EVERYBODY if a.role not in MAY_KNOW and a.id != "kent-liaison"))
QUESTIONS = (
    f"/search?q={CANARY}",
    f"/v1/search?q={CANARY}",
    f"/v1/recommendations?q={CANARY}",
    f"/recommendations?q={CANARY}",
    f"/v1/recommendations?report={REPORT}",
    f"/v1/reports/{report_id(REPORT)}",
    f"/v1/recommendations/{recommendation_id(f'{REPORT}-r01')}",
)


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(clock=CLOCK)


@pytest.fixture(scope="module")
def kent(service: Service, known: Published) -> Inspecting:  # noqa: ARG001  published before
    inspecting = Inspecting(service, REFERENCE, CLOCK)
    inspecting.sent(f"Feed the {CANARY}.")
    inspecting.answer(inspecting.comment("r1", f"There are no {CANARY} in Kent."), "rejected")
    CLOCK.at = inspecting.agreed() - timedelta(seconds=1)
    time.sleep(2)
    return inspecting


@pytest.fixture(scope="module")
def known(service: Service) -> Published:
    """A report of Kent's that is published, to ask about it by every route."""
    return published(service, "kent-known-2022")


def traces_in(answer: httpx.Response) -> list[str]:
    """The traces in an answer's text and headers, but for what was asked."""
    text = f"{answer.text}{answer.headers}".lower()
    if answer.content[:2] == b"PK":
        with ZipFile(BytesIO(answer.content)) as archive:
            text = "".join(
                archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            ).lower()
    return [trace for trace in TRACES if trace in text.replace(asked_in(answer), "")]


def asked_in(answer: httpx.Response) -> str:
    return answer.request.url.raw_path.decode().lower()


def answers(service: Service, known: Published, actor: Actor | None) -> Iterator[httpx.Response]:
    headers = service.headers(actor)
    for method, address, body in requests(known):
        if method == "GET":
            yield sent(service, method, address, body, headers)


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.id if actor else "public")
def test_no_route_shows_others_a_trace_of_a_draft_a_second_before_its_release(
    service: Service, kent: Inspecting, known: Published, actor: Actor | None
) -> None:
    assert kent.get().json()["stage"] == "agreed"
    leaks = [
        (str(answer.request.url), traces)
        for answer in answers(service, known, actor)
        if (traces := traces_in(answer))
    ]
    assert leaks == []


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.id if actor else "public")
def test_a_question_about_a_draft_is_answered_as_for_what_does_not_exist(
    service: Service, kent: Inspecting, actor: Actor | None
) -> None:
    assert kent.get().json()["stage"] == "agreed"
    for question in QUESTIONS:
        about_nothing = _of_nothing(question)
        answer, other = service.get(question, actor), service.get(about_nothing, actor)
        assert answer.status_code == other.status_code, question
        assert _plain(answer, question) == _plain(other, about_nothing), question


def _of_nothing(question: str) -> str:
    """The same question about something that is nowhere."""
    for trace in (CANARY, *TRACES[1:]):
        other = str(uuid4()) if _is_uuid(trace) else trace[::-1].replace("-", "x")
        question = question.replace(trace, other)
    return question


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _plain(answer: httpx.Response, question: str) -> str:
    """The answer's text without what was asked, and what differs in any two answers."""
    words = re.split(r"[/?=&]", question)
    text = answer.text
    for word in filter(None, words):
        text = text.replace(word, "")
    return re.sub(r'"reference":"[0-9a-f]{32}"|Reference.*?[0-9a-f]{32}|nonce="[^"]*"', "", text)


def test_an_inspection_is_nothing_to_whoever_may_not_know_of_it(
    service: Service, kent: Inspecting
) -> None:
    for actor in OTHERS:
        if actor is None or actor.role is Role.AUDITOR:
            continue
        for tail in ("", "/draft", "/text", "/history"):
            there = service.get(f"/v1/inspections/{kent.id}{tail}", actor)
            nowhere = service.get(f"/v1/inspections/{uuid4()}{tail}", actor)
            assert there.status_code == nowhere.status_code == 404, (actor, tail)
            assert there.json()["detail"] == nowhere.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/inspections/{}",
        "/v1/inspections/{}/draft",
        "/v1/inspections/{}/text",
        "/v1/inspections/{}/history",
        "/inspections/{}",
        "/inspections/{}/text",
        "/inspections/{}/changes",
    ],
)
def test_a_question_about_another_forces_inspection_is_the_same_work_as_about_nothing(
    service: Service, kent: Inspecting, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    run, done = LibpqConnection.rows, list[tuple[str, list[bytes], int]]()

    def noting(connection: LibpqConnection, query: Query) -> list[TupleRow]:
        rows = run(connection, query)
        if current_thread().name.startswith("ThreadPool"):  # which answers requests
            done.append((query.sql, [bytes(one.data) for one in query.parameters], len(rows)))
        return rows

    monkeypatch.setattr(LibpqConnection, "rows", noting)
    work: list[list[tuple[str, list[bytes], int]]] = []
    for stream in (kent.id, uuid4()):
        done.clear()
        assert service.get(path.format(stream), ESSEX).status_code == 404
        work.append([*done])
    assert work[0] == work[1], "no statement depends on what was asked about"
    assert work[0], "its own inspections are looked up"


def test_every_route_of_a_stream_answers_for_an_inspection_as_for_nothing(
    service: Service, kent: Inspecting, known: Published
) -> None:
    streams = {known.id, *known.recommendations}
    different: list[tuple[str, str, str]] = []
    for method, address, body in requests(known):
        stream = next((stream for stream in streams if stream in address), None)
        if stream is None:
            continue
        of_it, of_nothing = (address.replace(stream, str(one)) for one in (kent.id, uuid4()))
        for actor in OTHERS:
            headers = service.headers(actor)
            there = sent(service, method, of_it, body, headers)
            nowhere = sent(service, method, of_nothing, body, headers)
            if _shape(there, of_it) != _shape(nowhere, of_nothing):
                different.append((actor.id if actor else "public", method, of_it))
    assert different == []


def _shape(answer: httpx.Response, address: str) -> tuple[int, str]:
    words = [word for word in re.split(r"[/?=&]", address) if len(word) == len(str(uuid4()))]
    text = answer.text
    for word in words:
        text = text.replace(word, "")
    return answer.status_code, re.sub(
        r'"reference":"[0-9a-f]{32}"|Reference.*?[0-9a-f]{32}|nonce="[^"]*"|\b[0-9a-f]{32}\b',
        "",
        text,
    )


def test_a_second_after_the_minute_everybody_finds_the_report(
    service: Service, kent: Inspecting
) -> None:
    CLOCK.at += timedelta(seconds=2)
    eventually(lambda: _is_there(service))
    for question in QUESTIONS:
        assert service.get(question).status_code == 200, question
    assert CANARY in service.get("/feeds/reports.atom").text
    assert kent.get().json()["stage"] == "released"


def _is_there(service: Service) -> bool:
    return bool(service.get(f"/v1/recommendations?report={REPORT}").json()["items"])
