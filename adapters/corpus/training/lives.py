"""Lives in lines: each line is a date, a step and its words, and becomes a command and its actor.

    2024-03-20 follow-up reinspection 2024-09 2024-10
    2024-08-28 claim audit.pdf: 39 of 40 calls by day, and 38 of 40 at night

The text after the colon is the text of the step; some steps have a usual text.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct

from adapters.corpus.training.evidence import content_of
from domain.commands.command import Command
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import Code, Edition, Reference, When

PROCEDURES: dict[Edition, str] = {
    "pre-2024": "Post-inspection follow-up, 2020",
    "2024": "Methodology for post-inspection follow-up activity, 2024 edition",
}
FORCE, BODY = "force", "body"
INSPECTOR, VISITOR = "inspector-1", "inspector-2"
"""The visitor reports what follow-ups find; the other inspector closes."""
ACTORS = {
    INSPECTOR: Actor(f"training:{INSPECTOR}", Role.INSPECTOR),
    VISITOR: Actor(f"training:{VISITOR}", Role.INSPECTOR),
    "admin": Actor("training:admin", Role.ADMIN),
    "publisher": Actor("training:publisher", Role.PUBLISHER),
}

_FOLLOW_UP = {
    "kind": "$1",
    "window_from": "$2",
    "window_to": "$3",
    "procedure": "$procedure",
    "assignee": ACTORS[VISITOR].id,
}
_PLAN = {"type": "receive_action_plan", "content": "$text"}
_REVIEW = {"type": "review_action_plan", "remarks": "$text"}
_SECTION_55 = {
    "type": "respond_under_section_55",
    "explanation": "$text",
    "address": "$comments",
}
_ASSURANCE = {"type": "record_assurance", "reason": "$text"}
_CLOSE = {"type": "close", "basis": "$text"}
_OUTCOME = {
    "reference": "$name",
    "said_by": "inspectorate",
    "reading": "$1",
    "text": "$text",
    "source": "$follow-up",
}
_MILESTONE = {
    "reference": "$name",
    "milestone": "$1",
    "said_by": "$2",
    "text": "$text",
    "source": "$report",
}
_WITHDRAW = {"type": "withdraw", "steps": "$steps", "why": "$text"}
VERBS: dict[str, tuple[str, Mapping[str, str]]] = {
    "owner": (FORCE, {"type": "name_owner", "owner": "$text"}),
    "plan": (FORCE, {**_PLAN, "answer": "act"}),
    "no-action": (FORCE, {**_PLAN, "answer": "no_action"}),
    "waive": (INSPECTOR, {"type": "waive_action_plan", "reason": "$text"}),
    "accept": (INSPECTOR, {**_REVIEW, "outcome": "accepted"}),
    "changes": (INSPECTOR, {**_REVIEW, "outcome": "changes_requested"}),
    "follow-up": (INSPECTOR, {**_FOLLOW_UP, "type": "assign_follow_up"}),
    "change-follow-up": (
        INSPECTOR,
        {**_FOLLOW_UP, "type": "change_follow_up", "reason": "$text"},
    ),
    "finding": (
        VISITOR,
        {
            "type": "report_follow_up",
            "finding": "$1",
            "passage": "$text",
            "source": "$follow-up",
        },
    ),
    "update": (FORCE, {"type": "receive_update", "content": "$text"}),
    "progress": (FORCE, {"type": "report_progress", "progress": "$text"}),
    "claim": (FORCE, {"type": "claim_completion", "evidence": "$text"}),
    "return": (INSPECTOR, {"type": "return_claim", "reason": "$text"}),
    "section-55": (BODY, {**_SECTION_55, "answer": "act"}),
    "section-55 no-action": (BODY, {**_SECTION_55, "answer": "no_action"}),
    "assure": (BODY, {**_ASSURANCE, "level": "assured"}),
    "assure-partly": (BODY, {**_ASSURANCE, "level": "partly_assured"}),
    "close": (INSPECTOR, {**_CLOSE, "reason": "$1"}),
    "close verified": (INSPECTOR, {**_CLOSE, "reason": "verified", "source": "$follow-up"}),
    "close superseded": (
        INSPECTOR,
        {**_CLOSE, "reason": "superseded", "superseded_by": "$id-of-2"},
    ),
    "propose": (VISITOR, {"type": "propose_closure", "basis": "$text", "source": "$follow-up"}),
    "decline": (INSPECTOR, {"type": "decline_closure", "reason": "$text"}),
    "reopen": (INSPECTOR, {"type": "reopen", "reason": "$text"}),
    "confirm": (INSPECTOR, {"type": "confirm_decision", "why": "$text"}),
    "extend": (
        INSPECTOR,
        {"type": "change_time_limit", "time_limit": "$1", "reason": "$text"},
    ),
    "comment inspector": (INSPECTOR, {"type": "comment", "comment": "$text"}),
    "comment force": (FORCE, {"type": "comment", "comment": "$text"}),
    "comment body": (BODY, {"type": "comment", "comment": "$text"}),
    "outcome": (INSPECTOR, {**_OUTCOME, "type": "note_outcome"}),
    "area-outcome": (
        INSPECTOR,
        {**_OUTCOME, "type": "note_report_outcome", "area": "$2"},
    ),
    "milestone": (INSPECTOR, {**_MILESTONE, "type": "note_milestone"}),
    "report-milestone": (
        INSPECTOR,
        {**_MILESTONE, "type": "note_report_milestone", "force": "$force"},
    ),
    "withdraw force": (FORCE, _WITHDRAW),
    "withdraw inspector": (INSPECTOR, _WITHDRAW),
    "agree": (VISITOR, {"type": "agree_to_withdrawal", "request": "$1"}),
    "area": (
        INSPECTOR,
        {
            "type": "note_area",
            "reference": "$name",
            "area": "$1",
            "text": "$text",
            "source": "$report",
        },
    ),
    "correct": (
        INSPECTOR,
        {
            "type": "correct",
            "step": "$1",
            "field": "$2",
            "was": "$3",
            "now": "$4",
            "why": "$text",
        },
    ),
    "redact": (
        "admin",
        {"type": "request_redaction", "step": "$1", "field": "$2", "ground": "$3"},
    ),
    "approve": (
        INSPECTOR,
        {"type": "approve_redaction", "request": "$1", "step": "$2", "field": "$3"},
    ),
    "suppress": (
        "admin",
        {
            "type": "request_suppression",
            "step": "$1",
            "field": "$2",
            "ground": "$3",
            "why": "$text",
        },
    ),
    "approve-suppression": (
        INSPECTOR,
        {"type": "approve_suppression", "request": "$1", "step": "$2", "field": "$3"},
    ),
}
"""Each step of a life: who takes it, and the command; what begins with $ comes from the line."""
USUAL = {
    "accept": "the plan answers the recommendation",
    "section-55": "the comments on the whole report are for this recommendation too",
    "close verified": "the follow-up found it met, and nothing on record says otherwise",
}
"""The texts of steps that have none of their own."""


class TrainingStep(Struct, frozen=True, forbid_unknown_fields=True, rename={"actor": "as"}):
    """A command to a report or recommendation, its actor, and the date it takes effect.

    `files` are the documents that the actor sends to the recommendation first.
    """

    actor: Actor
    on: When
    stream: Reference
    command: Command
    files: tuple[bytes, ...] = ()


class LifeSubject(Struct, frozen=True):
    """The subject of a life: a report, or a recommendation in it."""

    reference: Reference
    report: Reference
    edition: Edition
    force: Code

    def actor(self, name: str) -> Actor:
        """Return an actor; a force and its body have their own."""
        roles = {FORCE: Role.FORCE, BODY: Role.LOCAL_POLICING_BODY}
        if name not in roles:
            return ACTORS[name]
        place = self.force.removeprefix("training-")
        return Actor(f"training:{place}-{name}", roles[name], self.force)


def steps_of(subject: LifeSubject, life: str) -> Iterator[TrainingStep]:
    """Yield the steps of a life. Raises ValueError with a line that is no step."""
    lines = [line.strip() for line in life.splitlines() if line.strip()]
    for number, line in enumerate(lines, 2):  # the first step is the issue, or the publication
        try:
            yield _step(subject, line, number)
        except (KeyError, msgspec.ValidationError) as error:
            raise ValueError(f"{subject.reference}: {line}: {error!r}") from error


def marked(text: str) -> str:
    """Return a text that says what it is, wherever it is read."""
    return f"Training: {text}"


def sentence(text: str) -> str:
    """Return a marked text that ends as a sentence does."""
    return marked(text if text.endswith(".") else f"{text}.")


def address(report: Reference, page: str = "") -> str:
    """Return the address of a page of a report, which nobody can have."""
    return f"https://training.invalid/{report}/{page}".rstrip("/")


def _step(subject: LifeSubject, line: str, number: int) -> TrainingStep:
    head, _, text = line.partition(": ")
    on, verb, *words = head.split()
    longer = " ".join((verb, *words[:1]))
    name = longer if longer in VERBS else verb
    who, template = VERBS[name]
    values = _values(subject, words, number)
    if text or name in USUAL:
        values["$text"] = sentence(text or USUAL[name])
    fields = {key: values[word] if word[0] == "$" else word for key, word in template.items()}
    files = tuple(content_of(file, str(values["$text"])) for file in words if name == "claim")
    if files:
        fields["documents"] = [sha256(content).hexdigest() for content in files]
    command: Command = msgspec.convert({**fields, "on": on}, Command)
    return TrainingStep(subject.actor(who), on, subject.reference, command, files)


def _values(subject: LifeSubject, words: list[str], number: int) -> dict[str, object]:
    """Return what a template can take from a line, by its name there."""
    values: dict[str, object] = {
        f"${place}": int(word) if word.isdigit() else word for place, word in enumerate(words, 1)
    }
    values |= {f"$id-of-{at}": str(recommendation_id(word)) for at, word in enumerate(words, 1)}
    return values | {
        "$name": f"{subject.reference}-n{number}",
        "$force": subject.force,
        "$steps": [int(word) for word in words if word.isdigit()],
        "$procedure": PROCEDURES[subject.edition],
        **{f"${page}": address(subject.report, page) for page in ("follow-up", "comments")},
        "$report": address(subject.report),
    }
