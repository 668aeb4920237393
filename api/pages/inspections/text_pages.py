"""The text of a report before its release, and what changed in it after the check of facts."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Request
from api.pages.inspections.parts_shown import ShownPart, shown_part, titles
from api.pages.inspections.reading import shown_subject
from api.pages.inspections.way import release_words
from api.pages.inspections.words import INSPECTIONS
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.v1.inspections.reading import inspection_view
from api.v1.inspections.subject import InspectionSubject
from api.v1.inspections.text import inspection_text
from api.v1.inspections.views import CommentView, InspectionText
from domain.access.inspections import INSPECTION_COMMANDS
from domain.commands.inspection import (
    AnswerComment,
    CommentOnFact,
    InspectionCommand,
    WithdrawComment,
)
from domain.inspection.available import is_possible
from domain.inspection.state import FINAL, InspectionStage
from domain.vocabulary.errors import Refused


class ChangedPart(Struct, frozen=True):
    """A part that changed after the check, with the comments that were accepted for it."""

    part: ShownPart
    accepted: tuple[CommentView, ...]


class Proof(Struct, frozen=True):
    """How many parts of the published text are proven to be those that were embargoed."""

    many: int
    proven: int
    differing: tuple[str, ...]
    """The titles of parts that are another text by now."""


@get("/inspections/{stream:uuid}/text", sync_to_thread=True)
def show_text(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the text as it was sent to the check, or as it is final, to who may read it."""
    subject = shown_subject(request, stream)
    text, view = inspection_text(request, subject), inspection_view(request, subject)
    final = _is_final(subject)
    parts = [shown_part(part, view, final=final) for part in text.parts]
    return page(
        request,
        "pages/inspections/text.html",
        title=_("The final text") if final else _("The text that was sent to the force"),
        of=view.reference,
        about=view,
        text_parts=[part for part in parts if not part.missing],
        release=release_words(view.embargo.release_at) if view.embargo else "",
        final=final,
        may_comment=_may(request, subject, CommentOnFact),
        may_answer=_may(request, subject, AnswerComment),
        may_take_back=_may(request, subject, WithdrawComment),
        crumbs=_crumbs(subject),
    )


@get("/inspections/{stream:uuid}/changes", sync_to_thread=True)
def show_changes(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the parts that changed after the check, each beside the comments accepted for it."""
    subject = shown_subject(request, stream)
    text, view = inspection_text(request, subject), inspection_view(request, subject)
    if not _is_final(subject):
        raise Refused(_("The text is not final, so it is not known yet what changed."))
    check = view.checks[-1].step
    answers = {comment.step: comment.answer or 0 for comment in subject.state.comments}
    changed = [
        ChangedPart(
            shown,
            tuple(
                comment
                for comment in shown.comments
                if comment.outcome == "accepted" and answers[comment.step] > check
            ),
        )
        for part in text.parts
        if part.changed
        for shown in [shown_part(part, view, final=True)]
    ]
    return page(
        request,
        "pages/inspections/changes.html",
        title=_("What changed after the check"),
        of=view.reference,
        about=view,
        changed=changed,
        unchanged=len(text.parts) - len(changed),
        proof=_proof(text) if view.report else None,
        crumbs=_crumbs(subject),
    )


def _proof(text: InspectionText) -> Proof:
    """Return what of the published text is proven; a part that was added later is none of it."""
    names = titles(text.parts)
    sealed = [part for part in text.parts if part.facts is not None]
    differing = tuple(names[part.part] for part in sealed if part.proven is False)
    return Proof(len(sealed), sum(part.proven is True for part in sealed), differing)


def _is_final(subject: InspectionSubject) -> bool:
    return subject.state.stage in {*FINAL, InspectionStage.RELEASED}


def _may(request: Request, subject: InspectionSubject, command: type[InspectionCommand]) -> bool:
    role = current_actor(request).role
    return role in INSPECTION_COMMANDS[command] and is_possible(command, subject.state)


def _crumbs(subject: InspectionSubject) -> list[dict[str, str]]:
    this = {"text": subject.planned.reference, "href": f"/inspections/{subject.stream}"}
    return [HOME, INSPECTIONS, this]


INSPECTION_TEXT_PAGES = (show_text, show_changes)
