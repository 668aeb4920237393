"""The inspection that a request is about, as far as its actor may know of it."""

from uuid import UUID

from msgspec import Struct

from adapters.inspections.drafts import SavedDraft, load, sent_to
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.inspections import OVERSEERS, may_draft, may_see, may_see_inspections
from domain.events.event import History
from domain.events.inspection import InspectionPlanned
from domain.history import inspection_after
from domain.inspection.state import Inspection
from domain.vocabulary.errors import NotFound

NO_SUCH_INSPECTION = "There is no such inspection."


class InspectionSubject(Struct, frozen=True):
    """An inspection with its history."""

    stream: UUID
    history: History
    state: Inspection
    planned: InspectionPlanned


def subject_of(request: Request, stream: UUID) -> InspectionSubject:
    """Return an inspection. Raises NotFound if the actor may not know of it."""
    actor = current_actor(request)
    if not may_see_inspections(actor):  # before anything is read, which would take time
        raise NotFound(NO_SUCH_INSPECTION)
    ledger = services(request).ledger
    if actor.role not in OVERSEERS and stream not in ledger.rows.run(sent_to(actor.force or "")):
        raise NotFound(NO_SUCH_INSPECTION)  # after the same work, whatever there is
    history = ledger.history(stream)
    state = inspection_after(history)
    if state.planned is None or not may_see(actor, state):
        raise NotFound(NO_SUCH_INSPECTION)
    services(request).readings.record_history_read(actor, stream, None, None)
    return InspectionSubject(stream, history, state, state.planned)


def require_drafter(request: Request) -> None:
    """Raise NotFound, as for no inspection, unless the actor may read and write drafts."""
    if not may_draft(current_actor(request)):
        raise NotFound(NO_SUCH_INSPECTION)


def draft_of(request: Request, subject: InspectionSubject) -> SavedDraft | None:
    """Return the last draft of an inspection, or the final one; None if none was saved.

    Raises NotFound as for no inspection.
    """
    require_drafter(request)
    return services(request).ledger.rows.run(load(subject.stream, subject.state.final_version))
