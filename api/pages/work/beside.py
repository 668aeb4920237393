"""Inspections, threads and messages of the public that wait beside the worklist."""

from anyio import to_thread
from msgspec import Struct

from adapters.inspections.drafts import inspections
from adapters.work import contacts
from adapters.work.openings import streams_with_threads
from api.http.moment import moment, today
from api.http.problems import Request
from api.pages.rendering.language import ngettext
from api.pages.work.disputes import waiting_threads
from api.request.services import services
from domain.access.inspections import may_see_inspections, waits_for
from domain.access.permissions import SIDES, ReadPermission, can_read
from domain.history import inspection_after
from domain.vocabulary.actors import Actor, Role


class BesideWork(Struct, frozen=True):
    """Something else that waits: how much, in words, and where it is listed."""

    text: str
    href: str


async def waiting_beside(request: Request, actor: Actor) -> list[BesideWork]:
    """Return what else waits for an actor, or for inspectors together."""
    many = {
        "/inspections": await _inspections(request, actor),
        "/disputes": await _threads(request, actor),
        "/contacts": await _messages(request, actor),
    }
    return [BesideWork(_words(href, n, actor), href) for href, n in many.items() if n]


async def _inspections(request: Request, actor: Actor) -> int:
    if not may_see_inspections(actor) or actor.role is Role.AUDITOR:
        return 0
    ledger = services(request).async_ledger
    histories = (await ledger.histories(await ledger.run(inspections()))).values()
    return sum(waits_for(actor, inspection_after(history), today()) for history in histories)


async def _threads(request: Request, actor: Actor) -> int:
    if actor.role not in SIDES:
        return 0
    ledger = services(request).async_ledger
    streams = await ledger.run(streams_with_threads())
    histories = (await ledger.histories(streams)).values()
    threads = await to_thread.run_sync(waiting_threads, histories, actor)
    return sum(thread.own for thread in threads)


async def _messages(request: Request, actor: Actor) -> int:
    if not can_read(actor, ReadPermission.CONTACTS):
        return 0
    waiting, _kept = await services(request).async_ledger.run(contacts.counts(moment()))
    return waiting


def _words(href: str, number: int, actor: Actor) -> str:
    if href == "/contacts":
        return ngettext(
            "%(num)s message of the public waits for an answer",
            "%(num)s messages of the public wait for an answer",
            number,
            num=number,
        )
    if href == "/disputes":
        return ngettext(
            "%(num)s dispute or question waits for your side",
            "%(num)s disputes or questions wait for your side",
            number,
            num=number,
        )
    if actor.role is Role.FORCE:
        return ngettext(
            "%(num)s inspection before publication waits for you",
            "%(num)s inspections before publication wait for you",
            number,
            num=number,
        )
    return ngettext(
        "%(num)s inspection before publication waits for inspectors",
        "%(num)s inspections before publication wait for inspectors",
        number,
        num=number,
    )
