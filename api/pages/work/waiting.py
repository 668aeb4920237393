"""One piece of work in words: what is to be done, by when, and whose move it is."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from api.pages.people import Inspectors
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from domain.recommendation.worklist import SOON_DAYS
from projections.worklist.listing import WorkItem


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

    @property
    def id(self) -> UUID:
        """The recommendation that it is about."""
        return self.item.id


def waiting_row(
    item: WorkItem, text: str, day: date, people: Inspectors, owner: str | None = None
) -> WaitingRow:
    """Return a piece of work in words, as at a day."""
    days = (item.due - day).days if item.due else None
    overdue = days is not None and days < 0
    soon = days is not None and 0 <= days <= SOON_DAYS
    return WaitingRow(
        item,
        text,
        what=labels.CLOCK_TASKS[item.clock] if item.clock else labels.TASKS[item.work],
        when=_when(item, days),
        party=labels.PARTIES_NEXT[item.next_by],
        tag=_("Overdue") if overdue else _("Due soon") if soon else "",
        overdue=overdue,
        assignee=people.name_of(item.assignee) if item.assignee else None,
        owner=owner,
    )


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
