"""Stories of suppressions: two people take a published text out of whatever is read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

from domain.amendments.correction import amend
from domain.amendments.suppression import (
    Place,
    day_removed,
    notice,
    places_of,
    suppressed,
    text_fields,
    texts,
)
from domain.commands.common import ApproveSuppression, Correct, RequestSuppression
from domain.commands.recommendation import Comment
from domain.events.event import Event
from domain.events.recommendation import (
    Commented,
    Corrected,
    FollowUpReported,
    Issued,
    OutcomeNoted,
    SuppressionApproved,
    SuppressionRequested,
)
from domain.events.report import ReportSuppressionApproved, ReportSuppressionRequested
from domain.history import as_at
from domain.vocabulary.actors import Actor, Role
from domain.vocabulary.entry import Entry
from domain.vocabulary.values import Finding
from tests.support.data.examples import ADMIN, INSPECTOR, OTHER_INSPECTOR
from tests.support.data.stories import (
    FOLLOWED_UP,
    ISSUED,
    NOTED,
    PUBLISHED,
    STREAM,
    given,
    issued,
    stamped,
)

PUBLISHER = Actor("publisher-1", Role.PUBLISHER)
AT = datetime(2026, 5, 3, 12, tzinfo=UTC)
NAMED = "Do it for Jane Doe."
MENDED = "Do it for the child."
GONE = "Text removed on 2026-05-03"
WHY = "It names a child."


def ask(step: int = 1, field: str = "text") -> RequestSuppression:
    return RequestSuppression(step=step, field=field, ground="safeguarding", why=WHY)


def agree(request: int, step: int = 1, field: str = "text") -> ApproveSuppression:
    return ApproveSuppression(request=request, step=step, field=field)


def history(*events: Event) -> Sequence[Entry[Event]]:
    """The history of some events, a day apart, the last on 3 May 2026."""
    moments = [AT - timedelta(days=number) for number in range(len(events))][::-1]
    return [
        Entry(STREAM, step, STREAM, replace(stamped(INSPECTOR, "2022-08-05"), at=at), event)
        for step, (event, at) in enumerate(zip(events, moments, strict=True), 1)
    ]


def asked_for(step: int, field: str, request: int) -> tuple[Event, Event]:
    requested = SuppressionRequested(step, field, "safeguarding", WHY)
    return requested, SuppressionApproved(request, step, field)


def said(entries: Sequence[Entry[Event]]) -> str:
    return msgspec.json.encode([entry.event for entry in entries]).decode()


CORRECTED = (
    replace(ISSUED, text=NAMED),
    Corrected(1, "text", NAMED, MENDED, "A name."),
)


def test_a_text_is_suppressed_when_one_person_asks_and_another_approves() -> None:
    for first in (INSPECTOR, PUBLISHER, ADMIN):
        story = issued.when(ask(), by=first).then(
            SuppressionRequested(1, "text", "safeguarding", WHY)
        )
        for second in (OTHER_INSPECTOR, Actor("admin-2", Role.ADMIN)):
            story.when(agree(2), by=second).then(SuppressionApproved(2, 1, "text"))


def test_a_text_of_a_report_is_suppressed_in_the_same_way() -> None:
    story = (
        given(("2022-08-05", PUBLISHED))
        .when(ask(field="title"))
        .then(ReportSuppressionRequested(1, "title", "safeguarding", WHY))
    )
    story.when(agree(2, field="title"), by=OTHER_INSPECTOR).then(
        ReportSuppressionApproved(2, 1, "title")
    )


def test_nobody_approves_their_own_suppression() -> None:
    story = issued.when(ask()).done()
    for role in (Role.INSPECTOR, Role.ADMIN):
        story.when(agree(2), by=Actor(INSPECTOR.id, role)).refused(
            "The person who requested a suppression cannot approve it. Another person must."
        )


def test_a_publisher_asks_and_cannot_approve() -> None:
    issued.when(ask()).done().when(agree(2), by=PUBLISHER).forbidden(
        "The role publisher cannot do this. Only these roles can: admin, inspector."
    )


def test_an_approval_names_the_request_of_that_very_text() -> None:
    issued.when(agree(1), by=OTHER_INSPECTOR).refused(
        "Step 1 is not a request to suppress this text."
    )
    story = given(("2022-08-05", ISSUED), ("2023-01-01", NOTED)).when(ask()).done()
    for approval in (agree(3, 2, "text"), agree(2)):
        story.when(approval, by=OTHER_INSPECTOR).refused(
            f"Step {approval.request} is not a request to suppress this text."
        )


def test_a_suppression_is_requested_once() -> None:
    issued.when(ask()).done().when(ask(), by=OTHER_INSPECTOR).refused(
        "This suppression was already requested at step 2 and awaits approval."
    )


@pytest.mark.parametrize("field", ["remark", "area", "time_limit", "reference", "on", "nothing"])
def test_only_a_published_text_can_be_suppressed(field: str) -> None:
    issued.when(ask(field=field)).refused(
        f"Step 1 has no published text called {field}. Its published texts: text."
    )


def test_a_missing_step_has_no_text_to_suppress() -> None:
    issued.when(ask(2)).refused("There is no step 2. The last step is 1.")


def test_a_text_that_is_gone_is_not_suppressed_again() -> None:
    read = suppressed(history(*CORRECTED, *asked_for(1, "text", 3)))
    assert texts(read, 1) == {"text": GONE}
    given(*[("2022-08-05", entry.event) for entry in read]).when(ask()).refused(
        "This text was already removed, on 2026-05-03."
    )


def test_a_suppressed_text_is_in_no_earlier_entry_whatever_moment_is_read() -> None:
    written = history(*CORRECTED, *asked_for(1, "text", 3))
    read = suppressed(written)
    assert "Jane" in said(written)
    assert "Jane" not in said(read)
    assert said(read).count(GONE) == 2, "the issue, and what its correction quotes"
    for known_at in (entry.stamp.at for entry in read):
        state = amend(as_at(read, known_at=known_at))[0].event
        assert isinstance(state, Issued)
        assert state.text == (GONE if known_at == read[0].stamp.at else MENDED)


def test_the_value_that_a_correction_put_in_place_can_be_suppressed() -> None:
    again = Corrected(1, "text", NAMED, "Do it at once.", "A name.")
    first = Corrected(1, "text", ISSUED.text, NAMED, "A typing error.")
    read = suppressed(history(ISSUED, first, again, *asked_for(2, "now", 4)))
    assert "Jane" not in said(read)
    assert texts(read, 1) == {"text": ISSUED.text}
    assert texts(read, 2) == {"was": ISSUED.text, "now": GONE}
    assert texts(read, 3) == {"was": GONE, "now": "Do it at once."}


def test_every_place_of_the_same_text_is_named_and_goes_together() -> None:
    written = history(
        replace(ISSUED, text=NAMED, sources=("Page 9", NAMED)),
        FollowUpReported(Finding.MET, NAMED, "Page 9"),
        Corrected(2, "passage", NAMED, MENDED, "A name."),
        *asked_for(2, "passage", 4),
    )
    assert places_of(written, NAMED) == (
        Place(1, "sources.1"), Place(1, "text"), Place(2, "passage"), Place(3, "was"),
    )  # fmt: skip
    read = suppressed(written)
    assert "Jane" not in said(read)
    assert texts(read, 1)["sources.0"] == "Page 9"


def test_a_text_goes_from_the_correction_that_quoted_it_in_tidy_form() -> None:
    written = f"{NAMED}\r\nAt cafe\u0301 Zoe\u0308."  # as it was before texts were tidied
    quoted = f"{NAMED}\nAt caf\u00e9 Zo\u00eb."
    events = (replace(ISSUED, text=written), Corrected(1, "text", quoted, MENDED, "A name."))
    whole = history(*events, *asked_for(1, "text", 3))
    assert [place.step for place in places_of(whole, written)] == [1, 2]
    assert "Jane" not in said(suppressed(whole))


def test_the_second_of_two_requests_for_one_text_can_still_be_answered() -> None:
    again = replace(FOLLOWED_UP, passage=ISSUED.text)
    story = given(("2022-08-05", ISSUED), ("2023-05-16", again)).when(ask()).done()
    story = story.when(ask(2, "passage")).done().when(agree(3), by=OTHER_INSPECTOR).done()
    read = given(*[(each.stamp.on, each.event) for each in suppressed(story.history)])
    read.when(ask(2, "passage")).refused("This text was already removed, on 2026-01-05.")
    done = read.when(agree(4, 2, "passage"), by=OTHER_INSPECTOR).done()
    assert done.recommendation.suppressions == ()


def test_a_text_that_is_recorded_after_the_suppression_is_shown() -> None:
    approved = (*CORRECTED, *asked_for(1, "text", 3))
    lifted = Corrected(1, "text", MENDED, NAMED, "It was no name.")
    read = suppressed(history(*approved, lifted))
    assert isinstance(state := amend(read)[0].event, Issued)
    assert state.text == NAMED
    assert "Text removed on 2026-05-02" in said(read), "as known before, it stays removed"


def test_suppressions_apply_one_after_the_other_and_once() -> None:
    events = [*CORRECTED, *asked_for(1, "text", 3), NOTED, *asked_for(2, "now", 6)]
    whole = history(*events)
    read: Sequence[Entry[Event]] = []
    for number in range(len(whole)):
        read = suppressed([*read, whole[number]], number)
    assert read == suppressed(whole)
    assert not any(text in said(read) for text in (NAMED, MENDED))
    assert NOTED.text in said(read)


def test_a_history_without_a_suppression_is_the_same_one() -> None:
    written = history(*CORRECTED)
    assert suppressed(written) is written


def test_remarks_that_were_left_out_of_a_history_do_not_shift_its_steps() -> None:
    written = history(Commented(""), *CORRECTED)
    shifted = [replace(written[1], step=1), replace(written[2], step=4), *[
        replace(entry, step=entry.step + 10, stamp=replace(entry.stamp, at=AT))
        for entry in history(*asked_for(1, "text", 11))
    ]]  # fmt: skip
    assert "Jane" not in said(suppressed(shifted))


def test_a_code_or_date_that_was_corrected_is_no_text() -> None:
    events = (ISSUED, Corrected(1, "area", "leadership", "investigation", "A slip."))
    assert texts(history(*events), 2) == {}


def test_a_correction_quotes_the_notice_and_not_the_text() -> None:
    read = suppressed(history(*CORRECTED[:1], *asked_for(1, "text", 2)))
    story = given(*[("2022-08-05", entry.event) for entry in read])
    wrong = Correct(step=1, field="text", was=NAMED, now=MENDED, why="A name.")
    story.when(wrong).refused(f"text of step 1 is recorded as {GONE!r}, not {NAMED!r}.")
    story.when(replace(wrong, was=GONE)).done()


def test_a_decision_does_not_become_stale_by_a_suppression() -> None:
    story = given(("2022-08-05", ISSUED), ("2023-01-01", FOLLOWED_UP)).when(ask()).done()
    state = story.when(agree(3), by=OTHER_INSPECTOR).done().recommendation
    assert state.decision
    assert not state.decision.stale
    assert not state.suppressions


def test_a_suppression_waits_in_the_work_until_it_is_approved() -> None:
    story = issued.when(Comment(comment="A name.")).done().when(ask()).done()
    assert [pending.step for pending in story.recommendation.suppressions] == [3]
    story = story.when(agree(3), by=OTHER_INSPECTOR).done()
    assert story.recommendation.suppressions == ()


def test_the_published_texts_of_an_event_are_known_by_their_types() -> None:
    assert text_fields(Issued) == {"text", "sources", "register_id"}
    assert text_fields(OutcomeNoted) == {"text", "source"}
    assert text_fields(type(PUBLISHED)) == {"title", "address", "publisher", "sources"}
    for event in get_args(Event):
        for field in msgspec.structs.fields(event):
            assert (field.name in text_fields(event)) == ("'published': True" in repr(field.type))


@pytest.mark.parametrize(
    "text",
    ["Text removed on Monday", f"{GONE}.", "Text removed on 20260503", GONE.lower(), 7, None],
)
def test_only_a_notice_word_for_word_is_read_as_one(text: object) -> None:
    assert day_removed(text) is None
    assert day_removed(GONE) == date(2026, 5, 3)


def test_the_notice_has_the_day_in_london() -> None:
    assert notice(datetime(2026, 5, 2, 23, 30, tzinfo=UTC)) == GONE
