"""Steps of a life in the fourth file: a case's past is decided by the rules, and moves it on."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.clock import now
from adapters.corpus.facts.export import export_facts
from adapters.corpus.facts.life import NOT_IN_FILE
from adapters.corpus.facts.on_record import rows_on_record
from adapters.corpus.importer import IMPORTER, rehearse
from adapters.corpus.reading import read
from adapters.corpus.rows import FILES, OUTCOMES, RECOMMENDATIONS, STEPS
from adapters.ledger.ledger import Ledger
from domain.events.recommendation import MilestoneNoted
from domain.events.report import ReportMilestoneNoted
from domain.history import recommendation_after
from domain.recommendation.state import Stage
from domain.vocabulary.dates import day_of
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason, Finding
from tests.support.data.corpus_files import TODAY, corpus, ignore, refused, take, write

R01 = recommendation_id("kent-ncpi-2019-r01")


def step(key: str, kind: str, on: str, **cells: str) -> Mapping[str, str]:
    blank = dict.fromkeys(("said_by", "text", "source", "confidence"), "")
    precision = {10: "day", 7: "month", 4: "year", 0: "unknown"}[len(on)]
    return {
        **blank, "step_id": key, "type": kind, "date": on, "date_precision": precision, **cells
    }  # fmt: skip


OTHER = {"was": "met", "now": "narrative"}
PAST = [
    step("s01", "receive_action_plan", "2019-09", answer="act", notes="Train all."),
    step("s02", "review_action_plan", "2019-10-02", outcome="accepted"),
    step("s03", "assign_follow_up", "2019-10-02", follow_up="reinspection", procedure="2017"),
    step("s04", "claim_completion", "2020-01-15"),
    step("s05", "report_follow_up", "2020-03-04", finding="met", text="All are.", source="Review."),
    step("s06", "close", "2020-03-20", reason="verified", source="Review."),
]


def test_a_past_in_rows_moves_its_recommendation_on(ledger: Ledger, tmp_path: Path) -> None:
    done = take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST}))

    assert (done.milestones, done.closed) == (6, 1)
    state = recommendation_after(ledger.history(R01))
    assert state.stage is Stage.CLOSED
    assert [said.finding for said in state.findings] == [Finding.MET]
    assert state.closure is not None
    assert (state.closure.reason, state.closure.claimed_on) == (CloseReason.VERIFIED, "2020-01-15")


def alone(directory: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write a directory that has the steps, and no other file."""
    write(directory, {OUTCOMES: [], STEPS: rows})
    for file in FILES:
        if file != STEPS:
            (directory / file).unlink()
    return directory


def test_steps_alone_move_a_recommendation_on_record_on(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: []}))
    day = day_of(now())

    done = take(ledger, read(alone(tmp_path, PAST), day, rows_on_record(ledger)))
    assert (done.milestones, done.closed, done.reports) == (6, 1, 0)
    assert recommendation_after(ledger.history(R01)).stage is Stage.CLOSED
    again = take(ledger, read(tmp_path, day, rows_on_record(ledger)))
    assert again.unchanged == 6


def test_steps_alone_are_all_or_nothing_and_every_problem_is_named(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: []}))
    rows = [
        *PAST,
        {**PAST[0], "step_id": "s07", "rec_id": "kent-ncpi-2019-r09"},
        {**PAST[0], "step_id": "s08", "product_id": "kent-ncpi-2018"},
        {**PAST[0], "step_id": "s09", "answer": "perhaps"},
        step("s10", "claim_completion", "2019-01-01"),
    ]
    named = refused(ledger, read(alone(tmp_path, rows), TODAY, rows_on_record(ledger)))

    assert [(problem.line, problem.column, problem.wrong) for problem in named] == [
        (8, "rec_id", "'kent-ncpi-2019-r09' does not exist"),
        (9, "product_id", "'kent-ncpi-2018' does not exist"),
        (9, "rec_id", "'kent-ncpi-2019-r01' belongs to the product kent-ncpi-2019"),
        (10, "answer", "'perhaps' is not an allowed word"),
        (11, "date", "2019-01-01 is before the publication of the product kent-ncpi-2019"),
    ]
    assert named[0].allowed == "a rec_id of recommendations.csv, or one on record, or empty"


def test_steps_of_sources_alone_are_noted_beside_recommendations_and_areas_on_record(
    ledger: Ledger, tmp_path: Path
) -> None:
    area = {"rec_id": "kent-ncpi-2019-a01", "item_type": "area_to_improve"}
    take(ledger, corpus(tmp_path, {OUTCOMES: [], RECOMMENDATIONS: [{}, area]}))
    rows = [{}, {"step_id": "s002", "rec_id": area["rec_id"]}, {"step_id": "s003", "rec_id": ""}]

    done = take(ledger, read(alone(tmp_path, rows), TODAY, rows_on_record(ledger)))
    assert done.milestones == 3
    noted = [entry.event for entry in ledger.history(report_id("kent-ncpi-2019"))]
    assert len([event for event in noted if isinstance(event, ReportMilestoneNoted)]) == 2
    assert isinstance(ledger.history(R01)[-1].event, MilestoneNoted)


