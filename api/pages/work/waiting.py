"""Work in words: what is to be done, by when, and whose move it is."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from api.pages.people import Inspectors
from api.pages.record.several.grid import may_record_some
from api.pages.record.submission import issue_of
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.pages.rendering.query_form import Query
from api.v1.lists.worklist import WorklistParams
from domain.events.event import History
from domain.recommendation.worklist import OF_OTHERS, SOON_DAYS, Work
from domain.vocabulary.actors import Actor
from projections.worklist.listing import WorkItem, WorklistPage


class WaitingRow(Struct, frozen=True):
    """One piece of work on a page."""

    item: WorkItem
    text: str
    what: str
    when: str
    party: str
    tag: str
    overdue: bool
    assignee: str | None
    owner: str | None = None
    """The responsible post that the force named last, if its text is still there."""
    report: UUID | None = None
    """Its report, if others of it wait on the same page."""

    @property
    def id(self) -> UUID:
        """The recommendation that it is about."""
        return self.item.id


def waiting_row(
    item: WorkItem,
    text: str,
    day: date,
    people: Inspectors,
    owner: str | None = None,
    *,
    report: UUID | None = None,
    proposed: bool = False,
) -> WaitingRow:
    """Return a piece of work in words, as at a day; `proposed` if the reader proposed a closure."""
    days = (item.due - day).days if item.due else None
    overdue = days is not None and days < 0
    soon = days is not None and 0 <= days <= SOON_DAYS
    waits_for_another = proposed and item.work is Work.AGREE_CLOSURE
    return WaitingRow(
        item,
        text,
        what=_("You proposed to close it") if waits_for_another else _task(item),
        when=_when(item, days),
        party=_("Another inspector") if waits_for_another else labels.PARTIES_NEXT[item.next_by],
        tag=_("Overdue") if overdue else _("Due soon") if soon else "",
        overdue=overdue,
        assignee=people.name_of(item.assignee) if item.assignee else None,
        owner=owner,
        report=report,
    )


def _task(item: WorkItem) -> str:
    return labels.CLOCK_TASKS[item.clock] if item.clock else labels.TASKS[item.work]


def _when(item: WorkItem, days: int | None) -> str:
    if item.due is None or days is None:
        if item.clock == "immediate_update":
            return _("no last day is stated")
        if item.clock:
            return _("the last day is not known")
        return _("waiting since %(day)s", day=formatting.dated(item.waiting_since))
    due = formatting.day(item.due)
    if days < 0:
        late = ngettext("%(n)s day ago", "%(n)s days ago", -days, n=-days)
        return _("was due on %(day)s (%(late)s)", day=due, late=late)
    left = ngettext("%(n)s day left", "%(n)s days left", days, n=days)
    return _("due on %(day)s (%(left)s)", day=due, left=left)


def movers(
    query: Query[WorklistParams], path: str, listed: WorklistPage
) -> list[tuple[str, int, str]]:
    """Return what waits for whom, how much, and its list; the one that is shown has no address."""
    own = sum(many for kind, many in listed.counts.items() if kind not in OF_OTHERS)
    every = sum(listed.counts.values())
    now = query.params.for_inspectors
    return [
        (
            text,
            many,
            ""
            if now is chosen and query.params.work is None
            else query.link(
                path,
                for_inspectors=None if chosen is None else str(chosen).lower(),
                work=None,
                cursor=None,
                page=None,
            ),
        )
        for chosen, many, text in (
            (None, every, _("Everything that waits")),
            (True, own, _("What waits for inspectors")),
            (False, every - own, _("What forces and local policing bodies owe")),
        )
    ]


def reports_of_several(histories: Mapping[UUID, History], actor: Actor) -> dict[UUID, UUID]:
    """Return the report of each recommendation of several, where the actor records something."""
    reports = {
        stream: issue.report
        for stream, history in histories.items()
        for issue in [issue_of(history)]
        if may_record_some(actor, issue.addressee)
    }
    many = Counter(reports.values())
    return {stream: report for stream, report in reports.items() if many[report] > 1}
