"""The fourth file: what sources say was done, noted beside recommendations and reports."""

import re
from pathlib import Path
from typing import get_args

import pytest

from adapters.corpus.facts.kinds import KINDS
from adapters.corpus.reading import Corpus, read
from adapters.corpus.rows import FILES, OUTCOMES, PRODUCTS, RECOMMENDATIONS, STEPS, LifeStep
from adapters.ledger.ledger import Ledger
from domain.commands.recommendation import NoteMilestone
from domain.commands.report import NoteReportMilestone, PublishReport
from domain.events.recommendation import Issued, MilestoneNoted
from domain.events.report import ReportMilestoneNoted
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import AREAS, Edition, Milestone, Product
from tests.support.data.corpus_files import TODAY, columns, corpus, refused, rehearsed, take

REPORT = report_id("kent-ncpi-2019")
R01 = recommendation_id("kent-ncpi-2019-r01")
NATIONAL = {"force_code": "national"}


def milestones(rows: Corpus) -> list[NoteMilestone | NoteReportMilestone]:
    commands = (step.command for step in rows.steps if step.file == STEPS)
    return [c for c in commands if isinstance(c, NoteMilestone | NoteReportMilestone)]


def test_a_directory_may_lack_the_steps(tmp_path: Path) -> None:
    rows = corpus(tmp_path, {})

    assert not (tmp_path / STEPS).exists()
    assert (rows.problems, milestones(rows)) == ((), [])


def test_a_step_is_noted_on_its_recommendation_else_on_its_report(
    ledger: Ledger, tmp_path: Path
) -> None:
    answer = {
        "type": "section_55_response", "said_by": "local_policing_body", "answer": "act",
        "address": "https://example.org/response",
    }  # fmt: skip
    of_report = {"step_id": "s002", "rec_id": "", "notes": "Seen once.", **answer}
    done = take(ledger, corpus(tmp_path, {STEPS: [{}, of_report]}))

    assert done.milestones == 2
    assert "2 steps of a life" in str(done)
    noted = ledger.history(R01)[-1]
    assert noted.stamp.on == "2020-05-06"
    assert noted.event == MilestoneNoted(
        reference="s001",
        milestone=Milestone.CLAIM,
        said_by="force",
        text="Every supervisor is trained.",
        source="https://example.org/statement",
    )
    event = ledger.history(REPORT)[-1].event
    assert isinstance(event, ReportMilestoneNoted)
    assert (event.reference, event.milestone, event.force) == (
        "s002",
        Milestone.SECTION_55_RESPONSE,
        "kent",
    )
    assert (event.answer, event.address) == ("act", "https://example.org/response")


def test_a_step_of_an_area_to_improve_is_noted_on_its_report(tmp_path: Path) -> None:
    area = {"rec_id": "kent-ncpi-2019-r02", "item_type": "area_to_improve"}
    step = {"rec_id": "kent-ncpi-2019-r02", "notes": "Seen once."}
    (note,) = milestones(corpus(tmp_path, {RECOMMENDATIONS: [{}, area], STEPS: [step]}))

    assert isinstance(note, NoteReportMilestone)
    assert note.remark == "Seen once. It names the area to improve kent-ncpi-2019-r02."


def test_a_step_of_a_national_recommendation_names_its_force(tmp_path: Path) -> None:
    rows = {
        PRODUCTS: [NATIONAL],
        RECOMMENDATIONS: [NATIONAL],
        OUTCOMES: [],
        STEPS: [{"force_code": "essex"}, {"step_id": "s002", **NATIONAL}],
    }
    essex, unnamed = milestones(corpus(tmp_path, rows))

    assert (essex.force, unnamed.force) == ("essex", None)


def test_a_step_moves_no_recommendation(tmp_path: Path) -> None:
    closed = {"type": "closed_by_inspectorate", "said_by": "inspectorate"}
    rows = rehearsed(corpus(tmp_path, {OUTCOMES: [], STEPS: [closed]}))

    events = [type(entry.event) for entry in rows.draft.history(R01)]
    assert events == [Issued, MilestoneNoted]


