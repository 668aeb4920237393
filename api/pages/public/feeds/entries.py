"""An entry of a feed: what one published step of the record changed, in words."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct

from api.pages.rendering import event_fields, formatting, labels, reading, timeline
from api.pages.rendering.language import gettext as _
from domain.access.notices import PRIVATE_FIELDS
from domain.amendments.correction import notes_of
from domain.amendments.suppression import last_suppression
from domain.events.event import Event
from domain.events.recommendation import Corrected, Withdrawn
from domain.events.report import AreaNoted, ReportCorrected, ReportPublished
from domain.history import addressee_of, recommendation_after, report_after
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import Area, Code

TITLE_CHARS = 120
WHAT_CHARS = 80
QUOTED_CHARS = 300


class FeedEntry(Struct, frozen=True):
    """An entry of a feed, with the path of its page and the step that it is about."""

    id: UUID
    title: str
    path: str
    published: datetime
    updated: datetime
    """When it was recorded, or when a text was last removed from its stream."""
    summary: str


def recommendation_entry(
    history: Sequence[Entry[Event]], step: int, *, force: Code | None, area: Area | None
) -> FeedEntry | None:
    """Return the entry of a recommendation's step, as known then.

    None if it changes nothing that the public sees, or it was not of that force and area.
    """
    known = history[:step]
    what = _words(known)
    issued = recommendation_after(known).issued
    addressee = addressee_of(known)
    if what is None or (force or addressee) != addressee:
        return None
    if issued is None:  # its issue was withdrawn; what was asked for is in the entries before
        issued = recommendation_after(known[:1]).issued
    if issued is None or area not in {None, issued.area}:
        return None
    headline = reading.titled(
        issued.kind, issued.ordinal, issued.text, issued.wording, issued.reference
    )
    about = f"{formatting.force(addressee)}, {formatting.lowered(labels.KINDS[issued.kind])}"
    return _entry(history, step, what, f"/recommendations/{history[0].stream}", headline, about)


def report_entry(history: Sequence[Entry[Event]], step: int) -> FeedEntry | None:
    """Return the entry of a report's step, as known then; None if the public sees no change."""
    known = history[:step]
    what = _words(known)
    published = report_after(known).published or report_after(known[:1]).published
    if what is None or published is None:
        return None
    product = formatting.lowered(labels.PRODUCTS[published.product])
    about = f"{formatting.force(published.addressee)}, {product}"
    title = formatting.published(published.title)
    return _entry(history, step, what, f"/reports/{history[0].stream}", title, about)


def _entry(  # noqa: PLR0917  each is a part of the entry
    history: Sequence[Entry[Event]], step: int, what: str, path: str, title: str, about: str
) -> FeedEntry:
    entry = history[step - 1]
    removed = last_suppression(history)
    at = entry.stamp.at
    day, said = formatting.dated(entry.stamp.on), what
    shown = formatting.shown(title)  # which says so of a text with nothing to see
    what = formatting.shortened(what, WHAT_CHARS)
    room = TITLE_CHARS - len(what) - len(". ")
    return FeedEntry(
        # The entry's own id is in no answer: it keeps the hash of its bytes from being guessed.
        id=uuid5(entry.stream, str(step)),
        title=f"{what}. {formatting.shortened(shown, room)}",
        path=path,
        published=at,
        updated=max(at, removed or at),
        summary=f"{about}. {said}, {day}. {shown}",
    )


def _words(known: Sequence[Entry[Event]]) -> str | None:
    """Return what the last of some steps changed for the public, in words; None if nothing."""
    event = known[-1].event
    match event:
        case ReportPublished():
            return _("Report published")
        case AreaNoted():
            return _("A source names an area to improve")
        case Withdrawn(steps=steps):
            undone = (timeline.published_words(known[step - 1].event) for step in steps)
            steps_in_words = "; ".join(formatting.lowered(words[0]) for words in undone if words)
            said = _("Recorded by mistake: %(steps)s", steps=steps_in_words)
            return said if steps_in_words else None
        case Corrected() | ReportCorrected():
            return _correction(known, event)
        case _:
            words = timeline.published_words(event)
            return words[0] if words else None


def _correction(known: Sequence[Entry[Event]], event: Corrected | ReportCorrected) -> str | None:
    """Return a correction in words; None if it is of a step or a field that is not published."""
    corrected = known[event.step - 1].event
    about: type[Event] = type(corrected)
    if _words(known[: event.step]) is None or event.field in notes_of(about) | PRIVATE_FIELDS:
        return None
    was, now = (
        formatting.shortened(event_fields.words(about, event.field, value), QUOTED_CHARS)
        for value in (event.was, event.now)
    )
    return _(
        "%(field)s corrected from %(was)s to %(now)s",
        field=event_fields.label_of(about, event.field),
        was=was or _("nothing"),
        now=now or _("nothing"),
    )
