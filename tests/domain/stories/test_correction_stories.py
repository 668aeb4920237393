"""Stories of corrections: both versions stay, and a corrected step obeys the same rules."""

from datetime import timedelta
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from domain.amendments.correction import CORRECTABLE, notes_of
from domain.commands.command import Command
from domain.commands.common import Correct
from domain.commands.recommendation import Comment
from domain.events.event import Event
from domain.events.recommendation import (
    AssuranceRecorded,
    Closed,
    ClosureProposed,
    Commented,
    Corrected,
    FollowUpAssigned,
    FollowUpChanged,
    FollowUpReported,
    Issued,
    MilestoneNoted,
    OutcomeNoted,
    Section55Responded,
    TakenOver,
    TimeLimitChanged,
)
from domain.events.report import (
    AreaNoted,
    Cases,
    ReportCorrected,
    ReportMilestoneNoted,
    ReportOutcomeNoted,
    ReportPublished,
    TopicGrades,
)
from domain.history import as_at, chronology
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind, Plain, When
from tests.support.data.examples import INSPECTOR, KENT, NOON
from tests.support.data.stories import (
    ACCEPTED,
    FOLLOWED_UP,
    ISSUED,
    PLAN,
    PUBLISHED,
    accepted,
    followed_up,
    given,
    issued,
    noon,
    planned,
    published,
    stamped,
)


def mend(field: str, was: Plain, now: Plain, *, step: int = 1) -> Correct:
    return Correct(step=step, field=field, was=was, now=now, why="Typing.")


def mended(field: str, was: Plain, now: Plain, *, step: int = 1) -> Corrected:
    return Corrected(step, field, was, now, "Typing.")


# Both versions stay


def test_a_correction_keeps_the_original_text() -> None:
    story = issued.when(mend("text", "Do it.", "Do it now.")).then(
        mended("text", "Do it.", "Do it now.")
    )
    assert story.history[0].event == ISSUED
    assert story.amended(1) == replace(ISSUED, text="Do it now.")
    assert story.recommendation.issued == replace(ISSUED, text="Do it now.")


def test_the_earlier_version_was_known_before_the_correction() -> None:
    story = issued.when(mend("text", "Do it.", "Do it now.")).done()
    before = NOON - timedelta(seconds=1)
    assert as_at(story.history, known_at=before) == issued.history
    assert as_at(story.history, known_at=NOON)[0].event == story.amended(1)


def test_a_corrected_time_limit_takes_effect() -> None:
    story = issued.when(mend("time_limit", "months:3", "months:6")).done()
    assert story.recommendation.time_limit == "months:6"


def test_a_second_correction_starts_from_the_first() -> None:
    story = issued.when(mend("text", "Do it.", "Do it now.")).done()
    story.when(mend("text", "Do it.", "Do it soon.")).refused(
        "text of step 1 is recorded as 'Do it now.', not 'Do it.'."
    )
    story = story.when(mend("text", "Do it now.", "Do it soon.")).done()
    assert story.amended(1) == replace(ISSUED, text="Do it soon.")
    story = story.when(mend("text", "Do it soon.", "Do it.")).done()
    assert story.amended(1) == ISSUED


def test_a_text_recorded_before_texts_were_tidied_can_be_corrected() -> None:
    old = given(("2022-08-05", replace(ISSUED, text="Cafe\u0301\r\nmeetings.")))
    shorter = mend("text", "Café\nmeetings.", "Meetings.")
    assert old.when(shorter).done().amended(1) == replace(ISSUED, text="Meetings.")


def test_a_correction_changes_only_the_step_it_names() -> None:
    story = followed_up.when(mend("finding", "partly_met", "met", step=4)).done()
    assert story.amended(4) == replace(FOLLOWED_UP, finding=Finding.MET)
    assert story.amended(1) == ISSUED


def test_a_report_is_corrected_down_to_its_case_grades() -> None:
    story = given(("2022-08-05", replace(PUBLISHED, cases=Cases(8, 3, None, 2, 3))))
    story = story.when(mend("cases.good", 3, 4)).then(
        ReportCorrected(1, "cases.good", 3, 4, "Typing.")
    )
    report = story.report.published
    assert report is not None
    assert report.cases == Cases(8, 4, None, 2, 3)


