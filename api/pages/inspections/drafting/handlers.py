"""The form of a draft, which inspectors share: saved as a version over the one it began with."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from anyio import to_thread
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec.structs import replace

from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from api.pages.inspections.drafting import fields as draft_fields
from api.pages.inspections.drafting.fields import (
    ADDRESSED,
    KEPT,
    REPORT,
    SOURCES,
    DraftForm,
    arranged,
    cases_of,
    form_of_draft,
    grades_of,
    recommendation_fields,
    typed_request,
)
from api.pages.inspections.drafting.words import differences, element_of, missing_words
from api.pages.inspections.reading import shown_subject
from api.pages.inspections.words import INSPECTIONS
from api.pages.record.publishing.from_text import PASTED, too_long, unfit
from api.pages.record.publishing.publish_form import SHOWN_MAX
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.budget import spend
from api.v1.inspections.drafts import DraftView, draft_view, save_draft
from api.v1.inspections.subject import InspectionSubject
from domain.access.inspections import may_draft
from domain.commands.published_text import split_text
from domain.inspection.draft import DraftRequest, ReportDraft
from domain.inspection.state import ENDED, FINAL
from domain.vocabulary.errors import NotFound, Refused

PATH = "/inspections/{stream:uuid}/draft"
_BUTTON = re.compile(r"(remove|up|down)-([0-9]{1,3})")


@get(PATH, sync_to_thread=True)
def ask_draft(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the draft as it was saved last, to change it."""
    subject = _subject(request, stream)
    view = draft_view(request, subject)
    if subject.state.stage in FINAL | ENDED:
        raise Refused(_("The text is final. To change it, put the publication off and resume it."))
    draft = view.draft if view.version else _first(subject)
    return _form(request, subject, view, form_of_draft(draft, view.version))


@post(PATH, status_code=200)
async def answer_draft(request: Request, stream: FromPath[UUID]) -> Response[bytes] | Redirect:
    """Save the draft, or show the form as its button changes it."""
    fields = await fields_of(request)
    return await to_thread.run_sync(_answer, request, stream, fields)


def _subject(request: Request, stream: UUID) -> InspectionSubject:
    """Return an inspection for who may draft. Raises NotFound as for any unknown page."""
    if not may_draft(current_actor(request)):
        raise NotFound
    return shown_subject(request, stream)


def _first(subject: InspectionSubject) -> ReportDraft:
    """Return the draft to begin with: what the plan says."""
    planned = subject.planned
    return ReportDraft(fieldwork_from=planned.fieldwork_from, fieldwork_to=planned.fieldwork_to)


def _answer(
    request: Request, stream: UUID, fields: Mapping[str, str]
) -> Response[bytes] | Redirect:
    subject = _subject(request, stream)
    view = draft_view(request, subject)
    form = draft_fields.read(fields, subject.planned.edition, view.draft)
    then = fields.get("then", "")
    if then == "add":
        return _form(request, subject, view, _with(form, [DraftRequest()]))
    if then == "paste":
        return _pasted(request, subject, view, form)
    if button := _BUTTON.fullmatch(then):
        form = _rearranged(form, button[1], int(button[2]))
        return _form(request, subject, view, replace(form, errors={}))
    if then == "change":  # as after “Go on where you were”
        return _form(request, subject, view, form)
    if form.draft is None:
        return _form(request, subject, view, form, status=400)
    return _save(request, subject, form, form.draft)


def _save(
    request: Request, subject: InspectionSubject, form: DraftForm, draft: ReportDraft
) -> Response[bytes] | Redirect:
    spend(request)
    try:
        save_draft(request, subject, draft, over=form.version)
    except Refused as refused:
        view = draft_view(request, subject)
        errors = {element_of(refused.place): reading.refusal(refused)}
        return _form(request, subject, view, replace(form, errors=errors), status=409)
    except ProblemError as problem:
        if problem.kind.slug != "stale":
            raise
        return _stale(request, subject, form, draft)
    return Redirect(f"/inspections/{subject.stream}/draft#saved", status_code=303)


