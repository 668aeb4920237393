"""Commands: the body of a request is the command, and the domain has all the rules."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Annotated, cast, get_args
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.inspections.drafts import check_unreserved
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import (
    Receipt,
    Recorded,
    Submission,
    VersionConflict,
    of_recommendation,
    of_report,
)
from api.entry_view import ShownEntry, shown
from api.http.moment import today
from api.http.problems import ProblemError, Request, Wrong, invalid
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.json_body import WriteHeaders
from api.request.services import services
from domain.access.permissions import ReadPermission, can_read, may_read, require
from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import RecommendationCommand
from domain.commands.report import Issue, PublishReport, ReportCommand
from domain.history import (
    addressee_of,
    recommendation_after,
    recommendation_entries,
    report_after,
    report_entries,
)
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import NotFound, Refused, RuleError
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import When
from projections.register.listing import RegisterFilter, page

BATCH_MAX = 500
SINCE_MAX = 500
"""The most entries since the expected step in the answer to a conflict."""


class Done(Struct, frozen=True):
    """The result of a command: its last position, the stream's step after it, the entries' ids."""

    position: int
    step: int
    entries: tuple[UUID, ...]
    recommendations: tuple[UUID, ...] | UnsetType = UNSET
    """The recommendations that it issued, if any."""
    warnings: tuple[str, ...] | UnsetType = UNSET
    """Where the same fact stands otherwise in the record, if it was corrected here alone."""


class Published(Struct, frozen=True):
    """The result of publishing a report; `recommendations` are the ids of those issued with it."""

    id: UUID
    recommendations: tuple[UUID, ...]
    position: int
    step: int
    entries: tuple[UUID, ...]


class BatchItem(Struct, frozen=True, forbid_unknown_fields=True):
    """One command of several, for one stream."""

    stream: UUID
    command: Command
    expected_step: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None


class AllDone(Struct, frozen=True):
    """The result of several commands; `steps` is the last recorded step of each stream."""

    position: int
    steps: dict[UUID, int]
    entries: tuple[UUID, ...]


Batch = Annotated[tuple[BatchItem, ...], Meta(min_length=1, max_length=BATCH_MAX)]


@post("/v1/reports", sync_to_thread=True)
def post_report(
    request: Request,
    payload: NamedDependency[PublishReport],
    write_headers: NamedDependency[WriteHeaders],
) -> Response[Published]:
    """Publish a report with its recommendations, all or nothing."""
    ledger = services(request).ledger
    actor = current_actor(request)
    spend(request)
    _no_step(write_headers)
    stream = report_id(payload.reference)
    receipt = _submit(ledger, [Submission(stream, payload)], actor, write_headers)
    published = Published(
        stream, _issued(receipt, stream), receipt.position, 1, _ids(receipt.entries)
    )
    return Response(published, headers={"Location": f"/v1/reports/{stream}"})


@post("/v1/reports/{stream:uuid}/commands", sync_to_thread=True)
def post_report_command(
    request: Request,
    stream: FromPath[UUID],
    payload: NamedDependency[ReportCommand],
    write_headers: NamedDependency[WriteHeaders],
) -> Done:
    """Give one command to a report."""
    ledger = services(request).ledger
    actor = current_actor(request)
    spend(request)
    submissions = [Submission(stream, payload, write_headers.expected_step, of_report)]
    receipt = _submit(ledger, submissions, actor, write_headers)
    if isinstance(payload, Issue):
        # Nothing is added to the report itself, so its step is the one at that position.
        step = sum(entry.position <= receipt.position for entry in ledger.history(stream))
        ids = _ids(receipt.entries)
        return Done(receipt.position, step, ids, _issued(receipt, stream))
    warnings = _warnings_of_report(request, stream) if moves_publication(payload) else UNSET
    step = receipt.entries[-1].step
    return Done(receipt.position, step, _ids(receipt.entries), warnings=warnings)


@post("/v1/recommendations/{stream:uuid}/commands")
async def post_recommendation_command(
    request: Request,
    stream: FromPath[UUID],
    payload: NamedDependency[RecommendationCommand],
    write_headers: NamedDependency[WriteHeaders],
) -> Done:
    """Give one command to a recommendation."""
    ledger = services(request).async_ledger
    actor = current_actor(request)
    spend(request)
    submission = Submission(stream, payload, write_headers.expected_step, of_recommendation)
    with _telling(actor, [submission]):
        receipt = await ledger.submit(
            [submission], actor, key=write_headers.key, metadata=write_headers.metadata
        )
    warnings: tuple[str, ...] | UnsetType = UNSET
    if moves_publication(payload):
        state = recommendation_after(await ledger.history(stream))
        report = state.issued.report if state.issued else stream
        published = report_after(await ledger.history(report)).published_on
        if published != state.issued_on:
            warnings = (
                f"Its report still has the day {published}. Correct step 1 of the report too.",
            )
    step = receipt.entries[-1].step
    return Done(receipt.position, step, _ids(receipt.entries), warnings=warnings)


@post("/v1/commands", sync_to_thread=True)
def post_commands(
    request: Request,
    payload: NamedDependency[Batch],
    write_headers: NamedDependency[WriteHeaders],
) -> AllDone:
    """Give several commands, in order, all or nothing."""
    ledger = services(request).ledger
    actor = current_actor(request)
    spend(request, len(payload))
    _no_step(write_headers)
    for number, item in enumerate(payload):
        command = item.command
        if isinstance(command, PublishReport) and item.stream != report_id(command.reference):
            raise Refused(
                f"The stream of {command.reference} is {report_id(command.reference)}, "
                f"not {item.stream}.",
                f"/{number}/stream",
            )
    submissions = [Submission(item.stream, item.command, item.expected_step) for item in payload]
    with _placed_in_batch():
        receipt = _submit(ledger, submissions, actor, write_headers)
    steps = {entry.stream: entry.step for entry in receipt.entries}
    return AllDone(receipt.position, steps, _ids(receipt.entries))


@contextmanager
def _placed_in_batch() -> Generator[None]:
    """Say in an error which of the commands of a batch it is about, and where in that one."""
    try:
        yield
    except RuleError as error:
        if error.number is not None:
            error.place = f"/{error.number}" + (error.place and f"/command{error.place}")
        raise


def moves_publication(command: Command) -> bool:
    """Return whether a command corrects the day of publication, which several streams repeat."""
    return isinstance(command, Correct) and (command.step, command.field) == (1, "on")


def issued_otherwise(request: Request, report: UUID) -> list[tuple[UUID, When]]:
    """Return the recommendations of a report whose day of issue is not its day of publication."""
    ledger = services(request).ledger
    published_on = report_after(ledger.history(report)).published_on
    of_report = RegisterFilter(report=str(report), limit=BATCH_MAX)
    listing = services(request).lists.read(lambda c: page(c, of_report, today()))
    return [
        (item.id, item.standing.issued_on)
        for item in listing.items
        if item.standing.issued_on != published_on
    ]


def _warnings_of_report(request: Request, report: UUID) -> tuple[str, ...] | UnsetType:
    otherwise = issued_otherwise(request, report)
    if not otherwise:
        return UNSET
    days = ", ".join(sorted({on for _, on in otherwise}))
    warning = f"{len(otherwise)} of its recommendations still have another day: {days}."
    return (f"{warning} Correct step 1 of each too.",)


def _submit(
    ledger: Ledger, submissions: Sequence[Submission], actor: Actor, write_headers: WriteHeaders
) -> Receipt:
    with _telling(actor, submissions):
        ledger.rows.run(check_unreserved(submissions))
        return ledger.submit(
            submissions, actor, key=write_headers.key, metadata=write_headers.metadata
        )


@contextmanager
def _telling(actor: Actor, submissions: Sequence[Submission]) -> Generator[None]:
    """Turn a conflict into a problem, with the entries since for actors who may read them.

    A refused correction quotes the record, which is for readers alone too.
    """
    try:
        yield
    except VersionConflict as stale:
        if not (recommendation_entries(stale.history) or report_entries(stale.history)):
            absent = NotFound("There is no such recommendation or report.")
            absent.number = stale.number
            raise absent from None
        addressee = addressee_of(stale.history)
        if isinstance(stale.submission.command, get_args(Command)):  # others are nobody's request
            require(actor, cast("type[Command]", type(stale.submission.command)), addressee)
        since: tuple[ShownEntry, ...] | UnsetType = UNSET
        if may_read(actor, ReadPermission.HISTORY, addressee):
            since = tuple(shown(entry, actor, stale.history) for entry in stale.since[:SINCE_MAX])
        several = len(submissions) > 1
        place = (Wrong(str(stale), f"/{stale.number}/expected_step"),) if several else UNSET
        raise ProblemError("stale", str(stale), errors=place, since=since) from None
    except Refused as refused:
        corrects = any(isinstance(submission.command, Correct) for submission in submissions)
        if corrects and not can_read(actor, ReadPermission.HISTORY):
            unread = Refused(
                "This correction does not fit the record. This token may only write, so that it is "
                "not told what is recorded."
            )
            unread.number = refused.number
            raise unread from None
        raise


def _no_step(write_headers: WriteHeaders) -> None:
    if write_headers.expected_step is not None:
        raise invalid(
            "If-Match does not apply here; use expected_step instead.", parameter="If-Match"
        )


def _issued(receipt: Receipt, report: UUID) -> tuple[UUID, ...]:
    return tuple(entry.stream for entry in receipt.entries if entry.stream != report)


def _ids(entries: Sequence[Recorded]) -> tuple[UUID, ...]:
    return tuple(entry.id for entry in entries)
