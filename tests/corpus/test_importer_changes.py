"""Changed rows: a row on record with other content is named, and nothing is imported."""

from pathlib import Path

import pytest

from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.corpus.sheets import RowProblem
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.commands.common import Correct
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import recommendation_id, report_id
from tests.support.data.corpus_files import corpus, refused, take
from tests.support.data.examples import suppress

R02 = {"rec_id": "kent-ncpi-2019-r02"}
AREA = {**R02, "item_type": "area_to_improve"}

CHANGED = [
    (PRODUCTS, {"title": "Another"}, "title",
     "is 'Another', already on record as 'kent - National child protection inspection'",
     "'kent - National child protection inspection'; correct it there instead"),
    (PRODUCTS, {"first_published": "2019-06-21"}, "first_published",
     "is '2019-06-21', already on record as '2019-06-20'",
     "'2019-06-20'; correct it there instead"),
    (PRODUCTS, {"cases_good": "9"}, "cases_good",
     "is '9', already on record as empty", "empty; correct it there instead"),
    (PRODUCTS, {"grade_leadership": "good"}, "grade_leadership",
     "is 'good', already on record as empty", "empty; correct it there instead"),
    (RECOMMENDATIONS, {"paraphrase": "Do more."}, "paraphrase",
     "is 'Do more.', already on record as 'Have supervisors review each case.'",
     "'Have supervisors review each case.'; correct it there instead"),
    (RECOMMENDATIONS, {"source": "one | two"}, "source",
     "is 'one | two', already on record as 'https://example.org/report'",
     "'https://example.org/report'; correct it there instead"),
    (RECOMMENDATIONS, {"item_type": "area_to_improve"}, "item_type",
     "is already on record elsewhere", "as on record; correct it there instead"),
    (OUTCOMES, {"date": "2020-03-05"}, "date",
     "is '2020-03-05', already on record as '2020-03-04'",
     "'2020-03-04'; correct it there instead"),
    (OUTCOMES, {"derived_code": "improved"}, "derived_code",
     "is 'improved', already on record as 'partly_improved'",
     "'partly_improved'; correct it there instead"),
    (OUTCOMES, {"rec_id": ""}, "rec_id",
     "is already on record elsewhere", "as on record; correct it there instead"),
    (PRODUCTS, {"url_publisher": "press: Kent News"}, "url_publisher",
     "is 'press: Kent News', already on record as empty", "empty; correct it there instead"),
    (STEPS, {"type": "assurance"}, "type",
     "is 'assurance', already on record as 'claim'", "'claim'; correct it there instead"),
    (STEPS, {"date": "2020-05-07"}, "date",
     "is '2020-05-07', already on record as '2020-05-06'",
     "'2020-05-06'; correct it there instead"),
    (STEPS, {"text": "Some are trained."}, "text",
     "is 'Some are trained.', already on record as 'Every supervisor is trained.'",
     "'Every supervisor is trained.'; correct it there instead"),
    (STEPS, {"rec_id": ""}, "rec_id",
     "is already on record elsewhere", "as on record; correct it there instead"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "cells", "column", "wrong", "allowed"), CHANGED, ids=[row[2] for row in CHANGED]
)
def test_a_changed_row_is_named(  # noqa: PLR0917  one row of the table
    ledger: Ledger,
    tmp_path: Path,
    file: str,
    cells: dict[str, str],
    column: str,
    wrong: str,
    allowed: str,
) -> None:
    take(ledger, corpus(tmp_path, {STEPS: [{}]}))

    changed = refused(ledger, corpus(tmp_path, {STEPS: [{}], file: [cells]}))
    assert RowProblem(file, 2, column, wrong, allowed) in changed
    assert {problem.file for problem in changed} <= {file, OUTCOMES, STEPS}


def test_a_row_moved_to_another_product_or_recommendation_is_named(
    ledger: Ledger, tmp_path: Path
) -> None:
    other = {"product_id": "kent-ncpi-2020"}
    products = [{}, other]
    outcomes = [{"rec_id": ""}, {"outcome_id": "o002"}]
    take(
        ledger,
        corpus(
            tmp_path,
            {PRODUCTS: products, RECOMMENDATIONS: [{}, R02, {**AREA, "rec_id": "kent-area"}],
             OUTCOMES: outcomes},
        ),
    )  # fmt: skip

    moved = refused(
        ledger,
        corpus(
            tmp_path,
            {
                PRODUCTS: products,
                RECOMMENDATIONS: [{}, {**R02, **other}, {**AREA, "rec_id": "kent-area", **other}],
                OUTCOMES: [{"rec_id": "", **other}, {"outcome_id": "o002", **R02, **other}],
            },
        ),
    )
    assert [(problem.file, problem.line, problem.column) for problem in moved] == [
        (RECOMMENDATIONS, 3, "product_id"),
        (RECOMMENDATIONS, 4, "product_id"),
        (OUTCOMES, 2, "product_id"),
        (OUTCOMES, 3, "rec_id"),
    ]


def test_a_corrected_entry_is_compared_as_first_recorded(ledger: Ledger, tmp_path: Path) -> None:
    rows = corpus(tmp_path, {})
    take(ledger, rows)
    text = "Have supervisors review each case."
    fix = Correct(step=1, field="text", was=text, now="Review each case.", why="Shorter.")
    inspector = Actor("inspector-1", Role.INSPECTOR)
    ledger.submit([Submission(recommendation_id("kent-ncpi-2019-r01"), fix)], inspector)

    assert take(ledger, rows).unchanged == 3


def test_a_row_of_which_a_text_was_suppressed_is_no_difference(
    ledger: Ledger, tmp_path: Path
) -> None:
    rows = corpus(tmp_path, {})
    take(ledger, rows)
    for field in ("text", "sources.0"):
        suppress(ledger, recommendation_id("kent-ncpi-2019-r01"), 1, field)
    suppress(ledger, report_id("kent-ncpi-2019"), 1, "title")

    assert take(ledger, rows).unchanged == 3


def test_the_notes_of_a_row_may_change_or_be_removed(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {PRODUCTS: [{"notes": "Seen once."}]}))

    assert take(ledger, corpus(tmp_path, {})).unchanged == 3


def test_a_file_without_the_columns_that_may_be_missing_is_unchanged(
    ledger: Ledger, tmp_path: Path
) -> None:
    known = {"url_publisher": "press: Kent News", "cases_adequate": "3"}
    take(ledger, corpus(tmp_path, {PRODUCTS: [known]}))

    assert take(ledger, corpus(tmp_path, {})).unchanged == 3


def test_a_row_or_a_file_that_is_gone_changes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {STEPS: [{}, {"step_id": "s002"}]}))

    assert take(ledger, corpus(tmp_path, {STEPS: [{}], OUTCOMES: []})).unchanged == 3
    assert take(ledger, corpus(tmp_path, {})).unchanged == 3
