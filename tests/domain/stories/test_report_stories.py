"""Stories of a report: it is published, issues recommendations and is added to, or refused."""

import pytest
from msgspec.structs import replace

from domain import report
from domain.commands.common import ApproveRedaction, Correct, RequestRedaction
from domain.commands.recommendation import AssignFollowUp, ClaimCompletion, Comment
from domain.commands.report import (
    Issue,
    IssueTo,
    NoteArea,
    NoteReportOutcome,
    PublishReport,
    ReportCommand,
)
from domain.decide import decide
from domain.events.event import Event
from domain.events.recommendation import Commented, Issued
from domain.events.report import AreaNoted, Cases, ReportOutcomeNoted, ReportPublished, TopicGrades
from domain.history import addressee_of, recommendation_after, report_after
from domain.report import Report, flags, issues
from domain.tracks import NO_FLOORS
from domain.vocabulary.errors import NotFound, Refused
from domain.vocabulary.ids import recommendation_id, report_id
from domain.vocabulary.values import Area, Edition, FollowUpKind, Kind, Product
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, REPORT, issue, publish
from tests.support.data.stories import (
    ISSUED,
    PUBLISHED,
    STREAM,
    Story,
    asking_for,
    given,
    issued,
    published,
    says,
    stamped,
    waived,
)

AREA = NoteArea(
    reference="kent-ncpi-2022-a1", text="Train more.", area="leadership", source="Page 9"
)
OUTCOME = NoteReportOutcome(
    reference="kent-pir-2023-o1",
    said_by="inspectorate",
    text="Better.",
    source="Review of 2023",
    reading="improved",
    area="leadership",
)
LONG = "kent-" + "x" * 95


def issued_by(command: ReportCommand, story: Story = published) -> list[Event]:
    """What the streams of its recommendations begin with."""
    stamp = stamped(INSPECTOR, "2022-08-05")
    return [
        event
        for issue_to in issues(command, story.report)
        for event in decide(issue_to, (), stamp, INSPECTOR)
    ]


# Publishing


def test_a_report_is_published() -> None:
    story = given().when(publish(), on="2022-08-05").then(PUBLISHED)
    assert (story.report.published, story.report.published_on) == (PUBLISHED, "2022-08-05")


def test_every_field_of_a_report_is_kept() -> None:
    event = ReportPublished(
        "kent-pir-2024",
        "kent",
        Product.POST_INSPECTION_REVIEW,
        "2024",
        "Review",
        "https://example.org/review",
        programme=False,
        page_date="2024-10",
        fieldwork_from="2024-05-13",
        fieldwork_to="2024-05",
        recommendations_stated=2,
        causes_of_concern_stated=1,
        cases=Cases(3, 1, 0, 1, 1),
        grades=TopicGrades(leadership="adequate"),
        follows=REPORT,
        sources=("Page 1",),
        confidence="inferred",
        remark="Read by hand.",
    )
    given().when(asking_for(event, PublishReport)).then(event)


def test_a_report_is_published_once() -> None:
    published.when(publish()).refused("The report kent-ncpi-2022 has already been published.")


def test_a_report_is_addressed_to_a_force_on_record() -> None:
    given().when(publish(force="camelot")).refused("camelot is not a known police force. …")


@pytest.mark.parametrize("field", ["page_date", "fieldwork_from", "fieldwork_to"])
def test_the_dates_of_a_report_are_in_the_calendar(field: str) -> None:
    given().when(replace(publish(), **{field: "2022-02-30"})).refused(
        "2022-02-30 is not a real date."
    )


# What it issues


def test_each_of_several_addressees_gets_its_own_stream() -> None:
    asked = list(issues(publish(issue("kent", "essex", "national")), published.report))
    assert [(one.addressee, one.reference) for one in asked] == [
        ("kent", "kent-ncpi-2022-r01-kent"),
        ("essex", "kent-ncpi-2022-r01-essex"),
        ("national", "kent-ncpi-2022-r01-national"),
    ]
    assert len({recommendation_id(one.reference) for one in asked}) == 3


