"""The messenger: follows the ledger into the outbox, makes digests, and sends what is due.

One process of all is the messenger, by an advisory lock. A mail that may be on its way when a
process dies is sent again under the same Message-ID (docs/decisions/0063).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

import msgspec
import psycopg
import structlog
from eventsourcing.persistence import PersistenceError
from msgspec import Struct

from adapters import clock
from adapters.inspections.drafts import inspections
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.messages import outbox
from adapters.messages.following import LONDON, follow, next_hour, progress
from adapters.messages.mail import (
    AboutDigest,
    Mail,
    MailDeferred,
    Mailer,
    MailRefused,
    MailServerAway,
    NotSent,
    Render,
    StepToTell,
    Telling,
)
from adapters.messages.outbox import LIFE, Outgoing, Recipient
from adapters.notices.reading import Notices
from adapters.postgres.database import DEADLINE_SECONDS, Database
from adapters.sole_worker import Connection, SoleWorker
from domain.access.messages import may_be_told, may_have_messages
from domain.amendments.withdrawal import withdrawn_steps
from domain.history import inspection_after
from domain.inspection.state import Inspection

LOOK_SECONDS = 1.0
AWAY_SECONDS = 10.0
"""How long nothing is sent after the server took no mail at all."""
AT_ONCE = 20
"""Mails between two looks at the ledger."""
TOKEN_LIFE = timedelta(days=2)
PURGE_EVERY = timedelta(hours=1)
MONDAY = 0
LOCK = 2

MakeDigests = Callable[
    [Connection, Sequence[Recipient], Sequence[Inspection], datetime], Mapping[UUID, AboutDigest]
]
"""Returns the digests of those recipients for whom there is anything to say."""

log = structlog.get_logger()


class Post(Struct, frozen=True, kw_only=True):
    """How messages are worded and sent: by which server, and at which hour of the UK."""

    mailer: Callable[[], Mailer]
    render: Render
    digests: MakeDigests
    hour: int


class Messenger(SoleWorker):
    """Follows and sends in a thread of this process, from its start to its end."""

    def __init__(
        self, database: Database, post: Post, clock: Callable[[], datetime] = clock.now
    ) -> None:
        super().__init__(database, "messenger", LOCK)
        self._post, self._clock = post, clock
        self._away_until = self._purge_at = clock()

    def work(self, db: Connection) -> None:
        """Follow the ledger and send what is due, as long as this process is the messenger."""
        env = environment(self.conninfo, pool=1, wait=DEADLINE_SECONDS, deadline=DEADLINE_SECONDS)
        db.execute("SET synchronous_commit = on")  # a crash must not forget what was sent
        with Ledger(env) as ledger, closing(self._post.mailer()) as mailer:
            notices = Notices(ledger)
            while not self.stopping.is_set():
                at = self._clock()
                busy = self._send_due(db, ledger, mailer, at)
                alerts_at = next_hour(at, self._post.hour)
                busy = follow(db, ledger, notices, at, alerts_at) or busy
                self._make_digests(db, ledger, at)
                if at >= self._purge_at:
                    outbox.purge(db, at)
                    self._purge_at = at + PURGE_EVERY
                if not busy:
                    self.stopping.wait(LOOK_SECONDS)

    def _make_digests(self, db: Connection, ledger: Ledger, at: datetime) -> None:
        """Make the digests of today once its hour has come, for everybody in one transaction."""
        local = at.astimezone(LONDON)
        if local.hour < self._post.hour:
            return
        with db.transaction():
            if _is_made(progress(db, ledger).digest_day, today := local.date()):
                return
            wanted = ("daily", "weekly") if today.weekday() == MONDAY else ("daily",)
            recipients = outbox.digested(db, at, wanted)
            recipients = [r for r in recipients if r.actor and may_have_messages(r.actor)]
            digests: Mapping[UUID, AboutDigest] = {}
            if recipients:
                histories = ledger.histories(ledger.rows.run(inspections())).values()
                states = [inspection_after(history) for history in histories]
                digests = self._post.digests(db, recipients, states, at)
            for identity, digest in digests.items():
                outbox.make_digest(db, identity, today.isoformat(), digest, at)
            db.execute(
                "UPDATE message_recipients SET digested_at = %s WHERE id = ANY(%s)",
                (at, [recipient.id for recipient in recipients]),
            )
            db.execute("UPDATE message_progress SET digest_day = %s", (today,))
        log.info("digests_made", recipients=len(recipients), digests=len(digests))

    def _send_due(self, db: Connection, ledger: Ledger, mailer: Mailer, at: datetime) -> bool:
        """Send what is due; return whether there may be more."""
        if at < self._away_until:
            return False
        due = outbox.next_outgoing(db, at, AT_ONCE)
        for outgoing in due:
            if self.stopping.is_set() or self._clock() < self._away_until:
                return False
            try:
                self._send(db, ledger, mailer, outgoing)
            except (psycopg.Error, PersistenceError):
                raise
            except Exception:
                log.exception("mail_failed", kind=outgoing.kind)
                kept = outgoing.mail is not None
                outbox.mark_waiting(db, outgoing, "fault", self._clock(), on_its_way=kept)
        return len(due) == AT_ONCE

    def _send(self, db: Connection, ledger: Ledger, mailer: Mailer, outgoing: Outgoing) -> None:
        at = self._clock()
        recipient = outbox.recipient_of(db, outgoing.recipient, at)
        if recipient is None:
            return
        if not recipient.wants(outgoing.kind):
            outbox.mark_ended(db, outgoing.numbers, "given_up", "not-wanted")
            return
        if at - outgoing.made_at > LIFE and outgoing.kind != "alert":
            outbox.mark_ended(db, outgoing.numbers, "given_up", "too-late")
            log.warning("message_given_up", mails=1, kind=outgoing.kind)
            return
        outgoing = self._allowed(db, ledger, outgoing, recipient)
        if not outgoing.numbers:
            return
        identity = outgoing.mail or clock.new_entry_id()
        token = token_urlsafe(24) if outgoing.kind == "confirm" else None
        on_its_way = outgoing.mail is not None
        worded = self._post.render(
            Telling(
                kind=outgoing.kind,
                about=outgoing.about,
                actor=recipient.actor,
                force=recipient.force,
                area=recipient.area,
                unsubscribe=recipient.unsubscribe,
                token=token,
            )
        )

        def begin() -> None:
            nonlocal on_its_way
            with db.transaction():
                outbox.mark_sending(db, outgoing.numbers, identity)
                if token is not None:
                    digest = sha256(token.encode()).digest()
                    outbox.set_token(db, recipient, digest, at + TOKEN_LIFE)
            on_its_way = True

        mail = Mail(
            id=identity,
            to=recipient.address,
            subject=worded.subject,
            text=worded.text,
            unsubscribe=worded.unsubscribe,
        )
        if on_its_way:
            log.warning("mail_sent_again", mail=str(identity))
        try:
            mailer.send(mail, begin, again=on_its_way)
        except NotSent as error:
            self._fail(db, outgoing, error, on_its_way=on_its_way)
        else:
            outbox.mark_sent(db, outgoing.numbers)
            log.info("mail_sent", mail=str(identity), kind=outgoing.kind)

    def _fail(
        self, db: Connection, outgoing: Outgoing, error: NotSent, *, on_its_way: bool
    ) -> None:
        at = self._clock()
        if isinstance(error, MailRefused):
            with db.transaction():
                outbox.mark_ended(db, outgoing.numbers, "failed", error.reason)
                outbox.note_refusal(db, outgoing.recipient)
        elif isinstance(error, MailDeferred):
            # An answer says that it was not taken: then it is not on its way either.
            outbox.mark_waiting(db, outgoing, error.reason, at, on_its_way=False)
        elif isinstance(error, MailServerAway):
            self._away_until = at + timedelta(seconds=AWAY_SECONDS)
            if on_its_way:
                outbox.mark_waiting(db, outgoing, error.reason, at, on_its_way=True)
        log.warning("mail_not_sent", kind=outgoing.kind, reason=error.reason)

    def _allowed(
        self, db: Connection, ledger: Ledger, outgoing: Outgoing, recipient: Recipient
    ) -> Outgoing:
        """Return what the recipient may still be told; the rest is given up."""
        if outgoing.kind == "confirm":
            return outgoing
        if outgoing.kind == "digest":
            made_for = msgspec.json.decode(outgoing.about[0], type=AboutDigest)
            actor = recipient.actor
            if actor and (actor.role, actor.force) == (made_for.role, made_for.force):
                return outgoing
            outbox.mark_ended(db, outgoing.numbers, "given_up", "not-allowed")
            return msgspec.structs.replace(outgoing, numbers=(), about=())
        steps = [msgspec.json.decode(about, type=StepToTell) for about in outgoing.about]
        histories = ledger.histories({step.stream for step in steps})
        kept: list[tuple[int, msgspec.Raw]] = []
        for number, about, step in zip(outgoing.numbers, outgoing.about, steps, strict=True):
            if recipient.actor is not None and not may_be_told(
                recipient.actor, histories[step.stream]
            ):
                outbox.mark_ended(db, [number], "given_up", "not-allowed")
            elif step.step in withdrawn_steps(histories[step.stream]):
                outbox.mark_ended(db, [number], "given_up", "withdrawn")
            else:
                kept.append((number, about))
        numbers, abouts = tuple(n for n, _ in kept), tuple(a for _, a in kept)
        return msgspec.structs.replace(outgoing, numbers=numbers, about=abouts)


def _is_made(digest_day: date | None, today: date) -> bool:
    return digest_day is not None and digest_day >= today
