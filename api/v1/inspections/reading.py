"""Inspections as read: the list, where one stands, its text at each step, and its history."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta
from msgspec.structs import asdict

from adapters.inspections.drafts import inspections
from api.entry_view import shown
from api.http.conditional import step_headers
from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.query_params import LIMIT_MAX, Params
from api.request.services import services
from api.v1.inspections.subject import InspectionSubject, subject_of
from api.v1.inspections.text import inspection_text
from api.v1.inspections.views import (
    CheckView,
    CommentView,
    EmbargoView,
    InspectionEntry,
    InspectionHistory,
    InspectionsPage,
    InspectionText,
    InspectionView,
)
from domain.access.inspections import may_read_sent, may_see, may_see_inspections
from domain.amendments.correction import notes_of
from domain.events.inspection import (
    CommentAnswered,
    FactCommented,
    PublicationDeferred,
    ReportReleased,
)
from domain.history import inspection_after, inspection_entries
from domain.inspection.state import FINAL, FactComment, Inspection, InspectionStage
from domain.vocabulary.dates import end_of
from domain.vocabulary.errors import Forbidden

InspectionsOrder = Literal["planned", "force", "reply"]
_ORDER = (
    "The one planned last first, which is the default; by force; or by the day by which a force in "
    "check of the facts is to reply, the next first, those that no reply is due of last."
)


class InspectionsParams(Params, frozen=True, kw_only=True):
    """The page and the order of the list."""

    after: Annotated[int, Meta(ge=0, le=1_000_000, description="`next` of the page before.")] = 0
    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="The most items per page.")] = 100
    order: Annotated[InspectionsOrder, Meta(description=_ORDER)] | None = None


class InspectionParams(Params, frozen=True, kw_only=True):
    """No parameters."""


@get("/v1/inspections", sync_to_thread=True)
def list_inspections(
    request: Request, params: NamedDependency[InspectionsParams]
) -> InspectionsPage:
    """List the inspections that the actor may know of."""
    return inspections_page(request, params)


def inspections_page(request: Request, params: InspectionsParams) -> InspectionsPage:
    """Return a page of the inspections that the actor may know of.

    Raises Forbidden if its role may know of none at all.
    """
    return counted_inspections(request, params)[0]


def counted_inspections(request: Request, params: InspectionsParams) -> tuple[InspectionsPage, int]:
    """Return a page of the inspections that the actor may know of, and how many there are.

    Raises as `inspections_page`.
    """
    actor, ledger = current_actor(request), services(request).ledger
    if not may_see_inspections(actor):
        raise Forbidden("Only inspectors, publishers, auditors and forces see inspections.")
    services(request).readings.record_list_read(actor, "inspections")
    histories = ledger.histories(ledger.rows.run(inspections()))
    seen = [
        InspectionSubject(stream, history, state, state.planned)
        for stream, history in histories.items()
        if (state := inspection_after(history)).planned is not None and may_see(actor, state)
    ]
    match params.order:
        case "force":
            seen.sort(key=lambda subject: subject.planned.addressee)
        case "reply":
            seen.sort(key=lambda subject: _reply_due(subject.state))
        case _:
            pass
    page = seen[params.after : params.after + params.limit]
    last = params.after + len(page)
    items = tuple(inspection_view(request, subject) for subject in page)
    return InspectionsPage(items, last if last < len(seen) else None), len(seen)


def _reply_due(state: Inspection) -> date:
    """Return the last day by which the force is to reply; `date.max` if no reply is due."""
    check = state.check if state.stage is InspectionStage.IN_CHECK else None
    if check is None or check.finished or state.deferred:
        return date.max
    return end_of(check.reply_by)


@get("/v1/inspections/{stream:uuid}", sync_to_thread=True)
def get_inspection(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[InspectionParams],  # noqa: ARG001  which refuses any parameter
) -> Response[InspectionView]:
    """Return where an inspection stands. Its step begins the ETag."""
    view = inspection_view(request, subject_of(request, stream))
    return Response(view, headers=step_headers(view.step, immutable=False))


@get("/v1/inspections/{stream:uuid}/text", sync_to_thread=True)
def get_inspection_text(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[InspectionParams],  # noqa: ARG001  which refuses any parameter
) -> Response[InspectionText]:
    """Return the text that went to the check, and beside it the final or published one."""
    text = inspection_text(request, subject_of(request, stream))
    return Response(text, headers=step_headers(text.step, immutable=False))


@get("/v1/inspections/{stream:uuid}/history", sync_to_thread=True)
def get_inspection_history(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[InspectionParams],  # noqa: ARG001  which refuses any parameter
) -> InspectionHistory:
    """List every entry of an inspection, oldest first."""
    subject = subject_of(request, stream)
    return InspectionHistory(stream, tuple(inspection_items(request, subject)))


def inspection_view(request: Request, subject: InspectionSubject) -> InspectionView:
    """Return where an inspection stands, with the texts of comments for who may read them."""
    state, planned, history = subject.state, subject.planned, subject.history
    put_off = history[state.deferred - 1].event if state.deferred else None
    last = history[-1].event
    checks = tuple(
        CheckView(
            check.step,
            history[check.step - 1].stamp.at,
            check.reply_by,
            check.parts,
            history[check.finished - 1].stamp.at if check.finished else None,
        )
        for check in state.checks
    )
    return InspectionView(
        id=subject.stream,
        step=state.step,
        reference=planned.reference,
        addressee=planned.addressee,
        product=planned.product,
        edition=planned.edition,
        fieldwork_from=planned.fieldwork_from,
        fieldwork_to=planned.fieldwork_to,
        stage=state.stage,
        deferred=put_off is not None,
        deferred_until=put_off.until if isinstance(put_off, PublicationDeferred) else None,
        checks=checks,
        comments=_comments(request, subject),
        embargo=_embargo(subject),
        report=last.report if isinstance(last, ReportReleased) else None,
    )


def _comments(request: Request, subject: InspectionSubject) -> tuple[CommentView, ...]:
    history = inspection_entries(subject.history)
    steps = [
        step
        for comment in subject.state.comments
        for step in (comment.step, comment.answer)
        if step
    ]
    ids = {step: history[step - 1].id for step in steps}
    if not may_read_sent(current_actor(request), subject.state):
        return ()
    notes = services(request).ledger.notes([*ids.values()])
    texts = {step: notes.get(identity, {}) for step, identity in ids.items()}
    return tuple(_comment(subject, comment, texts) for comment in subject.state.comments)


def _comment(
    subject: InspectionSubject, comment: FactComment, texts: Mapping[int, Mapping[str, str]]
) -> CommentView:
    made = subject.history[comment.step - 1]
    answer = subject.history[comment.answer - 1].event if comment.answer else None
    assert isinstance(made.event, FactCommented)  # noqa: S101  as the state says
    return CommentView(
        step=comment.step,
        at=made.stamp.at,
        part=comment.part,
        comment=texts[comment.step].get("comment"),
        outcome=answer.outcome if isinstance(answer, CommentAnswered) else None,
        reason=texts[comment.answer].get("reason") if comment.answer else None,
        withdrawn=comment.withdrawn,
    )


def _embargo(subject: InspectionSubject) -> EmbargoView | None:
    state, embargo = subject.state, subject.state.embargo
    if embargo is None or state.deferred is not None:
        return None
    if state.stage not in {*FINAL, InspectionStage.RELEASED}:
        return None
    return EmbargoView(
        embargo.step,
        subject.history[embargo.step - 1].stamp.at,
        embargo.release_at,
        state.stage is not InspectionStage.EMBARGOED,
        embargo.parts,
    )


def inspection_items(request: Request, subject: InspectionSubject) -> Iterator[InspectionEntry]:
    """Yield the entries of an inspection, oldest first, with the notes for who may read them."""
    actor = current_actor(request)
    readable = may_read_sent(actor, subject.state)
    notes = services(request).ledger.notes([entry.id for entry in subject.history])
    for entry in subject.history:
        fields = [
            field
            for field in sorted(notes_of(type(entry.event)))
            if getattr(entry.event, field) is not None
        ]
        texts = {field: notes.get(entry.id, {}).get(field) for field in fields}
        yield InspectionEntry(
            **asdict(shown(entry, actor)), notes=texts if fields and readable else UNSET
        )


READING_ROUTES = (list_inspections, get_inspection, get_inspection_text, get_inspection_history)
