"""The published facts as files: an import of them gives the same public answers, on any day."""

import csv
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import Struct
from msgspec.structs import replace

from adapters.corpus import reading
from adapters.corpus.facts.export import export_facts
from adapters.corpus.facts.kinds import KINDS
from adapters.corpus.rows import FILES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.ledger.ledger import Ledger
from adapters.ledger.recorder import environment
from adapters.ledger.submission import Submission
from adapters.postgres.database import APP, Database
from api.pages.rendering.timeline import Happened, timeline
from domain.checks import REPLIES, SUPPRESSED
from domain.commands.common import ApproveSuppression, Correct, RequestSuppression
from domain.commands.recommendation import (
    AssignFollowUp,
    ClaimCompletion,
    Close,
    Comment,
    NameOwner,
    ProposeClosure,
    ReceiveActionPlan,
    RecordAssurance,
    Reopen,
    ReportProgress,
    RespondUnderSection55,
    ReviewActionPlan,
    Withdraw,
)
from domain.events.event import History
from domain.history import as_at
from domain.vocabulary.dates import day_of
from domain.vocabulary.forces import ADDRESSEES
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason, FollowUpKind, Kind
from tests.conftest import copied
from tests.support.data.corpus_files import ignore, take
from tests.support.data.examples import (
    ADMIN,
    INSPECTOR,
    KENT,
    KENT_BODY,
    issue,
    publish,
    published,
    submit,
)
from tests.support.data.lives import Clock, populate
from tests.support.data.paged import fill
from tests.support.served.serving import Service, serving

MARK = "xmarkx"
"""Part of everything in a recommendation that only readers of the record may see."""
WITH_CAUSES = "kent-causes-2023"
LISTS = (
    "/v1/recommendations?limit=100",
    "/v1/recommendations?limit=100&overdue=true",
    "/v1/reports?limit=100",
    "/v1/progress",
    "/v1/areas",
    "/v1/measures",
    "/v1/claims",
    "/v1/statements?limit=100",
    "/v1/slippage?limit=100",
)
NOT_SHOWN = {"name_owner", "propose_closure", "decline_closure", "comment"}
"""Kinds that an export has only where such a step took over, or was withdrawn."""
DAYS = ("", "2019-06-30", "2022-03-31", "2023-01-01", "2024-05-15", "2025-12-31")
OF_THE_RECORD = {
    "step", "position", "known_at", "next", "moved_by_step", "disputes", "disputed"
}  # fmt: skip
"""Fields that say where and when something was recorded, not what; and what parties dispute."""


class Sides(Struct):
    """The first record and the one imported from its export, each served."""

    first: Service
    second: Service
    first_ledger: Ledger
    second_ledger: Ledger
    files: Path


@pytest.fixture(scope="module")
def other_database(server: str, template: str) -> Generator[Database]:
    """A second empty database for all tests of the module."""
    yield from copied(server, template)


@pytest.fixture(scope="module")
def sides(
    make_database: Database,
    other_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Sides]:
    clock = Clock()
    with Ledger(environment(make_database.conninfo(APP), pool=2), clock=clock) as lived:
        populate(lived, clock, 7, reports=20, steps=1500)
        publish_causes(lived, clock)
    fill(make_database, training=True)
    files = tmp_path_factory.mktemp("facts") / "first"
    with (
        Ledger(environment(make_database.conninfo(APP), pool=2)) as first,
        Ledger(environment(other_database.conninfo(APP), pool=2)) as second,
    ):
        export_facts(first, files, ignore, training=True)
        take(second, reading.read(files, day_of(datetime.now(UTC))))
        with serving(make_database) as one_side, serving(other_database) as other_side:
            yield Sides(one_side, other_side, first, second, files)


def publish_causes(ledger: Ledger, clock: Clock) -> None:
    """Publish a report with two causes of concern; what belonged to one is put under the other."""
    clock.now += timedelta(days=1)
    causes = [replace(issue(ordinal=n), kind=Kind.CAUSE_OF_CONCERN) for n in (1, 2)]
    parts = [replace(issue(ordinal=n), cause=1) for n in (3, 4)]
    on = clock.now.date().isoformat()
    report = publish(*causes, *parts, reference=WITH_CAUSES, on=on)
    ledger.submit([Submission(report_id(WITH_CAUSES), report)], INSPECTOR)
    moved = Correct(step=1, field="cause", was=1, now=2, why="A slip.")
    submit(ledger, recommendation_id(f"{WITH_CAUSES}-r04"), moved)


