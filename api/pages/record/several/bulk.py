"""Recording a step for several recommendations at once: rows, their steps, and results."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from litestar import Response
from msgspec import Struct

from adapters.ledger.submission import (
    KeyReused,
    RetriesExhausted,
    Submission,
    VersionConflict,
)
from api.http.problems import ProblemError, Request
from api.pages.people import with_names
from api.pages.record.confirmation import undo_address
from api.pages.record.form_fields import OF_COMMAND
from api.pages.record.subject import Subject
from api.pages.record.submission import STEP, issue_of, preview, record
from api.pages.rendering import formatting, labels, reading
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.render import page
from api.pages.rendering.timeline import Happened, timeline, what_of
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import require
from domain.commands.recommendation import (
    AssignFollowUp,
    Close,
    ReceiveActionPlan,
    RecommendationCommand,
    RecordAssurance,
    ReportFollowUp,
    RespondUnderSection55,
    ReviewActionPlan,
)
from domain.events.event import History
from domain.history import addressee_of, recommendation_entries
from domain.recommendation.available_commands import Action
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import Code, Reference

CHOSEN_MAX = 500
"""The most recommendations of one form."""
STEPS_MAX = 2
"""The most steps that one row of a form records."""
FIRST = "first-"
"""Begins the name of a field with the first of the steps of a row, if they are several."""
CRUMBS = [HOME, {"text": N_("Your work"), "href": "/work"}]


class BulkRow(Struct, frozen=True):
    """One recommendation of a list, as it was when it was shown."""

    stream: UUID
    step: int
    text: str
    force: Code
    reference: Reference
    answer: str | None = None
    """Whether the force will act, as the plan to review says."""
    plan: str | None = None
    """The text of the plan to review."""

    @property
    def label(self) -> str:
        """Its force, reference and text."""
        return f"{formatting.force(self.force)}, {self.reference}: {self.text}"


class BulkResult(Struct, frozen=True):
    """The result of one row."""

    row: BulkRow
    text: str
    step: int | None = None
    """The step that was recorded, if one was; the last, if several were."""
    many: int = 1
    """How many steps were recorded, if any."""
    since: Sequence[Happened] = ()
    """The steps that others recorded meanwhile, if that is why it was not."""

    @property
    def steps(self) -> Sequence[int]:
        """The steps that were recorded."""
        return range(self.step - self.many + 1, self.step + 1) if self.step else ()


def done_of(*commands: RecommendationCommand) -> str:
    """Say that the steps of a row were recorded, with what they decide."""
    return ". ".join(map(_done, commands))


def _done(command: RecommendationCommand) -> str:
    done = _(OF_COMMAND[type(command)].done)
    match command:
        case ReviewActionPlan(outcome=code):
            result = labels.OUTCOMES[code]
        case ReceiveActionPlan(answer=code) | RespondUnderSection55(answer=code):
            result = labels.ANSWERS[code]
        case AssignFollowUp(kind=code):
            result = labels.FOLLOW_UPS[code]
        case ReportFollowUp(finding=code):
            result = labels.FINDINGS[code]
        case RecordAssurance(level=code):
            result = labels.ASSURANCE[code]
        case Close(reason=code):
            result = labels.CLOSED[code]
        case _:
            return done
    return _("%(done)s: %(result)s", done=done, result=formatting.lowered(result))


def steps_in(fields: Mapping[str, str], prefix: str) -> dict[UUID, int]:
    """The streams that a form names, each with the step that it was shown at."""
    steps: dict[UUID, int] = {}
    for name, text in fields.items():
        if name.startswith(prefix) and STEP.fullmatch(text) and len(steps) < CHOSEN_MAX:
            try:
                steps[UUID(name.removeprefix(prefix))] = int(text)
            except ValueError:
                raise ProblemError("malformed", f"{name} names no recommendation.") from None
    return steps


async def rows_of(
    request: Request, streams: Mapping[UUID, object], command: Action
) -> tuple[list[BulkRow], Mapping[UUID, History]]:
    """Some recommendations with their histories, if the actor may give a command about each.

    Raises NotFound or Forbidden.
    """
    histories = await services(request).async_ledger.histories(list(streams))
    actor = current_actor(request)
    for history in histories.values():
        if not recommendation_entries(history):
            raise NotFound("There is no such recommendation.")
        require(actor, command, addressee_of(history))
    return [row_of(stream, history) for stream, history in histories.items()], histories


def row_of(stream: UUID, history: History) -> BulkRow:
    """The row of a recommendation as it is now."""
    issued = issue_of(history)
    return BulkRow(stream, len(history), issued.text, issued.addressee, issued.reference)


def in_words(refused: Exception, rows: Sequence[BulkRow]) -> str:
    """A refusal in words; a conflict names its recommendation."""
    if not isinstance(refused, VersionConflict):
        return reading.refusal(refused)
    texts = [row.text for row in rows if row.stream == refused.submission.stream]
    return _(
        "Recorded meanwhile for “%(text)s”: %(what)s. Look at it again.",
        text=formatting.shortened(texts[0], 80),
        what=", ".join(what_of(entry.event) for entry in refused.since),
    )


async def refusal(request: Request, *submissions: Submission) -> VersionConflict | Refused | None:
    """The refusal or conflict that recording one row would meet now, if any."""
    try:
        await preview(request, submissions)
    except (VersionConflict, Refused) as refused:
        return refused
    return None


async def record_row(
    request: Request, row: BulkRow, key: str, done: str, *submissions: Submission
) -> BulkResult:
    """Record the steps of one row by themselves; a failure is reported beside it alone."""
    commands = b"".join(msgspec.json.encode(each.command) for each in submissions)
    body = f"{request.scope['path']} {row.stream} {submissions[0].expected_step} ".encode()
    try:
        last = await record(request, submissions, f"{key}-{row.stream}", body + commands)
    except VersionConflict as conflict:
        since = await with_names(request, timeline(conflict.since, inside=True))
        text = f"{_('Not recorded.')} {in_words(conflict, [row])}"
        return BulkResult(row, text, since=since)
    except (Refused, NotFound, Forbidden, RetriesExhausted, KeyReused) as refused:
        return BulkResult(row, f"{_('Not recorded.')} {reading.refusal(refused)}")
    return BulkResult(row, done, last.step, len(submissions))


def has_training(rows: Iterable[BulkRow]) -> bool:
    """Whether a page of some recommendations shows training, which it then says."""
    return any(is_training(row.force) for row in rows)


async def results_page(
    request: Request, title: str, results: Sequence[BulkResult], report: Subject | None = None
) -> Response[bytes]:
    """The page with the result of each row, and the way to undo it; and back to their report."""
    recorded = {result.row.stream: result.steps for result in results if result.steps}
    histories = await services(request).async_ledger.histories(list(recorded))
    actor = current_actor(request)
    training = has_training(result.row for result in results)
    return page(
        request,
        "pages/record/several/results.html",
        title=title,
        results=results,
        undo={
            stream: undo_address(histories[stream], steps, actor)
            for stream, steps in recorded.items()
        },
        training=training,
        report=report,
        crumbs=report.crumbs if report else CRUMBS,
    )
