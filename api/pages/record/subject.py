"""The subject of a form: a recommendation or a report, by its address."""

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from msgspec import Struct

from api.http.problems import Request
from api.pages.rendering.language import N_
from api.pages.rendering.layout import HOME
from api.request.services import services
from domain.access.permissions import ReadPermission
from domain.amendments.correction import amend
from domain.events.event import History
from domain.events.recommendation import Issued
from domain.events.report import ReportPublished
from domain.history import recommendation_entries, report_entries
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Code, Reference

READERS = {"sight": ReadPermission.HISTORY}
"""The option of pages for recording: they show the record, so a right to write is not enough."""
ENTRIES: dict[str, Callable[[History], History]] = {
    "recommendations": recommendation_entries,
    "reports": report_entries,
}
"""The check that a stream is of a kind, by the first word of the addresses of that kind."""
NAMES = {
    "recommendations": (N_("Recommendations"), N_("This recommendation")),
    "reports": (N_("Reports"), N_("This report")),
}


class Subject(Struct, frozen=True):
    """A recommendation or a report, its corrections applied."""

    stream: UUID
    kind: Literal["recommendations", "reports"]
    reference: Reference
    addressee: Code
    text: str

    @property
    def address(self) -> str:
        """The address of its page."""
        return f"/{self.kind}/{self.stream}"

    @property
    def crumbs(self) -> list[dict[str, str]]:
        """The breadcrumbs of a page about it."""
        every, this = NAMES[self.kind]
        return [
            HOME,
            {"text": every, "href": f"/{self.kind}"},
            {"text": this, "href": self.address},
        ]


async def history_asked(request: Request, stream: UUID) -> History:
    """The history of the stream in an address. Raises NotFound if there is none of that kind."""
    entries = ENTRIES[request.scope["path"].split("/")[1]]
    history = entries(await services(request).async_ledger.history(stream))
    if not history:
        raise NotFound("There is no such recommendation or report.")
    return history


def subject_of(history: History) -> Subject:
    """The subject of a history."""
    match amend(history)[0].event:
        case Issued(reference=reference, addressee=addressee, text=text):
            return Subject(history[0].stream, "recommendations", reference, addressee, text)
        case ReportPublished(reference=reference, addressee=addressee, title=title):
            return Subject(history[0].stream, "reports", reference, addressee, title)
        case _:
            raise NotFound("There is no such recommendation or report.")
