"""Calendars of deadlines: of a force, for everybody, and of a person, at a private address.

A deadline keeps its UID while it stands. If its day changes, so does its SEQUENCE; if it is met,
closed or withdrawn, it is not in the calendar any more: a program that subscribes takes the
calendar as a whole each time, so an event that says it was cancelled would only stay.
"""

from uuid import uuid5

from litestar import Response, get
from litestar.params import FromPath

from adapters.work.portfolios import forces_led_by
from api.http.problems import Request
from api.pages.public.feeds.atom import PRIVATE
from api.pages.public.feeds.icalendar import CALENDAR, CalendarDay, calendar
from api.pages.rendering import formatting, labels, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.pages.rendering.layout import OPT
from api.request.authentication import current_actor
from api.request.services import service_address, services
from domain.recommendation.deadlines import has_deadlines
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.errors import NotFound
from domain.vocabulary.forces import ADDRESSEES, is_training
from domain.vocabulary.values import Code
from projections.worklist.deadlines import Deadline, DeadlineFilter, Deadlines, read_deadlines

HEADLINE_CHARS, TEXT_CHARS = 60, 1_000


@get("/forces/{code:str}/deadlines.ics", opt=OPT, sync_to_thread=True)
def force_calendar(request: Request, code: FromPath[Code]) -> Response[bytes]:
    """List the published deadlines of a force that run or are overdue, as a calendar."""
    if code not in ADDRESSEES:
        raise NotFound("There is no such force.")
    if is_training(code):
        raise NotFound("Training forces are in no public calendar.")
    title = _("Deadlines: %(force)s", force=formatting.force(code))
    return _answer(request, title, DeadlineFilter(forces=(code,)), private=False)


@get(
    "/private/{secret:str}/deadlines.ics",
    opt={"private_address": "deadlines"},
    sync_to_thread=True,
)
def own_calendar(request: Request) -> Response[bytes]:
    """List the deadlines of the forces that a person leads, or of their own force."""
    actor = current_actor(request)
    if not has_deadlines(actor):
        raise NotFound("Nothing exists at this URL.")
    return _answer(request, _("Your deadlines"), _own(request, actor), private=True)


CALENDARS = (force_calendar, own_calendar)


def _own(request: Request, actor: Actor) -> DeadlineFilter:
    """Return the deadlines that are a person's own."""
    if actor.role is Role.INSPECTOR:
        led = services(request).ledger.rows.run(forces_led_by(actor.id))
        return DeadlineFilter(forces=led, follow_ups=True, assignee=actor.id)
    forces = () if actor.force is None else (actor.force,)
    return DeadlineFilter(forces=forces, follow_ups=True)


def _answer(
    request: Request, title: str, filters: DeadlineFilter, *, private: bool
) -> Response[bytes]:
    deadlines = services(request).lists.read(lambda c: read_deadlines(c, filters))
    base = service_address(request)
    body = calendar(title, _about(deadlines), [_day(of, base) for of in deadlines.items])
    return Response(body, media_type=CALENDAR, headers=PRIVATE if private else {})


def _about(deadlines: Deadlines) -> str:
    """Return what is in a calendar, and what is not."""
    words = [
        _("What runs or is overdue. What is met, closed or not known is not here."),
    ]
    if deadlines.without_day:
        words.append(
            ngettext(
                "%(n)s more is not here: the record leaves its last day open.",
                "%(n)s more are not here: the record leaves their last days open.",
                deadlines.without_day,
                n=deadlines.without_day,
            )
        )
    if deadlines.left_out:
        words.append(_("The %(n)s longest overdue are left out.", n=deadlines.left_out))
    return " ".join(words)


def _day(of: Deadline, base: str) -> CalendarDay:
    what = _("Follow-up report") if of.clock == "follow_up" else labels.CLOCKS[of.clock]
    headline = formatting.shown(
        reading.titled(of.kind, of.ordinal, of.text, of.wording, of.reference)
    )
    force = formatting.force(of.force)
    return CalendarDay(
        # Of a clock or a follow-up at a recommendation there is one at a time.
        id=uuid5(of.stream, f"deadline {of.clock}"),
        day=of.day,
        summary=f"{what}, {force}: {formatting.shortened(headline, HEADLINE_CHARS)}",
        description="\n".join(
            (
                formatting.shortened(headline, TEXT_CHARS),
                _("Owed by: %(party)s", party=labels.PARTIES_NEXT[of.owed_by]),
            )
        ),
        address=f"{base}/recommendations/{of.stream}",
        changes=of.changes,
        changed_at=of.changed_at,
    )
