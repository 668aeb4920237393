"""The responsible posts that forces named, as they are on record."""

from collections.abc import Mapping
from uuid import UUID

from api.http.problems import Request
from api.request.services import services
from domain.events.event import History
from domain.history import recommendation_after


async def owners_of(request: Request, histories: Mapping[UUID, History]) -> dict[UUID, str]:
    """Return the post of each recommendation that has one whose text was not removed."""
    named = naming_entries(histories)
    notes = await services(request).async_ledger.notes(list(named.values())) if named else {}
    return owners_in(named, notes)


def naming_entries(histories: Mapping[UUID, History]) -> dict[UUID, UUID]:
    """Return the entry that names the post of each recommendation that has one."""
    return {
        stream: history[step - 1].id
        for stream, history in histories.items()
        if (step := recommendation_after(history).owner_step)
    }


def owners_in(
    named: Mapping[UUID, UUID], notes: Mapping[UUID, Mapping[str, str]]
) -> dict[UUID, str]:
    """Return the posts that some entries name, by their notes; none whose text was removed."""
    posts = {stream: notes.get(entry, {}).get("owner") for stream, entry in named.items()}
    return {stream: post for stream, post in posts.items() if post}
