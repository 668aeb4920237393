"""The things that a command to an inspection is about, shown with its form."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from api.http.problems import Request
from api.pages.inspections.drafting.words import missing_words
from api.pages.inspections.parts_shown import ShownPart, drafted_part, shown_part
from api.pages.inspections.steps.forms import InspectionForm
from api.pages.inspections.way import release_words
from api.pages.record.submission import STEP
from api.pages.rendering.language import gettext as _
from api.v1.inspections.drafts import draft_view
from api.v1.inspections.reading import inspection_view
from api.v1.inspections.subject import InspectionSubject
from api.v1.inspections.text import inspection_text
from api.v1.inspections.views import CommentView
from domain.inspection.draft import text_of
from domain.inspection.parts import parts_of
from domain.vocabulary.errors import NotFound


class AboutStep(Struct, frozen=True):
    """The parts of the text that a command is about, the comment, and what it lacks."""

    parts: tuple[ShownPart, ...] = ()
    heading: str = ""
    comment: CommentView | None = None
    missing: tuple[tuple[str, str], ...] = ()
    """Gaps of the draft, each with the place of its field in the form."""
    release: str = ""


def fixed_value(
    request: Request,
    subject: InspectionSubject,
    form: InspectionForm,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return what a command is about now, as its form carries it; of the query where it names it.

    Raises NotFound if the query names nothing.
    """
    match form.fixed:
        case "draft_version":
            return str(draft_view(request, subject).version)
        case "embargo":
            return str(subject.state.embargo.step if subject.state.embargo else 0)
        case "check":
            return str(subject.state.check.step if subject.state.check else 0)
        case "":
            return ""
        case name:
            return typed.get(name) or str(request.query_params.get(name, ""))


def about_step(
    request: Request, subject: InspectionSubject, form: InspectionForm, fixed: str
) -> AboutStep:
    """Return what to show with a form. Raises NotFound if it is about nothing."""
    match form.fixed:
        case "draft_version":
            return _of_draft(request, subject)
        case "embargo":
            return _of_embargo(request, subject)
        case "part":
            return _of_part(request, subject, fixed)
        case "comment":
            return _of_comment(request, subject, fixed)
        case _:
            return AboutStep()


def _of_draft(request: Request, subject: InspectionSubject) -> AboutStep:
    view = draft_view(request, subject)
    if view.missing:
        return AboutStep(missing=tuple(missing_words(view.missing)))
    text = text_of(view.draft, subject.planned)
    return AboutStep(tuple(map(drafted_part, parts_of(text))), _("The text of the draft"))


def _of_embargo(request: Request, subject: InspectionSubject) -> AboutStep:
    view, text = inspection_view(request, subject), inspection_text(request, subject)
    parts = tuple(shown_part(part, view, final=True) for part in text.parts if part.facts)
    release = release_words(view.embargo.release_at) if view.embargo else ""
    return AboutStep(parts, _("The text that everybody will be able to read"), release=release)


def _of_part(request: Request, subject: InspectionSubject, name: str) -> AboutStep:
    view, text = inspection_view(request, subject), inspection_text(request, subject)
    part = next((part for part in text.parts if part.part == name), None)
    if part is None:
        raise NotFound
    return AboutStep((shown_part(part, view, final=False),))


def _of_comment(request: Request, subject: InspectionSubject, fixed: str) -> AboutStep:
    view = inspection_view(request, subject)
    step = int(fixed) if STEP.fullmatch(fixed) else 0
    comment = next((each for each in view.comments if each.step == step), None)
    if comment is None:
        raise NotFound
    text = inspection_text(request, subject)
    parts = [
        shown_part(part, view, final=False) for part in text.parts if part.part == comment.part
    ]
    return AboutStep(tuple(parts), comment=comment)
