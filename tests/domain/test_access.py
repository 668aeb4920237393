"""Access events: whose access is recorded, by which roles, and without repetition."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.identity.access_log import access_submission
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.access.decide import NoteAccess
from domain.access.permissions import ACCESS, ACCESS_OF_ONESELF
from domain.commands.recommendation import Comment
from domain.decide import decide
from domain.events.access import (
    AccessEvent,
    HistoryReplayed,
    LedgerExported,
    ListRead,
    RoleChanged,
    SessionsEnded,
    SignedIn,
    SignedOut,
    TokenCreated,
    TokenRevoked,
    TokenRotated,
)
from domain.events.event import Event
from domain.history import access_entries
from domain.vocabulary.actors import EVERY_SCOPE, Actor, Role
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.ids import access_id
from tests.support.data.examples import ADMIN, INSPECTOR, NOON, published

AUDITOR = Actor("auditor-1", Role.AUDITOR)
ONE, OTHER = UUID(int=1), UUID(int=2)
LATER = NOON + timedelta(days=30)
EVENTS: tuple[AccessEvent, ...] = (
    SignedIn("somebody", "oidc", ONE),
    SignedOut("somebody", ONE),
    SessionsEnded("somebody"),
    RoleChanged("somebody", Role.FORCE, Role.INSPECTOR, "kent"),
    TokenCreated("somebody", ONE, Role.INSPECTOR, LATER, tuple(EVERY_SCOPE)),
    TokenRotated("somebody", ONE, OTHER, NOON, LATER),
    TokenRevoked("somebody", ONE),
    LedgerExported("somebody", 1),
    HistoryReplayed("somebody", ONE),
    ListRead("somebody", "worklist"),
)


def told(*events: AccessEvent, by: Actor = AUDITOR, days: int = 0) -> list[AccessEvent]:
    """What is recorded of some events, of which the last is some days later."""
    history: list[Entry[Event]] = []
    for number, event in enumerate(events, 1):
        at = NOON + timedelta(days=days if number == len(events) else 0)
        stamp = Stamp(by.id, by.role, at, at.date().isoformat())
        for found in decide(NoteAccess(event), history, stamp, by):
            step = len(history) + 1
            history.append(Entry(access_id(event.actor), step, uuid4(), stamp, found))
    return [entry.event for entry in access_entries(history)]


@pytest.mark.parametrize(
    "event",
    [
        HistoryReplayed(AUDITOR.id, ONE),
        LedgerExported(AUDITOR.id, 7),
        ListRead(AUDITOR.id, "people"),
    ],
)
def test_an_auditors_read_is_recorded_once_a_day(event: AccessEvent) -> None:
    assert told(event, event) == [event]
    assert told(event, event, days=1) == [event, event]


def test_each_history_an_auditor_reads_is_recorded() -> None:
    first, second = HistoryReplayed(AUDITOR.id, ONE), HistoryReplayed(AUDITOR.id, OTHER)
    assert told(first, second, first) == [first, second]
    people, work = ListRead(AUDITOR.id, "people"), ListRead(AUDITOR.id, "worklist")
    assert told(people, first, work, people) == [people, first, work]


@pytest.mark.parametrize("event", [TokenRevoked("tool", ONE), SignedOut(ADMIN.id, ONE)])
def test_the_end_of_sessions_is_recorded_once(event: AccessEvent) -> None:
    assert told(event, event, by=ADMIN, days=3) == [event]


def test_an_unchanged_role_is_not_recorded_as_a_change() -> None:
    same = RoleChanged("somebody", Role.FORCE, Role.FORCE, "kent", "kent")
    moved = RoleChanged("somebody", Role.FORCE, Role.FORCE, "kent", "essex")
    assert told(same, moved, by=ADMIN) == [moved]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_only_admins_record_the_access_of_others(event: AccessEvent) -> None:
    own = isinstance(event, SignedIn | SignedOut | HistoryReplayed | ListRead)
    allowed = set[Role]() if own else {Role.ADMIN}
    assert {role for role in Role if may_record(event, Actor("other", role))} == allowed
    assert set(ACCESS) == {type(event) for event in EVENTS} >= set(ACCESS_OF_ONESELF)


def test_no_role_but_admin_issues_its_own_token() -> None:
    for event in EVENTS:
        if isinstance(event, TokenCreated | TokenRotated | TokenRevoked):
            for role in set(Role) - {Role.ADMIN}:
                assert not may_record(event, Actor("somebody", role))


def test_only_an_auditor_records_their_own_history_reads() -> None:
    for event in EVENTS:
        if isinstance(event, HistoryReplayed | ListRead):
            allowed = {role for role in Role if may_record(event, Actor("somebody", role))}
            assert allowed == {Role.AUDITOR}


def may_record(event: AccessEvent, actor: Actor) -> bool:
    stamp = Stamp(actor.id, actor.role, NOON, NOON.date().isoformat())
    try:
        decide(NoteAccess(event), [], stamp, actor)
    except Forbidden:
        return False
    return True


# In the ledger


def test_access_events_are_in_one_stream_per_actor(ledger: Ledger) -> None:
    read = HistoryReplayed(AUDITOR.id, published(ledger))
    first = ledger.submit([access_submission(read)], AUDITOR)
    assert [entry.stream for entry in first.entries] == [access_id(AUDITOR.id)]
    assert ledger.history(access_id(AUDITOR.id))[0].event == read
    again = ledger.submit([access_submission(read)], AUDITOR)
    assert (again.entries, ledger.head()) == ((), first.position)


def test_an_access_stream_takes_no_recommendation_command(ledger: Ledger) -> None:
    ledger.submit([access_submission(LedgerExported(AUDITOR.id, 0))], AUDITOR)
    stream = access_id(AUDITOR.id)
    with pytest.raises(NotFound):
        ledger.submit([Submission(stream, Comment(comment="Hello."))], INSPECTOR)
    with pytest.raises(NotFound):
        ledger.submit([Submission(published(ledger), access_submission(EVENTS[2]).command)], ADMIN)
    assert [entry.step for entry in ledger.history(stream)] == [1]


def test_an_access_event_takes_effect_on_the_day_in_london(ledger: Ledger) -> None:
    ledger.submit([access_submission(SessionsEnded("somebody"))], ADMIN)
    stamp = ledger.history(access_id("somebody"))[0].stamp
    assert datetime.now(UTC) - stamp.at < timedelta(minutes=1)
    assert (stamp.by, stamp.role, len(stamp.on)) == (ADMIN.id, Role.ADMIN, 10)
