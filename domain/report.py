"""One published inspection product: its publication, notes about it and its corrections.

The same submit that publishes a report issues its recommendations, one stream for each addressee.
"""

from collections.abc import Iterator
from typing import assert_never, cast

from msgspec import Struct
from msgspec.structs import replace

from domain.amendments.threads import Threads, threads_after
from domain.checks import check_addressee, check_causes, check_values
from domain.commands.common import (
    ApproveRedaction,
    ApproveSuppression,
    Correct,
    RequestRedaction,
    RequestSuppression,
)
from domain.commands.correspondence import ReplyCommand
from domain.commands.report import (
    Issue,
    IssueTo,
    NoteArea,
    NoteReportMilestone,
    NoteReportOutcome,
    PublishReport,
    ReportCommand,
)
from domain.events.correspondence import ReportReply
from domain.events.report import (
    AreaNoted,
    Cases,
    ReportCorrected,
    ReportEvent,
    ReportMilestoneNoted,
    ReportNoteRedacted,
    ReportOutcomeNoted,
    ReportPublished,
    ReportRedactionApproved,
    ReportRedactionRequested,
    ReportSuppressionApproved,
    ReportSuppressionRequested,
)
from domain.tracks import NO_FLOORS, Floors, floors_after
from domain.vocabulary.dates import day_of, earliest
from domain.vocabulary.entry import Entry, Stamp
from domain.vocabulary.errors import Refused, inside
from domain.vocabulary.ids import report_id
from domain.vocabulary.values import Code, Reference, When


class ReportNote(Struct, frozen=True):
    """A note on the report by a source: an area to improve, an outcome or a milestone."""

    step: int
    on: When
    event: AreaNoted | ReportOutcomeNoted | ReportMilestoneNoted


class Report(Struct, frozen=True):
    """The state of a report; no further step can be dated before the floor of its track."""

    step: int = 0
    floors: Floors = NO_FLOORS
    published: ReportPublished | None = None
    published_on: When = "unknown"
    notes: tuple[ReportNote, ...] = ()
    threads: Threads = Threads()


def decide(  # noqa: C901, PLR0911, PLR0912  one return a command
    command: ReportCommand, state: Report
) -> tuple[ReportEvent, ...]:
    """Return the events for the report itself; `issues` yields its recommendations.

    Raises Refused if there is no such report; `check` says what else must hold.
    """
    if isinstance(command, ReplyCommand):
        raise TypeError("a dispute is decided on the whole history")
    if not isinstance(command, PublishReport):
        _must_exist(state)
    match command:
        case PublishReport():
            return (_published(command),)
        case Issue():
            return ()
        case NoteArea():
            return (
                AreaNoted(
                    command.reference,
                    command.text,
                    command.area,
                    command.source,
                    command.topic,
                    command.time_limit,
                    command.wording,
                    command.confidence,
                    command.remark,
                ),
            )
        case NoteReportOutcome():
            return (
                ReportOutcomeNoted(
                    command.reference,
                    command.said_by,
                    command.text,
                    command.source,
                    command.reading,
                    command.area,
                    command.topic,
                    command.register_status,
                    command.reported_in,
                    command.confidence,
                    command.remark,
                ),
            )
        case NoteReportMilestone():
            return (
                ReportMilestoneNoted(
                    command.reference,
                    command.milestone,
                    command.said_by,
                    command.text,
                    command.source,
                    command.force,
                    command.answer,
                    command.level,
                    command.address,
                    command.confidence,
                    command.remark,
                ),
            )
        case Correct():
            return (
                ReportCorrected(command.step, command.field, command.was, command.now, command.why),
            )
        case RequestRedaction(step=step, field=field, ground=ground):
            return (ReportRedactionRequested(step, field, ground),)
        case ApproveRedaction(request=request, step=step, field=field):
            return (ReportRedactionApproved(request, step, field),)
        case RequestSuppression(step=step, field=field, ground=ground, why=why):
            return (ReportSuppressionRequested(step, field, ground, why),)
        case ApproveSuppression(request=request, step=step, field=field):
            return (ReportSuppressionApproved(request, step, field),)
        case _:
            assert_never(command)


def check(event: ReportEvent, state: Report, stamp: Stamp) -> None:
    """Raise Refused, with the rule in words, unless an event may follow on a state."""
    if not isinstance(event, ReportPublished):
        check_values(event, state.published_on, _must_exist(state).edition)
        return
    if state.published:
        raise Refused(f"The report {event.reference} has already been published.", "/reference")
    with inside("/addressee"):
        check_addressee(event.addressee)
    check_values(event, stamp.on, event.edition)
    today = day_of(stamp.at)
    if event.page_date is not None and earliest(event.page_date) > today:
        raise Refused(
            f"The page date {event.page_date} is in the future; today is {today}.", "/page_date"
        )


