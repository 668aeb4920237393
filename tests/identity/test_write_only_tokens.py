"""Tokens that may only write: no answer on any route gives them what only readers may see."""

import pytest

from adapters.postgres.database import Database
from domain.vocabulary.actors import Actor, Scope
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, KENT_BODY
from tests.support.matrices.private_marks import MARK, record_marks, requests, sent, token_with
from tests.support.matrices.route_matrix import DOCUMENT
from tests.support.served.serving import PUBLISHER, Published, Service

pytestmark = pytest.mark.slow

WRITERS = (INSPECTOR, PUBLISHER, ADMIN, KENT, KENT_BODY)


@pytest.fixture(scope="module")
def marked(service: Service, make_database: Database) -> Published:
    return record_marks(service, make_database)


@pytest.mark.parametrize("actor", WRITERS, ids=lambda actor: str(actor.role))
def test_a_token_that_may_only_write_reads_nothing_private_on_any_route(
    service: Service, make_database: Database, marked: Published, actor: Actor
) -> None:
    headers = token_with(make_database, actor, Scope.WRITE)
    leaks: list[str] = []
    for method, address, body in requests(marked):
        for condition in ({}, {"If-Match": '"0"'}):
            answer = sent(service, method, address, body, headers | condition)
            assert answer.status_code < 500, (method, address, answer.text)
            if MARK in answer.text or MARK in str(answer.headers):
                leaks.append(f"{method} {address} {answer.status_code}")
    assert not leaks, "\n".join(leaks)


def test_the_mark_is_what_a_reader_sees(
    service: Service, make_database: Database, marked: Published
) -> None:
    """The sweep could find something: with the scope to read, it does."""
    headers = token_with(make_database, INSPECTOR, Scope.READ, Scope.WRITE)
    shown = [
        address
        for method, address, body in requests(marked)
        if method == "GET" and MARK in sent(service, method, address, body, headers).text
    ]
    assert {"/record/reviews", "/v1/ledger", f"/recommendations/{marked.recommendations[0]}"} <= {
        *shown
    }


def test_a_conflict_tells_only_readers_what_came_since(
    service: Service, make_database: Database, marked: Published
) -> None:
    path = f"/v1/recommendations/{marked.recommendations[0]}/commands"
    said = {"type": "comment", "comment": "Noted."}
    for scopes, told in (((Scope.WRITE,), False), ((Scope.READ, Scope.WRITE), True)):
        headers = token_with(make_database, INSPECTOR, *scopes) | {"If-Match": '"1"'}
        answer = service.client.post(path, json=said, headers=headers)
        assert (answer.status_code, "since" in answer.json()) == (412, told)


def test_a_wrong_correction_tells_only_readers_what_is_recorded(
    service: Service, make_database: Database, marked: Published
) -> None:
    path = f"/v1/recommendations/{marked.recommendations[0]}/commands"
    wrong = {"type": "correct", "step": 3, "field": "assignee", "was": "no", "now": "a", "why": "-"}
    for scopes, told in (((Scope.WRITE,), False), ((Scope.READ, Scope.WRITE), True)):
        headers = token_with(make_database, INSPECTOR, *scopes)
        answer = service.client.post(path, json=wrong, headers=headers)
        assert (answer.status_code, MARK in answer.text) == (409, told), answer.text


def test_a_document_sent_again_tells_only_readers_its_first_name(
    service: Service, make_database: Database, marked: Published
) -> None:
    path = f"/v1/recommendations/{marked.recommendations[0]}/documents"
    for scopes, name in (((Scope.WRITE,), None), ((Scope.READ, Scope.WRITE), f"{MARK}.txt")):
        headers = token_with(make_database, KENT, *scopes) | {"Content-Type": "text/plain"}
        answer = service.client.post(path, content=DOCUMENT, headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (200, name)