def test_a_single_addressee_is_not_added_to_the_reference() -> None:
    events = issued_by(publish(issue(ordinal=1), issue(ordinal=2)))
    assert events == [
        ISSUED,
        replace(ISSUED, reference="kent-ncpi-2022-r02", ordinal=2),
    ]


def test_every_field_of_a_recommendation_is_kept() -> None:
    event = replace(
        ISSUED,
        reference="essex-concern",
        addressee="essex",
        kind=Kind.CAUSE_OF_CONCERN,
        text="Do it at once.",
        area="investigation",
        time_limit="date:2023-01-31",
        ordinal=None,
        topic="missing_children",
        wording="paraphrase",
        sources=("Page 1", "Page 2"),
        confidence="inferred",
        register_id="8796",
        remark="Read by hand.",
        cause=2,
    )
    assert issued_by(asking_for(event, Issue, addressees=["essex"])) == [event]


def test_a_published_report_issues_a_further_recommendation() -> None:
    published.when(issue(ordinal=3)).then()
    assert issued_by(issue(ordinal=3)) == [
        replace(ISSUED, reference="kent-ncpi-2022-r03", ordinal=3)
    ]


def test_only_publishing_and_issuing_start_recommendations() -> None:
    assert issued_by(AREA) == []


def test_a_recommendation_needs_an_ordinal_or_a_reference() -> None:
    nameless = replace(issue(), ordinal=None)
    with pytest.raises(Refused) as refusal:
        issued_by(nameless)
    assert says(
        str(refusal.value),
        "A recommendation must have a reference, or an ordinal to make one from.",
    )


@pytest.mark.parametrize(
    ("report_name", "command", "name"),
    [
        (LONG, issue(), f"{LONG}-r01"),
        (REPORT, replace(issue("kent", "essex"), reference=LONG), f"{LONG}-kent"),
    ],
)
def test_a_reference_too_long_to_read_back_is_refused(
    report_name: str, command: Issue, name: str
) -> None:
    story = given(("2022-08-05", replace(PUBLISHED, reference=report_name)))
    with pytest.raises(Refused) as refusal:
        issued_by(command, story)
    assert says(
        str(refusal.value), f"{name} is not a valid reference: Expected `str` of length <= 100."
    )


@pytest.mark.parametrize(
    ("edition", "area", "words"),
    [
        (
            "pre-2024",
            "partnership",
            (
                "partnership is not an area of the pre-2024 edition. "
                "The area must be one of: assessment_and_help, decision_making, initial_contact, "
                "investigation, leadership, managing_risk, n/a, police_detention, unknown."
            ),
        ),
        ("2024", "police_detention", "police_detention is not an area of the 2024 edition. …"),
    ],
)
def test_an_area_belongs_to_the_edition(edition: Edition, area: Area, words: str) -> None:
    story = given(("2022-08-05", replace(PUBLISHED, edition=edition)))
    with pytest.raises(Refused) as refusal:
        issued_by(replace(issue(), area=area), story)
    assert says(str(refusal.value), words)
    story.when(replace(AREA, area=area)).refused(words)


def test_a_missing_report_issues_nothing() -> None:
    with pytest.raises(Refused, match=r"^There is no such report\.$"):
        list(issues(issue(), Report()))


@pytest.mark.parametrize(
    "command",
    [
        issue(),
        AREA,
        OUTCOME,
        Correct(step=1, field="title", was="a", now="b", why="Typing."),
        RequestRedaction(step=1, field="remark", ground="court_order"),
        ApproveRedaction(request=2, step=1, field="remark"),
    ],
)
def test_a_missing_report_takes_no_command(command: ReportCommand) -> None:
    with pytest.raises(Refused, match=r"^There is no such report\.$"):
        report.decide(command, Report())


# What is noted about it


def test_an_area_of_a_report_is_noted() -> None:
    published.when(AREA).then(AreaNoted(AREA.reference, "Train more.", "leadership", "Page 9"))


def test_every_field_of_an_area_is_kept() -> None:
    event = AreaNoted(
        AREA.reference,
        "Train more.",
        "leadership",
        "Page 9",
        "missing_children",
        "months:6",
        "verbatim",
        "stated",
        "Read by hand.",
    )
    published.when(asking_for(event, NoteArea)).then(event)


