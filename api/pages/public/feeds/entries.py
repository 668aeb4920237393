"""An entry of a feed: what one published step of the record changed, in words."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from api.pages.rendering import event_fields, formatting, labels, reading, timeline
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from domain.access.notices import PRIVATE_FIELDS
from domain.amendments.correction import notes_of
from domain.amendments.suppression import last_suppression
from domain.events.event import Event
from domain.events.recommendation import Corrected, Issued, Withdrawn
from domain.events.report import AreaNoted, ReportCorrected, ReportPublished
from domain.history import addressee_of, recommendation_after, report_after
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import Area, Code
from projections.register.changes import DayChange

TITLE_CHARS = 120
WHAT_CHARS = 80
QUOTED_CHARS = 300
CAME, LEFT = N_("Came into the list"), N_("Left the list")


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
    addressee = addressee_of(known)
    if what is None or (force or addressee) != addressee:
        return None
    issued = _issued_by(known)
    if issued is None or area not in {None, issued.area}:
        return None
    return _entry(history, step, what, *_about(known, issued))


def change_entry(
    feed: UUID,
    history: Sequence[Entry[Event]],
    step: int,
    *,
    came: bool | None,
    inside: bool,
) -> FeedEntry | None:
    """Return the entry of a recommendation's step in a feed of a list's changes, as known then.

    `came` says that it came into the list by the step, or left it. With `inside`, for readers of
    the history, a step has an entry though the public sees no change; no entry has a note.
    """
    known = history[:step]
    what, issued = _words(known), _issued_by(known)
    if what is None and (inside or came is not None):
        what = timeline.what_of(known[-1].event)
    if what is None or issued is None:
        return None
    moved = "" if came is None else f"{_(CAME if came else LEFT)}. "
    entry = _entry(history, step, what, *_about(known, issued), moved)
    return replace(entry, id=uuid5(feed, f"{history[0].stream}/{step}"))


def day_entry(feed: UUID, history: Sequence[Entry[Event]], change: DayChange) -> FeedEntry | None:
    """Return the entry of a recommendation that came into a list as a day began, or left it."""
    known = [entry for entry in history if entry.stamp.at < change.at]
    issued = _issued_by(known) if known else None
    if issued is None:
        return None
    path, headline, about = _about(known, issued)
    what = _(CAME if change.came else LEFT) + ". " + _("The day before was the last day")
    room = TITLE_CHARS - len(what) - len(". ")
    shown = formatting.shown(headline)
    removed = last_suppression(history)
    return FeedEntry(
        id=uuid5(feed, f"{change.stream}/{change.day}"),
        title=f"{what}. {formatting.shortened(shown, room)}",
        path=path,
        published=change.at,
        updated=max(change.at, removed or change.at),
        summary=f"{about}. {what}, {formatting.day(change.day)}. {shown}",
    )


def _issued_by(known: Sequence[Entry[Event]]) -> Issued | None:
    """Return what was asked for; of an issue that was withdrawn, as it was in the first step."""
    return recommendation_after(known).issued or recommendation_after(known[:1]).issued


def _about(known: Sequence[Entry[Event]], issued: Issued) -> tuple[str, str, str]:
    """Return the path of a recommendation's page, its headline, and what it is."""
    headline = reading.titled(
        issued.kind, issued.ordinal, issued.text, issued.wording, issued.reference
    )
    kind = formatting.lowered(labels.KINDS[issued.kind])
    about = f"{formatting.force(addressee_of(known))}, {kind}"
    return f"/recommendations/{known[0].stream}", headline, about


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
    history: Sequence[Entry[Event]],
    step: int,
    what: str,
    path: str,
    title: str,
    about: str,
    moved: str = "",
) -> FeedEntry:
    """Return an entry; `moved` goes before what happened, and is a sentence with a space."""
    entry = history[step - 1]
    removed = last_suppression(history)
    at = entry.stamp.at
    day, said = formatting.dated(entry.stamp.on), what
    shown = formatting.shown(title)  # which says so of a text with nothing to see
    what = moved + formatting.shortened(what, WHAT_CHARS)
    room = TITLE_CHARS - len(what) - len(". ")
    return FeedEntry(
        # The entry's own id is in no answer: it keeps the hash of its bytes from being guessed.
        id=uuid5(entry.stream, str(step)),
        title=f"{what}. {formatting.shortened(shown, room)}",
        path=path,
        published=at,
        updated=max(at, removed or at),
        summary=f"{about}. {moved}{said}, {day}. {shown}",
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
