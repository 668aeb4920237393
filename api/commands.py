"""Writing: a command is the body of a request, and the rules of the domain are the only rules."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct, UnsetType

from adapters.ledger import Ledger, Receipt, Recorded, Request, Stale
from api.bodies import Terms
from api.entries import shown
from api.problems import Trouble, wrong
from domain.commands import Command, Issue, PublishReport, RecommendationCommand, ReportCommand
from domain.life import addressee_of, recommendation_entries, report_entries
from domain.permissions import Absent, require
from domain.report import report_id
from domain.stamp import Refused, Who

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
    given: NamedDependency[PublishReport],
    terms: NamedDependency[Terms],
    who: NamedDependency[Who],
    ledger: NamedDependency[Ledger],
) -> Response[Published]:
    """Publish a report with its recommendations, all or nothing."""
    _no_step(terms)
    stream = report_id(given.reference)
    receipt = _submit(ledger, [Request(stream, given)], who, terms)
    published = Published(
        stream, _issued(receipt, stream), receipt.position, 1, _ids(receipt.entries)
    )
    return Response(published, headers={"Location": f"/v1/reports/{stream}"})


@post("/v1/reports/{stream:uuid}/commands", sync_to_thread=True)
def command_report(
    stream: FromPath[UUID],
    given: NamedDependency[ReportCommand],
    terms: NamedDependency[Terms],
    who: NamedDependency[Who],
    ledger: NamedDependency[Ledger],
) -> Done:
    """Give one command to a report."""
    history = report_entries(ledger.history(stream))
    if not history:
        raise Absent("There is no such report.")
    receipt = _submit(ledger, [Request(stream, given, terms.expected_step)], who, terms)
    if isinstance(given, Issue):
        # Nothing is added to the report itself, so its step is the one at that position.
        step = sum(entry.position <= receipt.position for entry in ledger.history(stream))
        ids = _ids(receipt.entries)
        return Done(receipt.position, step, ids, _issued(receipt, stream))
    return Done(receipt.position, receipt.entries[-1].step, _ids(receipt.entries))


@post("/v1/recommendations/{stream:uuid}/commands", sync_to_thread=True)
def command_recommendation(
    stream: FromPath[UUID],
    given: NamedDependency[RecommendationCommand],
    terms: NamedDependency[Terms],
    who: NamedDependency[Who],
    ledger: NamedDependency[Ledger],
) -> Done:
    """Give one command to a recommendation."""
    if not recommendation_entries(ledger.history(stream)):
        raise Absent("There is no such recommendation.")
    receipt = _submit(ledger, [Request(stream, given, terms.expected_step)], who, terms)
    return Done(receipt.position, receipt.entries[-1].step, _ids(receipt.entries))


@post("/v1/commands", sync_to_thread=True)
def command_several(
    given: NamedDependency[Batch],
    terms: NamedDependency[Terms],
    who: NamedDependency[Who],
    ledger: NamedDependency[Ledger],
) -> AllDone:
    """Give several commands, in order, all or nothing."""
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


def _submit(ledger: Ledger, requests: Sequence[Request], who: Who, terms: Terms) -> Receipt:
    try:
        return ledger.submit(requests, who, key=terms.key, metadata=terms.metadata)
    except Stale as stale:
        asked = next(request for request in requests if request.stream == stale.stream)
        history = ledger.history(stale.stream)
        if not history:
            raise Absent("There is no such recommendation or report.") from None
        require(who, type(asked.command), addressee_of(history))
        since = tuple(shown(entry) for entry in history[stale.expected :][:SINCE_MAX])
        raise Trouble("stale", str(stale), since=since) from None


def _no_step(terms: Terms) -> None:
    if terms.expected_step is not None:
        raise wrong("Nothing here has steps; give expected_step instead.", parameter="If-Match")


def _issued(receipt: Receipt, report: UUID) -> tuple[UUID, ...]:
    return tuple(entry.stream for entry in receipt.entries if entry.stream != report)


def _ids(entries: Sequence[Recorded]) -> tuple[UUID, ...]:
    return tuple(entry.id for entry in entries)
