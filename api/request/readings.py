"""An auditor's readings, put on record by handlers on the event loop before they answer."""

from asyncio import to_thread
from datetime import date, datetime
from uuid import UUID

from api.http.problems import Request
from api.request.authentication import current_actor
from api.request.services import services
from domain.events.access import PrivateList
from domain.vocabulary.actors import Role


async def record_history_read(
    request: Request, stream: UUID, on: date | None = None, known_at: datetime | None = None
) -> None:
    """Record that an auditor is about to read what is not public of a stream.

    Raises what `Ledger.submit` raises.
    """
    actor = current_actor(request)
    if actor.role is Role.AUDITOR:  # which spares the others a thread
        await to_thread(services(request).readings.record_history_read, actor, stream, on, known_at)


async def record_list_read(request: Request, read: PrivateList) -> None:
    """Record that an auditor is about to read a list that is not public; raises likewise."""
    actor = current_actor(request)
    if actor.role is Role.AUDITOR:
        await to_thread(services(request).readings.record_list_read, actor, read)


async def record_ledger_read(request: Request) -> None:
    """Record that an auditor is about to read the ledger as a whole; raises likewise."""
    actor = current_actor(request)
    if actor.role is Role.AUDITOR:
        await to_thread(services(request).readings.record_ledger_read, actor)
