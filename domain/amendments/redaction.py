"""Redactions: the removal of a note's text, or of a document, by two people.

The first person requests it, with a category and no words. Only when a second person approves it is
the text removed, or the file with its name. The step stays, and so does its commitment or hash.
"""

from collections.abc import Collection
from typing import NoReturn

import msgspec

from domain.amendments.correction import notes_of
from domain.checks import REDACTED, REDACTION_REQUESTED
from domain.commands.common import ApproveRedaction, RequestRedaction
from domain.commands.recommendation import ClaimCompletion, ReceiveActionPlan
from domain.events.event import Event, History
from domain.events.recommendation import (
    ActionPlanReceived,
    CompletionClaimed,
    RedactionApproved,
    RedactionRequested,
)
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Sha256

NAMING_DOCUMENTS = (ActionPlanReceived, CompletionClaimed)
"""Events that name documents which were sent to the recommendation before."""
_DOCUMENTS = "documents."


def field_of(document: Sha256) -> str:
    """Return the name under which a redaction names a document, as if it were a field."""
    return f"{_DOCUMENTS}{document}"


def document_of(field: str) -> Sha256 | None:
    """Return the document that a redaction's field names; None if it names a note."""
    if not field.startswith(_DOCUMENTS):
        return None
    try:
        return msgspec.convert(field.removeprefix(_DOCUMENTS), Sha256)
    except msgspec.ValidationError:
        return None


def documents_named(command: object) -> tuple[Sha256, ...]:
    """Return the documents that a command can name only if they are stored."""
    if isinstance(command, ClaimCompletion | ReceiveActionPlan):
        return command.documents
    if isinstance(command, RequestRedaction) and (name := document_of(command.field)):
        return (name,)
    return ()


def documents_of(event: Event) -> tuple[Sha256, ...]:
    """Return the documents that an event names: as evidence, or to be removed."""
    if isinstance(event, NAMING_DOCUMENTS):
        return event.documents
    if isinstance(event, RedactionRequested | RedactionApproved):
        return (name,) if (name := document_of(event.field)) else ()
    return ()


def step_of_document(history: History, document: Sha256) -> int:
    """Return the step at which a document is removed: the first that names it, else the first."""
    named = (
        entry.step
        for entry in history
        if isinstance(entry.event, NAMING_DOCUMENTS) and document in entry.event.documents
    )
    return next(named, 1)


def refuse_removed_document() -> NoReturn:
    """Raise Refused: a document that two people removed is not taken in again."""
    raise Refused(
        "This document was removed from this recommendation, and cannot be sent to it again. "
        "Send a document without the part that had to go."
    )


def check_redaction(
    history: History,
    command: RequestRedaction | ApproveRedaction,
    stamp: Stamp,
    documents: Collection[Sha256] = (),
) -> None:
    """Raise Refused unless a removal may be requested or approved.

    `documents` are those that are stored, or at least the one that a request names. A removal is
    requested once, and approved by another person.
    """
    if command.step > len(history):
        raise Refused(f"There is no step {command.step}. The last step is {len(history)}.")
    document = document_of(command.field)
    if document is None:
        _check_note(history, command.step, command.field)
    requested, about = _requested(history, command.step, command.field)
    if isinstance(command, RequestRedaction):
        if requested:
            raise Refused(
                f"This redaction was already requested at step {requested} and awaits approval."
            )
        if document is not None:
            _check_document(history, command.step, document, documents)
        return
    thing = "document" if document else "note"
    if command.request != requested:
        raise Refused(f"Step {command.request} is not a request to remove this {thing}.")
    if command.step != about:
        raise Refused(f"The request names step {about}, not step {command.step}.")
    if history[requested - 1].stamp.by == stamp.by:
        raise Refused(
            "The person who requested a redaction cannot approve it. Another person must."
        )


def _check_note(history: History, step: int, field: str) -> None:
    event = history[step - 1].event
    if field not in notes_of(type(event)) or getattr(event, field) is None:
        raise Refused(f"Step {step} has no note called {field}.")


def _check_document(
    history: History, step: int, document: Sha256, documents: Collection[Sha256]
) -> None:
    if document not in documents:
        raise Refused(f"The document {document} has not been sent to this recommendation.")
    if step != (right := step_of_document(history, document)):
        raise Refused(f"The document {document} is removed at step {right}, not at step {step}.")


def _requested(history: History, step: int, field: str) -> tuple[int, int]:
    """Return the step that requests a removal, and the step it names; 0 and 0 if none does.

    Raises Refused if the note or document was already removed.
    """
    requested = (0, 0)
    for entry in history:
        about = entry.event
        if not isinstance(about, (*REDACTED, *REDACTION_REQUESTED)):
            continue
        # A document is one for the whole stream, although a claim may name it after the request.
        if about.field == field and (about.step == step or document_of(field)):
            if isinstance(about, REDACTED):
                thing = "document" if document_of(field) else "note"
                raise Refused(f"This {thing} was already removed at step {entry.step}.")
            requested = (entry.step, about.step)
    return requested
