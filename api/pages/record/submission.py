"""Recording a form: the key that it is recorded under once, and the answers it carries along."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from adapters.inspections.drafts import check_unreserved
from adapters.ledger.append import Key
from adapters.ledger.submission import Recorded, Submission
from api.http.problems import Request, request_id
from api.request.authentication import current_actor
from api.request.browser.unsent_forms import NOT_TYPED
from api.request.budget import spend
from api.request.services import services
from domain.amendments.correction import amend
from domain.events.event import Event, History
from domain.events.recommendation import Issued
from domain.vocabulary.entry import Entry

STEP = re.compile(r"[0-9]{1,9}")
_KEY = re.compile(r"[0-9a-f]{32}")
"""A key made by one of the pages."""


def key_of(fields: Mapping[str, str]) -> str | None:
    """The key to record a form under; None unless its button says to record it."""
    key = fields.get("key", "")
    return key if fields.get("then") == "record" and _KEY.fullmatch(key) else None


def step_of(fields: Mapping[str, str]) -> int:
    """The step that a form was filled in at; 0 if it names none."""
    text = fields.get("step")
    return int(text) if text and STEP.fullmatch(text) else 0


def carried(typed: Mapping[str, str]) -> dict[str, str]:
    """The typed answers, for the next page to send again."""
    return {name: text for name, text in typed.items() if text and name not in NOT_TYPED}


async def preview(request: Request, submissions: Sequence[Submission]) -> list[Entry[Event]]:
    """Return the entries that recording would add.

    Raises what recording would: VersionConflict, Refused, NotFound or Forbidden.
    """
    spend(request, len(submissions))
    await services(request).async_ledger.run(check_unreserved(submissions))
    return await services(request).async_ledger.preview(submissions, current_actor(request))


async def record(
    request: Request, submissions: Sequence[Submission], key: str, body: bytes
) -> Recorded:
    """Record submissions, all or nothing, once under a key; return the last entry."""
    actor = current_actor(request)
    spend(request, len(submissions))
    await services(request).async_ledger.run(check_unreserved(submissions))
    receipt = await services(request).async_ledger.submit(
        submissions,
        actor,
        key=Key(actor.id, key, sha256(body).digest()),
        metadata={"request_id": request_id(request)},
    )
    return receipt.entries[-1]


def issue_of(history: History) -> Issued:
    """The issue of a recommendation, its corrections applied."""
    event = amend(history)[0].event
    assert isinstance(event, Issued)  # noqa: S101  a recommendation begins with its issue
    return event
