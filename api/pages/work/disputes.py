"""The disputes and questions that wait, over all streams that an actor may read."""

from collections import Counter
from collections.abc import Iterable, Sequence

from anyio import to_thread
from litestar import Response, get
from msgspec import Struct

from adapters.work.openings import OPENINGS_MAX, streams_with_threads
from api.http.problems import Request
from api.pages.record.amendments.threads_page import title_of, waits_of
from api.pages.record.subject import READERS, subject_of
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import N_, ngettext, number
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.readings import record_list_read
from api.request.services import services
from domain.access.permissions import OWN_FORCE_ONLY, SIDES, ReadPermission, may_read
from domain.amendments.replies import threads_of
from domain.amendments.threads import DisputeThread, QuestionThread, side_of
from domain.events.event import History
from domain.history import addressee_of
from domain.vocabulary.actors import Actor
from domain.vocabulary.values import When

PATH = "/disputes"
LISTED_MAX = 200
"""The most threads on the page."""


class WaitingThread(Struct, frozen=True):
    """A thread that waits for a side: what it is about, where, and since when it is open."""

    title: str
    waits: str
    side: str
    """The side that has the next move, in words."""
    force: str
    subject: str
    on: When
    href: str
    own: bool
    """Whether the reader's own side has the next move."""


@get(PATH, opt=READERS)
async def list_disputes(request: Request) -> Response[bytes]:
    """Show what waits, the reader's own moves first, then the oldest."""
    await record_list_read(request, "worklist")
    actor, ledger = current_actor(request), services(request).async_ledger
    histories = await ledger.histories(await ledger.run(streams_with_threads()))
    waiting = await to_thread.run_sync(waiting_threads, histories.values(), actor)
    return page(
        request,
        "pages/work/disputes.html",
        title=_("Disputes and questions"),
        threads=waiting[:LISTED_MAX],
        waiting=_who_waits(waiting),
        first=len({thread.own for thread in waiting}) > 1,
        opened=await to_thread.run_sync(opened_in, histories.values()),
        most=OPENINGS_MAX,
        crumbs=[{"text": N_("Your work"), "href": "/work"}],
    )


def _who_waits(threads: Sequence[WaitingThread]) -> str:
    """Return how many threads wait for whom, in words."""
    many = Counter(thread.side for thread in threads)
    return " ".join(
        ngettext("%(n)s waits for %(side)s.", "%(n)s wait for %(side)s.", n, n=number(n), side=side)
        for side, n in many.items()
    )


def opened_in(histories: Iterable[History]) -> int:
    """Return how many disputes and questions some histories have."""
    every = [threads_of(history) for history in histories if history]
    return sum(len(of.disputes) + len(of.questions) for of in every)


def waiting_threads(histories: Iterable[History], actor: Actor) -> Sequence[WaitingThread]:
    """Return the threads that wait, of those that the actor is a side of or looks on."""
    side = side_of(actor.role) if actor.role in SIDES else None
    threads: list[WaitingThread] = []
    for history in histories:
        if not history or not may_read(actor, ReadPermission.HISTORY, addressee_of(history)):
            continue
        of = threads_of(history)
        every: list[DisputeThread | QuestionThread] = [*of.disputes, *of.questions]
        about = subject_of(history)
        threads += [
            WaitingThread(
                title_of(history, thread),
                waits_of(thread),
                labels.SIDES[thread.waits_for],
                formatting.force(about.addressee),
                formatting.headline(about.text),
                thread.on,
                f"{about.address}/disputes#thread-{thread.opened}",
                thread.waits_for == side,
            )
            for thread in every
            if thread.waits_for is not None
            and (actor.role not in OWN_FORCE_ONLY or thread.party == side)
        ]
    return sorted(threads, key=lambda thread: (not thread.own, thread.on, thread.subject))


WAITING_THREAD_PAGES = (list_disputes,)