def _stale(
    request: Request, subject: InspectionSubject, form: DraftForm, draft: ReportDraft
) -> Response[bytes]:
    """Show what was typed, to be saved over the version that somebody else saved meanwhile."""
    subject = shown_subject(request, subject.stream)
    view = draft_view(request, subject)
    if subject.state.stage in FINAL | ENDED:
        raise Refused(_("The text is final. To change it, put the publication off and resume it."))
    rows = list(differences(draft, view.draft, subject.planned.edition))
    errors = {"differences": _("Somebody else saved the draft meanwhile. Yours is not saved yet.")}
    form = replace(form, version=view.version, errors=errors)
    return _form(request, subject, view, form, status=412, differing=rows)


def _with(form: DraftForm, requests: Sequence[DraftRequest], **more: str) -> DraftForm:
    """Return the form with further recommendations at its end."""
    typed = {**form.typed, PASTED: ""}
    for number, request in enumerate(requests, form.count + 1):
        typed |= {f"r{number}-{name}": text for name, text in typed_request(request).items()}
        typed |= {f"r{number}-{name}": text for name, text in more.items()}
    return replace(form, typed=typed, count=form.count + len(requests), errors={})


def _rearranged(form: DraftForm, way: str, number: int) -> DraftForm:
    """Return the form with a recommendation removed, or moved by one place."""
    order = list(range(1, form.count + 1))
    if number not in order:
        return form
    place = number - 1
    order.pop(place)
    if way == "up":
        order.insert(max(place - 1, 0), number)
    elif way == "down":
        order.insert(place + 1, number)
    return replace(form, typed=arranged(form.typed, order), count=len(order))


def _pasted(
    request: Request, subject: InspectionSubject, view: DraftView, form: DraftForm
) -> Response[bytes]:
    """Show the form with the recommendations of a pasted text at its end, to be checked."""
    text = form.typed.get(PASTED, "")
    split = split_text(text) if text else None
    wrong = too_long(text) or (unfit(split.items) if split else "")
    items = split.items if split else ()
    if not wrong and form.count + len(items) > SHOWN_MAX:
        wrong = _(
            "It was read as %(n)s recommendations. Together with those of the form they are more "
            "than %(most)s.",
            n=len(items),
            most=SHOWN_MAX,
        )
    if wrong:
        form = replace(form, errors={PASTED: wrong})
        return _form(request, subject, view, form, status=400)
    requests = [
        DraftRequest(text=item.text, kind=item.kind, time_limit=item.time_limit) for item in items
    ]
    filled = _with(form, requests, read="1")
    left = split.before if split else ()
    return _form(request, subject, view, filled, filled=len(items), left=left)


def _form(
    request: Request,
    subject: InspectionSubject,
    view: DraftView,
    form: DraftForm,
    *,
    status: int = 200,
    differing: Sequence[tuple[str, str]] = (),
    filled: int = 0,
    left: Sequence[str] = (),
) -> Response[bytes]:
    edition = subject.planned.edition
    return page(
        request,
        "pages/inspections/draft.html",
        status=status,
        title=_("Draft of the report"),
        of=subject.planned.reference,
        about=subject.planned,
        stream=subject.stream,
        view=view,
        form=form,
        errors=dict(form.errors),
        missing=list(missing_words(view.missing)) if view.version else [],
        report=REPORT,
        sources=SOURCES,
        cases=cases_of(edition),
        grades=grades_of(edition),
        recommendation=recommendation_fields(edition),
        addressed=ADDRESSED,
        counted=KEPT if form.kept else form.count,
        many=len(view.draft.recommendations),
        most=SHOWN_MAX,
        crumbs=[
            HOME,
            INSPECTIONS,
            {"text": subject.planned.reference, "href": f"/inspections/{subject.stream}"},
        ],
        differing=differing,
        filled=filled,
        left=left,
    )


DRAFTING_PAGES = (ask_draft, answer_draft)
