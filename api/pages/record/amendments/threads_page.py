"""The disputes and questions of a stream: every step of each, and the forms that go on."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from api.http.moment import moment
from api.http.problems import Request
from api.pages.record.amendments.reply_form import ThreadForm, asking, next_steps, steps_of
from api.pages.record.beside.on_record import OnRecord, in_full
from api.pages.record.subject import READERS, history_asked, subject_of
from api.pages.rendering import event_fields, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.readings import record_history_read
from domain.access.permissions import ReadPermission, may_read
from domain.amendments.replies import threads_of
from domain.amendments.threads import DisputeThread, QuestionThread
from domain.events.event import History
from domain.history import addressee_of
from domain.vocabulary.errors import NotFound


class ShownThread(Struct, frozen=True):
    """A dispute or a question: its title, whose move it is, its steps, and what can follow."""

    opened: int
    title: str
    waits: str
    steps: list[OnRecord]
    forms: list[ThreadForm]


@get(["/recommendations/{stream:uuid}/disputes", "/reports/{stream:uuid}/disputes"], opt=READERS)
async def show_threads(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Every dispute and question of a stream, those that wait first."""
    history = await history_asked(request, stream)
    actor = current_actor(request)
    if not may_read(actor, ReadPermission.HISTORY, addressee_of(history)):
        raise NotFound("There is no such recommendation or report.")
    await record_history_read(request, stream)
    threads = threads_of(history)
    every: list[DisputeThread | QuestionThread] = [*threads.disputes, *threads.questions]
    every.sort(key=lambda thread: (thread.waits_for is None, -thread.opened))
    steps = {thread.opened: steps_of(history, thread.opened) for thread in every}
    numbers = frozenset(number for of_thread in steps.values() for number in of_thread)
    shown = {step.step: step for step in await in_full(request, history, numbers)}
    about, now = subject_of(history), moment()
    return page(
        request,
        "pages/record/threads.html",
        title=_("Disputes and questions"),
        of=about.reference,
        about=about,
        crumbs=about.crumbs,
        asking=asking(actor, history, now),
        threads=[
            ShownThread(
                thread.opened,
                title_of(history, thread),
                waits_of(thread),
                [shown[step] for step in sorted(steps[thread.opened]) if step in shown],
                list(next_steps(actor, history, now, thread.opened)),
            )
            for thread in every
        ],
    )


def title_of(history: History, thread: DisputeThread | QuestionThread) -> str:
    """Return what a thread is about, and whose it is."""
    party = labels.WITH_RIGHT_OF_REPLY[thread.party]
    if isinstance(thread, QuestionThread):
        return _("Question between inspectors and %(party)s", party=party)
    label = event_fields.label_of(type(history[thread.step - 1].event), thread.field)
    words = {"party": party, "field": label, "step": thread.step}
    return _("Dispute by %(party)s: %(field)s of step %(step)s", **words)


def waits_of(thread: DisputeThread | QuestionThread) -> str:
    """Return whose move a thread is, or what came of it."""
    if thread.waits_for is not None:
        return _("Waiting for: %(side)s", side=labels.SIDES[thread.waits_for])
    if isinstance(thread, DisputeThread) and thread.settlement:
        return labels.DISPUTE_RESULTS[thread.settlement.result]
    return _("Answered")


THREAD_PAGES = (show_threads,)