def test_a_correction_fills_in_an_unknown_field_and_takes_it_back() -> None:
    story = published.when(mend("grades.leadership", None, "good")).done()
    story = story.when(mend("grades.leadership", "good", None)).done()
    assert story.amended(1) == PUBLISHED


def test_a_correction_changes_whether_a_report_is_in_the_programme() -> None:
    command = msgspec.json.encode(mend("programme", was=True, now=False))
    story = published.when(msgspec.json.decode(command, type=Command)).done()
    assert story.amended(1) == replace(PUBLISHED, programme=False)
    written = msgspec.json.encode(story.history[1].event)
    assert msgspec.json.decode(written, type=Event) == story.history[1].event


# What is refused


def test_a_correction_names_an_existing_step() -> None:
    issued.when(mend("text", "Do it.", "Do it now.", step=2)).refused(
        "There is no step 2. The last step is 1."
    )


def test_the_last_step_can_be_corrected() -> None:
    story = planned.when(mend("on", "2022-09-14", "2022-09-13", step=2)).done()
    assert story.recommendation.first_plan_on == "2022-09-13"


def test_identity_and_lifecycle_fields_cannot_be_corrected() -> None:
    issued.when(mend("reference", "kent-ncpi-2022-r01", "kent-ncpi-2022-r02")).refused(
        "reference of step 1 cannot be corrected. In that step you can correct: "
        "area, cause, confidence, kind, on, ordinal, register_id, text, time_limit, topic, "
        "wording."
    )
    planned.when(mend("answer", "act", "no_action", step=2)).refused(
        "answer of step 2 cannot be corrected. In that step you can correct: on."
    )


def test_a_correction_states_the_value_on_record() -> None:
    issued.when(mend("time_limit", "months:6", "months:9")).refused(
        "time_limit of step 1 is recorded as 'months:3', not 'months:6'."
    )


def test_a_correction_changes_something() -> None:
    issued.when(mend("ordinal", 1, 1)).refused("ordinal of step 1 is already recorded as 1.")


@pytest.mark.parametrize(
    ("field", "was", "now", "words"),
    [
        ("time_limit", "months:3", "months:61", "time_limit of step 1 cannot be 'months:61': …"),
        ("kind", "recommendation", "order", "kind of step 1 cannot be 'order': Invalid enum …"),
        ("ordinal", 1, 0, "ordinal of step 1 cannot be 0: Expected `int` >= 1 - at `$.ordinal`."),
        ("text", "Do it.", None, "text of step 1 cannot be None: Expected `str`, got `null` …"),
        ("text", "Do it.", "", "text of step 1 cannot be '': Expected `str` of length >= 1 …"),
        ("on", "2022-08-05", "yesterday", "on of step 1 cannot be 'yesterday'…"),
        ("on", "2022-08-05", "2022-W01-1", "on of step 1 cannot be '2022-W01-1'…"),
        ("on", "2022-08-05", "1700", "on of step 1 cannot be '1700'…"),
        ("on", "2022-08-05", 2022, "on of step 1 cannot be 2022…"),
        ("on", "2022-08-05", None, "on of step 1 cannot be None…"),
    ],
)
def test_a_corrected_value_has_the_type_of_its_field(
    field: str, was: Plain, now: Plain, words: str
) -> None:
    issued.when(mend(field, was, now)).refused(words)


def test_a_corrected_area_belongs_to_the_edition() -> None:
    words = "partnership is not an area of the pre-2024 edition. The area must be one of: …"
    issued.when(mend("area", "leadership", "partnership")).refused(words)
    noted = AreaNoted("kent-a1", "Train.", "leadership", "Page 9")
    given(("2022-08-05", PUBLISHED), ("2022-08-05", noted)).when(
        mend("area", "leadership", "partnership", step=2)
    ).refused(words)


NOTED = AreaNoted("kent-a1", "Train.", "leadership", "Page 9", time_limit="none")
FIELDWORK = replace(PUBLISHED, page_date="2022", fieldwork_from="2022-02", fieldwork_to="2022-03")
WINDOW = FollowUpAssigned(FollowUpKind.MONITORING, "2020", "2023-01", "2023-02")
MOVED = FollowUpChanged(FollowUpKind.MONITORING, "2020", "Later.", "2023-01", "2023-02")
CHANGED = TimeLimitChanged("months:3", "months:6", "Much to do.")


