"""Slippage of deadlines and decisions: the kinds that count, and where they are shown."""

import re
from collections import Counter
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given as whenever
from hypothesis import strategies as some
from msgspec.structs import replace

from domain.commands.recommendation import (
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    NoteOutcome,
    ProposeClosure,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    ReturnClaim,
)
from domain.recommendation.rules import needs_second_inspector
from domain.recommendation.slippage import BUNCH_DAYS, HALF_YEARS, Slip, first_day, half_years
from domain.vocabulary.values import CloseReason, Finding, Reading
from tests.pages.test_pages import read
from tests.support.data.examples import INSPECTOR, KENT, KENT_BODY, OTHER_INSPECTOR, issue
from tests.support.data.stories import Story, assigned, claimed, closed, issued
from tests.support.served.serving import Served, Service, command, published

VERIFY = Close(reason=CloseReason.VERIFIED, basis="Seen.", source="The review.")
SVG = "{http://www.w3.org/2000/svg}"


def slips(story: Story) -> tuple[Slip, ...]:
    return story.recommendation.slippage.slips


def verified(story: Story) -> Story:
    """Return the story after a closure as verified, proposed by another where it has to be."""
    if not needs_second_inspector(story.recommendation):
        return story.when(VERIFY, by=OTHER_INSPECTOR).done()
    proposed = story.when(ProposeClosure(basis="Seen.", source="Review")).done()
    close = replace(VERIFY, proposal=len(proposed.history))
    return proposed.when(close, by=OTHER_INSPECTOR).done()


# What counts


def test_a_changed_time_limit_and_a_reopening_count_for_good() -> None:
    story = issued.when(ChangeTimeLimit(time_limit="months:6", reason="Much to do.")).done()
    story = story.when(ChangeTimeLimit(time_limit="none", reason="More.")).done()
    assert slips(story) == (Slip.TIME_LIMIT_CHANGED,)
    assert story.recommendation.slippage.time_limit_changes == 2
    again = verified(closed.when(Reopen(reason="Too soon.")).done())
    assert Slip.REOPENED in slips(again)
    assert again.recommendation.slippage.reopenings == 1


def test_a_verified_closure_with_nothing_on_record_lacks_evidence() -> None:
    assert slips(verified(issued)) == (Slip.CLOSED_WITHOUT_EVIDENCE,)
    told = issued.when(ReportProgress(progress="Half."), by=KENT).done()
    assert slips(verified(told.when(Comment(comment="Noted.")).done())) == slips(verified(issued))


def test_a_withdrawn_recommendation_needs_no_evidence() -> None:
    moot = Close(reason=CloseReason.WITHDRAWN, basis="Moot.")
    assert slips(issued.when(moot).done()) == ()


def test_a_claim_or_an_assurance_is_evidence() -> None:
    assert slips(verified(claimed)) == ()
    assured = issued.when(RecordAssurance(level="assured", reason="Seen."), by=KENT_BODY).done()
    assert slips(verified(assured)) == ()


def test_a_returned_claim_is_no_evidence_until_a_new_claim() -> None:
    returned = claimed.when(ReturnClaim(reason="No list.")).done()
    assert slips(verified(returned)) == (Slip.CLOSED_WITHOUT_EVIDENCE,)
    again = returned.when(ClaimCompletion(evidence="Here it is."), by=KENT).done()
    assert slips(verified(again)) == ()


@pytest.mark.parametrize("finding", [*Finding])
def test_a_follow_up_is_evidence_if_its_finding_is_met(finding: Finding) -> None:
    found = assigned.when(
        ReportFollowUp(finding=finding, passage="So it is.", source="The review.")
    ).done()
    enough = finding in {Finding.MET, Finding.NARRATIVE}
    assert slips(verified(found)) == (() if enough else (Slip.CLOSED_WITHOUT_EVIDENCE,))


@pytest.mark.parametrize(
    ("reading", "found"),
    [
        ("improved", ()),
        ("claim", ()),
        ("status_change", ()),
        ("not_improved", (Slip.CLOSED_WITHOUT_EVIDENCE,)),
    ],
)
def test_a_noted_outcome_is_evidence_if_it_reports_completion(
    reading: Reading, found: tuple[Slip, ...]
) -> None:
    noted = issued.when(
        NoteOutcome(
            reference="o-1", said_by="inspectorate", text="So.", source="Review", reading=reading
        )
    ).done()
    assert slips(verified(noted)) == found


def test_a_reopened_recommendation_needs_new_evidence() -> None:
    again = verified(claimed).when(Reopen(reason="Not so.")).done()
    assert slips(again) == (Slip.REOPENED,)
    assert slips(verified(again)) == (Slip.REOPENED, Slip.CLOSED_WITHOUT_EVIDENCE)


