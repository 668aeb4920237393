"""How a note is removed, and what a correction or a redaction has to do with the order of dates."""

import pytest
from msgspec.structs import replace

from domain import life
from domain.commands import Command, Comment, Correct, NoteArea, RedactNote
from domain.events import Commented, NoteRedacted, ReportNoteRedacted
from domain.stamp import Role, Who
from domain.values import Plain
from tests.examples import ADMIN, INSPECTOR
from tests.stories import ISSUED, PUBLISHED, claimed, given, issued


def mend(field: str, was: Plain, now: Plain, *, step: int = 1) -> Correct:
    return Correct(step=step, field=field, was=was, now=now, why="Typing.")


def redact(step: int, field: str, approved_by: str = "admin-2") -> RedactNote:
    return RedactNote(
        step=step, field=field, legal_basis="DPA 2018, s. 47", approved_by=approved_by
    )


def redacted(step: int, field: str) -> NoteRedacted:
    return NoteRedacted(step, field, "DPA 2018, s. 47", "admin-2")


def test_a_note_is_removed_when_a_second_person_approves() -> None:
    claimed.when(redact(2, "evidence"), by=ADMIN).then(redacted(2, "evidence"))


def test_nobody_approves_their_own_redaction() -> None:
    claimed.when(redact(2, "evidence", ADMIN.actor), by=ADMIN).refused(
        "A redaction needs a second person's approval."
    )


def test_a_step_that_is_not_there_has_no_note() -> None:
    claimed.when(redact(3, "evidence"), by=ADMIN).refused("There is no step 3; the last one is 2.")


@pytest.mark.parametrize("field", ["documents", "text", "remark"])
def test_only_a_note_that_is_there_is_removed(field: str) -> None:
    for step in (1, 2):
        claimed.when(redact(step, field), by=ADMIN).refused(
            f"Step {step} has no note named {field}."
        )


def test_a_note_is_removed_once() -> None:
    noted = replace(ISSUED, remark="Read by hand.")
    story = given(("2022-08-05", noted), ("2022-08-06", Commented("A name.")))
    story = story.when(redact(1, "remark"), by=ADMIN).then(redacted(1, "remark"))
    story = story.when(redact(2, "comment"), by=ADMIN).then(redacted(2, "comment"))
    for step, field, at in ((1, "remark", 3), (2, "comment", 4)):
        story.when(redact(step, field), by=Who("admin-3", Role.ADMIN)).refused(
            f"That note was removed already, at step {at}."
        )


def test_a_note_of_a_report_is_removed_once() -> None:
    story = given(("2022-08-05", replace(PUBLISHED, remark="A name.")))
    story = story.when(redact(1, "remark"), by=ADMIN).then(
        ReportNoteRedacted(1, "remark", "DPA 2018, s. 47", "admin-2")
    )
    story.when(redact(1, "remark"), by=ADMIN).refused("That note was removed already, at step 2.")


def test_a_redaction_changes_nothing_but_the_note() -> None:
    story = claimed.when(redact(2, "evidence"), by=ADMIN).done()
    assert replace(story.recommendation, step=2, floor=claimed.recommendation.floor) == (
        claimed.recommendation
    )


# What is about the record only is not in the order of dates


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (mend("ordinal", 1, 2), INSPECTOR),
        (redact(2, "evidence"), ADMIN),
    ],
)
def test_something_earlier_may_be_recorded_after_it(command: Command, by: Who) -> None:
    story = claimed.when(command, by=by, on="2026-01-05").done()
    story = story.when(Comment(comment="Noted."), on="2022-12-24").done()
    days = [day.isoformat() for day in life.settle(life.as_at(story.history))]
    assert days == ["2022-08-05", "2022-11-01", "2022-11-01", "2022-12-24"]


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (mend("confidence", "stated", "inferred"), INSPECTOR),
        (redact(1, "remark"), ADMIN),
    ],
)
def test_nor_is_it_in_the_way_of_a_report(command: Command, by: Who) -> None:
    noted = NoteArea(reference="kent-a1", text="Train.", area="leadership", source="Page 9")
    story = given(("2022-08-05", replace(PUBLISHED, remark="A name.")))
    story = story.when(command, by=by, on="2026-01-05").done()
    story = story.when(noted, on="2022-08-05").done()
    story.when(noted, on="2022-08-04").refused("2022-08-04 is before an earlier step: …")
    assert {day.isoformat() for day in life.settle(life.as_at(story.history))} == {"2022-08-05"}


def test_a_date_may_be_moved_past_it() -> None:
    story = given(("2022-08", ISSUED))
    story = story.when(mend("text", "Do it.", "Do it now."), on="2022-08-10").done()
    story.when(mend("on", "2022-08", "2022-08-31"), on="2022-08-10").done()


def test_it_does_not_say_when_an_earlier_step_was() -> None:
    story = given(("2022-08", ISSUED))
    story = story.when(mend("text", "Do it.", "Do it now."), on="2022-08-10").done()
    assert {day.isoformat() for day in life.settle(life.as_at(story.history))} == {"2022-08-31"}


def test_its_own_date_is_mended_whatever_was_recorded_since() -> None:
    story = issued.when(mend("text", "Do it.", "Do it now."), on="2026-01-05").done()
    story = story.when(Comment(comment="Noted."), on="2022-09-14").done()
    story.when(mend("on", "2026-01-05", "2026-01-04", step=2)).done()
