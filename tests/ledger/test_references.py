"""References between streams, over a real ledger: they exist, are of the right kind, and end."""

from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from adapters.ledger.ledger import Ledger
from adapters.ledger.submission import Submission
from domain.commands.common import Correct
from domain.commands.recommendation import Close, NoteOutcome, Reopen
from domain.commands.report import NoteReportOutcome
from domain.history import recommendation_after
from domain.vocabulary.errors import Refused
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import CloseReason
from tests.support.data.examples import INSPECTOR, REPORT, issue, publish, published


@pytest.fixture
def three(ledger: Ledger) -> tuple[UUID, UUID, UUID]:
    """The streams of three recommendations of one report."""
    published(ledger, *(issue(ordinal=n) for n in (1, 2, 3)))
    first, second, third = (recommendation_id(f"{REPORT}-r0{n}") for n in (1, 2, 3))
    return first, second, third


def supersede(ledger: Ledger, stream: UUID, by: UUID) -> None:
    close = Close(reason=CloseReason.SUPERSEDED, basis="Asked anew.", superseded_by=by)
    ledger.submit([Submission(stream, close)], INSPECTOR)


def test_a_recommendation_is_superseded_by_another_that_exists(
    ledger: Ledger, three: tuple[UUID, UUID, UUID]
) -> None:
    first, second, third = three
    with pytest.raises(Refused, match="is itself"):
        supersede(ledger, first, first)
    with pytest.raises(Refused, match="there is no recommendation with the id"):
        supersede(ledger, first, uuid4())
    with pytest.raises(Refused, match="there is no recommendation with the id"):
        supersede(ledger, first, report_id(REPORT))
    supersede(ledger, first, second)
    supersede(ledger, second, third)
    with pytest.raises(Refused, match="leads back to it"):
        supersede(ledger, third, first)


def test_the_superseding_recommendation_can_be_corrected_under_the_same_rule(
    ledger: Ledger, three: tuple[UUID, UUID, UUID]
) -> None:
    first, second, third = three
    supersede(ledger, first, second)

    def correct(now: UUID) -> None:
        mend = Correct(step=2, field="superseded_by", was=str(second), now=str(now), why="Typing.")
        ledger.submit([Submission(first, mend)], INSPECTOR)

    for wrong in (first, uuid4(), report_id(REPORT)):
        with pytest.raises(Refused):
            correct(wrong)
    correct(third)
    closure = recommendation_after(ledger.history(first)).closure
    assert closure
    assert closure.superseded_by == third


def test_a_superseded_one_that_was_reopened_leads_nowhere(
    ledger: Ledger, three: tuple[UUID, UUID, UUID]
) -> None:
    first, second, _third = three
    supersede(ledger, first, second)
    ledger.submit([Submission(first, Reopen(reason="Not so."))], INSPECTOR)
    supersede(ledger, second, first)


def test_a_report_follows_another_report_that_exists(ledger: Ledger) -> None:
    for follows in ("kent-ncpi-2014", "kent-pir-2023"):
        review = replace(publish(reference="kent-pir-2023"), follows=follows)
        with pytest.raises(Refused, match="follows: "):
            ledger.submit([Submission(report_id("kent-pir-2023"), review)], INSPECTOR)
    review = replace(publish(reference="kent-pir-2023"), follows=REPORT)
    both = [
        Submission(report_id("kent-pir-2023"), review),
        Submission(report_id(REPORT), publish(issue())),
    ]
    ledger.submit(both, INSPECTOR)
    back = Correct(step=1, field="follows", was=None, now="kent-pir-2023", why="Typing.")
    with pytest.raises(Refused, match="leads back to it"):
        ledger.submit([Submission(report_id(REPORT), back)], INSPECTOR)


def test_an_outcome_is_reported_in_a_report_that_exists(
    ledger: Ledger, three: tuple[UUID, UUID, UUID]
) -> None:
    noted = NoteOutcome(
        reference="o-1", said_by="force", text="So.", source="Letter", reading="claim"
    )
    for wrong in ("kent-pir-2023", f"{REPORT}-r01"):
        with pytest.raises(Refused, match="reported_in: there is no report"):
            ledger.submit([Submission(three[0], replace(noted, reported_in=wrong))], INSPECTOR)
    ledger.submit([Submission(three[0], replace(noted, reported_in=REPORT))], INSPECTOR)
    whole = NoteReportOutcome(
        reference="o-2", said_by="force", text="So.", source="Letter", reading="claim",
        area="leadership", reported_in="kent-pir-2023",
    )  # fmt: skip
    with pytest.raises(Refused, match="reported_in: there is no report"):
        ledger.submit([Submission(report_id(REPORT), whole)], INSPECTOR)
