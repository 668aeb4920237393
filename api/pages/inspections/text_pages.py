"""The text of a report before its release, and what changed in it after the check of facts."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.problems import Request
from api.pages.inspections.changes_shown import changed_texts
from api.pages.inspections.parts_shown import shown_part, titles
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
from api.v1.inspections.views import EmbargoView, InspectionText
from domain.access.inspections import INSPECTION_COMMANDS
from domain.commands.inspection import (
    AnswerComment,
    CommentOnFact,
    FinishCheck,
    InspectionCommand,
    WithdrawComment,
)
from domain.inspection.available import is_possible
from domain.inspection.state import FINAL, InspectionStage
from domain.vocabulary.errors import Refused


class Proof(Struct, frozen=True):
    """How many parts of the published text are proven to be those that were embargoed."""

    many: int
    proven: int
    differing: tuple[str, ...]
    """The titles of parts that are another text by now."""
    uncompared: tuple[str, ...]
    """The titles of parts that the record does not hold in one piece."""


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
        may_finish=_may(request, subject, FinishCheck),
        may_answer=_may(request, subject, AnswerComment),
        may_take_back=_may(request, subject, WithdrawComment),
        crumbs=_crumbs(subject),
    )


@get("/inspections/{stream:uuid}/changes", sync_to_thread=True)
def show_changes(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the parts that changed after each check, with the comments accepted for them."""
    subject = shown_subject(request, stream)
    text, view = inspection_text(request, subject), inspection_view(request, subject)
    if not _is_final(subject) and len(view.checks) == 1:
        raise Refused(_("The text is not final, so it is not known yet what changed."))
    return page(
        request,
        "pages/inspections/changes.html",
        title=_("What changed after the check"),
        of=view.reference,
        about=view,
        texts=list(changed_texts(text, view, subject.state)),
        proof=_proof(text, view.embargo) if view.report and view.embargo else None,
        crumbs=_crumbs(subject),
    )


def _proof(text: InspectionText, embargo: EmbargoView) -> Proof:
    """Return what of the published text is proven; a part that was left out is none of it."""
    names, proven = titles(text.parts), {part.part: part.proven for part in text.parts}
    sealed = {seal.part: proven.get(seal.part) for seal in embargo.parts}
    return Proof(
        len(sealed),
        sum(each is True for each in sealed.values()),
        tuple(names[part] for part, each in sealed.items() if each is False),
        tuple(names[part] for part, each in sealed.items() if each is None),
    )


def _is_final(subject: InspectionSubject) -> bool:
    return subject.state.stage in {*FINAL, InspectionStage.RELEASED}


def _may(request: Request, subject: InspectionSubject, command: type[InspectionCommand]) -> bool:
    role = current_actor(request).role
    return role in INSPECTION_COMMANDS[command] and is_possible(command, subject.state)


def _crumbs(subject: InspectionSubject) -> list[dict[str, str]]:
    this = {"text": subject.planned.reference, "href": f"/inspections/{subject.stream}"}
    return [HOME, INSPECTIONS, this]


INSPECTION_TEXT_PAGES = (show_text, show_changes)
