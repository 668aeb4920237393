"""The corpus becomes commands: what is shipped, what a row comes to, what is never made up."""

import csv
from collections import Counter
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from adapters.corpus.reading import OUTCOMES, PRODUCTS, RECOMMENDATIONS, Corpus, Step, read
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.commands.report import PublishReport
from domain.events.recommendation import Closed, Issued, OutcomeNoted, Reopened
from domain.events.report import AreaNoted, Cases, ReportOutcomeNoted, ReportPublished, TopicGrades
from domain.history import certain_by
from domain.report import flags
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import CloseReason, Kind
from tests.support.corpus_files import TODAY, columns, corpus, status, write


def shipped() -> Corpus:
    with as_file(files("adapters.corpus") / "data" / "corpus") as directory:
        return read(directory, date(2026, 11, 20))


def on(corpus: Corpus, file: str) -> list[Step]:
    return [step for step in corpus.steps if step.file == file]


def test_the_shipped_corpus_comes_to_what_its_readme_counts() -> None:
    found = shipped()

    assert Counter(type(step.entry.event) for step in found.steps) == {
        ReportPublished: 73,
        Issued: 40,
        AreaNoted: 63,
        OutcomeNoted: 7,
        ReportOutcomeNoted: 161,
    }
    assert Counter(
        step.entry.event.kind for step in found.steps if isinstance(step.entry.event, Issued)
    ) == {Kind.RECOMMENDATION: 30, Kind.CAUSE_OF_CONCERN: 5, Kind.AREA_FOR_IMPROVEMENT: 5}


def test_every_shipped_row_comes_to_one_step_at_its_line() -> None:
    found = shipped()

    for file in (PRODUCTS, RECOMMENDATIONS, OUTCOMES):
        lines = sorted(step.line for step in on(found, file))
        assert lines == list(range(2, 2 + len(lines)))


def test_a_national_recommendation_has_one_national_addressee() -> None:
    national = [
        step.entry.event.addressee
        for step in shipped().steps
        if isinstance(step.entry.event, Issued) and "national" in step.entry.event.reference
    ]

    assert national == ["national", "national"]


def test_a_product_publishes_its_recommendations_with_it(tmp_path: Path) -> None:
    area = {"rec_id": "kent-ncpi-2019-r02", "item_type": "area_to_improve"}
    found = corpus(tmp_path, {RECOMMENDATIONS: [area, {}]})

    (publication,) = on(found, PRODUCTS)
    assert isinstance(publication.command, PublishReport)
    (issue,) = publication.command.recommendations
    assert issue.reference == "kent-ncpi-2019-r01"
    assert [type(step.entry.event) for step in on(found, RECOMMENDATIONS)] == [AreaNoted, Issued]


@pytest.mark.parametrize(
    ("seen", "wording"), [("yes", "paraphrase"), ("partial", "partly seen"), ("no", "not seen")]
)
def test_the_wording_is_never_said_to_be_verbatim(tmp_path: Path, seen: str, wording: str) -> None:
    found = corpus(tmp_path, {RECOMMENDATIONS: [{"text_seen": seen}]})

    (step,) = on(found, RECOMMENDATIONS)
    assert isinstance(step.entry.event, Issued)
    assert step.entry.event.wording == wording


def test_what_is_unknown_stays_unknown(tmp_path: Path) -> None:
    undated = {"first_published": "", "first_published_precision": "unknown"}
    found = corpus(tmp_path, {PRODUCTS: [undated], OUTCOMES: [status(1, "", "", "unknown")]})

    assert {step.entry.stamp.on for step in found.steps} == {"unknown"}
    event = on(found, PRODUCTS)[0].entry.event
    assert isinstance(event, ReportPublished)
    unknown = (event.page_date, event.fieldwork_from, event.recommendations_stated, event.follows)
    assert unknown == (None, None, None, None)
    assert (event.cases, event.grades) == (Cases(), TopicGrades())


def test_a_product_without_an_address_has_its_first_source(tmp_path: Path) -> None:
    sources = "https://example.org/first | https://example.org/second"
    found = corpus(tmp_path, {PRODUCTS: [{"source": sources, "notes": "Two sources."}]})

    event = on(found, PRODUCTS)[0].entry.event
    assert isinstance(event, ReportPublished)
    assert event.address == "https://example.org/first"
    assert event.sources == ("https://example.org/first", "https://example.org/second")
    assert event.remark == "Two sources."