@pytest.mark.parametrize(
    ("first", "then", "step", "field", "was"),
    [
        (ISSUED, CHANGED, 1, "time_limit", "months:3"),
        (ISSUED, CHANGED, 2, "now", "months:6"),
        (PUBLISHED, NOTED, 2, "time_limit", "none"),
    ],
)
def test_a_corrected_time_limit_is_in_the_calendar(
    first: Event, then: Event, step: int, field: str, was: str
) -> None:
    story = given(("2022-08-05", first), ("2022-09-01", then))
    story.when(mend(field, was, "date:2023-02-29", step=step)).refused(
        "2023-02-29 is not a real date."
    )


@pytest.mark.parametrize(
    ("first", "then", "step", "field", "was"),
    [
        (FIELDWORK, NOTED, 1, "page_date", "2022"),
        (FIELDWORK, NOTED, 1, "fieldwork_from", "2022-02"),
        (FIELDWORK, NOTED, 1, "fieldwork_to", "2022-03"),
        (ISSUED, WINDOW, 2, "window_from", "2023-01"),
        (ISSUED, WINDOW, 2, "window_to", "2023-02"),
    ],
)
def test_a_corrected_date_field_is_in_the_calendar(
    first: Event, then: Event, step: int, field: str, was: str
) -> None:
    story = given(("2022-08-05", first), ("2022-09-01", then))
    story.when(mend(field, was, "2023-02-29", step=step)).refused("2023-02-29 is not a real date.")


@pytest.mark.parametrize("event", [WINDOW, MOVED])
def test_a_corrected_window_ends_after_it_begins(event: Event) -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-01", event))
    story.when(mend("window_to", "2023-02", "2022-12", step=2)).refused(
        "The follow-up window cannot end before it begins."
    )


def test_a_verified_closure_keeps_its_source() -> None:
    verified = Closed(CloseReason.VERIFIED, "Seen.", "Review of 2023")
    story = given(("2022-08-05", ISSUED), ("2023-06-01", verified))
    story.when(mend("source", "Review of 2023", None, step=2)).refused(
        "A closure as verified must give the source that its basis relies on."
    )
    story.when(mend("source", "Review of 2023", "Review of 2022", step=2)).done()


# Dates


@pytest.mark.parametrize("now", ["2022-08-04", "2022-07", "2021", "unknown", "2022-08", "2022"])
def test_a_date_can_be_moved_back_or_made_coarser(now: When) -> None:
    story = planned.when(mend("on", "2022-08-05", now)).then(mended("on", "2022-08-05", now))
    assert story.recommendation.issued_on == now
    assert story.history[0].stamp.on == "2022-08-05"


@pytest.mark.parametrize("now", ["2022-08-06", "2022-09", "2022-09-14"])
def test_a_date_can_be_moved_on_as_far_as_the_next_step(now: When) -> None:
    story = planned.when(mend("on", "2022-08-05", now)).then(mended("on", "2022-08-05", now))
    assert story.recommendation.issued_on == now


def test_a_step_moved_to_a_later_date_was_not_certain_before_it() -> None:
    story = given(("2022-08-05", ISSUED))
    story = story.when(mend("on", "2022-08-05", "2022-09-01")).done()
    assert chronology(story.history)[0].day.isoformat() == "2022-09-01"


def test_a_coarser_date_may_begin_before_the_exact_date() -> None:
    story = accepted.when(mend("on", "2022-09-14", "2022-08", step=2)).done()
    assert story.recommendation.first_plan_on == "2022-08"


def test_a_correction_keeps_steps_in_order_of_date() -> None:
    accepted.when(mend("on", "2022-09-14", "2022-08-04", step=2)).refused(
        "Step 1, dated 2022-08-05, would come after step 2, dated 2022-08-04."
    )
    accepted.when(mend("on", "2022-09-14", "2022-10-04", step=2)).refused(
        "Step 2, dated 2022-10-04, would come after step 3, dated 2022-10-03."
    )


def test_the_order_of_steps_goes_by_their_corrected_dates() -> None:
    story = given(("2022-08-05", ISSUED), ("2022-09-14", PLAN, KENT), ("2022-10-03", ACCEPTED))
    story = story.when(mend("on", "2022-08-05", "2022-07-05")).done()
    story.when(mend("on", "2022-09-14", "2022-07-06", step=2)).done()
    story.when(mend("on", "2022-09-14", "2022-07-04", step=2)).refused(
        "Step 1, dated 2022-07-05, would come after step 2, dated 2022-07-04."
    )


