"""Stories of quotas: how much one role may add to one stream."""

from datetime import datetime, timedelta

import pytest

from domain.access.quotas import REMARKS_MAX, STEPS_A_DAY_MAX
from domain.commands.common import ApproveRedaction
from domain.commands.recommendation import (
    ClaimCompletion,
    Close,
    Comment,
    NameOwner,
    NoteOutcome,
    ReportProgress,
)
from domain.commands.report import NoteReportOutcome
from domain.events.event import Event
from domain.events.recommendation import (
    Commented,
    Corrected,
    ProgressReported,
    RedactionApproved,
    RedactionRequested,
)
from domain.events.report import ReportOutcomeNoted
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.values import CloseReason
from tests.support.data.examples import ADMIN, IMPORT, INSPECTOR, KENT, KENT_BODY, NOON
from tests.support.data.stories import NOTED, STREAM, Story, asking_for, issued, planned, published

YESTERDAY = NOON - timedelta(days=1)
OTHER_OF_KENT = Actor("kent-other", Role.FORCE, "kent")
SAID = ReportOutcomeNoted("kent-o1", "force", "Said.", "Letter", "not_improved", "leadership")
AGAIN = Commented("Again.")
COMMENT = Comment(comment="One more.")
IN_A_DAY = f"The role force can record at most {STEPS_A_DAY_MAX} steps here in a day. …"
IN_ALL = f"The role force can record at most {REMARKS_MAX:,} remarks here in all. …"


def with_steps(story: Story, count: int, event: Event, by: Actor, at: datetime) -> Story:
    """Return a story with the same event many times."""
    first = len(story.history) + 1
    stamp = Stamp(by.id, by.role, at, "2026-01-04")
    steps = (Entry(STREAM, first + n, STREAM, stamp, event) for n in range(count))
    return Story((*story.history, *steps))


def busy(count: int, at: datetime = NOON, event: Event = AGAIN) -> Story:
    return with_steps(issued, count, event, KENT, at)


def test_a_role_records_at_most_so_many_steps_of_a_stream_in_a_day() -> None:
    story = busy(STEPS_A_DAY_MAX - 1).when(COMMENT, by=KENT).done()
    story.when(COMMENT, by=KENT).refused(IN_A_DAY)


@pytest.mark.parametrize(
    "command",
    [
        ReportProgress(progress="Half."),
        NameOwner(owner="Head of CID"),
        ClaimCompletion(evidence="Done."),
    ],
)
def test_the_steps_of_a_day_are_counted_whatever_their_kind(
    command: ReportProgress | NameOwner | ClaimCompletion,
) -> None:
    busy(STEPS_A_DAY_MAX, event=ProgressReported("Some.")).when(command, by=KENT).refused(IN_A_DAY)


def test_another_person_of_a_role_adds_no_room() -> None:
    busy(STEPS_A_DAY_MAX).when(COMMENT, by=OTHER_OF_KENT).refused(IN_A_DAY)


def test_no_role_can_use_up_the_room_of_another() -> None:
    story = busy(REMARKS_MAX)
    story = story.when(COMMENT, by=KENT_BODY).done()
    story = story.when(COMMENT, by=INSPECTOR).done()
    story.when(Close(reason=CloseReason.WITHDRAWN, basis="The law changed."), by=INSPECTOR).done()


def test_the_day_of_a_quota_ends_at_midnight_in_london() -> None:
    summer = datetime.fromisoformat("2025-07-01T22:59:00+00:00")
    story = busy(STEPS_A_DAY_MAX, at=summer)
    story.when(COMMENT, by=KENT, on="2025-07-01", at=summer).refused(IN_A_DAY)
    story.when(COMMENT, by=KENT, on="2025-07-01", at=summer + timedelta(minutes=1)).done()


def test_a_role_leaves_at_most_a_thousand_remarks_in_a_stream() -> None:
    story = busy(REMARKS_MAX - 1, at=YESTERDAY).when(COMMENT, by=KENT).done()
    story.when(COMMENT, by=KENT).refused(IN_ALL)


def test_steps_that_move_the_life_on_come_after_any_number_of_remarks() -> None:
    story = with_steps(
        planned, REMARKS_MAX, Corrected(1, "text", "a", "b", "c"), INSPECTOR, YESTERDAY
    )
    story.when(COMMENT).refused(IN_ALL.replace("force", "inspector"))
    story.when(Close(reason=CloseReason.WITHDRAWN, basis="The law changed.")).done()


def test_the_approval_of_a_removal_waits_for_no_quota() -> None:
    story = (
        issued.when(COMMENT)
        .done()
        .also(
            RedactionRequested(2, "comment", "data_protection"),
            Stamp(ADMIN.id, ADMIN.role, YESTERDAY, "2026-01-04"),
        )
    )
    story = with_steps(story, STEPS_A_DAY_MAX, AGAIN, INSPECTOR, NOON)
    story.when(ApproveRedaction(request=3, step=2, field="comment")).then(
        RedactionApproved(3, 2, "comment")
    )


def test_an_import_has_no_quota() -> None:
    story = with_steps(issued, STEPS_A_DAY_MAX, NOTED, IMPORT, NOON)
    story.when(asking_for(NOTED, NoteOutcome, reference="kent-o2"), by=IMPORT).done()


def test_a_report_has_the_same_quota() -> None:
    story = with_steps(published, STEPS_A_DAY_MAX, SAID, INSPECTOR, NOON)
    noted = NoteReportOutcome(
        reference="kent-o1",
        area="leadership",
        said_by="force",
        text="Said.",
        source="Letter",
        reading="not_improved",
    )
    story.when(noted).refused(IN_A_DAY.replace("force", "inspector"))