def test_grades_that_do_not_add_up_are_kept_and_flagged(tmp_path: Path) -> None:
    cases = {"cases_examined": "20", "cases_good": "9", "cases_requires_improvement": "16"}
    found = corpus(tmp_path, {PRODUCTS: [{**cases, "cases_inadequate": "4"}]})

    event = on(found, PRODUCTS)[0].entry.event
    assert isinstance(event, ReportPublished)
    assert (event.cases.examined, event.cases.good, event.cases.inadequate) == (20, 9, 4)
    assert flags(event.cases) == ("The grades add up to 29, but 20 cases were examined.",)


def test_an_outcome_without_a_recommendation_is_noted_on_its_report(tmp_path: Path) -> None:
    area = {"rec_id": "kent-ncpi-2019-r02", "item_type": "area_to_improve"}
    to_area = {"outcome_id": "o002", "rec_id": "kent-ncpi-2019-r02", "notes": "Seen twice."}
    found = corpus(
        tmp_path, {RECOMMENDATIONS: [{}, area], OUTCOMES: [{"rec_id": "", "area": "all"}, to_area]}
    )

    first, second = (step.entry for step in on(found, OUTCOMES))
    assert first.stream == second.stream == report_id("kent-ncpi-2019")
    assert isinstance(first.event, ReportOutcomeNoted)
    assert (first.event.area, first.event.remark) == ("all", None)
    assert isinstance(second.event, ReportOutcomeNoted)
    assert second.event.remark == ("Seen twice. It names the area to improve kent-ncpi-2019-r02.")


def test_outcomes_come_by_date_and_no_date_is_made_more_precise(tmp_path: Path) -> None:
    rows = [
        status(1, "", "", "unknown"),
        status(2, "", "2020", "year"),
        status(3, "", "2020-03", "month"),
        status(4, "", "2020-03-04"),
        status(5, "", "2019-12-31"),
    ]
    found = corpus(tmp_path, {OUTCOMES: rows})

    noted = [step.entry for step in on(found, OUTCOMES)]
    assert [entry.stamp.on for entry in noted] == [
        "2019-12-31", "2020-03-04", "2020-03", "2020", "unknown",
    ]  # fmt: skip
    assert certain_by(noted) == (
        date(2019, 12, 31), date(2020, 3, 4), date(2020, 3, 31), date(2020, 12, 31), TODAY,
    )  # fmt: skip


def test_complete_closes_and_a_return_to_awaiting_review_reopens(tmp_path: Path) -> None:
    rows = [
        status(1, "awaiting-review", "2019-06-20"),
        status(3, "awaiting-review", "2021-05-06"),
        status(2, "complete", "2020-03-04"),
    ]
    found = corpus(tmp_path, {OUTCOMES: rows})

    steps = on(found, OUTCOMES)
    assert [type(step.command) for step in steps] == [
        NoteOutcome, NoteOutcome, Close, NoteOutcome, Reopen,
    ]  # fmt: skip
    assert [step.line for step in steps] == [2, 4, 4, 3, 3]
    assert steps[2].command == Close(
        on="2020-03-04",
        reason=CloseReason.VERIFIED,
        basis="Register status: complete",
        source="https://example.org/review",
    )
    assert steps[4].command == Reopen(on="2021-05-06", reason="Register status: awaiting-review")


@pytest.mark.parametrize(
    "rows",
    [
        [status(1, "being-progressed", "2020-03-04"), status(2, "awaiting-review", "2021-05-06")],
        [{**status(1, "complete", "2020-03-04"), "said_by": "force"}],
        [{**status(1, "complete", "2020-03-04"), "said_by": "local_policing_body"}],
        [{**status(1, "complete", "2020-03-04"), "rec_id": ""}],
        [{"derived_code": "improved"}, {"outcome_id": "o002", "derived_code": "claim"}],
    ],
    ids=["status goes back", "force says so", "its body says so", "of a report", "reading"],
)
def test_nothing_else_closes_or_reopens(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    found = corpus(tmp_path, {OUTCOMES: rows})

    kinds = {type(step.entry.event) for step in on(found, OUTCOMES)}
    assert kinds <= {OutcomeNoted, ReportOutcomeNoted}


def test_a_second_complete_closes_nothing_again(tmp_path: Path) -> None:
    words = ("complete", "complete", "being-progressed", "awaiting-review", "complete")
    rows = [status(n, word, f"2020-03-{n:02}") for n, word in enumerate(words, 1)]
    found = corpus(tmp_path, {OUTCOMES: rows})

    counted = Counter(type(step.entry.event) for step in on(found, OUTCOMES))
    assert counted == {OutcomeNoted: 5, Closed: 2, Reopened: 1}


def test_a_byte_order_mark_blank_lines_and_white_space_mean_nothing(tmp_path: Path) -> None:
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
