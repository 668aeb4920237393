"""Steps of a life in the fourth file: a case's past is decided by the rules, and moves it on."""

from collections.abc import Mapping
from pathlib import Path

from adapters.corpus.facts.life import NOT_IN_FILE
from adapters.corpus.rows import OUTCOMES, STEPS
from adapters.ledger.ledger import Ledger
from domain.history import recommendation_after
from domain.recommendation.state import Stage
from domain.vocabulary.ids import recommendation_id
from domain.vocabulary.values import CloseReason, Finding
from tests.support.data.corpus_files import corpus, refused, take

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
