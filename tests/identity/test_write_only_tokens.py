"""Tokens that may only write: no answer on any route gives them what only readers may see."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import psycopg
import pytest
from msgspec.structs import replace

from adapters.identity import tokens
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor, Role, Scope
from tests.support.data.documents import PDF
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, KENT_BODY
from tests.support.matrices.route_matrix import Typed, address_of, bodies_of, routes
from tests.support.served.browser import Browser
from tests.support.served.serving import (
    PUBLISHER,
    Published,
    Service,
    command,
    published,
    unrecorded,
)

pytestmark = pytest.mark.slow

MARK = "xmarkx"
"""Part of every text, name and actor that only readers of the record may see."""
WRITERS = (INSPECTOR, PUBLISHER, ADMIN, KENT, KENT_BODY)


def token(database: Database, actor: Actor, *scopes: Scope) -> dict[str, str]:
    text, _ = tokens.create(
        database.conninfo(OWNER),
        actor=actor.id,
        role=actor.role,
        force=actor.force,
        expires_at=datetime.now(UTC) + timedelta(days=1),
        record=unrecorded,
        scopes=scopes or None,
    )
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture(scope="module")
def marked(service: Service, make_database: Database) -> Published:
    """A recommendation whose private parts all have the mark."""
    kents = published(service, "kent-marked-2022")
    force, inspector = Actor(f"kent-{MARK}", Role.FORCE, "kent"), Actor(MARK, Role.INSPECTOR)
    for actor in (force, inspector):
        own = token(make_database, actor)["Authorization"]
        service = replace(service, tokens={**service.tokens, actor: own.removeprefix("Bearer ")})
    name = {"Content-Disposition": f'attachment; filename="{MARK}.pdf"'}
    path = f"/v1/recommendations/{kents.recommendations[0]}/documents"
    headers = {**service.headers(force), **name, "Content-Type": "application/pdf"}
    assert service.client.post(path, content=PDF, headers=headers).status_code == 201
    for actor, tag, fields in (
        (inspector, "waive_action_plan", {"reason": MARK}),
        (
            inspector,
            "assign_follow_up",
            {"kind": "monitoring", "procedure": MARK, "assignee": MARK, "reason": MARK},
        ),
        (force, "name_owner", {"owner": f"Head of {MARK}"}),
        (force, "report_progress", {"progress": MARK}),
        (inspector, "comment", {"comment": MARK}),
        (force, "claim_completion", {"evidence": MARK, "documents": [sha256(PDF).hexdigest()]}),
    ):
        done = command(service, kents.recommendations[0], actor, tag, **fields)
        assert done.status_code == 201, done.text
    awaiting = published(service, "kent-awaiting-2022").recommendations[0]
    plan = {"answer": "act", "content": MARK}
    assert command(service, awaiting, force, "receive_action_plan", **plan).status_code == 201
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people VALUES (%s, 'tenant', 'object', %s, 'force', 'kent', now())",
            (force.id, MARK),
        )
    Browser(service).sign_in(make_database, force)
    return kents


def requests(kents: Published) -> Iterator[tuple[str, str, object]]:
    """Every route with an address, and each body that it takes."""
    for method, path in sorted(routes()):
        address = address_of(path, kents).replace("{identity:uuid}", kents.id)
        for _, body in bodies_of(path, kents) if method in {"POST", "PATCH"} else [("", None)]:
            yield method, address, body
        if path in {"/v1/sessions", "/record/plan"}:
            yield (
                method,
                path.replace("/record/plan", "/record/plan?force=kent"),
                bodies(path, kents),
            )


def bodies(path: str, kents: Published) -> object:
    return bodies_of(path, kents)[0][1] if path == "/record/plan" else None


def sent(
    service: Service, method: str, address: str, body: object, headers: dict[str, str]
) -> httpx.Response:
    payload: dict[str, Any] = {"json": body} if body is not None else {}
    if isinstance(body, bytes):
        payload = {"content": body}
    elif isinstance(body, Typed):
        payload = {"data": body}
    return service.client.request(method, address, headers=headers, **payload)


@pytest.mark.parametrize("actor", WRITERS, ids=lambda actor: str(actor.role))
def test_a_token_that_may_only_write_reads_nothing_private_on_any_route(
    service: Service, make_database: Database, marked: Published, actor: Actor
) -> None:
    headers = token(make_database, actor, Scope.WRITE)
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
    headers = token(make_database, INSPECTOR, Scope.READ, Scope.WRITE)
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
        headers = token(make_database, INSPECTOR, *scopes) | {"If-Match": '"1"'}
        answer = service.client.post(path, json=said, headers=headers)
        assert (answer.status_code, "since" in answer.json()) == (412, told)


def test_a_wrong_correction_tells_only_readers_what_is_recorded(
    service: Service, make_database: Database, marked: Published
) -> None:
    path = f"/v1/recommendations/{marked.recommendations[0]}/commands"
    wrong = {"type": "correct", "step": 3, "field": "assignee", "was": "no", "now": "a", "why": "-"}
    for scopes, told in (((Scope.WRITE,), False), ((Scope.READ, Scope.WRITE), True)):
        headers = token(make_database, INSPECTOR, *scopes)
        answer = service.client.post(path, json=wrong, headers=headers)
        assert (answer.status_code, MARK in answer.text) == (409, told), answer.text


def test_a_document_sent_again_tells_only_readers_its_first_name(
    service: Service, make_database: Database, marked: Published
) -> None:
    path = f"/v1/recommendations/{marked.recommendations[0]}/documents"
    for scopes, name in (((Scope.WRITE,), None), ((Scope.READ, Scope.WRITE), f"{MARK}.pdf")):
        headers = token(make_database, KENT, *scopes) | {"Content-Type": "application/pdf"}
        answer = service.client.post(path, content=PDF, headers=headers)
        assert (answer.status_code, answer.json()["name"]) == (200, name)