def differing(before: Any, after: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401  any JSON
    """Yield each fact in which two answers differ, but for where and when it was recorded."""
    if isinstance(before, dict) and isinstance(after, dict):
        first, second = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        removed = str(first.get("text")).startswith("Text removed on ")
        for name in {*first, *second} - OF_THE_RECORD - ({"wording"} if removed else set()):
            yield from differing(first.get(name), second.get(name), f"{place}/{name}")
    elif isinstance(before, list) and isinstance(after, list):
        pairs = zip_longest(cast("Sequence[Any]", before), cast("Sequence[Any]", after))
        for number, (one_side, other_side) in enumerate(pairs):
            yield from differing(one_side, other_side, f"{place}/{number}")
    elif before != after:
        yield f"{place}: {before!r} became {after!r}"


def pages(service: Service, path: str, params: Mapping[str, str]) -> Iterator[Any]:
    answer = service.get(path, params=params)
    assert answer.is_success, (path, params, answer.text)
    yield answer.json()
    while following := answer.links.get("next"):
        answer = service.get(following["url"])
        assert answer.is_success
        yield answer.json()


def rows(directory: Path, file: str) -> list[dict[str, str]]:
    with (directory / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("training", ["false", "true"])
@pytest.mark.parametrize("path", LISTS)
def test_an_imported_export_gives_the_same_public_lists(
    sides: Sides, path: str, training: str, day: str
) -> None:
    params = {"training": training} | ({"on": day} if day else {})
    for before, after in zip(
        pages(sides.first, path, params), pages(sides.second, path, params), strict=True
    ):
        assert [*differing(before, after)] == []


@pytest.mark.parametrize("day", DAYS)
def test_an_imported_export_gives_the_same_recommendations(sides: Sides, day: str) -> None:
    params = {"on": day} if day else {}
    seen = 0
    for row in rows(sides.files, RECOMMENDATIONS):
        if row["item_type"] == "area_to_improve":
            continue
        stream = recommendation_id(row["rec_id"])
        before = sides.first.get(f"/v1/recommendations/{stream}", params=params)
        after = sides.second.get(f"/v1/recommendations/{stream}", params=params)
        assert after.status_code == before.status_code
        if before.is_success:
            assert [*differing(before.json(), after.json())] == []
            seen += 1
    assert seen > 5


@pytest.mark.parametrize("day", DAYS)
def test_an_imported_export_gives_the_same_published_timelines(sides: Sides, day: str) -> None:
    on = date.fromisoformat(day) if day else None
    streams = [recommendation_id(row["rec_id"]) for row in rows(sides.files, RECOMMENDATIONS)]
    streams += [report_id(row["product_id"]) for row in rows(sides.files, PRODUCTS)]
    before, after = sides.first_ledger.histories(streams), sides.second_ledger.histories(streams)

    for stream in streams:
        assert told(after[stream], on) == told(before[stream], on)


def told(history: History, on: date | None) -> list[Happened]:
    """What is published of a history, but disputes and that a text was removed.

    A dispute is between parties who sign in, on the day of each step: no import can speak for them.
    """
    recorded = {entry.step: entry for entry in history}
    untold = (*SUPPRESSED, *REPLIES)
    shown = [entry for entry in as_at(history, on=on) if not isinstance(entry.event, untold)]
    return [replace(step, step=0) for step in timeline(shown, recorded=recorded)]


def test_an_export_of_an_imported_export_has_the_same_bytes(sides: Sides, tmp_path: Path) -> None:
    export_facts(sides.second_ledger, tmp_path / "second", ignore, training=True)

    for file in FILES:
        assert (tmp_path / "second" / file).read_bytes() == (sides.files / file).read_bytes()


def test_every_kind_of_published_step_is_in_the_files(sides: Sides) -> None:
    assert {row["type"] for row in rows(sides.files, STEPS)} >= {*KINDS} - NOT_SHOWN


def test_an_imported_recommendation_belongs_to_the_same_cause_of_concern(sides: Sides) -> None:
    for number, cause in ((3, 1), (4, 2)):
        path = f"/v1/recommendations/{recommendation_id(f'{WITH_CAUSES}-r{number:02}')}"
        assert sides.second.get(path).json()["cause"] == cause


def test_an_export_is_on_record_where_it_comes_from(sides: Sides) -> None:
    head = sides.first_ledger.head()
    done = take(sides.first_ledger, reading.read(sides.files, day_of(datetime.now(UTC))))

    assert sides.first_ledger.head() == head
    assert done.unchanged == sum(len(rows(sides.files, file)) for file in FILES)


def test_a_withdrawn_step_that_nobody_may_know_is_counted_as_a_comment(
    ledger: Ledger, tmp_path: Path
) -> None:
    stream = published(ledger)
    submit(ledger, stream, ProposeClosure(basis=MARK, source=MARK))
    submit(ledger, stream, Withdraw(steps=(2,), why=MARK))
    export_facts(ledger, tmp_path / "facts", ignore, training=True)

    proposal, withdrawal = rows(tmp_path / "facts", STEPS)
    assert (proposal["type"], withdrawal["type"]) == ("comment", "withdraw")
    assert withdrawal["about"] == proposal["step_id"]
    done = take(ledger, reading.read(tmp_path / "facts", day_of(datetime.now(UTC))))
    assert done.unchanged == 4


# What is not in them


def test_nothing_private_is_in_an_export(ledger: Ledger, tmp_path: Path) -> None:
    stream = published(ledger)
    for actor, command in (
        (KENT, NameOwner(owner=MARK)),
        (KENT, ReceiveActionPlan(answer="act", content=MARK)),
        (INSPECTOR, ReviewActionPlan(outcome="accepted", remarks=MARK)),
        (
            INSPECTOR,
            AssignFollowUp(
                kind=FollowUpKind.MONITORING, procedure=MARK, assignee=MARK, reason=MARK
            ),
        ),
        (INSPECTOR, Correct(step=5, field="assignee", was=MARK, now=f"{MARK}-2", why=MARK)),
        (KENT, ReportProgress(progress=MARK)),
        (INSPECTOR, Comment(comment=MARK)),
        (KENT, ClaimCompletion(evidence=MARK)),
        (KENT_BODY, RecordAssurance(level="assured", reason=MARK)),
        (KENT_BODY, RespondUnderSection55(answer="act", explanation="We agree.")),
        (INSPECTOR, ProposeClosure(basis=MARK, source=MARK)),
        (INSPECTOR, Close(reason=CloseReason.NOT_APPLICABLE, basis=MARK)),
        (INSPECTOR, Reopen(reason=MARK)),
        (INSPECTOR, RequestSuppression(step=1, field="text", ground="safeguarding", why=MARK)),
    ):
        submit(ledger, stream, command, actor)
    export_facts(ledger, tmp_path / "facts", ignore, training=True)

    text = "".join((tmp_path / "facts" / file).read_text() for file in FILES)
    assert "We agree." in text
    assert MARK not in text
    assert "kent-liaison" not in text


def test_a_suppressed_text_is_in_an_export_as_its_notice(ledger: Ledger, tmp_path: Path) -> None:
    stream = published(ledger, issue(text="A name."))
    ask = RequestSuppression(step=1, field="text", ground="safeguarding", why="A name.")
    submit(ledger, stream, ask, ADMIN)
    submit(ledger, stream, ApproveSuppression(request=2, step=1, field="text"))
    export_facts(ledger, tmp_path / "facts", ignore, training=True)

    (row,) = rows(tmp_path / "facts", RECOMMENDATIONS)
    assert row["paraphrase"].startswith("Text removed on ")
    assert row["text_seen"] == "yes", "the notice is not the published wording"
    done = take(ledger, reading.read(tmp_path / "facts", day_of(datetime.now(UTC))))
    assert done.unchanged == 2
    assert "A name" not in "".join((tmp_path / "facts" / file).read_text() for file in FILES)


def test_training_is_in_an_export_only_if_asked_for(sides: Sides, tmp_path: Path) -> None:
    counts = export_facts(sides.first_ledger, tmp_path / "real", ignore, training=False)

    codes = {row["force_code"] for file in FILES for row in rows(tmp_path / "real", file)}
    assert "kent" in codes
    assert not {code for code in codes if ADDRESSEES[code].training}
    assert counts == {file: len(rows(tmp_path / "real", file)) for file in FILES}
    assert counts[STEPS] < len(rows(sides.files, STEPS))


def test_an_export_that_fails_leaves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    published(ledger)

    def fail(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_facts(ledger, tmp_path / "facts", fail, training=True)
    assert list(tmp_path.iterdir()) == []


def test_an_export_replaces_nothing(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine")

    with pytest.raises(FileExistsError):
        export_facts(ledger, tmp_path, ignore, training=True)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.csv"]
