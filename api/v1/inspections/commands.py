"""Commands to an inspection; what takes the text takes that of the saved draft."""

import secrets
from datetime import datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta
from msgspec.structs import replace

from adapters.inspections.drafts import SavedDraft
from adapters.inspections.releasing import RELEASER, salt_of
from adapters.ledger.submission import Submission, VersionConflict, of_inspection
from api.http.moment import today
from api.http.problems import ProblemError, Request
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.json_body import WriteHeaders
from api.request.services import services
from api.v1.inspections.subject import NO_SUCH_INSPECTION, InspectionSubject, draft_of, subject_of
from api.v1.record.commands import Done
from domain.access.inspections import require_inspection
from domain.commands.inspection import (
    AgreeToRelease,
    AnswerComment,
    BeginFieldwork,
    ChangePlan,
    CommentOnFact,
    DeferPublication,
    DropInspection,
    EmbargoReport,
    FinishCheck,
    InspectionCommand,
    ModerateDraft,
    OfToday,
    PlanInspection,
    ResumeInspection,
    SendToCheck,
    WithdrawComment,
)
from domain.commands.report import PublishReport
from domain.inspection.draft import text_of
from domain.inspection.parts import SALT_BYTES
from domain.inspection.state import Inspection
from domain.vocabulary.errors import NotFound, Refused, inside
from domain.vocabulary.ids import inspection_id, report_id
from domain.vocabulary.values import DraftVersion, When

Minute = Annotated[
    str,
    Meta(
        pattern=r"^2[01][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"T([01][0-9]|2[0-3]):[0-5][0-9](:00)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$(?!\n)",
        description="A whole minute with its offset from UTC, such as 2026-03-26T00:01Z.",
    ),
]


class SendDraftToCheck(OfToday, frozen=True, kw_only=True, tag="send_to_check"):
    """Send a version of the draft to the force, to check its facts until the end of a day."""

    draft_version: DraftVersion
    reply_by: When


class EmbargoDraft(OfToday, frozen=True, kw_only=True, tag="embargo_report"):
    """Make a version of the draft final, and set the minute of its release."""

    draft_version: DraftVersion
    release_at: Minute


InspectionRequest: TypeAlias = (
    ChangePlan
    | BeginFieldwork
    | ModerateDraft
    | SendDraftToCheck
    | CommentOnFact
    | FinishCheck
    | AnswerComment
    | WithdrawComment
    | EmbargoDraft
    | AgreeToRelease
    | DeferPublication
    | ResumeInspection
    | DropInspection
)


@post("/v1/inspections", sync_to_thread=True)
def plan_inspection(
    request: Request,
    payload: NamedDependency[PlanInspection],
    write_headers: NamedDependency[WriteHeaders],
) -> Response[Done]:
    """Plan an inspection of a force; its report is drafted, checked and released later."""
    require_inspection(current_actor(request), payload, Inspection())
    spend(request)
    stream = inspection_id(payload.reference)
    done = submit(request, Submission(stream, payload, 0), write_headers)
    return Response(done, headers={"Location": f"/v1/inspections/{stream}"})


@post("/v1/inspections/{stream:uuid}/commands", sync_to_thread=True)
def post_inspection_command(
    request: Request,
    stream: FromPath[UUID],
    payload: NamedDependency[InspectionRequest],
    write_headers: NamedDependency[WriteHeaders],
) -> Done:
    """Give one command to an inspection."""
    spend(request)
    subject = subject_of(request, stream)
    command = command_of(request, subject, payload)
    step = write_headers.expected_step
    return submit(request, Submission(stream, command, step, of_inspection), write_headers)


def command_of(
    request: Request, subject: InspectionSubject, payload: InspectionRequest
) -> InspectionCommand:
    """Return the command of a request, with the text of the draft where it takes that.

    Raises ProblemError ("stale") if the draft is another version by now, and Refused if its text
    is not whole, or could not be published as it is.
    """
    match payload:
        case ModerateDraft(draft_version=version):
            _saved(request, subject, version)
            return payload
        case SendDraftToCheck(draft_version=version, reply_by=day):
            text = _text(request, subject, version)
            return SendToCheck(reply_by=day, salt=_salt(request, subject), text=text)
        case EmbargoDraft(draft_version=version, release_at=at):
            text = _text(request, subject, version)
            return EmbargoReport(
                draft_version=version,
                release_at=_moment(at),
                salt=_salt(request, subject),
                text=text,
            )
        case _:
            return payload


def _saved(request: Request, subject: InspectionSubject, version: int) -> SavedDraft:
    """Return the saved draft. Raises Refused if there is none, ProblemError if it is another."""
    saved = draft_of(request, subject)
    if saved is None:
        raise Refused("There is no draft yet.")
    if saved.version != version:
        raise ProblemError(
            "stale", f"The draft is version {saved.version} by now. Read it, and send it again."
        )
    return saved


def _text(request: Request, subject: InspectionSubject, version: int) -> PublishReport:
    text = text_of(_saved(request, subject, version).draft, subject.planned)
    publication = replace(text, on=today().isoformat())
    with inside("/text"):
        submissions = [Submission(report_id(text.reference), publication)]
        services(request).ledger.preview(submissions, RELEASER)
    return text


def _moment(minute: str) -> datetime:
    try:
        return datetime.fromisoformat(minute)
    except ValueError:
        raise Refused(f"{minute} is not in the calendar.", "/release_at") from None


def _salt(request: Request, subject: InspectionSubject) -> str:
    known = salt_of(services(request).ledger, subject.history, subject.state)
    return known or secrets.token_hex(SALT_BYTES)


def submit(request: Request, submission: Submission, write_headers: WriteHeaders) -> Done:
    """Record a command to an inspection.

    Raises ProblemError ("stale") if another one came first, and what `Ledger.submit` raises.
    """
    actor = current_actor(request)
    try:
        receipt = services(request).ledger.submit(
            [submission], actor, key=write_headers.key, metadata=write_headers.metadata
        )
    except VersionConflict as stale:
        if not stale.history:
            raise NotFound(NO_SUCH_INSPECTION) from None
        if isinstance(submission.command, PlanInspection):
            words = f"The inspection {submission.command.reference} is already planned."
            raise Refused(words, "/reference") from None
        raise ProblemError("stale", str(stale)) from None
    ids = tuple(entry.id for entry in receipt.entries)
    return Done(receipt.position, receipt.entries[-1].step, ids)
