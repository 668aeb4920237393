"""A recommendation in which everything private has a mark, to look for in every answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import psycopg
from msgspec.structs import replace

from adapters.identity import tokens
from adapters.postgres.database import OWNER, Database
from domain.vocabulary.actors import Actor, Role, Scope
from tests.support.data.inspections import Inspecting
from tests.support.matrices.route_matrix import (
    DOCUMENT,
    INSPECTION,
    Typed,
    address_of,
    bodies_of,
    routes,
)
from tests.support.served.browser import Browser
from tests.support.served.serving import Published, Service, command, published, unrecorded

MARK = "xmarkx"
"""Part of every text, name and actor that only readers of the record may see."""


def token_with(database: Database, actor: Actor, *scopes: Scope) -> dict[str, str]:
    """Return the header of a new token of an actor with some scopes; with all without any."""
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


def record_marks(service: Service, database: Database) -> Published:
    """Record a recommendation whose private parts all have the mark; return its report."""
    kents = published(service, "kent-marked-2022")
    force, inspector = Actor(f"kent-{MARK}", Role.FORCE, "kent"), Actor(MARK, Role.INSPECTOR)
    for actor in (force, inspector):
        own = token_with(database, actor)["Authorization"]
        service = replace(service, tokens={**service.tokens, actor: own.removeprefix("Bearer ")})
    named = sha256(DOCUMENT).hexdigest()
    name = {"Content-Disposition": f'attachment; filename="{MARK}.txt"'}
    path = f"/v1/recommendations/{kents.recommendations[0]}/documents"
    headers = {**service.headers(force), **name, "Content-Type": "text/plain"}
    assert service.client.post(path, content=DOCUMENT, headers=headers).status_code == 201
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
        (
            force,
            "claim_completion",
            {"evidence": MARK, "documents": [named]},
        ),
    ):
        done = command(service, kents.recommendations[0], actor, tag, **fields)
        assert done.status_code == 201, done.text
    awaiting = published(service, "kent-awaiting-2022").recommendations[0]
    plan = {"answer": "act", "content": MARK}
    assert command(service, awaiting, force, "receive_action_plan", **plan).status_code == 201
    inspecting = Inspecting(service, INSPECTION)
    inspecting.sent(f"Train all of {MARK}.")
    inspecting.comment("r1", f"It is {MARK}.")
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "INSERT INTO people VALUES (%s, 'tenant', 'object', %s, 'force', 'kent', now())",
            (force.id, MARK),
        )
    Browser(service).sign_in(database, force)
    return kents


def requests(kents: Published) -> Iterator[tuple[str, str, object]]:
    """Yield every route with an address, and each body that it takes."""
    for method, path in sorted(routes()):
        address = address_of(path, kents).replace("{identity:uuid}", kents.id)
        for _, body in (
            bodies_of(path, kents) if method in {"POST", "PATCH", "PUT"} else [("", None)]
        ):
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
    """Send one of those requests."""
    payload: dict[str, Any] = {"json": body} if body is not None else {}
    if isinstance(body, bytes):
        payload = {"content": body}
    elif isinstance(body, Typed):
        payload = {"data": body}
    return service.client.request(method, address, headers=headers, **payload)
