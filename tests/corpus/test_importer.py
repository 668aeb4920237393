"""Importing: all or nothing, repeatable without change, and every difference is named."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.corpus.importer import IMPORTER, Imported, load
from adapters.corpus.reading import Corpus, read
from adapters.corpus.rows import OUTCOMES, PRODUCTS, RECOMMENDATIONS
from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from api.cli.main import CORPUS
from api.cli.upkeep.copies import load_files
from domain.commands.recommendation import ChangeTimeLimit, Close, Comment, Reopen
from domain.events.recommendation import Closed, Commented, Issued, OutcomeNoted, Reopened
from domain.events.report import AreaNoted, ReportOutcomeNoted, ReportPublished
from domain.history import recommendation_after
from domain.recommendation.state import Stage
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason
from tests.support.data.corpus_files import TODAY, corpus, refused, rehearsed, status, take

REPORT = report_id("kent-ncpi-2019")
R01 = recommendation_id("kent-ncpi-2019-r01")
R02 = {"rec_id": "kent-ncpi-2019-r02"}
AREA = {**R02, "item_type": "area_to_improve"}
INSPECTOR = Actor("inspector-1", Role.INSPECTOR)


def tags(ledger: Ledger, reference: str) -> list[type]:
    return [type(entry.event) for entry in ledger.history(recommendation_id(reference))]


def shipped() -> Corpus:
    with as_file(files("adapters.corpus") / "data" / "corpus") as directory:
        return read(directory, TODAY)


def test_importing_the_shipped_corpus_twice_changes_nothing(ledger: Ledger) -> None:
    seen: list[tuple[int, int]] = []
    rows = shipped()

    once = load(
        ledger, rows, IMPORTER, dry_run=False, progress=lambda done, of: seen.append((done, of))
    )
    assert once == Imported(
        reports=83,
        recommendations=62,
        areas=127,
        outcomes=223,
        milestones=53,
        closed=0,
        reopened=0,
        unchanged=0,
        position=548,
    )
    assert str(once).startswith(
        "83 reports, 62 recommendations, 127 areas to improve, 223 outcomes"
    )
    assert (seen[0], seen[-1]) == ((0, 549), (549, 549))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert ledger.head() == 548

    again = take(ledger, shipped())
    assert again == Imported(0, 0, 0, 0, 0, 0, 0, unchanged=548, position=548)
    assert ledger.head() == 548


def test_the_import_records_every_step_as_read(ledger: Ledger) -> None:
    rows = shipped()
    take(ledger, rows)

    entries = ledger.page(0, 1000)
    assert [(entry.stream, entry.step, entry.stamp.on, type(entry.event)) for entry in entries] == [
        (entry.stream, entry.step, entry.stamp.on, type(entry.event))
        for entry in rehearsed(rows).draft.added
    ]
    assert {entry.stamp.by for entry in entries} == {"import"}


def test_a_dry_run_gives_the_same_counts_and_writes_nothing(ledger: Ledger) -> None:
    dry = take(ledger, shipped(), dry_run=True)

    assert ledger.head() == 0
    assert dry == replace(take(ledger, shipped()), position=0)


def test_an_imported_complete_closes_and_a_later_awaiting_review_reopens(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = [status(1, "awaiting-review", "2019-06-20"), status(2, "complete", "2020-03-04")]
    done = take(ledger, corpus(tmp_path, {OUTCOMES: first}))

    assert (done.outcomes, done.closed, done.reopened) == (2, 1, 0)
    assert recommendation_after(ledger.history(R01)).stage is Stage.CLOSED

    later = [*first, status(3, "awaiting-review", "2021-05-06")]
    done = take(ledger, corpus(tmp_path, {OUTCOMES: later}))
    assert (done.outcomes, done.reopened, done.unchanged) == (1, 1, 4)
    assert tags(ledger, "kent-ncpi-2019-r01") == [
        Issued, OutcomeNoted, OutcomeNoted, Closed, OutcomeNoted, Reopened,
    ]  # fmt: skip
    assert recommendation_after(ledger.history(R01)).stage is Stage.NOT_KNOWN
    assert take(ledger, corpus(tmp_path, {OUTCOMES: later})).unchanged == 5


def test_new_rows_are_added_to_the_record(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {OUTCOMES: []}))
    more = corpus(
        tmp_path,
        {
            PRODUCTS: [{}, {"product_id": "kent-pir-2020", "follows_product_id": "kent-ncpi-2019"}],
            RECOMMENDATIONS: [{}, R02, {**AREA, "rec_id": "kent-ncpi-2019-r03"}],
            OUTCOMES: [{}, {"outcome_id": "o002", **R02}, {"outcome_id": "o003", "rec_id": ""}],
        },
    )

    done = take(ledger, more)
    assert (done.reports, done.recommendations, done.areas, done.outcomes) == (1, 1, 1, 3)
    assert done.unchanged == 2
    assert [type(entry.event) for entry in ledger.history(REPORT)] == [
        ReportPublished, AreaNoted, ReportOutcomeNoted,
    ]  # fmt: skip
    assert tags(ledger, "kent-ncpi-2019-r02") == [Issued, OutcomeNoted]
    assert ledger.history(recommendation_id("kent-ncpi-2019-r02"))[0].stamp.on == "2019-06-20"


def take_and_change_the_limit(ledger: Ledger, directory: Path) -> None:
    """Import a recommendation, to which inspectors then give another time limit."""
    take(ledger, corpus(directory, {}))
    change = ChangeTimeLimit(on="2021-01-02", time_limit="months:6", reason="Asked for.")
    ledger.submit([Submission(R01, change)], INSPECTOR)


def test_a_status_refused_by_a_rule_names_its_row_once(ledger: Ledger, tmp_path: Path) -> None:
    take_and_change_the_limit(ledger, tmp_path)
    earlier = status(2, "complete", "2020-12", "month")

    (problem,) = refused(ledger, corpus(tmp_path, {OUTCOMES: [{}, earlier]}))
    assert str(problem).startswith("outcomes.csv:3: date 2020-12 is before an earlier step")


def test_an_imported_status_leaves_closures_made_on_the_service(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = [status(1, "complete", "2020-03-04")]
    take(ledger, corpus(tmp_path, {OUTCOMES: first}))
    again = Reopen(on="2021-01-02", reason="Found wanting.")
    ledger.submit([Submission(R01, again)], INSPECTOR)

    second = [*first, status(2, "being-progressed", "2021-05-06")]
    done = take(ledger, corpus(tmp_path, {OUTCOMES: second}))
    assert (done.outcomes, done.reopened) == (1, 0)

    close = Close(on="2021-06-07", reason=CloseReason.WITHDRAWN, basis="No longer asked for.")
    ledger.submit([Submission(R01, close)], INSPECTOR)
    third = [*second, status(3, "complete", "2021-07-08")]
    done = take(ledger, corpus(tmp_path, {OUTCOMES: third}))
    assert (done.outcomes, done.closed) == (1, 0)


def test_one_bad_row_keeps_the_whole_import_out(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {}))
    rows = {
        PRODUCTS: [{"title": "Another"}, {"product_id": "kent-ncpi-2020"}],
        OUTCOMES: [{}, {"outcome_id": "o002", "date": "2019-01-01"}],
    }

    assert [
        (problem.file, problem.line) for problem in refused(ledger, corpus(tmp_path, rows))
    ] == [
        (PRODUCTS, 2),
        (OUTCOMES, 3),
    ]
    assert ledger.history(report_id("kent-ncpi-2020")) == ()


def test_bad_cells_changed_rows_and_refusals_are_named_in_one_run(
    ledger: Ledger, tmp_path: Path
) -> None:
    take_and_change_the_limit(ledger, tmp_path)
    rows = {
        PRODUCTS: [{}, {"product_id": "kent-ncpi-2020", "title": ""}],
        RECOMMENDATIONS: [{"paraphrase": "Do more."}],
        OUTCOMES: [{}, status(2, "complete", "2020-12", "month")],
    }

    problems = refused(ledger, corpus(tmp_path, rows))
    assert [(problem.file, problem.line, problem.column) for problem in problems] == [
        (PRODUCTS, 3, "title"),
        (RECOMMENDATIONS, 2, "paraphrase"),
        (OUTCOMES, 3, "date"),
    ]


@pytest.mark.parametrize("file", [PRODUCTS, RECOMMENDATIONS])
def test_rows_on_record_that_refer_to_a_bad_row_are_not_named(
    ledger: Ledger, tmp_path: Path, file: str
) -> None:
    take(ledger, corpus(tmp_path, {}))
    new = status(2, "complete", "2021-01-02")

    (problem,) = refused(
        ledger, corpus(tmp_path, {file: [{"confidence": "?"}], OUTCOMES: [{}, new]})
    )
    assert (problem.file, problem.column) == (file, "confidence")


def test_an_import_is_decided_again_after_a_step_of_a_rival(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, corpus(tmp_path, {}))
    rows = corpus(tmp_path, {OUTCOMES: [{}, {"outcome_id": "o002", "date": "2021-01-02"}]})
    rival = Submission(R01, Comment(on="2020-06-01", comment="Meanwhile."))

    def meanwhile(_done: int, _total: int) -> None:
        if len(ledger.history(R01)) == 2:
            ledger.submit([rival], INSPECTOR)

    done = load(ledger, rows, IMPORTER, dry_run=False, progress=meanwhile)
    assert done.outcomes == 1
    assert tags(ledger, "kent-ncpi-2019-r01") == [Issued, OutcomeNoted, Commented, OutcomeNoted]


def test_an_import_for_which_others_would_wait_too_long_is_refused_with_what_to_do(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("adapters.ledger.submit.PART_ENTRIES", 100)
    with pytest.raises(SystemExit):
        load_files(ledger, CORPUS, dry_run=False, hold=0)
    words = capsys.readouterr().err
    assert "longer than the 0 seconds that it may. Nothing was imported." in words
    assert "--hold SECONDS" in words
    assert ledger.head() == 0
    load_files(ledger, CORPUS, dry_run=False)
    assert ledger.head() == 548