def test_a_coarse_step_does_not_pull_an_earlier_step_out_of_its_date() -> None:
    story = given(("2022-08-05", ISSUED))
    story = story.also(Commented("Noted."), stamped(INSPECTOR, "2022", noon("2022-08-10")))
    story = story.when(mend("on", "2022-08-05", "2022-09-14")).done()
    assert {step.day.isoformat() for step in chronology(story.history)} == {"2022-09-14"}


def test_no_date_is_moved_into_the_future() -> None:
    issued.when(mend("on", "2022-08-05", "2026-01-06")).refused(
        "2026-01-06 is in the future; today is 2026-01-05."
    )


def test_a_date_can_be_moved_as_far_as_today() -> None:
    for now in ("2026-01-05", "2026-01", "2026"):
        issued.when(mend("on", "2022-08-05", now)).done()


def test_a_date_moves_only_to_a_day_of_the_calendar() -> None:
    issued.when(mend("on", "2022-08-05", "2022-02-30")).refused("2022-02-30 is not a real date.")


def test_a_date_moved_back_makes_room_for_an_earlier_step() -> None:
    comment = Comment(comment="Noted.")
    issued.when(comment, on="2022-08-04").refused("2022-08-04 is before an earlier step. …")
    story = issued.when(mend("on", "2022-08-05", "2022-08-04"), on="2022-08").done()
    story.when(comment, on="2022-08-04").done()


# What may be corrected


MILESTONE_FIELDS = "milestone said_by text source answer level address confidence"
NOTED_FIELDS = "said_by text source reading register_status reported_in confidence"
FOLLOW_UP_FIELDS = "kind procedure window_from window_to assignee"
FIELDS: dict[type[Event], str] = {
    Issued: "ordinal kind text area time_limit topic wording register_id confidence cause",
    FollowUpAssigned: FOLLOW_UP_FIELDS,
    FollowUpChanged: FOLLOW_UP_FIELDS,
    FollowUpReported: "finding passage source",
    Section55Responded: "answer address copied_on",
    AssuranceRecorded: "level",
    Closed: "source superseded_by",
    ClosureProposed: "source second_reader",
    TakenOver: "source kind procedure window_from window_to finding passage superseded_by",
    MilestoneNoted: MILESTONE_FIELDS,
    ReportMilestoneNoted: MILESTONE_FIELDS,
    TimeLimitChanged: "now",
    OutcomeNoted: NOTED_FIELDS,
    ReportPublished: (
        "product title address publisher programme page_date fieldwork_from fieldwork_to "
        "recommendations_stated causes_of_concern_stated follows confidence "
        "cases.examined cases.good cases.adequate cases.requires_improvement cases.inadequate "
        "grades.leadership grades.partnership grades.initial_response grades.risk_referral "
        "grades.investigation"
    ),
    AreaNoted: "text area source topic time_limit wording confidence",
    ReportOutcomeNoted: f"{NOTED_FIELDS} area topic",
}


def test_only_the_listed_fields_may_be_corrected() -> None:
    assert {kind: set(fields.split()) for kind, fields in FIELDS.items()} == {
        kind: fields for kind, fields in CORRECTABLE.items() if fields
    }


@pytest.mark.parametrize("kind", CORRECTABLE)
def test_no_note_is_corrected(kind: type[Event]) -> None:
    assert CORRECTABLE[kind] & notes_of(kind) == frozenset()


@pytest.mark.parametrize("kind", CORRECTABLE)
def test_every_correctable_path_is_a_field(kind: type[Event]) -> None:
    parts: dict[str, type[Cases | TopicGrades]] = {"cases": Cases, "grades": TopicGrades}
    for path in CORRECTABLE[kind]:
        outer, _, inner = path.partition(".")
        assert outer in kind.__struct_fields__
        assert not inner or inner in parts[outer].__struct_fields__


def test_the_notes_of_an_event_are_its_unpublished_texts() -> None:
    assert notes_of(Issued) == {"remark"}
    assert notes_of(FollowUpAssigned) == {"reason"}
    assert notes_of(FollowUpReported) == frozenset()
    assert notes_of(ReportPublished) == {"remark"}
    assert notes_of(Corrected) == {"why"}
    assert all(notes_of(event) <= set(event.__struct_fields__) for event in get_args(Event))
