"""The page of one inspection: how far it has come, what to do next, and the comments."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from adapters.inspections.drafts import SavedDraft
from api.http.moment import moment
from api.http.problems import Request
from api.pages.inspections.parts_shown import titles
from api.pages.inspections.reading import shown_subject
from api.pages.inspections.steps.forms import STEP_FORMS, InspectionForm
from api.pages.inspections.way import next_move, past_steps, release_words, way_of
from api.pages.inspections.words import EVENTS, INSPECTIONS, STAGES
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.v1.inspections.reading import inspection_view
from api.v1.inspections.subject import InspectionSubject, draft_of
from api.v1.inspections.text import inspection_text
from api.v1.inspections.views import InspectionView
from domain.access.inspections import INSPECTION_COMMANDS, may_draft, may_read_sent
from domain.commands.inspection import (
    AgreeToRelease,
    AnswerComment,
    BeginFieldwork,
    DeferPublication,
    EmbargoReport,
    InspectionCommand,
    ModerateDraft,
    ResumeInspection,
    SendToCheck,
)
from domain.inspection.available import is_possible
from domain.inspection.checking import waits_for_force
from domain.inspection.draft import missing_from
from domain.inspection.state import ENDED, FINAL, InspectionStage
from domain.vocabulary.actors import Actor, Scope
from domain.vocabulary.dates import day_of

_NEXT: dict[InspectionStage, type[InspectionCommand]] = {
    InspectionStage.PLANNED: BeginFieldwork,
    InspectionStage.FIELDWORK: ModerateDraft,
    InspectionStage.MODERATED: SendToCheck,
    InspectionStage.IN_CHECK: EmbargoReport,
    InspectionStage.EMBARGOED: AgreeToRelease,
}
"""The command that leads on from each stage."""


class InspectionLink(Struct, frozen=True):
    """A thing to do or to read, and its address."""

    href: str
    text: str


@get("/inspections/{stream:uuid}", sync_to_thread=True)
def show_inspection(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show an inspection to those who may know of it."""
    subject, actor, now = shown_subject(request, stream), current_actor(request), moment()
    view = inspection_view(request, subject)
    readable = may_read_sent(actor, subject.state)
    saved = draft_of(request, subject) if may_draft(actor) else None
    move = next_move(view, now, readable=readable)
    first = _first(subject, view, actor, saved, now)
    text = inspection_text(request, subject) if readable and view.checks else None
    return page(
        request,
        "pages/inspections/inspection.html",
        title=view.reference,
        about=view,
        stage=STAGES[view.stage],
        way=way_of(subject, drafted=saved is not None),
        move=move,
        first=first,
        links=[link for link in _links(subject, actor) if not first or link.href != first.href],
        commands=[
            link
            for link in _commands(subject, actor, now, drafted=saved is not None)
            if not first or link.href != first.href
        ],
        part_titles=titles(text.parts) if text else {},
        comments=view.comments if readable else (),
        may_answer=_may(actor, STEP_FORMS["answer_comment"], subject),
        may_take_back=_may(actor, STEP_FORMS["withdraw_comment"], subject),
        release=release_words(view.embargo.release_at) if view.embargo else "",
        past=list(past_steps(request, subject)),
        done=_done(request, subject),
        crumbs=[HOME, INSPECTIONS],
    )


def _first(
    subject: InspectionSubject,
    view: InspectionView,
    actor: Actor,
    saved: SavedDraft | None,
    now: datetime,
) -> InspectionLink | None:
    """Return what the actor can do to lead it on."""
    path, state = f"/inspections/{subject.stream}", subject.state
    if not may_draft(actor):
        checks = _may(actor, STEP_FORMS["comment_on_fact"], subject)
        return InspectionLink(f"{path}/text", _("Check the text")) if checks else None
    whole = saved is not None and not missing_from(saved.draft)
    drafting = {InspectionStage.FIELDWORK, InspectionStage.MODERATED}
    if state.deferred is None and state.stage in drafting and not whole:
        return InspectionLink(f"{path}/draft", _("Edit the draft"))
    if is_possible(AnswerComment, state) and any(each.is_open for each in state.comments):
        return InspectionLink("#comments", _("Answer the comments"))
    command = _leading_on(subject, view, actor, now)
    return _link(path, command) if command else None


def _leading_on(
    subject: InspectionSubject, view: InspectionView, actor: Actor, now: datetime
) -> type[InspectionCommand] | None:
    """Return the command that leads on, if it is the actor's to give."""
    state = subject.state
    if state.deferred is not None:
        return ResumeInspection
    if waits_for_force(state, day_of(now)):
        return None
    if state.stage is InspectionStage.EMBARGOED and view.embargo and state.embargo:
        if view.embargo.release_at <= now:
            return DeferPublication
        if state.embargo.by == actor.id:
            return None
    return _NEXT.get(state.stage)


def _links(subject: InspectionSubject, actor: Actor) -> Iterator[InspectionLink]:
    """Yield the pages to read."""
    path, state = f"/inspections/{subject.stream}", subject.state
    if may_draft(actor) and state.stage not in FINAL | ENDED:
        yield InspectionLink(f"{path}/draft", _("Edit the draft"))
    if state.check is not None and may_read_sent(actor, state):
        final = state.stage in {*FINAL, InspectionStage.RELEASED}
        words = _("Read the final text") if final else _("Read the text that was sent to the force")
        yield InspectionLink(f"{path}/text", words)
        if final or len(state.checks) > 1:
            yield InspectionLink(f"{path}/changes", _("See what changed after the check"))


def _commands(
    subject: InspectionSubject, actor: Actor, now: datetime, *, drafted: bool
) -> Iterator[InspectionLink]:
    """Yield what the actor can record; what is about a part or a comment stands beside that."""
    for form in STEP_FORMS.values():
        if form.fixed in {"part", "comment"} or not _may(actor, form, subject):
            continue
        if form.command is ModerateDraft and not drafted:
            continue
        if form.command is EmbargoReport and waits_for_force(subject.state, day_of(now)):
            continue
        embargo = subject.state.embargo
        if form.command is AgreeToRelease and embargo and embargo.by == actor.id:
            continue
        yield _link(f"/inspections/{subject.stream}", form.command)


def _may(actor: Actor, form: InspectionForm, subject: InspectionSubject) -> bool:
    """Return whether an actor may give a command now."""
    return (
        Scope.WRITE in actor.scopes
        and actor.role in INSPECTION_COMMANDS[form.command]
        and is_possible(form.command, subject.state)
    )


def _link(path: str, command: type[InspectionCommand]) -> InspectionLink:
    form = next(form for form in STEP_FORMS.values() if form.command is command)
    return InspectionLink(f"{path}/record/{form.tag}", _(form.title))


def _done(request: Request, subject: InspectionSubject) -> str:
    """Return what was recorded at the step of the query, to confirm it; empty if none was."""
    text = request.query_params.get("done", "")
    step = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
    if not 0 < step <= len(subject.history):
        return ""
    return EVENTS.get(type(subject.history[step - 1].event).__name__, "")


OVERVIEW_PAGES = (show_inspection,)
