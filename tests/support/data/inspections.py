"""An inspection of Kent on its way to publication, over HTTP, with a clock that tests move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.clock import now
from domain.vocabulary.actors import Actor
from domain.vocabulary.ids import inspection_id
from tests.support.data.examples import INSPECTOR, KENT, OTHER_INSPECTOR
from tests.support.served.serving import Service

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CANARY = "Quokkas"
"""A word of the draft that is nowhere else."""


class MovedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def draft(reference: str, *texts: str, **changes: object) -> dict[str, Any]:
    """Return a whole draft with a recommendation for each text."""
    return {
        "reference": f"{reference}-report",
        "title": f"{CANARY} of {reference}",
        "address": f"https://example.org/{reference}",
        "recommendations_stated": len(texts),
        "recommendations": [
            {"text": text, "area": "leadership", "time_limit": "months:3"} for text in texts
        ],
    } | changes


class Inspecting:
    """The people and requests of one inspection."""

    def __init__(
        self, service: Service, reference: str, clock: Callable[[], datetime] = now
    ) -> None:
        self.service, self.reference, self.clock = service, reference, clock
        self.id = inspection_id(reference)
        self.path = f"/v1/inspections/{self.id}"
        self.version = 0

    def plan(self, force: str = "kent") -> httpx.Response:
        body = {
            "reference": self.reference, "addressee": force, "product": "ncpi", "edition": "2024",
            "fieldwork_from": "2026-01", "remark": f"{CANARY} first.",
        }  # fmt: skip
        return self.service.post("/v1/inspections", body, INSPECTOR)

    def give(self, kind: str, actor: Actor = INSPECTOR, **fields: object) -> httpx.Response:
        return self.service.post(f"{self.path}/commands", {"type": kind, **fields}, actor)

    def done(self, kind: str, actor: Actor = INSPECTOR, **fields: object) -> dict[str, Any]:
        answer = self.give(kind, actor, **fields)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def save(self, content: dict[str, Any], actor: Actor = INSPECTOR) -> httpx.Response:
        body = {"version": self.version, "draft": content}
        headers = self.service.headers(actor)
        answer = self.service.client.put(f"{self.path}/draft", json=body, headers=headers)
        if answer.is_success:
            self.version = answer.json()["version"]
        return answer

    def get(self, tail: str = "", actor: Actor | None = INSPECTOR) -> httpx.Response:
        return self.service.get(self.path + tail, actor)

    def sent(self, *texts: str, force: str = "kent") -> None:
        """Bring it up to the check of facts."""
        assert self.plan(force).status_code == 201
        self.done("begin_fieldwork")
        assert self.save(draft(self.reference, *texts)).status_code == 200
        self.done("moderate_draft", draft_version=self.version)
        self.done("send_to_check", draft_version=self.version, reply_by=self.day_in(10))

    def minute_in(self, days: int) -> datetime:
        """Return a whole minute in some days."""
        return (self.clock() + timedelta(days=days)).replace(second=0, microsecond=0)

    def day_in(self, days: int) -> str:
        return self.minute_in(days).date().isoformat()

    def comment(self, part: str, text: str) -> int:
        return int(self.done("comment_on_fact", KENT, part=part, comment=text)["step"])

    def answer(self, comment: int, outcome: str) -> None:
        self.done("answer_comment", comment=comment, outcome=outcome, reason="We looked again.")

    def agreed(self, release_at: datetime | None = None) -> datetime:
        """Embargo the draft, let another person agree, and return the minute of release."""
        at = release_at or self.minute_in(20)
        embargo = self.done("embargo_report", draft_version=self.version, release_at=at.isoformat())
        self.done("agree_to_release", OTHER_INSPECTOR, embargo=embargo["step"])
        return at
