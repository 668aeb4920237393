"""Read models: the same numbers as the raw entries, live, rebuilt or restarted."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, LiteralString, TypeAlias, TypeVar
from uuid import UUID

import psycopg
import pytest
from eventsourcing.utils import Environment
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from msgspec import Struct
from msgspec.structs import asdict, replace
from psycopg import Cursor
from psycopg.rows import dict_row

from adapters.identity.access_log import access_submission
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import LedgerFactory, environment
from adapters.postgres.database import APP, OWNER, PROJECTOR, Database
from domain.commands.recommendation import Comment
from domain.events.access import HistoryReplayed
from domain.events.event import History
from domain.events.recommendation import Issued
from domain.history import State, as_at, state_of
from domain.recommendation.state import Plan, Recommendation, Stage
from domain.recommendation.worklist import SOON_DAYS, Work, WorkDue, next_move, work
from domain.report import Report
from domain.vocabulary.values import Finding, Kind
from projections.coverage import Coverage, may_be_restated, read_coverage
from projections.filters import ForceFilter
from projections.progress import claims
from projections.progress.accuracy import Accuracy, read_accuracy
from projections.progress.board import Board, read_board
from projections.progress.claims import ClaimItem, ClaimsFilter, ClaimsOrder, ClaimsPage
from projections.progress.series import read_series
from projections.read_models import READ_MODELS
from projections.register import listing
from projections.register.listing import RegisterFilter, RegisterItem, RegisterOrder, RegisterPage
from projections.register.measures.ages import StageAges, read_ages
from projections.register.measures.cohorts import Cohort, read_cohorts
from projections.register.measures.conditions import NEXT_BY
from projections.register.measures.demands import Demands, read_load
from projections.register.model import Register
from projections.register.standing import Standing
from projections.reports import listing as reports
from projections.reports.listing import ReportsFilter
from projections.reports.model import Reports
from projections.runtime.follower import FollowedModel, Follower
from projections.runtime.read_model import PoisonEntry, ReadModel
from projections.runtime.rebuild import rebuild
from projections.runtime.schemas import make
from projections.runtime.supervisor import Supervisor
from projections.runtime.tracking import ReadModelStore, tracked_position
from projections.worklist import late
from projections.worklist import listing as worklist
from projections.worklist.filter import WorklistFilter
from projections.worklist.late import LateFilter, LateItem, LateOrder, LatePage
from tests.support.data.examples import issue, published, submit
from tests.support.data.lives import BEGIN, FORCES, Clock, populate
from tests.support.served.serving import AUDITOR

pytestmark = pytest.mark.slow

RECOUNT = (Path(__file__).parent / "recount.sql").read_text().encode()
TODAY = date(2026, 11, 23)
DAYS = 400
WAIT_SECONDS = 20.0

NAMES = {"force", "area", "year", "stage", "next_by"}
"""The fields of a measure's row that count nothing."""

T = TypeVar("T", bound=Struct)
Reading: TypeAlias = Callable[[Cursor[Any], ForceFilter, date], tuple[tuple[T, ...], int]]