def evolve(state: Report, entry: Entry[ReportEvent]) -> Report:
    """Return the state after one more step. History is never refused."""
    event, on = entry.event, entry.stamp.on
    if isinstance(event, ReportReply):
        threads = threads_after(state.threads, cast("Entry[ReportReply]", entry))
        return replace(state, step=max(state.step, entry.step), threads=threads)
    state = replace(
        state,
        step=max(state.step, entry.step),
        floors=floors_after(state.floors, type(event), on),
    )
    match event:
        case ReportPublished():
            return replace(state, published=event, published_on=on)
        case AreaNoted() | ReportOutcomeNoted() | ReportMilestoneNoted():
            return replace(state, notes=(*state.notes, ReportNote(entry.step, on, event)))
        case ReportCorrected():
            return state
        case ReportNoteRedacted() | ReportRedactionRequested() | ReportRedactionApproved():
            return state
        case ReportSuppressionRequested() | ReportSuppressionApproved():
            return state
        case _:
            assert_never(event)


def issues(command: ReportCommand, state: Report) -> Iterator[IssueTo]:
    """Yield the recommendations that a command issues, given the report after the command.

    Raises Refused if a recommendation has no name: neither a reference nor an ordinal.
    """
    if isinstance(command, PublishReport | Issue):
        published = _must_exist(state)
        report = report_id(published.reference)
        for issue, addressee, reference, place in named_issues(command, published.reference):
            yield IssueTo(report, published.edition, addressee, reference, issue, place)


def named_issues(
    command: PublishReport | Issue, report: Reference
) -> Iterator[tuple[Issue, Code, Reference, str]]:
    """Yield each issue of a command with each addressee, the reference for it, and its place.

    Raises Refused if a recommendation has no name, neither a reference nor an ordinal, if two of
    the same ordinal are for the same addressee, or if one belongs to what is no cause of concern.
    """
    if isinstance(command, PublishReport):
        check_causes(command)
    numbered = set[tuple[int, Code]]()
    placed = {"": command} if isinstance(command, Issue) else _placed(command)
    for place, issue in placed.items():
        if issue.reference is None and issue.ordinal is None:
            raise Refused(
                "A recommendation must have a reference, or an ordinal to make one from.",
                f"{place}/ordinal",
            )
        name = issue.reference or f"{report}-r{issue.ordinal:02}"
        for addressee in issue.addressees:
            if issue.ordinal is not None:
                if (issue.ordinal, addressee) in numbered:
                    raise Refused(
                        f"Two recommendations to {addressee} have the number {issue.ordinal}.",
                        f"{place}/ordinal",
                    )
                numbered.add((issue.ordinal, addressee))
            single = len(issue.addressees) == 1
            yield issue, addressee, name if single else f"{name}-{addressee}", place


def _placed(command: PublishReport) -> dict[str, Issue]:
    """Return the recommendations of a report by their places."""
    return {f"/recommendations/{n}": issue for n, issue in enumerate(command.recommendations)}


def flags(cases: Cases) -> tuple[str, ...]:
    """Return warnings about published case grades that do not add up; they stay as published."""
    grades = (cases.good, cases.adequate, cases.requires_improvement, cases.inadequate)
    known = [grade for grade in grades if grade is not None]
    if cases.examined is None or not known:
        return ()
    total = sum(known)
    complete = None not in (cases.good, cases.requires_improvement, cases.inadequate)
    if total > cases.examined or (complete and total != cases.examined):
        return (f"The grades add up to {total}, but {cases.examined} cases were examined.",)
    return ()


def _published(command: PublishReport) -> ReportPublished:
    return ReportPublished(
        reference=command.reference,
        addressee=command.addressee,
        product=command.product,
        edition=command.edition,
        title=command.title,
        address=command.address,
        programme=command.programme,
        page_date=command.page_date,
        fieldwork_from=command.fieldwork_from,
        fieldwork_to=command.fieldwork_to,
        recommendations_stated=command.recommendations_stated,
        causes_of_concern_stated=command.causes_of_concern_stated,
        cases=command.cases,
        grades=command.grades,
        follows=command.follows,
        sources=command.sources,
        confidence=command.confidence,
        remark=command.remark,
        publisher=command.publisher,
    )


def _must_exist(state: Report) -> ReportPublished:
    if state.published is None:
        raise Refused("There is no such report.")
    return state.published