def test_the_time_limit_of_an_area_is_in_the_calendar() -> None:
    published.when(replace(AREA, time_limit="date:2023-02-29")).refused(
        "2023-02-29 is not a real date."
    )


def test_an_outcome_from_a_later_source_is_noted() -> None:
    event = ReportOutcomeNoted(
        OUTCOME.reference,
        "inspectorate",
        "Better.",
        "Review of 2023",
        "improved",
        "leadership",
        "missing_children",
        "complete",
        "kent-pir-2023",
        "inferred",
        "Read by hand.",
    )
    published.when(asking_for(event, NoteReportOutcome)).then(event)


# The case grades


@pytest.mark.parametrize(
    "cases",
    [
        Cases(),
        Cases(examined=5),
        Cases(good=1, requires_improvement=2, inadequate=3),
        Cases(6, 1, None, 2, 3),
        Cases(7, 1, 1, 2, 3),
        Cases(7, good=1),
        Cases(6, good=1, adequate=5),
        Cases(0, 0, 0, 0, 0),
    ],
)
def test_case_grades_that_add_up_are_not_flagged(cases: Cases) -> None:
    assert flags(cases) == ()


@pytest.mark.parametrize(
    ("cases", "total"),
    [
        (Cases(6, 1, None, 2, 2), 5),
        (Cases(6, 1, None, 2, 4), 7),
        (Cases(6, 1, 1, 2, 3), 7),
        (Cases(6, adequate=7), 7),
        (Cases(6, requires_improvement=7), 7),
        (Cases(6, 0, 0, 0, 0), 0),
    ],
)
def test_case_grades_that_do_not_add_up_are_flagged_and_kept(cases: Cases, total: int) -> None:
    assert flags(cases) == (f"The grades add up to {total}, but 6 cases were examined.",)


# Which stream takes which command


def test_a_recommendation_takes_no_report_command() -> None:
    for command in (issue(), AREA, OUTCOME):
        issued.when(command).refused("This command is for a report, not for a recommendation.")
    issued.when(publish()).absent("There is no such report.")


def test_a_report_takes_no_recommendation_command() -> None:
    published.when(Comment(comment="Noted.")).absent("There is no such recommendation.")


def test_a_report_stream_cannot_be_issued_as_a_recommendation() -> None:
    issue_to = IssueTo(report_id(REPORT), "pre-2024", "kent", "kent-ncpi-2022-r01", issue())
    published.when(issue_to).absent("There is no such recommendation.")


def test_a_missing_stream_takes_no_command() -> None:
    for command in (Comment(comment="Noted."), AREA, issue()):
        given().when(command).absent("There is no such recommendation or report.")


def test_a_stream_of_another_force_looks_missing() -> None:
    story = given(("2022-08-05", replace(ISSUED, addressee="essex")))
    story.when(ClaimCompletion(evidence="Done."), by=KENT).absent(
        "There is no such recommendation or report."
    )


def test_a_forbidden_role_learns_which_roles_may() -> None:
    issued.when(Comment(comment="Noted."), by=ADMIN).forbidden(
        "The role admin cannot do this. Only these roles can: "
        "force, importer, inspector, local_policing_body."
    )
    given().when(publish(), by=KENT).forbidden(
        "The role force cannot do this. Only these roles can: importer, inspector, publisher."
    )


def test_a_stream_begins_with_its_publication() -> None:
    story = given(("2022-08-05", Commented("Noted.")))
    words = rf"^stream {STREAM} does not begin with its publication$"
    with pytest.raises(ValueError, match=words):
        addressee_of(story.history)
    with pytest.raises(NotFound, match=r"^There is no such recommendation\.$"):
        recommendation_after(story.history)
    with pytest.raises(NotFound, match=r"^There is no such report\.$"):
        report_after(story.history)


def test_the_dates_of_report_steps_follow_the_same_rules() -> None:
    published.when(AREA, on="2026-01-06").refused(
        "2026-01-06 is in the future; today is 2026-01-05."
    )
    story = published.when(AREA, on="2022-09-01").done()
    story.when(OUTCOME, on="2022-08-04").refused(
        "2022-08-04 is before an earlier step. This one cannot have been before 2022-08-05, …"
    )
    for on in ("2022-08-05", "2022-08-31", "2022", "unknown"):
        story.when(OUTCOME, on=on).done()