def test_a_past_in_rows_makes_no_silence_a_breach(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST[:1]}))

    state = recommendation_after(ledger.history(R01))
    assert (state.stage, state.taken_over) == (Stage.PLAN_RECEIVED, None)


def test_a_step_without_its_private_text_says_that_the_file_has_none(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST}))

    history = ledger.history(R01)
    notes = ledger.notes([entry.id for entry in history])
    assert notes[history[1].id] == {"content": "Train all."}
    assert notes[history[4].id] == {"evidence": NOT_IN_FILE}


def test_a_past_imported_twice_is_on_record_once(ledger: Ledger, tmp_path: Path) -> None:
    first = take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST[:3]}))
    done = take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST}))

    assert (first.milestones, done.milestones, done.unchanged) == (3, 3, 5)
    assert len(ledger.history(R01)) == 7


def test_a_step_that_differs_from_the_record_is_named(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST}))
    changed = [*PAST[:4], {**PAST[4], "finding": "not_met", "date": "2020-03-05"}, PAST[5]]
    named = refused(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: changed}))

    assert [(p.line, p.column, p.wrong) for p in named] == [
        (6, "date", "is '2020-03-05', already on record as '2020-03-04'"),
        (6, "finding", "is 'not_met', already on record as 'met'"),
    ]


def test_a_step_that_the_rules_refuse_is_named_with_the_rule(
    ledger: Ledger, tmp_path: Path
) -> None:
    late = step("s07", "receive_action_plan", "2020-04-01", answer="act")
    (problem,) = refused(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: [*PAST, late]}))

    assert (problem.line, problem.column) == (8, "date")
    assert problem.wrong.endswith("this recommendation is closed.")


def test_a_correction_and_a_withdrawal_name_their_rows(ledger: Ledger, tmp_path: Path) -> None:
    amended = [
        *PAST,
        step(
            "c01", "correct", "2020-04-01", about="s05", field="finding", was="met", now="narrative"
        ),
        step("c02", "correct", "2020-04-01", about="kent-ncpi-2019-r01", field="ordinal", now="4"),
        step("w01", "withdraw", "2020-04-02", about="s06", notes="Too early."),
    ]
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: amended}))

    state = recommendation_after(ledger.history(R01))
    assert state.stage is Stage.FOLLOWED_UP
    assert state.findings[-1].finding is Finding.NARRATIVE
    assert state.issued is not None
    assert state.issued.ordinal == 4


def test_a_correction_of_a_row_on_record_names_it_by_its_place(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PAST}))
    later = step(
        "c01", "correct", "2020-04-01", about="s04", field="on", was="2020-01-15", now="2020-01-16"
    )
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: [later]}))

    closure = recommendation_after(ledger.history(R01)).closure
    assert closure is not None
    assert closure.claimed_on == "2020-01-16"


# Steps that nobody is shown, in an export


MARK = "xmarkx"


def exported(ledger: Ledger, directory: Path) -> list[dict[str, str]]:
    """Export the facts, none of them private; return the rows of the steps."""
    export_facts(ledger, directory, ignore, training=True)
    assert MARK not in "".join((directory / file).read_text() for file in FILES)
    with (directory / STEPS).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


PROPOSED = [
    step("a01", "receive_action_plan", "2019-09-01", answer="act"),
    step("p01", "propose_closure", "2020-01-15", source=MARK, notes=MARK),
    step("c01", "correct", "2020-01-16", about="p01", field="source", was=MARK, now=f"{MARK}-2"),
]
CLOSED = step("e01", "close", "2020-01-17", about="p01", reason="not_applicable", notes="Moot.")


def test_a_correction_of_an_imported_step_that_nobody_is_shown_is_in_no_export(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: PROPOSED}))

    assert [row["step_id"] for row in exported(ledger, tmp_path / "facts")] == ["a01"]


def test_a_correction_of_a_withdrawn_step_that_nobody_may_know_is_in_no_export(
    ledger: Ledger, tmp_path: Path
) -> None:
    withdrawal = step("w01", "withdraw", "2020-01-18", about="p01", notes="Too early.")
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: [*PROPOSED, withdrawal]}))

    assert [row["step_id"] for row in exported(ledger, tmp_path / "facts")] == ["a01", "p01", "w01"]


def test_a_closure_upon_an_imported_proposal_names_no_row_that_an_export_lacks(
    ledger: Ledger, tmp_path: Path
) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: [], STEPS: [*PROPOSED, CLOSED]}))
    _, closed = exported(ledger, tmp_path / "facts")

    assert (closed["step_id"], closed["about"]) == ("e01", "")
    facts = read(tmp_path / "facts", day_of(now()))
    assert rehearse(facts, {}, now(), IMPORTER, ignore).new_steps == 2
    assert take(ledger, facts).unchanged == len(facts.steps)


def test_a_row_about_an_imported_step_that_nobody_is_shown_is_on_record_once(
    ledger: Ledger, tmp_path: Path
) -> None:
    private = step(
        "c02", "correct", "2019-10-03", about="s03", field="procedure", was="2017", now="2018"
    )
    past = [*PAST[:3], private, *PROPOSED[1:], CLOSED]
    files = corpus(tmp_path, {OUTCOMES: [], STEPS: past})
    take(ledger, files)

    assert take(ledger, files).unchanged == len(files.steps)