# Closures before a reporting day

days = some.dates(date(1, 1, 1), date(9999, 12, 31))


@whenever(days)
def test_half_years_run_back_without_gaps_from_the_current_one(on: date) -> None:
    told = half_years({}, on)
    assert len(told) <= HALF_YEARS
    for one in told:
        assert (one.until.month, one.until.day) in {(3, 31), (9, 30)}
        assert (one.until - one.just_before).days + 1 == BUNCH_DAYS
    for later, earlier in pairwise(told):
        assert later.since - earlier.until == timedelta(days=1)
    if told and on <= date(9999, 9, 30):
        assert told[0].since <= on <= told[0].until
        assert first_day(on) == told[-1].since


@whenever(
    some.lists(some.dates(date(2020, 1, 1), date(2026, 12, 31))), some.dates(date(2024, 1, 1))
)
def test_every_closure_in_the_period_falls_in_one_half_year(closures: list[date], on: date) -> None:
    told = half_years(Counter(closures), on)
    shown = [day for day in closures if first_day(on) <= day <= on]
    assert sum(one.closed for one in told) == len(shown)
    for one in told:
        assert one.closed_just_before == sum(
            one.just_before <= day <= min(one.until, on) for day in closures
        )
        assert (one.expected is None) == (one.until > on)


def test_expected_closures_in_the_last_days_assume_an_even_spread() -> None:
    (half,) = [
        one
        for one in half_years({date(2026, 3, 1): 4, date(2026, 3, 20): 9}, date(2026, 6, 1))
        if one.until == date(2026, 3, 31)
    ]
    assert (half.since, half.just_before) == (date(2025, 10, 1), date(2026, 3, 18))
    assert (half.closed, half.closed_just_before) == (13, 9)
    assert half.expected == pytest.approx(1.0)


# What is served


@pytest.fixture(scope="module")
def served() -> Served:
    return Served(corpus=True)


@pytest.fixture(scope="module")
def slipped(service: Service) -> int:
    """One of each slip to Essex; the position after them."""
    given = published(service, "essex-slips", *(issue("essex", ordinal=n) for n in (1, 2, 3, 4)))
    changed, reopened, unproven, mistaken = given.recommendations
    position = given.position
    limit = {"time_limit": "months:9", "reason": "Much to do."}
    moot = {"reason": "withdrawn", "basis": "Moot.", "on": "2026-03-30"}
    seen = {"basis": "Seen.", "source": "The review.", "on": "2026-03-31"}
    for stream, actor, tag, said in (
        (changed, INSPECTOR, "change_time_limit", limit),
        (reopened, INSPECTOR, "close", moot),
        (reopened, INSPECTOR, "reopen", {"reason": "Not so."}),
        (unproven, INSPECTOR, "propose_closure", seen),
        (unproven, OTHER_INSPECTOR, "close", {"reason": "verified", "proposal": 2, **seen}),
        (mistaken, INSPECTOR, "receive_action_plan", {"answer": "act", "content": "Ours."}),
        (mistaken, INSPECTOR, "withdraw", {"steps": [2], "why": "Of another one."}),
    ):
        answer = command(service, stream, actor, tag, **said)
        assert answer.status_code == 201, answer.text
        position = int(answer.json()["position"])
    assert service.get(f"/v1/slippage?position={position}").status_code == 200
    return position


def test_the_slippage_api_counts_each_force_and_lists_what_it_counts(
    service: Service, slipped: int
) -> None:
    told = service.get(f"/v1/slippage?position={slipped}").json()
    assert told["forces"]["essex"]["slipped"] == {str(slip): 1 for slip in Slip}
    for slip in Slip:
        listed = service.get(f"/v1/recommendations?slip={slip}&limit=500").json()["items"]
        assert len(listed) == told["counts"]["slipped"][slip]
        counts = Counter(one["standing"]["force"] for one in listed)
        assert counts == {
            code: one["slipped"][slip]
            for code, one in told["forces"].items()
            if one["slipped"][slip]
        }
    of_one = service.get("/v1/slippage?force=essex").json()
    assert of_one["forces"] == {"essex": told["forces"]["essex"]}
    assert of_one["counts"] == told["forces"]["essex"]
    (half,) = [one for one in of_one["half_years"] if one["until"] == "2026-03-31"]
    assert (half["closed"], half["closed_just_before"]) == (1, 1), "and not what was reopened"
    before = service.get("/v1/slippage?force=essex&on=2026-03-30").json()
    assert [one["closed"] for one in before["half_years"]][:1] == [1], "it was closed on that day"
    assert service.get("/v1/slippage?force=training").json()["counts"]["total"] == 0
    assert service.get("/v1/slippage?force=atlantis").status_code == 400


