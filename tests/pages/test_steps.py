"""Where a recommendation is, as a list of steps, each with what is on record of it and no more."""

from typing import Any

import pytest
from msgspec.structs import replace

from api.pages.public.recommendation.steps import Step, steps_of
from domain.events.recommendation import (
    Closed,
    FollowUpReported,
    Reopened,
    TakenOver,
    UpdateReceived,
)
from domain.history import recommendation_entries
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, StoodAt
from tests.support.data.examples import IMPORT, INSPECTOR, KENT
from tests.support.data.stories import (
    ACCEPTED,
    ASSIGNED,
    CHANGES,
    CLOSED,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    WAIVED,
    Happened,
    given,
)

Row = tuple[str, str, str]
PUBLISHED: Row = ("published", "done", "5 August 2022")
FIRST_PLAN: Row = ("plan", "done", "It will act, 14 September 2022")
START: tuple[Happened, ...] = (("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT))


def rows(*happened: Happened) -> list[Row]:
    """Return the steps after these events, as a page shows them."""
    story = given(*happened)
    shown: list[Step] = steps_of(recommendation_entries(story.history), story.recommendation)
    return [(step.name, step.status, step.detail) for step in shown]


def test_a_new_recommendation_waits_for_its_plan() -> None:
    assert rows(("2022-08-05", ISSUED)) == [
        PUBLISHED,
        ("plan", "now", ""),
        ("review", "not_yet", ""),
        ("follow_up", "not_yet", ""),
        ("closed", "not_yet", ""),
    ]


def test_each_step_is_done_with_its_day_once_it_is_on_record() -> None:
    assert rows(*START)[1:3] == [FIRST_PLAN, ("review", "now", "")]
    reviewed = rows(*START, ("2022-10", ACCEPTED))
    assert reviewed[2:4] == [("review", "done", "Accepted, October 2022"), ("follow_up", "now", "")]
    planned = rows(*START, ("2022-10", ACCEPTED), ("2022-11-02", ASSIGNED))
    assert planned[3] == ("follow_up", "now", "Planned, 2 November 2022")
    ended = rows(*START, ("2022-10", ACCEPTED), ("2022-11-02", ASSIGNED), ("unknown", CLOSED))
    assert ended[3:] == [
        ("follow_up", "not_recorded", "Planned, 2 November 2022"),
        ("closed", "done", "The inspectorate withdrew it, on an unknown date"),
    ]


def test_a_plan_that_needs_changes_is_waited_for_again() -> None:
    steps = rows(*START, ("2022-10-03", CHANGES))
    assert steps[1] == ("plan", "now", "It will act, 14 September 2022")
    assert steps[2] == ("review", "done", "Changes requested, 3 October 2022")


def test_a_plan_that_was_waived_is_not_needed_and_neither_is_its_review() -> None:
    assert rows(("2022-08-05", ISSUED), ("2022-09-01", WAIVED))[1:4] == [
        ("plan", "not_needed", "Inspectors waived it, 1 September 2022"),
        ("review", "not_needed", ""),
        ("follow_up", "now", ""),
    ]


def test_an_immediate_recommendation_has_an_update_in_the_place_of_a_plan() -> None:
    issued: Happened = ("2022-08-05", replace(ISSUED, time_limit="immediate"))
    later = [("follow_up", "not_yet", ""), ("closed", "not_yet", "")]
    assert rows(issued) == [PUBLISHED, ("update", "now", ""), *later]
    assert rows(issued, ("2022-08-19", UpdateReceived("Done."), KENT)) == [
        PUBLISHED,
        ("update", "done", "19 August 2022"),
        ("follow_up", "now", ""),
        ("closed", "not_yet", ""),
    ]


def test_a_follow_up_that_found_it_not_met_asks_for_a_new_plan_which_begins_a_new_round() -> None:
    happened: tuple[Happened, ...] = (
        *START, ("2022-10-03", ACCEPTED), ("2022-11-02", ASSIGNED), ("2023-05-16", FOLLOWED_UP),
    )  # fmt: skip
    assert rows(*happened)[3:] == [
        ("follow_up", "done", "Partly met, 16 May 2023"),
        ("new_plan", "now", ""),
        ("closed", "not_yet", ""),
    ]
    assert rows(*happened, ("2023-06-20", PLAN, KENT))[1:] == [
        ("plan", "done", "It will act, 20 June 2023"),
        ("review", "now", ""),
        ("follow_up", "not_yet", ""),
        ("closed", "not_yet", ""),
    ]
    met = FollowUpReported(Finding.MET, "All were trained.", "Review of 2024")
    assert rows(*happened[:-1], ("2023-05-16", met))[3:] == [
        ("follow_up", "done", "Met, 16 May 2023"),
        ("closed", "now", ""),
    ]


def test_a_reopening_comes_after_what_was_before_it_and_it_goes_on_where_it_was() -> None:
    verified = Closed(CloseReason.VERIFIED, "It is.", "Review of 2023")
    was = "inspectors verified that it is done"
    steps = rows(
        *START, ("2022-10-03", ACCEPTED), ("2023-01-30", verified), ("2025-03-11", Reopened("New."))
    )
    assert steps == [
        PUBLISHED,
        FIRST_PLAN,
        ("review", "done", "Accepted, 3 October 2022"),
        (
            "reopened",
            "done",
            f"11 March 2025. It had been closed: {was}, 30 January 2023",
        ),
        ("follow_up", "now", ""),
        ("closed", "not_yet", ""),
    ]


def test_a_plan_of_after_a_reopening_comes_after_it() -> None:
    verified = Closed(CloseReason.VERIFIED, "It is.", "Review of 2023")
    closed = (*START, ("2022-10-03", ACCEPTED), ("2022-11-02", ASSIGNED), ("2023-01-30", verified))
    reopened: Happened = ("2025-03-11", Reopened("New."))
    not_met = FollowUpReported(Finding.NOT_MET, "They were not.", "Review of 2025")
    names = [name for name, *_ in rows(*closed, reopened, ("2025-06-01", not_met))]
    assert names == ["published", "plan", "review", "reopened", "follow_up", "new_plan", "closed"]
    names = [
        name
        for name, *_ in rows(*closed, reopened, ("2025-06-01", not_met), ("2025-07-01", PLAN, KENT))
    ]
    assert names == ["published", "reopened", "plan", "review", "follow_up", "closed"]


def test_of_a_recommendation_of_sources_nothing_is_said_that_no_source_says() -> None:
    imported: Happened = ("2022-08", ISSUED, IMPORT)
    assert rows(imported) == [
        ("published", "done", "August 2022"),
        *((name, "not_known", "") for name in ("plan", "review", "follow_up", "closed")),
    ]
    assert rows(imported, ("2023-06-01", CLOSED))[1:3] == [
        ("plan", "not_recorded", ""),
        ("review", "not_recorded", ""),
    ]


@pytest.mark.parametrize(
    ("standing", "more", "done", "now"),
    [
        (StoodAt.PLAN_AWAITED, {}, set[str](), "plan"),
        (StoodAt.PLAN_RECEIVED, {}, {"plan"}, "review"),
        (StoodAt.PLAN_ACCEPTED, {}, {"plan", "review"}, "follow_up"),
        (
            StoodAt.FOLLOW_UP_ASSIGNED,
            {"kind": FollowUpKind.MONITORING, "procedure": "2020"},
            set[str](),
            "follow_up",
        ),
        (
            StoodAt.FOLLOWED_UP,
            {"finding": Finding.MET, "passage": "Done.", "source": "Review"},
            {"follow_up"},
            "closed",
        ),
        (StoodAt.CLOSED, {"reason": CloseReason.VERIFIED, "source": "Review"}, {"closed"}, None),
    ],
)
def test_what_had_happened_when_it_was_taken_over_is_dated_by_then(
    standing: StoodAt, more: dict[str, Any], done: set[str], now: str | None
) -> None:
    event = TakenOver(standing, "A letter.", **more)
    steps = rows(("2018", ISSUED, IMPORT), ("2019-01-10", event, INSPECTOR))
    assert {name for name, status, _ in steps if status == "done"} == {"published", *done}
    assert [name for name, status, _ in steps if status == "now"] == ([now] if now else [])
    assert all(detail.endswith("10 January 2019") for _, _, detail in steps[1:] if detail)
