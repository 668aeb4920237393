"""The draft of a report, which inspectors share until it is released."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from adapters.inspections import drafts
from api.http.conditional import step_headers
from api.http.moment import moment
from api.http.problems import ProblemError, Request
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.query_params import Params
from api.request.services import services
from api.v1.inspections.subject import (
    InspectionSubject,
    draft_of,
    require_drafter,
    subject_of,
)
from domain.commands.tidy import tidied
from domain.inspection.decide import STAGE_WORDS
from domain.inspection.draft import ReportDraft, missing_from
from domain.inspection.state import ENDED, FINAL
from domain.vocabulary.actors import Scope
from domain.vocabulary.errors import Forbidden, Refused
from domain.vocabulary.values import ActorId


class DraftView(Struct, frozen=True):
    """The draft of an inspection, with its version and what is still missing from it."""

    version: int
    draft: ReportDraft
    missing: tuple[str, ...]
    """JSON Pointers into the draft."""
    saved_at: datetime | None = None
    saved_by: ActorId | None = None


class SavingDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """A draft to save over a version of it, 0 for the first one."""

    version: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    draft: ReportDraft


class DraftParams(Params, frozen=True, kw_only=True):
    """No parameters."""


@get("/v1/inspections/{stream:uuid}/draft", sync_to_thread=True)
def get_draft(
    request: Request,
    stream: FromPath[UUID],
    params: NamedDependency[DraftParams],  # noqa: ARG001  which refuses any parameter
) -> Response[DraftView]:
    """Return the draft, or an empty one of version 0. The ETag begins with its version."""
    view = draft_view(request, subject_of(request, stream))
    return Response(view, headers=step_headers(view.version, immutable=False))


def draft_view(request: Request, subject: InspectionSubject) -> DraftView:
    """Return the draft of an inspection. Raises NotFound as for no inspection."""
    saved = draft_of(request, subject)
    if saved is None:
        return DraftView(0, ReportDraft(), tuple(missing_from(ReportDraft())))
    missing = tuple(missing_from(saved.draft))
    return DraftView(saved.version, saved.draft, missing, saved.saved_at, saved.saved_by)


@put("/v1/inspections/{stream:uuid}/draft", sync_to_thread=True)
def put_draft(
    request: Request,
    stream: FromPath[UUID],
    payload: NamedDependency[SavingDraft],
) -> Response[DraftView]:
    """Save the draft over the version that it was made from."""
    spend(request)
    subject = subject_of(request, stream)
    save_draft(request, subject, payload.draft, over=payload.version)
    view = draft_view(request, subject)
    return Response(view, headers=step_headers(view.version, immutable=False))


def save_draft(
    request: Request, subject: InspectionSubject, draft: ReportDraft, *, over: int
) -> None:
    """Save a draft over a version of it.

    Raises ProblemError ("stale") if it is another one by now, and Refused if the text is final.
    """
    actor = current_actor(request)
    require_drafter(request)
    if Scope.WRITE not in actor.scopes:
        raise Forbidden("This token may only read.")
    if subject.state.stage in FINAL | ENDED:
        raise Refused(
            f"The inspection is {STAGE_WORDS[subject.state.stage]}: its text is final. To change "
            "an embargoed text, defer the publication and resume it."
        )
    saving = drafts.save(
        subject.stream,
        tidied(draft),
        over=over,
        step=subject.state.step,
        by=actor.id,
        at=moment(),
    )
    if not services(request).ledger.rows.run(saving):
        raise ProblemError(
            "stale",
            "Somebody saved the draft, or moved the inspection on, since you read it. Read it "
            "again, and put your changes to it.",
        )


DRAFT_ROUTES = (get_draft, put_draft)