@pytest.mark.usefixtures("slipped")
@pytest.mark.parametrize("path", ["/slippage", "/slippage?force=essex", "/slippage?on=2026-03-31"])
def test_the_slippage_page_shows_the_figures_of_the_api(service: Service, path: str) -> None:
    shown = read(service, path)
    told = service.get(f"/v1{path}").json()
    numbers = [
        int(one)
        for one in re.findall(r'data-head="[^"]*">(?:<a [^>]*>)?(\d+)(?:</a>)?</td>', shown)
    ]
    forces = [one for one in told["forces"].values() if one["total"]]
    rows = forces if "force=" in path else [told["counts"], *forces]
    # Of recommendations of which nothing is known, a dash is shown.
    shown_numbers = sum(7 if one["total"] > one["not_known"] else 2 for one in rows)
    assert len(numbers) == shown_numbers + 2 * len(told["half_years"])
    counts = told["counts"]
    assert numbers[:7] == [
        counts["total"], counts["not_known"], *counts["slipped"].values(), counts["verified"],
    ]  # fmt: skip
    halves = [n for one in told["half_years"] for n in (one["closed"], one["closed_just_before"])]
    assert numbers[shown_numbers:] == halves
    assert "not over yet" in shown or path.endswith("on=2026-03-31")


@pytest.mark.usefixtures("slipped")
def test_how_many_are_overdue_is_said_of_those_whose_limit_is_known(service: Service) -> None:
    """A share needs its base: of the others it is not known whether they are overdue."""
    board = service.get("/v1/progress").json()
    for path, counts in (("/", board["national"]), ("/forces/essex", board["forces"]["essex"])):
        shown = read(service, path)
        assert 0 < counts["limited"] < counts["total"]
        base = re.findall(r'href="([^"]+)">of the (\d+) with a last day that is known', shown)
        assert [number for _, number in base] == [str(counts["limited"])], path
        listed = service.get(f"/v1{unescape(base[0][0])}&limit=500").json()["items"]
        assert len(listed) == counts["limited"]
        others = service.get(f"/v1{unescape(base[0][0])}&limit=500".replace("=true", "=false"))
        assert len(others.json()["items"]) == counts["total"] - counts["limited"]
    share = rf">{board['national']['overdue']}(</a>)? of {board['national']['limited']}</td>"
    assert re.search(share, read(service, "/progress"))


@pytest.mark.usefixtures("slipped")
@pytest.mark.parametrize(
    ("figure", "query"),
    [
        ("plan_overdue", "plan_overdue=true"),
        ("assured", "assurance=assured"),
        ("partly_assured", "assurance=partly_assured"),
    ],
)
def test_a_figure_about_plans_and_assurance_leads_to_what_it_counts(
    service: Service, figure: str, query: str
) -> None:
    national = service.get("/v1/progress").json()["national"]
    listed = service.get(f"/v1/recommendations?{query}&limit=500").json()["items"]
    assert len(listed) == national[figure]
    link = f'<a class="govuk-link" href="/recommendations?{query}">{national[figure]}</a>'
    assert (link in read(service, "/progress")) == (national[figure] > 0)
    if figure == "plan_overdue":
        assert listed


@pytest.mark.usefixtures("slipped")
def test_charts_state_the_figures_of_the_tables_in_words(service: Service) -> None:
    board = service.get("/v1/progress").json()["forces"]
    drawn = ET.fromstring(service.client.get("/charts/forces.svg").content)  # noqa: S314 - our own
    said = {" ".join(one.itertext()) for one in drawn.iter(f"{SVG}text")}
    essex = board["essex"]
    known = f"{essex['overdue']} overdue of {essex['limited']} with a last day that is known"
    assert f"Essex Police: {essex['open']} open, {known}" in said
    assert len([one for one in said if one and "overdue" in one and ":" in one]) >= sum(
        bool(one["open"]) for one in board.values()
    )
    for path in ("", "?force=essex", "?force=training", "?on=2013-01-01", "?on=2018-03-31"):
        months = service.client.get(f"/charts/months.svg{path}")
        assert months.status_code == 200
        titles = ET.fromstring(months.content).findtext(f"{SVG}title") or ""  # noqa: S314
        assert "open (solid), overdue (dashed), closed (dotted)" in titles
        assert "not known (dashes and dots)" in titles
        assert service.client.get(f"/charts/months.svg{path}").content == months.content
        assert b"<script" not in months.content
    assert service.client.get("/charts/stages.svg?force=training").status_code == 200
    assert service.client.get("/charts/months.svg?force=atlantis").status_code == 400
