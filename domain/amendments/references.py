"""References between streams: what a step names must exist, be of the right kind, and not itself.

A recommendation is superseded by another, a report follows another, and an outcome is reported in
a report. Whoever follows such references from stream to stream comes to an end.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias
from uuid import UUID

from msgspec import Struct

from domain.events.event import Event, History
from domain.events.recommendation import Closed, Corrected, Issued, OutcomeNoted, TakenOver
from domain.events.report import ReportCorrected, ReportOutcomeNoted, ReportPublished
from domain.history import recommendation_after, report_after
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import report_id

Field: TypeAlias = Literal["superseded_by", "follows", "reported_in"]


class NamedStream(Struct, frozen=True):
    """A stream that a step names in one of its fields."""

    field: Field
    stream: UUID
    words: str
    """The reference as it was given."""


def named_streams(event: Event) -> Iterator[NamedStream]:
    """Yield the streams that an event names."""
    match event:
        case Closed(superseded_by=UUID() as stream) | TakenOver(superseded_by=UUID() as stream):
            yield NamedStream("superseded_by", stream, str(stream))
        case Corrected(field="superseded_by", now=str(words)):
            yield NamedStream("superseded_by", UUID(words), words)
        case ReportPublished(follows=str(words)) | ReportCorrected(field="follows", now=str(words)):
            yield NamedStream("follows", report_id(words), words)
        case OutcomeNoted(reported_in=str(words)) | ReportOutcomeNoted(reported_in=str(words)):
            yield NamedStream("reported_in", report_id(words), words)
        case Corrected(field="reported_in", now=str(words)):
            yield NamedStream("reported_in", report_id(words), words)
        case ReportCorrected(field="reported_in", now=str(words)):
            yield NamedStream("reported_in", report_id(words), words)
        case _:
            return


def next_stream(named: NamedStream, history: History) -> UUID | None:
    """Return the stream that a named stream names in turn, in the same field; None at the end.

    Raises Refused if the named stream does not exist or is of another kind.
    """
    first = history[0].event if history else None
    if named.field == "superseded_by":
        if not isinstance(first, Issued):
            raise Refused(
                f"superseded_by: there is no recommendation with the id {named.words}.",
                "/superseded_by",
            )
        closure = recommendation_after(history).closure
        return closure.superseded_by if closure else None
    if not isinstance(first, ReportPublished):
        raise Refused(
            f"{named.field}: there is no report with the reference {named.words}.",
            f"/{named.field}",
        )
    published = report_after(history).published
    follows = published.follows if published and named.field == "follows" else None
    return report_id(follows) if follows else None


def check_chain(named: NamedStream, stream: UUID, histories: Mapping[UUID, History]) -> UUID | None:
    """Follow a reference of a stream; return the next stream whose history is missing, if any.

    Raises Refused if a stream on the way does not exist, is of another kind, or leads in a circle.
    """
    at, seen = named.stream, {stream} if named.field != "reported_in" else set[UUID]()
    while True:
        if at in seen:
            itself = "itself" if at == named.stream == stream else "one that leads back to it"
            raise Refused(f"{named.field}: {named.words} is {itself}.", f"/{named.field}")
        if at not in histories:
            return at
        following = next_stream(named, histories[at])
        if following is None:
            return None
        seen.add(at)
        at = following