def test_the_state_of_an_unpublished_report_is_empty() -> None:
    state = Report()
    assert (state.step, state.floors, state.published) == (0, NO_FLOORS, None)
    assert state.published_on == "unknown"


def test_a_reference_always_gives_the_same_stream() -> None:
    assert str(report_id(REPORT)) == "fcdddb20-359d-50e1-8bb7-f7a19c1571f9"
    assert str(recommendation_id(f"{REPORT}-r01")) == "45fd50dd-7508-54fb-94ac-784b0b6d4ac0"


# Dates that cannot be


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"fieldwork_from": "2026-05-10", "fieldwork_to": "2026-01-10"},
            "The fieldwork cannot end before it begins.",
        ),
        ({"page_date": "2150"}, "The page date 2150 is in the future; today is 2026-01-05."),
        ({"page_date": "2022-02-30"}, "2022-02-30 is not a real date."),
        (
            {"fieldwork_from": "2022-09"},
            "Fieldwork of 2022-09 cannot have begun after the publication, 2022-08-05.",
        ),
    ],
)
def test_the_dates_of_a_report_are_possible(fields: dict[str, str], words: str) -> None:
    Story().when(replace(publish(), **fields), on="2022-08-05").refused(words)
    for name, value in fields.items():
        was = None
        mended = Correct(step=1, field=name, was=was, now=value, why="Typing.")
        if len(fields) == 1 and name != "page_date":
            published.when(mended).refused(words)


def test_no_report_is_older_than_the_record() -> None:
    Story().when(publish(), on="1926-03-01").refused(
        "The report cannot have been published in 1926-03-01: the record begins with 2000."
    )
    published.when(
        Correct(step=1, field="on", was="2022-08-05", now="1926-03-01", why="Typing.")
    ).refused("The report cannot have been published in 1926-03-01: the record begins with 2000.")


def test_no_time_limit_or_follow_up_is_before_the_publication() -> None:
    story = Story().when(publish(), on="2022-08-05").done()
    limit = IssueTo(
        report_id(REPORT), "pre-2024", "kent", "kent-r1", issue(time_limit="date:1900-01-01")
    )
    Story().when(limit, on="2022-08-05").refused(
        "The time limit 1900-01-01 is before the publication, 2022-08-05."
    )
    assert story.report.published
    assigned = AssignFollowUp(
        kind=FollowUpKind.MONITORING, procedure="2020", window_from="2020-01", window_to="2020-03"
    )
    waived.when(assigned).refused(
        "The follow-up window of 2020-03 is before the publication, 2022-08-05."
    )


def test_no_two_recommendations_to_one_addressee_have_the_same_number() -> None:
    one, other = issue(), replace(issue(), reference="kent-other")
    with pytest.raises(Refused, match="Two recommendations to kent have the number 1"):
        list(issues(publish(one, other), published.report))
    list(issues(publish(one, replace(other, addressees=("essex",))), published.report))


@pytest.mark.parametrize(
    ("causes", "why"),
    [
        ((None, 3), "Number 3 of the report is not a cause of concern."),
        ((None, 9), "Number 9 of the report is not a cause of concern."),
        ((1, 1), "Number 1 of the report belongs to a cause of concern itself, or is this one."),
    ],
)
def test_a_recommendation_belongs_to_a_cause_of_concern_of_its_report(
    causes: tuple[int | None, int], why: str
) -> None:
    first = replace(issue(ordinal=1), kind=Kind.CAUSE_OF_CONCERN, cause=causes[0])
    second = replace(issue(ordinal=2), cause=causes[1])
    command = publish(first, second, issue(ordinal=3))
    with pytest.raises(Refused, match=why):
        issued_by(command)


def test_the_number_of_its_cause_of_concern_is_kept() -> None:
    first = replace(issue(ordinal=1), kind=Kind.CAUSE_OF_CONCERN)
    command = publish(first, replace(issue(ordinal=2), cause=1))
    causes = [event.cause for event in issued_by(command) if isinstance(event, Issued)]
    assert causes == [None, 1]
