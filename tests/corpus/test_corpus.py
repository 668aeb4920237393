"""Reading a corpus: the commands that each row becomes, and no invented data."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from adapters.corpus.reading import Corpus, CorpusStep, read
from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.commands.report import Issue, NoteArea, NoteReportOutcome, PublishReport
from domain.events.recommendation import Closed, Issued, OutcomeNoted, Reopened
from domain.events.report import Cases, ReportPublished, TopicGrades
from domain.history import chronology
from domain.report import flags
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import CloseReason
from tests.support.data.corpus_files import TODAY, columns, corpus, rehearsed, status, write


def steps_of(rows: Corpus, file: str) -> list[CorpusStep]:
    return [step for step in rows.steps if step.file == file]


def product_of(rows: Corpus) -> PublishReport:
    (step,) = steps_of(rows, PRODUCTS)
    assert isinstance(step.command, PublishReport)
    return step.command


def test_a_product_is_followed_by_its_recommendations_then_its_areas(tmp_path: Path) -> None:
    area = {"rec_id": "kent-ncpi-2019-r02", "item_type": "area_to_improve"}
    later = {"product_id": "kent-ncpi-2020"}
    rows = corpus(tmp_path, {PRODUCTS: [{}, later], RECOMMENDATIONS: [area, {}], OUTCOMES: []})

    assert [(type(step.command), step.line) for step in rows.steps] == [
        (PublishReport, 2), (Issue, 3), (NoteArea, 2), (PublishReport, 3),
    ]  # fmt: skip
    assert {step.stream for step in rows.steps[:3]} == {report_id("kent-ncpi-2019")}


@pytest.mark.parametrize(
    ("seen", "wording"), [("yes", "paraphrase"), ("partial", "partly seen"), ("no", "not seen")]
)
def test_the_wording_of_imported_text_is_never_called_verbatim(
    tmp_path: Path, seen: str, wording: str
) -> None:
    rows = corpus(tmp_path, {RECOMMENDATIONS: [{"text_seen": seen}]})

    (step,) = steps_of(rows, RECOMMENDATIONS)
    assert isinstance(step.command, Issue)
    assert step.command.wording == wording


def test_unknown_values_stay_unknown(tmp_path: Path) -> None:
    undated = {"first_published": "", "first_published_precision": "unknown"}
    rows = corpus(tmp_path, {PRODUCTS: [undated], OUTCOMES: [status(1, "", "", "unknown")]})

    assert {entry.stamp.on for entry in rehearsed(rows).draft.added} == {"unknown"}
    product = product_of(rows)
    assert (product.page_date, product.fieldwork_from) == (None, None)
    assert (product.recommendations_stated, product.follows) == (None, None)
    assert (product.cases, product.grades) == (Cases(), TopicGrades())


def test_a_product_without_an_address_has_its_first_source(tmp_path: Path) -> None:
    sources = "https://example.org/first | https://example.org/second"
    product = product_of(
        corpus(tmp_path, {PRODUCTS: [{"source": sources, "notes": "Two sources."}]})
    )

    assert product.address == "https://example.org/first"
    assert product.sources == ("https://example.org/first", "https://example.org/second")
    assert product.remark == "Two sources."


def test_grades_that_do_not_add_up_are_kept_and_flagged(tmp_path: Path) -> None:
    cases = {"cases_examined": "20", "cases_good": "9", "cases_requires_improvement": "16"}
    product = product_of(corpus(tmp_path, {PRODUCTS: [{**cases, "cases_inadequate": "4"}]}))

    assert (product.cases.examined, product.cases.good, product.cases.inadequate) == (20, 9, 4)
    assert flags(product.cases) == ("The grades add up to 29, but 20 cases were examined.",)


def test_an_outcome_without_a_recommendation_is_noted_on_its_report(tmp_path: Path) -> None:
    area = {"rec_id": "kent-ncpi-2019-r02", "item_type": "area_to_improve"}
    to_area = {"outcome_id": "o002", "rec_id": "kent-ncpi-2019-r02", "notes": "Seen twice."}
    rows = corpus(
        tmp_path, {RECOMMENDATIONS: [{}, area], OUTCOMES: [{"rec_id": "", "area": "all"}, to_area]}
    )

    first, second = steps_of(rows, OUTCOMES)
    assert first.stream == second.stream == report_id("kent-ncpi-2019")
    assert isinstance(first.command, NoteReportOutcome)
    assert (first.command.area, first.command.remark) == ("all", None)
    assert isinstance(second.command, NoteReportOutcome)
    assert second.command.remark == ("Seen twice. It names the area to improve kent-ncpi-2019-r02.")


def test_outcomes_are_ordered_by_date_without_inventing_precision(tmp_path: Path) -> None:
    outcomes = [
        status(1, "", "", "unknown"),
        status(2, "", "2020", "year"),
        status(3, "", "2020-03", "month"),
        status(4, "", "2020-03-04"),
        status(5, "", "2019-12-31"),
    ]
    entries = rehearsed(corpus(tmp_path, {OUTCOMES: outcomes})).draft.added

    noted = [entry for entry in entries if isinstance(entry.event, OutcomeNoted)]
    assert [entry.stamp.on for entry in noted] == [
        "2019-12-31", "2020-03-04", "2020-03", "2020", "unknown",
    ]  # fmt: skip
    assert [placed.day for placed in chronology(noted)] == [
        date(2019, 12, 31), date(2020, 3, 4), date(2020, 3, 31), date(2020, 12, 31), TODAY,
    ]  # fmt: skip


def test_status_complete_closes_and_a_return_to_awaiting_review_reopens(tmp_path: Path) -> None:
    outcomes = [
        status(1, "awaiting-review", "2019-06-20"),
        status(3, "awaiting-review", "2021-05-06"),
        status(2, "complete", "2020-03-04"),
    ]
    steps = steps_of(corpus(tmp_path, {OUTCOMES: outcomes}), OUTCOMES)

    assert {type(step.command) for step in steps} == {NoteOutcome}
    assert [step.line for step in steps] == [2, 4, 3]
    assert steps[0].consequence is None
    assert steps[1].consequence == Close(
        on="2020-03-04",
        reason=CloseReason.VERIFIED,
        basis="Register status: complete",
        source="https://example.org/review",
    )
    assert steps[2].consequence == Reopen(
        on="2021-05-06", reason="Register status: awaiting-review"
    )


@pytest.mark.parametrize(
    "outcomes",
    [
        [status(1, "being-progressed", "2020-03-04"), status(2, "awaiting-review", "2021-05-06")],
        [{**status(1, "complete", "2020-03-04"), "said_by": "force"}],
        [{**status(1, "complete", "2020-03-04"), "said_by": "local_policing_body"}],
        [{**status(1, "complete", "2020-03-04"), "rec_id": ""}],
        [{"derived_code": "improved"}, {"outcome_id": "o002", "derived_code": "claim"}],
    ],
    ids=["status goes back", "force says so", "its body says so", "of a report", "reading"],
)
def test_no_other_status_closes_or_reopens(tmp_path: Path, outcomes: list[dict[str, str]]) -> None:
    steps = steps_of(corpus(tmp_path, {OUTCOMES: outcomes}), OUTCOMES)

    assert [step.consequence for step in steps] == [None] * len(outcomes)


def test_a_repeated_status_complete_closes_only_once(tmp_path: Path) -> None:
    words = ("complete", "complete", "being-progressed", "awaiting-review", "complete")
    outcomes = [status(n, word, f"2020-03-{n:02}") for n, word in enumerate(words, 1)]
    entries = rehearsed(corpus(tmp_path, {OUTCOMES: outcomes})).draft.added

    counts = Counter(type(entry.event) for entry in entries)
    assert counts == {ReportPublished: 1, Issued: 1, OutcomeNoted: 5, Closed: 2, Reopened: 1}


def test_a_byte_order_mark_blank_lines_and_white_space_are_ignored(tmp_path: Path) -> None:
    write(tmp_path, {})
    plain = read(tmp_path, TODAY)
    file = tmp_path / PRODUCTS
    header, row = file.read_text(encoding="utf-8").splitlines()
    spaced = (
        f"\ufeff{header}\r\n\r\n{row.replace('kent,', ' kent ,')}\r\n{',' * row.count(',')}\r\n"
    )
    file.write_text(spaced, encoding="utf-8", newline="")

    again = read(tmp_path, TODAY)
    assert [s.command for s in again.steps] == [s.command for s in plain.steps]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    write(tmp_path, {})
    plain = read(tmp_path, TODAY)
    with (tmp_path / OUTCOMES).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with (tmp_path / OUTCOMES).open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, sorted(columns(OUTCOMES)))
        writer.writeheader()
        writer.writerows(rows)

    again = read(tmp_path, TODAY)
    assert [s.command for s in again.steps] == [s.command for s in plain.steps]