def test_steps_and_outcomes_are_recorded_in_order_of_their_dates(tmp_path: Path) -> None:
    steps = [
        {"step_id": "s001", "date": "2020-05", "date_precision": "month"},
        {"step_id": "s002", "date": "2020-03-03"},
        {"step_id": "s003", "date": "", "date_precision": "unknown"},
    ]
    rows = corpus(tmp_path, {OUTCOMES: [{}], STEPS: steps})

    statements = [step for step in rows.steps if step.file in {OUTCOMES, STEPS}]
    assert [step.reference for step in statements] == ["s002", "o001", "s001", "s003"]


def test_a_bad_step_keeps_the_whole_import_out(ledger: Ledger, tmp_path: Path) -> None:
    (problem,) = refused(ledger, corpus(tmp_path, {STEPS: [{}, {"step_id": "s002", "type": "no"}]}))

    assert (problem.file, problem.line, problem.column) == (STEPS, 3, "type")


# Words and columns


def test_a_product_file_may_lack_the_columns_added_later(tmp_path: Path) -> None:
    corpus(tmp_path, {PRODUCTS: [{"url_publisher": "press: Kent News", "cases_adequate": "3"}]})
    file = tmp_path / PRODUCTS
    with_columns = re.sub(
        r",recorded,recorded_by$|,,$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    (publication,) = publications(corpus_of(tmp_path, with_columns))
    assert (publication.publisher, publication.cases.adequate) == ("press: Kent News", 3)

    header, row = with_columns.splitlines()
    without = header.removesuffix(",url_publisher,cases_adequate")
    assert without != header
    text = f"{without}\n{row.removesuffix(',press: Kent News,3')}\n"
    (publication,) = publications(corpus_of(tmp_path, text))
    assert (publication.publisher, publication.cases.adequate) == (None, None)


def test_the_document_on_the_files_describes_each_step_of_a_life() -> None:
    document = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"(?:^\| `\w+`.*\n)+(?=\nRules about)", document, re.MULTILINE)
    described = {
        word: {*re.findall(r"`(\w+)`", rest)} - {"verified"}
        for line in table.splitlines()
        for words, _, rest in [line[1:].partition("|")]
        for word in re.findall(r"`(\w+)`", words)
    }

    assert described == {word: {*kind.columns.values()} for word, kind in KINDS.items()}
    assert [*KINDS] == [*get_args(LifeStep)]


@pytest.mark.parametrize("kind", Product)
def test_every_kind_of_product_is_imported(tmp_path: Path, kind: Product) -> None:
    outside = {"kind": kind, "edition": "n/a", "in_programme": "no"}
    (publication,) = publications(corpus(tmp_path, {PRODUCTS: [outside]}))

    assert (publication.product, publication.edition) == (kind, "n/a")
    assert not publication.programme


@pytest.mark.parametrize("edition", get_args(Edition))
def test_every_edition_and_area_is_imported(tmp_path: Path, edition: Edition) -> None:
    rows = [
        {"rec_id": f"kent-ncpi-2019-r{number:02}", "area": area}
        for number, area in enumerate(AREAS[edition], 1)
    ]
    read = corpus(tmp_path, {PRODUCTS: [{"edition": edition}], RECOMMENDATIONS: rows})

    assert read.problems == ()
    assert len(read.steps) == 1 + len(rows) + 1


def publications(rows: Corpus) -> list[PublishReport]:
    return [step.command for step in rows.steps if isinstance(step.command, PublishReport)]


def corpus_of(directory: Path, products: str) -> Corpus:
    """Read a directory again, with another file of products."""
    (directory / PRODUCTS).write_text(products, encoding="utf-8", newline="")
    return read(directory, TODAY)


def test_the_document_on_the_files_describes_each_column() -> None:
    document = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    parts = {part.partition(":")[0]: part for part in document.split("\n## ")[1:]}
    sections = {name: part for name, part in parts.items() if name.endswith(".csv")}

    assert list(sections) == list(FILES)
    for file, section in sections.items():
        described = re.findall(
            r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", section, re.MULTILINE))
        )
        assert sorted(described) == sorted(columns(file))
