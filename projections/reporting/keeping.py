"""Keeping every read model, and the views for SQL over them; notices and messages beside it."""

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from psycopg import Cursor

from adapters.messages.mail import Mailer, MailServer, Render
from adapters.messages.messenger import Messenger, Post
from adapters.notices.courier import Courier
from adapters.postgres.database import PROJECTOR, Database
from adapters.postgres.limits import connect
from adapters.settings import Settings
from domain.access.notices import Notice
from projections.read_models import READ_MODELS
from projections.register.changes import Turn, filter_of, listed_at
from projections.register.model import Register
from projections.reporting import schema as reporting
from projections.runtime.supervisor import Supervisor
from projections.runtime.tracking import tracked_position
from projections.worklist.digests import digests

SECONDS = 5
"""How long the courier waits for a connection, and for what a list says."""
_OPTIONS = f"-c statement_timeout={SECONDS * 1000}"


class RegisterLists:
    """The lists of the register, asked which steps changed them."""

    def __init__(self, database: Database) -> None:
        self._conninfo = database.conninfo(PROJECTOR)

    def reached(self) -> int:
        """Return the position that the register has come to."""
        with self._cursor() as cursor:
            return tracked_position(cursor, Register)

    def changed_by(self, filters: str, notices: Sequence[Notice]) -> Collection[int]:
        """Return the positions of those steps by which a list changed, or changed in it."""
        if not notices:
            return ()
        turns = {notice.position: Turn(notice.stream, notice.at) for notice in notices}
        with self._cursor() as cursor:
            listed = listed_at(cursor, filter_of(filters), {*turns.values()})
        return [
            position
            for position, turn in turns.items()
            if listed[turn].before or listed[turn].after
        ]

    @contextmanager
    def _cursor(self) -> Generator[Cursor[Any]]:
        """Open a cursor on a connection that ends with it: few ask, and seldom."""
        with connect(
            self._conninfo, limit=2 * SECONDS, connect_timeout=SECONDS, options=_OPTIONS
        ) as connection:
            yield connection.cursor()


def supervisor(
    database: Database, chosen: Settings, wording: Callable[[str], Render]
) -> Supervisor:
    """Return the supervisor of every read model, with the views on them and the senders.

    `wording` returns the words of mails, by the address of the service.
    """
    beside: list[AbstractContextManager[object]] = []
    if chosen.TRACKER_WEBHOOKS != "off":
        loopback = chosen.TRACKER_WEBHOOKS == "loopback"
        lists, address = RegisterLists(database), chosen.TRACKER_PUBLIC_URL
        beside.append(Courier(database, lists, address=address, loopback=loopback))
    if chosen.mail is not None:
        render = wording(chosen.TRACKER_PUBLIC_URL or "")
        post = Post(
            mailer=partial(mailer, chosen.mail),
            render=render,
            digests=digests,
            hour=chosen.TRACKER_MAIL_HOUR,
        )
        beside.append(Messenger(database, post))
    return Supervisor(
        database,
        READ_MODELS,
        unused_minutes=chosen.TRACKER_LISTS_KEPT,
        follow_views=partial(reporting.follow, database.conninfo(PROJECTOR)),
        beside=_together(beside),
    )


def mailer(server: MailServer) -> Mailer:
    """Return the sender of mails that is configured."""
    if server.way == "notify":
        # Its dependencies take a tenth of the startup time.
        from adapters.messages.notify import NotifyMailer  # noqa: PLC0415

        return NotifyMailer(server)
    from adapters.messages.smtp import SmtpMailer  # noqa: PLC0415

    return SmtpMailer(server)


@contextmanager
def _together(contexts: list[AbstractContextManager[object]]) -> Generator[None]:
    """Open some contexts, and close all of them."""
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context)
        yield
