"""The way of an inspection to its report: how far it has come, and whose move it is."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec import UNSET, Struct

from api.http.problems import Request
from api.pages.inspections.words import EVENTS, MOVES, STEPS
from api.pages.rendering import formatting
from api.pages.rendering.event_fields import label_of, words
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.v1.inspections.reading import inspection_items
from api.v1.inspections.subject import InspectionSubject
from api.v1.inspections.views import InspectionView
from domain.events.inspection import (
    CheckBegun,
    DraftModerated,
    FieldworkBegun,
    InspectionPlanned,
    PartSent,
    PlanChanged,
    ReleaseAgreed,
    ReportEmbargoed,
    ReportReleased,
)
from domain.events.report import ReportPublished
from domain.inspection.state import FINAL, InspectionStage
from domain.vocabulary.actors import Role
from domain.vocabulary.dates import day_of, end_of
from domain.vocabulary.values import ActorId

_BEGINS: Final[Mapping[str, type[Struct]]] = {
    "planned": InspectionPlanned,
    "fieldwork": FieldworkBegun,
    "moderated": DraftModerated,
    "in_check": CheckBegun,
    "embargoed": ReportEmbargoed,
    "agreed": ReleaseAgreed,
    "released": ReportReleased,
}
"""The event by which each step of the way came."""
_REACHED: Final[Mapping[InspectionStage, tuple[str, ...]]] = {
    InspectionStage.PLANNED: ("planned",),
    InspectionStage.FIELDWORK: ("planned", "fieldwork"),
    InspectionStage.MODERATED: ("planned", "fieldwork", "drafted", "moderated"),
    InspectionStage.IN_CHECK: ("planned", "fieldwork", "drafted", "moderated", "in_check"),
    InspectionStage.EMBARGOED: tuple(STEPS)[:6],
    InspectionStage.AGREED: tuple(STEPS)[:7],
    InspectionStage.RELEASED: tuple(STEPS),
}


class WayStep(Struct, frozen=True):
    """A step of the way: its words, how it stands, and since when."""

    text: str
    status: str
    detail: str = ""


class NextMove(Struct, frozen=True):
    """The next thing to do and whose move it is, in words; `late` if a minute of release passed."""

    words: str
    late: bool = False


class PastStep(Struct, frozen=True):
    """A step on record: what it was, when it was recorded, and by whom."""

    step: int
    what: str
    at: datetime
    role: Role
    by: ActorId
    texts: tuple[tuple[str, str], ...] = ()
    """Its values and the texts written with it, each with its name, for who may read them."""


def way_of(subject: InspectionSubject, *, drafted: bool) -> list[WayStep]:
    """Return the steps of the way; `drafted` says whether a draft was saved."""
    state = subject.state
    steps: list[WayStep] = []
    reached = _reached(subject)
    if state.stage is InspectionStage.MODERATED and not (drafted or _moderated_version(subject)):
        reached = tuple(name for name in reached if name != "drafted")
    now = reached[-1] if state.stage is not InspectionStage.DROPPED else ""
    for name in STEPS:
        status = "done" if name in reached else "not_yet"
        if name == "drafted" and drafted and state.stage is InspectionStage.FIELDWORK:
            status = "now"
        if name == now and state.stage is not InspectionStage.RELEASED:
            status = "now" if name in {"fieldwork", "in_check"} else status
        if status == "not_yet" and state.stage is InspectionStage.DROPPED:
            status = "not_needed"
        steps.append(WayStep(STEPS[name], status, _since(subject, name, reached)))
    return steps


def _reached(subject: InspectionSubject) -> tuple[str, ...]:
    """Return the steps that were reached; of what was dropped, those on record."""
    state = subject.state
    if state.stage is not InspectionStage.DROPPED:
        return _REACHED[state.stage]
    kinds = {type(entry.event) for entry in subject.history}
    names = {name for name, kind in _BEGINS.items() if kind in kinds}
    if "in_check" in names or _moderated_version(subject):
        names.add("drafted")
    return tuple(name for name in STEPS if name in names)


def _moderated_version(subject: InspectionSubject) -> int | None:
    """Return the version of the draft that passed moderation; None if the record does not say."""
    return next(
        (
            each.event.draft_version
            for each in subject.history
            if isinstance(each.event, DraftModerated)
        ),
        None,
    )


def _since(subject: InspectionSubject, name: str, reached: tuple[str, ...]) -> str:
    """Return when a step that was reached came last; empty if the record does not say."""
    if name not in reached or name not in _BEGINS:
        return ""
    entries = [each for each in subject.history if isinstance(each.event, _BEGINS[name])]
    if not entries:
        return ""
    at, event = formatting.moment(entries[-1].stamp.at), entries[-1].event
    if isinstance(event, DraftModerated) and event.draft_version:
        return _("%(moment)s, version %(version)s", moment=at, version=event.draft_version)
    return at


def next_move(view: InspectionView, now: datetime, *, readable: bool) -> NextMove:
    """Return what comes next; `readable` says whether the actor may read the comments."""
    if view.deferred:
        return NextMove(_put_off(view))
    if view.stage is InspectionStage.IN_CHECK:
        return NextMove(_in_check(view, now, readable=readable))
    return _final(view, now) if view.stage in FINAL else NextMove(MOVES[view.stage])


def _put_off(view: InspectionView) -> str:
    if view.deferred_until is None or view.deferred_until == "unknown":
        return _("Inspectors. The publication is put off, and it is not known until when.")
    return _(
        "Inspectors. The publication is put off, and is expected to go on: %(day)s.",
        day=formatting.day(view.deferred_until),
    )


def _in_check(view: InspectionView, now: datetime, *, readable: bool) -> str:
    check = view.checks[-1]
    day = formatting.day(check.reply_by)
    waiting = sum(not (each.outcome or each.withdrawn) for each in view.comments)
    if readable and waiting:
        return ngettext(
            "Inspectors. %(num)s comment of the force waits for an answer.",
            "Inspectors. %(num)s comments of the force wait for an answer.",
            waiting,
            num=waiting,
        )
    if check.finished_at:
        return _(
            "Inspectors. The force has said that it has no more comments. They make the text "
            "final, and set the minute of its release."
        )
    if not readable:
        return _("The force checks the facts by %(day)s, and inspectors answer it.", day=day)
    if day_of(now) <= end_of(check.reply_by):
        return _(
            "The force. It is asked to check the facts by %(day)s, and to say when it has no more "
            "comments.",
            day=day,
        )
    return _(
        "Inspectors. The force was asked to check the facts by %(day)s, and no comment waits for "
        "an answer. They make the text final, and set the minute of its release. Until they do, "
        "the force can still comment.",
        day=day,
    )


def _final(view: InspectionView, now: datetime) -> NextMove:
    assert view.embargo is not None  # noqa: S101  the text is final by an embargo
    at = release_words(view.embargo.release_at)
    late = now > view.embargo.release_at
    if view.stage is InspectionStage.EMBARGOED:
        if late:
            return NextMove(
                _(
                    "Inspectors. The minute of release has passed, %(at)s, and no second person "
                    "agreed. Put the publication off, resume it, and set another minute.",
                    at=at,
                ),
                late=True,
            )
        return NextMove(
            _(
                "Inspectors. Another person than the one who set the embargo has to agree before "
                "the report can be published %(at)s.",
                at=at,
            )
        )
    if late:
        return NextMove(
            _(
                "This service. The minute of release has passed, %(at)s, and the report is not "
                "published. It is tried again every half minute. If this page still says so in "
                "five minutes, tell whoever runs this service.",
                at=at,
            ),
            late=True,
        )
    return NextMove(_("This service. It publishes the report %(at)s.", at=at))


def release_words(at: datetime) -> str:
    """Return a minute of release in words: at 12:01am on 26 March 2026, UK time."""
    return _(
        "at %(time)s on %(day)s, UK time",
        time=formatting.time(at),
        day=formatting.day(day_of(at)),
    )


def past_steps(request: Request, subject: InspectionSubject) -> Iterator[PastStep]:
    """Yield the steps on record, oldest first; the parts that a check sent are one with it."""
    for item in inspection_items(request, subject):
        if isinstance(item.event, PartSent):
            continue
        notes = {} if item.notes is UNSET else item.notes
        changed = tuple(
            (label_of(ReportPublished, name), words(ReportPublished, name, value))
            for name in ("product", "edition", "fieldwork_from", "fieldwork_to")
            if isinstance(item.event, PlanChanged) and (value := getattr(item.event, name))
        )
        texts = tuple(
            (label_of(type(item.event), name), text or _("The text was removed."))
            for name, text in notes.items()
            if name != "salt"
        )
        what = EVENTS[type(item.event).__name__]
        if isinstance(item.event, DraftModerated | ReportEmbargoed) and item.event.draft_version:
            version = item.event.draft_version
            what = _("%(what)s (version %(version)s)", what=what, version=version)
        yield PastStep(item.step, what, item.at, item.role, item.actor, (*changed, *texts))
