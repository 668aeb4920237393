"""Writing: a command is the body of a request, and the rules of the domain are the only rules."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.ledger.ledger import Ledger
from adapters.ledger.submit import Receipt, Recorded, Request, Stale
from api.entry_view import shown
from api.http.problems import Asker, Trouble, wrong
from api.request.authentication import who_asks
from api.request.json_body import Terms
from api.request.services import services
from api.v1.record.documents import with_documents
from domain.access.decide import NoteAccess
from domain.access.permissions import require
from domain.commands.command import Command
from domain.commands.recommendation import RecommendationCommand
from domain.commands.report import Issue, PublishReport, ReportCommand
from domain.events.event import Event
from domain.history import addressee_of, recommendation_entries, report_entries
from domain.vocabulary.actors import Who
from domain.vocabulary.entry import Entry
from domain.vocabulary.errors import Absent, Refused
from domain.vocabulary.ids import report_id

BATCH_MAX = 500
SINCE_MAX = 500
"""The most entries that a stale request is told of."""


class Done(Struct, frozen=True):
    """What a command recorded: its last position, the stream's step after it, the entries' ids."""

    position: int
    step: int
    entries: tuple[UUID, ...]
    recommendations: tuple[UUID, ...] | UnsetType = UNSET
    """Those that it issued, if it issues any."""


class Published(Struct, frozen=True):
    """What publishing a report recorded; `recommendations` are the ids of those issued with it."""

    id: UUID
    recommendations: tuple[UUID, ...]
    position: int
    step: int
    entries: tuple[UUID, ...]


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One command of several, for one stream."""

    stream: UUID
    command: Command
    expected_step: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None


class AllDone(Struct, frozen=True):
    """What several commands recorded; `steps` is the last recorded step of each stream."""

    position: int
    steps: dict[UUID, int]
    entries: tuple[UUID, ...]


Batch = Annotated[tuple[Item, ...], Meta(min_length=1, max_length=BATCH_MAX)]


@post("/v1/reports", sync_to_thread=True)
def publish(
    request: Asker,
    given: NamedDependency[PublishReport],
    terms: NamedDependency[Terms],
) -> Response[Published]:
    """Publish a report with its recommendations, all or nothing."""
    ledger = services(request).ledger
    who = who_asks(request)
    _no_step(terms)
    stream = report_id(given.reference)
    receipt = _submit(ledger, [Request(stream, given)], who, terms)
    published = Published(
        stream, _issued(receipt, stream), receipt.position, 1, _ids(receipt.entries)
    )
    return Response(published, headers={"Location": f"/v1/reports/{stream}"})


@post("/v1/reports/{stream:uuid}/commands", sync_to_thread=True)
def command_report(
    request: Asker,
    stream: FromPath[UUID],
    given: NamedDependency[ReportCommand],
    terms: NamedDependency[Terms],
) -> Done:
    """Give one command to a report."""
    ledger = services(request).ledger
    who = who_asks(request)
    asked = [Request(stream, given, terms.expected_step, _check_report)]
    receipt = _submit(ledger, asked, who, terms)
    if isinstance(given, Issue):
        # Nothing is added to the report itself, so its step is the one at that position.
        step = sum(entry.position <= receipt.position for entry in ledger.history(stream))
        ids = _ids(receipt.entries)
        return Done(receipt.position, step, ids, _issued(receipt, stream))
    return Done(receipt.position, receipt.entries[-1].step, _ids(receipt.entries))


@post("/v1/recommendations/{stream:uuid}/commands")
async def command_recommendation(
    request: Asker,
    stream: FromPath[UUID],
    given: NamedDependency[RecommendationCommand],
    terms: NamedDependency[Terms],
) -> Done:
    """Give one command to a recommendation."""
    ledger = services(request).async_ledger
    who = who_asks(request)
    asked = [Request(stream, given, terms.expected_step, recommendation_entries)]
    with _refusing_stale(who):
        requests = await ledger.ask(with_documents(asked, who))
        receipt = await ledger.submit(requests, who, key=terms.key, metadata=terms.metadata)
    return Done(receipt.position, receipt.entries[-1].step, _ids(receipt.entries))


@post("/v1/commands", sync_to_thread=True)
def command_several(
    request: Asker,
    given: NamedDependency[Batch],
    terms: NamedDependency[Terms],
) -> AllDone:
    """Give several commands, in order, all or nothing."""
    ledger = services(request).ledger
    who = who_asks(request)
    _no_step(terms)
    for item in given:
        command = item.command
        if isinstance(command, PublishReport) and item.stream != report_id(command.reference):
            raise Refused(
                f"The stream of {command.reference} is {report_id(command.reference)}, "
                f"not {item.stream}."
            )
    requests = [Request(item.stream, item.command, item.expected_step) for item in given]
    receipt = _submit(ledger, requests, who, terms)
    steps = {entry.stream: entry.step for entry in receipt.entries}
    return AllDone(receipt.position, steps, _ids(receipt.entries))


def _check_report(history: Sequence[Entry[Event]]) -> None:
    if not report_entries(history):
        raise Absent("There is no such report.")


def _submit(ledger: Ledger, requests: Sequence[Request], who: Who, terms: Terms) -> Receipt:
    with _refusing_stale(who):
        requests = ledger.rows.ask(with_documents(requests, who))
        return ledger.submit(requests, who, key=terms.key, metadata=terms.metadata)


@contextmanager
def _refusing_stale(who: Who) -> Generator[None]:
    """Tell who may know of it what happened since the step that was expected."""
    try:
        yield
    except Stale as stale:
        if not stale.history:
            raise Absent("There is no such recommendation or report.") from None
        if not isinstance(stale.request.command, NoteAccess):  # which is nobody's request
            require(who, type(stale.request.command), addressee_of(stale.history))
        since = tuple(shown(entry) for entry in stale.since[:SINCE_MAX])
        raise Trouble("stale", str(stale), since=since) from None


def _no_step(terms: Terms) -> None:
    if terms.expected_step is not None:
        raise wrong("Nothing here has steps; give expected_step instead.", parameter="If-Match")


def _issued(receipt: Receipt, report: UUID) -> tuple[UUID, ...]:
    return tuple(entry.stream for entry in receipt.entries if entry.stream != report)


def _ids(entries: Sequence[Recorded]) -> tuple[UUID, ...]:
    return tuple(entry.id for entry in entries)