on_days = some.integers(0, DAYS).map(lambda n: BEGIN.date() + timedelta(days=n))
moments = some.one_of(
    some.none(), some.integers(0, DAYS * 24).map(lambda n: BEGIN + timedelta(hours=n))
)
within_a_database = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def wait_until_level(ledger: Ledger, *models: type[ReadModel]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    head = ledger.head()
    for model in models or READ_MODELS:
        while position(ledger, model) < head:
            assert time.monotonic() < until, f"{model.name} did not come level"
            time.sleep(0.01)


def position(ledger: Ledger, model: type[ReadModel]) -> int:
    try:
        return ledger.rows.read(lambda c: tracked_position(c, model))
    except Exception:  # noqa: BLE001  the read model is not made yet
        return 0


class World:
    """A ledger of random lives with its read models, made once for the module."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.database = database
        self.ledger = Ledger(environment(database.conninfo(APP), pool=4), clock=self.clock)
        self.aside = psycopg.connect(database.conninfo(APP), autocommit=True)
        with Supervisor(database, READ_MODELS):
            self._read_by_an_auditor()
            self.streams = populate(self.ledger, self.clock, 7, reports=20, steps=1000)
            self._read_by_an_auditor()
            wait_until_level(self.ledger)

    def board_on(self, day: date) -> Board:
        """Return the board of a day, as known now."""
        return self.ledger.rows.read(lambda c: read_board(c, on=day))

    def rows_of(self, read: Reading[T], filters: ForceFilter) -> Sequence[T]:
        """Return the rows that a measure counts."""
        return self.ledger.rows.read(lambda c: read(c, filters, TODAY))[0]

    def everything(self) -> Mapping[UUID, History]:
        """Return the histories of all recommendations and of their reports."""
        histories = self.ledger.histories(self.streams)
        issued = [history[0].event for history in histories.values()]
        reports = {event.report for event in issued if isinstance(event, Issued)}
        return {**histories, **self.ledger.histories(list(reports))}

    def _read_by_an_auditor(self) -> None:
        """Access is on record among the lives, and in no read model."""
        for stream in (UUID(int=1), UUID(int=2), UUID(int=1)):
            self.ledger.submit([access_submission(HistoryReplayed(AUDITOR.id, stream))], AUDITOR)
            self.clock.now += timedelta(hours=20)


@pytest.fixture(scope="module")
def world(make_database: Database) -> Generator[World]:
    found = World(make_database)
    yield found
    found.aside.close()
    found.ledger.close()


def state_after_days(history: History, on: date, known_at: datetime | None) -> State:
    """Return the state by a day, as known at a moment, from the history itself."""
    return state_of(as_at(history, on=on, known_at=known_at)) or Recommendation()


def summed(kind: type[Struct], rows: Sequence[Struct]) -> dict[str, object]:
    """Return the sum of each count of some rows; a median is that of the only row, or None."""
    names = [name for name in kind.__struct_fields__ if name not in NAMES]
    counts: dict[str, object] = {
        name: sum(getattr(row, name) for row in rows) for name in names if name != "days"
    }
    if "days" in names:
        counts["days"] = asdict(rows[0])["days"] if rows else None
    return counts


def ages_of(stages: Sequence[StageAges]) -> dict[str, int]:
    """Return the numbers of each band and of none, all stages together."""
    bands = [[band.many for band in each.ages.bands] for each in stages]
    names = ("under_6_months", "under_1_year", "under_2_years", "under_4_years", "over_4_years")
    sums = [sum(column) for column in zip(*bands, strict=True)] or [0] * len(names)
    uncertain = sum(each.ages.uncertain for each in stages)
    return {**dict(zip(names, sums, strict=True)), "uncertain": uncertain}


def late_by_clock(world: World, filters: ForceFilter) -> list[dict[str, Any]]:
    """Return how many are listed as late by each clock, who owes the answer, and the first day."""
    of_force = LateFilter(force=filters.force, on=filters.on, known_at=filters.known_at)
    items = world.ledger.rows.read(lambda c: list(late.every(c, of_force, TODAY).items))
    counted, _ = world.ledger.rows.read(lambda c: late.read_late(c, of_force, TODAY))
    grouped: list[dict[str, Any]] = [
        {
            "clock": clock,
            "owed_by": str(owed_by),
            "many": len(due := [item.due for item in items if item.clock == clock]),
            "due": min(due).isoformat(),
        }
        for clock, owed_by in sorted({(item.clock, item.owed_by) for item in items})
    ]
    assert [(each["clock"], each["many"], each["due"]) for each in grouped] == [
        (each.clock, each.many, each.due.isoformat()) for each in counted
    ]
    return grouped


def page_of(world: World, filters: RegisterFilter, after: str | None = None) -> RegisterPage:
    return world.ledger.rows.read(lambda c: listing.page(c, filters, TODAY, after))


def test_the_random_lives_hold_what_the_recounts_are_about(world: World) -> None:
    with psycopg.connect(world.database.conninfo(APP)) as connection:
        rows = connection.execute("SELECT tag, count(*) FROM ledger GROUP BY tag").fetchall()
    tags: dict[str, int] = dict(rows)
    events = ("steps_withdrawn", "withdrawal_requested", "taken_over", "closure_proposed")
    for event in (*events, "disputed"):
        assert tags[f"recommendation.{event}"] > 2, event
    stages: Counter[str] = Counter()
    for months in range(1, 13):
        day = BEGIN.date() + timedelta(days=30 * months)
        stages.update(world.board_on(day).national.stages)
    assert all(stages.values()), stages
    late = [
        step
        for history in world.ledger.histories(world.streams).values()
        for step, entry in enumerate(as_at(history), 1)
        if entry.step != step
    ]
    assert len(late) > 20, "recorded late"


RECOUNTS = settings(within_a_database, max_examples=1000)


@RECOUNTS
@given(some.sampled_from(FORCES), on_days, moments)
@example("kent", TODAY, None)
def test_every_count_equals_a_recount_of_the_raw_entries(
    world: World, force: str, on: date, known_at: datetime | None
) -> None:
    board = world.ledger.rows.read(lambda c: read_board(c, on=on, known_at=known_at, force=force))
    told = board.forces[force]
    filters = ForceFilter(force=force, on=on, known_at=known_at)
    asked = {"force": force, "on": on, "known_at": known_at or datetime.max.replace(tzinfo=UTC)}
    raw = world.aside.cursor(row_factory=dict_row).execute(RECOUNT, asked).fetchone()
    assert raw == {
        "total": told.total,
        "open": told.open,
        "limited": told.limited,
        "recommendations": told.kinds["recommendation"],
        "causes_of_concern": told.kinds["cause_of_concern"],
        **told.stages,
        "verified": told.closed["verified"],
        "closed_as_withdrawn": told.closed["withdrawn"],
        **told.slipped,
        "met": told.findings["met"],
        "partly_met": told.findings["partly_met"],
        "no_finding": told.findings["not_known"],
        "claimed": told.claimed,
        "assured": told.assured,
        "partly_assured": told.partly_assured,
        "overdue": told.overdue,
        "plan_overdue": told.plan_overdue,
        "late": late_by_clock(world, filters),
        "median_to_plan": told.median_days_to_plan,
        "median_to_close": told.median_days_to_close,
        "accuracy": summed(Accuracy, world.rows_of(read_accuracy, filters)),
        "cohorts": summed(Cohort, world.rows_of(read_cohorts, filters)),
        "load": summed(Demands, [row for row in world.rows_of(read_load, filters) if not row.area]),
        "ages": ages_of(world.rows_of(read_ages, filters)),
    }


@within_a_database
@given(some.sampled_from(FORCES), on_days, moments)
@example("kent", TODAY, None)
def test_coverage_equals_a_recount_of_the_raw_entries(
    world: World, force: str, on: date, known_at: datetime | None
) -> None:
    filters = ForceFilter(force=force, on=on, known_at=known_at)
    told = world.ledger.rows.read(lambda c: read_coverage(c, filters, TODAY)).forces[force]
    reports: dict[UUID, int | None] = {}
    issued: dict[UUID, set[object]] = {}
    for stream, history in world.everything().items():
        state = state_after_days(history, on, known_at)
        if isinstance(state, Report) and state.published and state.published.addressee == force:
            reports[stream] = state.published.recommendations_stated
        if isinstance(state, Recommendation) and state.issued:
            event = state.issued
            if event.kind is Kind.RECOMMENDATION:
                # What goes to several addressees is one recommendation of those stated.
                name = event.ordinal or event.reference.removesuffix(f"-{event.addressee}")
                issued.setdefault(event.report, set()).add(name)
    stated = {stream: number for stream, number in reports.items() if number is not None}
    assert told == Coverage(
        reports=len(reports),
        stating=len(stated),
        stated=sum(stated.values()) if stated else None,
        on_record=sum(len(issued.get(stream, ())) for stream in stated) if stated else None,
    )
    of_all = ForceFilter(on=on, known_at=known_at, training=force == "training" or None)
    together = world.ledger.rows.read(lambda c: read_coverage(c, of_all, TODAY)).forces
    assert together.get(force, Coverage()) == told


@within_a_database
@given(some.sampled_from([None, *FORCES]), on_days, moments, moments)
def test_a_day_that_is_not_restated_is_the_same_as_known_at_both_moments(
    world: World, force: str | None, on: date, first: datetime | None, later: datetime | None
) -> None:
    if first is None or (later and later <= first):
        first, later = later or datetime.min.replace(tzinfo=UTC), first
    filters = ForceFilter(force=force, on=on, known_at=later)
    views = [replace(filters, known_at=moment) for moment in (first, later)]
    read = world.ledger.rows.read
    coverages = [read(partial(read_coverage, filters=view, today=TODAY)).forces for view in views]
    listed = [
        page_of(world, RegisterFilter(on=on, known_at=view.known_at, force=force, limit=500)).items
        for view in views
    ]
    if not read(lambda c: may_be_restated(c, filters, first, TODAY)):
        assert coverages[0] == coverages[1]
        assert listed[0] == listed[1]


@within_a_database
@given(on_days, moments)
@example(TODAY, None)
def test_the_register_agrees_with_the_histories(
    world: World, on: date, known_at: datetime | None
) -> None:
    told: dict[UUID, Standing] = {}
    for force in FORCES:
        page = page_of(world, RegisterFilter(on=on, known_at=known_at, force=force, limit=500))
        told |= {item.id: item.standing for item in page.items}
    histories = world.ledger.histories(world.streams)
    expected = {
        stream: shown
        for stream, history in histories.items()
        if (shown := Register.show(state_after_days(history, on, known_at))) is not None
    }
    assert told == expected


@within_a_database
@given(on_days, moments)
def test_the_worklist_agrees_with_the_histories(
    world: World, on: date, known_at: datetime | None
) -> None:
    filters = WorklistFilter(on=on, known_at=known_at, limit=500)
    rows = world.ledger.rows
    counts = rows.read(lambda c: worklist.counts(c, filters, TODAY))
    page = rows.read(lambda c: worklist.page(c, filters, TODAY, counts=counts))
    soon = on + timedelta(days=SOON_DAYS)
    expected = {
        (
            Work.DUE_SOON if item.shows_from and item.shows_from > on else item.work,
            stream,
            item.clock,
        )
        for stream, history in world.ledger.histories(world.streams).items()
        if isinstance(state := state_after_days(history, on, known_at), Recommendation)
        and state.issued
        and state.issued.addressee != "training"
        for item in work(state)
        if item.shows_from is None or item.shows_from <= soon
    }
    assert {(item.work, item.id, item.clock) for item in page.items} == expected
    assert sum(page.counts.values()) == len(expected)


@within_a_database
@given(on_days, on_days, moments)
def test_what_is_late_and_what_is_not_any_more_agree_with_the_histories(
    world: World, day: date, other: date, known_at: datetime | None
) -> None:
    since, on = sorted((day, other))

    def listed_by(filters: LateFilter) -> Sequence[LateItem]:
        return world.ledger.rows.read(lambda c: late.page(c, filters, TODAY)).items

    listed = [
        listed_by(LateFilter(on=on, known_at=known_at, limit=500)),
        listed_by(LateFilter(on=on, known_at=known_at, limit=500, since=since)),
    ]
    histories = world.ledger.histories(world.streams)
    then, now = (
        {
            (stream, item.clock)
            for stream, history in histories.items()
            for item in late_work(history, end, known_at)
        }
        for end in (since, on)
    )
    assert [{(item.id, item.clock) for item in items} for items in listed] == [now, then - now]
    for item in listed[1]:
        assert item.cleared_on
        assert since < item.cleared_on <= on
        before, after = (
            {each.clock for each in late_work(histories[item.id], end, known_at)}
            for end in (item.cleared_on - timedelta(1), item.cleared_on)
        )
        assert item.clock in before - after
    for items in listed:
        assert list(items) == sorted(items, key=lambda one: (one.due, one.reference, one.clock))


def late_work(history: History, end: date, known_at: datetime | None) -> list[WorkDue]:
    """Return what is late at the end of a day, by the history."""
    state = state_after_days(history, end, known_at)
    if not isinstance(state, Recommendation) or not state.issued:
        return []
    return [
        item
        for item in work(state)
        if item.work is Work.CHASE_OVERDUE and item.shows_from and item.shows_from <= end
        and state.issued.addressee != "training"
    ]  # fmt: skip


def test_the_random_lives_are_late_by_every_deadline_and_each_party_owes_some(
    world: World,
) -> None:
    items = world.ledger.rows.read(lambda c: list(late.every(c, LateFilter(), TODAY).items))
    owed = Counter((item.clock, str(item.owed_by)) for item in items)
    assert owed.keys() == {
        ("action_plan", "force"), ("section_55", "local_policing_body"), ("time_limit", "force"),
    }, owed  # fmt: skip


def test_as_many_are_late_by_a_deadline_as_the_board_counts(world: World) -> None:
    counts = world.board_on(TODAY).national
    by_clock = Counter(
        item.clock
        for item in world.ledger.rows.read(lambda c: list(late.every(c, LateFilter(), TODAY).items))
    )
    assert (by_clock["time_limit"], by_clock["action_plan"]) == (
        counts.overdue,
        counts.plan_overdue,
    )
    assert counts.overdue
    assert counts.plan_overdue
    assert world.ledger.rows.read(lambda c: late.count(c, LateFilter(), TODAY)) == by_clock.total()


@pytest.mark.parametrize("model", READ_MODELS)
def test_a_live_read_model_equals_its_rebuild(world: World, model: type[ReadModel]) -> None:
    rebuilt = rebuild(world.database, model, on_progress=lambda _d, _o: None)
    assert rebuilt.compared
    assert rebuilt.samples == ()
    assert rebuilt.entries == world.ledger.head()


@within_a_database
@given(on_days, moments, some.sampled_from([None, "kent", "training"]))
def test_each_figure_of_a_measure_is_as_many_as_its_list_has(
    world: World, on: date, known_at: datetime | None, force: str | None
) -> None:
    of = ForceFilter(on=on, known_at=known_at, force=force)

    def listed(**fields: Any) -> int:  # noqa: ANN401  those of the filter
        wanted: dict[str, Any] = {"force": force, **fields}
        filters = RegisterFilter(on=on, known_at=known_at, **wanted)
        return world.ledger.rows.read(lambda c: listing.count(c, filters, TODAY))

    for cohort in world.rows_of(read_cohorts, of):
        year = "not_known" if cohort.year is None else f"{cohort.year:04}"
        assert asdict(cohort) == {
            "year": cohort.year,
            "issued": listed(issued_in=year),
            "done_in_1": listed(issued_in=year, done_within="1"),
            "done_in_2": listed(issued_in=year, done_within="2"),
            "done_in_4": listed(issued_in=year, done_within="4"),
            "done": listed(issued_in=year, reason="verified"),
            "ended": listed(issued_in=year, ended=True),
            "open": listed(issued_in=year, open=True),
            "not_known": listed(issued_in=year, stage=Stage.NOT_KNOWN),
        }
    for each in world.rows_of(read_ages, of):
        place = {"stage": each.stage, "next_by": each.next_by, "open": True}
        for band in each.ages.bands:
            days = {"issued_from": band.issued_from, "issued_to": band.issued_to}
            assert listed(**place, **days) == band.many
        assert listed(**place, age_known=False) == each.ages.uncertain
    for load in world.rows_of(read_load, of):
        of_area = {"force": load.force, "area": load.area}
        assert listed(**of_area, open=True) == load.open
        assert listed(**of_area, stage=Stage.NOT_KNOWN) == load.not_known


def test_the_next_move_of_a_list_is_that_of_the_rules(world: World) -> None:
    cases = [
        (stage, plan, claimed, updated, finding)
        for stage in Stage
        for plan in Plan
        for claimed in (False, True)
        for updated in (False, True)
        for finding in (None, *Finding)
    ]
    day = "2024-01-01"
    values = [
        (stage, plan, day if claimed else None, day if updated else None, "immediate", finding)
        for stage, plan, claimed, updated, finding in cases
    ]
    query: LiteralString = (
        "SELECT " + NEXT_BY + " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[],"  # noqa: S608  our own
        " %s::text[], %s::text[]) WITH ORDINALITY AS s (stage, plan, claimed_on, updated_on,"
        " time_limit, finding, number) ORDER BY number"
    )
    rows = world.aside.execute(query, [list(column) for column in zip(*values, strict=True)])
    expected = [
        next_move(stage, plan, claimed=claimed, updated=updated, finding=finding)
        for stage, plan, claimed, updated, finding in cases
    ]
    assert [row[0] for row in rows] == expected


def test_the_monthly_series_ends_with_the_current_board(world: World) -> None:
    months = world.ledger.rows.read(lambda c: read_series(c, on=TODAY, force="kent"))
    board = world.ledger.rows.read(lambda c: read_board(c, on=TODAY, force="kent"))
    last, told = months[-1], board.forces["kent"]
    assert last.month == "2026-11"
    assert (last.total, last.open, last.overdue, last.claimed, last.closed) == (
        told.total, told.open, told.overdue, told.claimed, told.stages["closed"],
    )  # fmt: skip


def test_training_is_in_no_national_figure(world: World) -> None:
    board = world.ledger.rows.read(lambda c: read_board(c, on=TODAY))
    training = world.ledger.rows.read(lambda c: read_board(c, on=TODAY, force="training"))
    assert training.national.total > 0
    assert "training" not in board.forces
    assert board.national.total == sum(one.total for one in board.forces.values())
    alone = world.ledger.rows.read(lambda c: read_board(c, on=TODAY, training=True))
    assert alone.national == training.national
    assert alone.forces["training"] == training.national
    months = world.ledger.rows.read(lambda c: read_series(c, on=TODAY, training=True))
    assert months == world.ledger.rows.read(lambda c: read_series(c, on=TODAY, force="training"))


def test_a_comparing_rebuild_names_a_tampered_row(world: World) -> None:
    with psycopg.connect(world.database.conninfo(PROJECTOR), autocommit=True) as connection:
        connection.execute("SET search_path TO " + Register.schema)
        connection.execute("UPDATE standing SET stage = 'Tampered' WHERE ctid = '(0,1)'")
    rebuilt = rebuild(world.database, Register, on_progress=lambda _d, _o: None, swap=False)
    assert (rebuilt.only_live, rebuilt.only_new) == (1, 1)
    assert "Tampered" in rebuilt.samples[0]
    rebuild(world.database, Register, on_progress=lambda _d, _o: None)


def test_one_process_follows_and_another_takes_over(database: Database, ledger: Ledger) -> None:
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(Supervisor(database, [Reports]))
        published(ledger)
        wait_until_level(ledger, Reports)
        standby = second.enter_context(Supervisor(database, [Reports]))
        eventually(lambda: standby.status["reports"].state == "standby")
        first.close()
        eventually(lambda: standby.status["reports"].state == "keeping")
        published(ledger, reference="kent-second-2023")
        wait_until_level(ledger, Reports)


def test_readers_find_a_whole_read_model_during_a_rebuild(
    database: Database, ledger: Ledger
) -> None:
    published(ledger, *(issue(ordinal=n) for n in range(1, 51)))
    counts: set[int] = set()
    stop = threading.Event()
    filters = RegisterFilter(limit=500)

    def read() -> None:
        while not stop.is_set():
            page = ledger.rows.read(lambda c: listing.page(c, filters, TODAY))
            counts.add(len(page.items))

    with Supervisor(database, READ_MODELS):
        wait_until_level(ledger)
        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(5):
            rebuild(database, Register, on_progress=lambda _d, _o: None)
        stop.set()
        reader.join()
    assert counts == {50}


def test_following_goes_on_after_a_swap(database: Database, ledger: Ledger) -> None:
    stream = published(ledger)
    with Supervisor(database, READ_MODELS):
        wait_until_level(ledger)
        rebuild(database, Register, on_progress=lambda _d, _o: None)
        submit(ledger, stream, Comment(comment="After the swap."))
        wait_until_level(ledger)


def test_an_unreadable_entry_stops_its_read_model_and_is_named(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    published(ledger, reference="kent-second-2023")
    with psycopg.connect(database.conninfo(OWNER), autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger_events DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger_events SET state = '{}' WHERE notification_id = 3")
    kept = by_hand(database, ledger, Reports)
    with pytest.raises(PoisonEntry) as told:
        kept.catch_up(ledger.head(), lambda _d, _o: None)
    assert told.value.position == 3
    assert position(ledger, Reports) == kept.position == 2


def test_a_batch_that_could_not_be_written_is_taken_again(
    database: Database, ledger: Ledger
) -> None:
    published(ledger)
    kept = by_hand(database, ledger, Reports)
    with psycopg.connect(database.conninfo(PROJECTOR), autocommit=True) as connection:
        connection.execute("ALTER TABLE " + Reports.schema + ".listing RENAME TO away")
        with pytest.raises(Exception, match="listing"):
            kept.catch_up(ledger.head(), lambda _d, _o: None)
        assert position(ledger, Reports) == kept.position == 0
        connection.execute("ALTER TABLE " + Reports.schema + ".away RENAME TO listing")
    kept.catch_up(ledger.head(), lambda _d, _o: None)
    page = ledger.rows.read(lambda c: reports.page(c, ReportsFilter(), TODAY))
    assert [item.listing.reference for item in page.items] == ["kent-ncpi-2022"]


def test_pages_of_the_register_follow_without_gap_or_repetition(world: World) -> None:
    whole = page_of(world, RegisterFilter(limit=500)).items
    items: list[RegisterItem] = []
    after: str | None = None
    while not items or after:
        page = page_of(world, RegisterFilter(limit=3), after)
        items += page.items
        after = page.next
    assert tuple(items) == whole


ORDERS: Mapping[str, Callable[[RegisterItem], str]] = {
    "reference": lambda item: item.standing.reference,
    "deadline": lambda item: str(item.standing.late_from or date.max),
    "newest": lambda item: item.standing.issued_on.removeprefix("unknown"),
    "oldest": lambda item: item.standing.issued_on,
    "force": lambda item: item.standing.force,
}
"""What each order of the register goes by, before the reference."""


@pytest.mark.parametrize("on", [None, BEGIN.date() + timedelta(days=DAYS // 2)])
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_of_the_register_lists_everything_once(
    world: World, order: RegisterOrder, on: date | None
) -> None:
    key = ORDERS[order]
    by_reference = page_of(world, RegisterFilter(limit=500, on=on)).items
    filters = RegisterFilter(limit=3, on=on, order=order)
    items: list[RegisterItem] = []
    after: str | None = None
    while not items or after:
        page = page_of(world, filters, after)
        items += page.items
        after = page.next
    assert items == sorted(by_reference, key=key, reverse=order == "newest")
    assert len({key(item) for item in items}) > 1
    second = page_of(world, RegisterFilter(limit=3, on=on, order=order, page=2)).items
    assert [*second] == items[3:6]
    whole = world.ledger.rows.read(lambda c: list(listing.every(c, filters, TODAY).items))
    assert whole == items


def test_the_register_by_deadline_begins_with_what_is_overdue_longest(world: World) -> None:
    items = page_of(world, RegisterFilter(limit=500, order="deadline")).items
    first, last = items[0].standing, items[-1].standing
    soonest = min(day for day in (first.overdue_from, first.plan_overdue_from) if day)
    assert first.late_from == soonest
    assert soonest < TODAY
    assert (last.overdue_from, last.plan_overdue_from, last.late_from) == (None, None, None)


@pytest.mark.parametrize("since", [None, BEGIN.date() + timedelta(days=DAYS // 2)])
@pytest.mark.parametrize("order", ["longest", "latest", "force"])
def test_every_order_of_what_is_late_lists_everything_once(
    world: World, order: LateOrder, since: date | None
) -> None:
    def listed(filters: LateFilter, after: str | None = None) -> LatePage:
        return world.ledger.rows.read(lambda c: late.page(c, filters, TODAY, after))

    every = listed(LateFilter(limit=500, since=since)).items
    assert len(every) > 3
    filters = LateFilter(limit=3, since=since, order=order)
    items: list[LateItem] = []
    after: str | None = None
    while not items or after:
        page = listed(filters, after)
        items += page.items
        after = page.next
    assert {(item.id, item.clock) for item in items} == {(item.id, item.clock) for item in every}
    keys = [(item.due, item.reference, item.clock) for item in items]
    match order:
        case "force":
            assert items == sorted(
                items, key=lambda item: (item.force, item.due, item.reference, item.clock)
            )
        case _:
            assert keys == sorted(keys, reverse=order == "latest")
    assert world.ledger.rows.read(lambda c: list(late.every(c, filters, TODAY).items)) == items


CLAIM_ORDERS: Mapping[str, Callable[[ClaimItem], str]] = {
    "reference": lambda item: item.claimed.reference,
    "newest": lambda item: item.claimed.claimed_on.removeprefix("unknown"),
    "oldest": lambda item: item.claimed.claimed_on,
    "force": lambda item: item.claimed.force,
}
"""What each order of claims goes by, before the reference and the step."""


@pytest.mark.parametrize("on", [None, BEGIN.date() + timedelta(days=DAYS // 2)])
@pytest.mark.parametrize("order", CLAIM_ORDERS)
def test_every_order_of_claims_lists_every_claim_once(
    world: World, order: ClaimsOrder, on: date | None
) -> None:
    def listed(filters: ClaimsFilter, after: str | None = None) -> ClaimsPage:
        return world.ledger.rows.read(lambda c: claims.page(c, filters, TODAY, after))

    key = CLAIM_ORDERS[order]
    by_reference = listed(ClaimsFilter(limit=500, on=on)).items
    filters = ClaimsFilter(limit=3, on=on, order=order)
    items: list[ClaimItem] = []
    after: str | None = None
    while not items or after:
        page = listed(filters, after)
        items += page.items
        after = page.next
    assert items == sorted(by_reference, key=key, reverse=order == "newest")
    assert len({key(item) for item in items}) > 1
    assert [*listed(replace(filters, page=2)).items] == items[3:6]
    assert world.ledger.rows.read(lambda c: list(claims.every(c, filters, TODAY).items)) == items


def by_hand(database: Database, ledger: Ledger, model: type[ReadModel]) -> Follower:
    conninfo = database.conninfo(PROJECTOR)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        make(connection, model, model.schema)
    env = environment(conninfo, pool=1, schema=model.schema)
    view = LedgerFactory(Environment(model.schema, env)).tracking_recorder(ReadModelStore)
    return Follower(ledger.rows, [FollowedModel(model, view)])


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)
