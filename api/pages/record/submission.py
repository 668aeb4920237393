"""How a form is recorded: tried on the rules when it is checked, then once under its key."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from adapters.ledger.append import Key
from adapters.ledger.draft import Draft
from adapters.ledger.submit import Submission, decided
from api.http.problems import Request, request_id
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record.documents import with_documents
from domain.correction import amend
from domain.events.event import History
from domain.events.recommendation import Issued

STEP = re.compile(r"[0-9]{1,9}")
_KEY = re.compile(r"[0-9a-f]{32}")
"""A key that one of the pages made."""
_NOT_ANSWERS = frozenset({"_csrf", "then", "key"})


def key_of(sent: Mapping[str, str]) -> str | None:
    """Under which key a form is to be recorded; none if its button does not say so."""
    key = sent.get("key", "")
    return key if sent.get("then") == "record" and _KEY.fullmatch(key) else None


def step_of(sent: Mapping[str, str]) -> int:
    """The step that a form was filled in at; 0 if it says none."""
    text = sent.get("step")
    return int(text) if text and STEP.fullmatch(text) else 0


def carried(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, for the next page to send again."""
    return {name: text for name, text in typed.items() if text and name not in _NOT_ANSWERS}


def tried(
    request: Request, submissions: Sequence[Submission], histories: Mapping[UUID, History]
) -> None:
    """Raise what recording the requests would: VersionConflict, Refused, NotFound or Forbidden."""
    decided(submissions, current_actor(request), Draft(datetime.now(UTC), histories))


async def submitted(
    request: Request, submissions: Sequence[Submission], key: str, body: bytes
) -> int:
    """Record some requests, all or nothing, once under a key; the last step of the last one."""
    ledger, actor = services(request).async_ledger, current_actor(request)
    receipt = await ledger.submit(
        await ledger.run(with_documents(submissions, actor)),
        actor,
        key=Key(actor.id, key, sha256(body).digest()),
        metadata={"request_id": request_id(request)},
    )
    return receipt.entries[-1].step


def issue_of(history: History) -> Issued:
    """What a recommendation asks for, its corrections applied."""
    event = amend(history)[0].event
    assert isinstance(event, Issued)  # noqa: S101  a recommendation begins with its issue
    return event
