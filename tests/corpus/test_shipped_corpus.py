"""The corpus that ships: what is in it, what it may say, and all of it on record."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.resources import as_file, files
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from adapters.corpus.reading import Corpus, read
from adapters.corpus.rows import FILES, OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS
from adapters.ledger.ledger import Ledger
from domain.commands.recommendation import NoteMilestone, NoteOutcome
from domain.commands.report import (
    Issue,
    NoteArea,
    NoteReportMilestone,
    NoteReportOutcome,
    PublishReport,
)
from domain.events.event import Event
from domain.events.recommendation import MilestoneNoted, OutcomeNoted
from domain.events.report import ReportMilestoneNoted, ReportOutcomeNoted, ReportPublished
from domain.vocabulary.entry import Entry
from domain.vocabulary.forces import ADDRESSEES, NATIONAL
from domain.vocabulary.values import Kind
from tests.support.data.corpus_files import take

TEXTS = {
    PRODUCTS: "title",
    RECOMMENDATIONS: "paraphrase",
    OUTCOMES: "reported_progress",
    STEPS: "text",
}
"""The column of each file that the public reads."""
GRADES = ("leadership", "partnership", "initial_response", "risk_referral", "investigation")
CASES = ("examined", "good", "adequate", "requires_improvement", "inadequate")
OF_THE_INSPECTORATE = ("justiceinspectorates.gov.uk", "hmic.gov.uk")


def shipped() -> Corpus:
    with as_file(files("adapters.corpus") / "data" / "corpus") as directory:
        return read(directory, date(2026, 11, 28))


def rows(file: str) -> list[dict[str, str]]:
    """The rows as they stand in the file."""
    text = (files("adapters.corpus") / "data" / "corpus" / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


# What is in it


def test_the_shipped_corpus_has_the_counts_that_its_sources_state() -> None:
    corpus = shipped()

    assert corpus.problems == ()
    assert Counter(type(step.command) for step in corpus.steps) == {
        PublishReport: 83,
        Issue: 62,
        NoteArea: 127,
        NoteOutcome: 26,
        NoteReportOutcome: 197,
        NoteMilestone: 8,
        NoteReportMilestone: 45,
    }
    commands = [step.command for step in corpus.steps]
    assert Counter(command.kind for command in commands if isinstance(command, Issue)) == {
        Kind.RECOMMENDATION: 50,
        Kind.CAUSE_OF_CONCERN: 6,
        Kind.AREA_FOR_IMPROVEMENT: 6,
    }
    sources = (files("adapters.corpus") / "data" / "corpus" / "SOURCES.md").read_text("utf-8")
    for file in FILES:
        assert f"| {file} | {len(rows(file))} |" in sources


def test_every_shipped_row_becomes_one_step_with_its_line() -> None:
    corpus = shipped()

    for file in FILES:
        lines = sorted(step.line for step in corpus.steps if step.file == file)
        assert lines == list(range(2, 2 + len(rows(file))))


def test_a_national_recommendation_has_one_national_addressee() -> None:
    issues = [step.command for step in shipped().steps if isinstance(step.command, Issue)]
    national = [issue.addressees for issue in issues if "national" in (issue.reference or "")]

    assert national == [(NATIONAL,)] * 15


def test_products_outside_the_programme_follow_no_edition_of_it() -> None:
    editions = {(row["in_programme"], row["edition"]) for row in rows(PRODUCTS)}

    assert editions == {("yes", "pre-2024"), ("yes", "2024"), ("no", "n/a")}


# What it may say


FORMER_NAMES = {"hampshire": ("Hampshire Constabulary",)}
"""Names that forces had when their reports came out."""


def test_a_title_names_the_force_and_not_its_code() -> None:
    for row in rows(PRODUCTS):
        assert not row["title"].startswith(tuple(ADDRESSEES)), row
        if row["force_code"] != NATIONAL:
            names = (ADDRESSEES[row["force_code"]].name, *FORMER_NAMES.get(row["force_code"], ()))
            assert row["title"].startswith(names), row


def test_a_recommendation_whose_wording_was_not_seen_says_that_and_nothing_else() -> None:
    for row in rows(RECOMMENDATIONS):
        assert (row["text_seen"] == "no") == (row["paraphrase"] == "Wording not seen."), row


@pytest.mark.parametrize("file", FILES)
def test_remarks_of_the_compiler_stand_in_the_notes(file: str) -> None:
    remark = re.compile(r"(?i)not seen|text seen|cut off|inferred|compiler|excerpt|was visible")
    texts = [row[TEXTS[file]] for row in rows(file)]

    assert {text for text in texts if remark.search(text)} <= {"Wording not seen."}


def test_each_address_says_whose_page_it_is() -> None:
    for row in rows(PRODUCTS):
        host = urlsplit(row["url"]).hostname or ""
        own = host.endswith(OF_THE_INSPECTORATE)
        assert own == row["url_publisher"].startswith("the inspectorate: "), row
        assert ": " in row["url_publisher"], row


def test_a_report_has_the_address_of_a_later_one_only_where_that_is_said() -> None:
    shared = Counter(row["url"] for row in rows(PRODUCTS))
    of_another = [row for row in rows(PRODUCTS) if "that followed" in row["url_publisher"]]

    assert {row["url"] for row in of_another} == {url for url, count in shared.items() if count > 1}
    assert len(of_another) == 3


# All of it on record


def noted(ledger: Ledger, kind: type[Event] | tuple[type[Event], ...]) -> Iterator[Entry[Event]]:
    return (entry for entry in ledger.page(0, 1_000) if isinstance(entry.event, kind))


def test_every_outcome_grade_case_count_and_step_of_the_corpus_is_on_record(
    ledger: Ledger,
) -> None:
    take(ledger, shipped())
    reports, outcomes, steps = (
        {fields["reference"]: fields for fields in map(fields_of, noted(ledger, kinds))}
        for kinds in (
            ReportPublished,
            (OutcomeNoted, ReportOutcomeNoted),
            (MilestoneNoted, ReportMilestoneNoted),
        )
    )

    for row in rows(PRODUCTS):
        report = reports.pop(row["product_id"])
        cases = {name: said(report["cases"][name]) for name in CASES}
        assert cases == {name: row[f"cases_{name}"] for name in CASES}
        grades = {name: said(report["grades"][name]) for name in GRADES}
        assert grades == {name: row[f"grade_{name}"] for name in GRADES}
        assert report["on"] == (row["first_published"] or "unknown")
        assert (report["address"], report["publisher"]) == (row["url"], row["url_publisher"])
    for row in rows(OUTCOMES):
        outcome = outcomes.pop(row["outcome_id"])
        assert statement(outcome) == statement(row)
        assert (outcome["text"], outcome["reading"]) == (
            row["reported_progress"],
            row["derived_code"],
        )
        assert said(outcome["register_status"]) == row["register_status"]
        assert said(outcome["reported_in"]) == row["reported_in_product_id"]
    for row in rows(STEPS):
        step = steps.pop(row["step_id"])
        assert statement(step) == statement(row)
        assert (step["text"], step["milestone"]) == (row["text"], row["type"])
        assert [said(step[name]) for name in ("answer", "level", "address")] == [
            row[name] for name in ("answer", "level", "address")
        ]
    assert (reports, outcomes, steps) == ({}, {}, {})


def fields_of(entry: Entry[Event]) -> dict[str, Any]:
    """The fields of an event, with the date of its step."""
    return {"on": entry.stamp.on, **msgspec.to_builtins(entry.event)}


def said(value: object) -> str:
    """A value as a cell has it."""
    return "" if value is None else str(value)


def statement(fields: dict[str, Any]) -> tuple[str, ...]:
    """When something was said, by whom, where, and whether its source says so."""
    on = fields.get("on") or fields.get("date") or "unknown"
    return (on, *(fields[name] for name in ("said_by", "source", "confidence")))
