"""Claims that the work is done: each is judged once, by the first thing that grades it."""

from itertools import product

import pytest
from msgspec.structs import replace

from api.pages.rendering import reading
from domain.commands.recommendation import (
    ClaimCompletion,
    Close,
    Reopen,
    ReportFollowUp,
    ReturnClaim,
)
from domain.recommendation.claims import JudgedClaim, Judgement
from domain.recommendation.state import Plan, Stage
from domain.recommendation.worklist import next_move
from domain.vocabulary.actors import Role
from domain.vocabulary.values import CloseReason, Finding
from tests.support.data.examples import INSPECTOR, KENT
from tests.support.data.stories import ASSIGNED, Story, claimed

RETURN = ReturnClaim(reason="No list.")
CLAIM = ClaimCompletion(evidence="All are trained.")


def judgements(story: Story) -> list[Judgement | None]:
    return [claim.judgement for claim in story.recommendation.claims]


def found(story: Story, finding: Finding) -> Story:
    """Return the story after a follow-up with a finding."""
    assigned = story.also(ASSIGNED, replace(story.history[-1].stamp, by="i", role=Role.INSPECTOR))
    report = ReportFollowUp(finding=finding, passage="So it is.", source="The review.")
    return assigned.when(report, by=INSPECTOR).done()


def test_a_claim_waits_until_it_is_judged() -> None:
    (claim,) = claimed.recommendation.claims
    assert (claim.judgement, claim.judged_on, claim.days) == (None, None, None)


@pytest.mark.parametrize(
    ("finding", "judgement"),
    [
        (Finding.MET, Judgement.MET),
        (Finding.PARTLY_MET, Judgement.PARTLY_MET),
        (Finding.NOT_MET, Judgement.NOT_MET),
        (Finding.TOO_EARLY, None),
        (Finding.NARRATIVE, None),
    ],
)
def test_a_finding_judges_a_claim_if_it_grades_the_work(
    finding: Finding, judgement: Judgement | None
) -> None:
    assert judgements(found(claimed, finding)) == [judgement]


def test_the_first_judgement_of_a_claim_stands() -> None:
    partly = found(claimed, Finding.PARTLY_MET)
    assert judgements(partly.when(RETURN, by=INSPECTOR).done()) == [Judgement.PARTLY_MET]


def test_each_claim_has_a_judgement_of_its_own() -> None:
    returned = claimed.when(RETURN, by=INSPECTOR).done()
    again = returned.when(CLAIM, by=KENT).done()
    closure = Close(reason=CloseReason.WITHDRAWN, basis="The law changed.")
    over = again.when(closure, by=INSPECTOR).done()
    assert judgements(over) == [Judgement.RETURNED, Judgement.CLOSED_OTHERWISE]
    reopened = over.when(Reopen(reason="It was not."), by=INSPECTOR).done()
    assert judgements(reopened) == judgements(over)


def test_the_days_until_a_judgement_need_two_certain_days() -> None:
    claim = JudgedClaim(3, "2024-01-30", Judgement.MET, "2024-03-01")
    assert claim.days == 31
    assert replace(claim, on="2024-01").days is None
    assert replace(claim, judged_on="unknown").days is None


def test_the_next_move_is_of_the_party_that_pages_name() -> None:
    party: dict[Role | None, str | tuple[str, ...]] = {
        Role.FORCE: "The force.",
        Role.INSPECTOR: "Inspectors.",
        None: ("Not known", "Nobody"),
    }
    for stage in set(Stage) - {Stage.ABSENT}:
        for plan in Plan:
            for is_claimed in (False, True):
                for updated, finding in product((False, True), (None, *Finding)):
                    of = {"claimed": is_claimed, "updated": updated}
                    move = next_move(stage, plan, **of, finding=finding)
                    words = reading.hands(
                        stage, plan, claimed=is_claimed, updated=updated, finding=finding
                    )
                    assert words.startswith(party[move]), (stage, plan, of, finding, words)
