"""Withdrawing, for several recommendations of a report, the steps that their author just recorded.

Only what can be withdrawn at once is offered; a request to a second person is made on the page of
its recommendation.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from adapters.ledger.submission import Submission, of_recommendation
from api.http.forms import fields_of
from api.http.problems import Request
from api.pages.record import form_parser
from api.pages.record.amendments.withdrawal_form import WITHDRAW
from api.pages.record.several.bulk import (
    FIRST,
    STEPS_MAX,
    BulkRow,
    has_training,
    record_row,
    refusal,
    results_page,
    steps_in,
)
from api.pages.record.several.grid import in_row
from api.pages.record.several.grid_rows import (
    addressees_of,
    histories_in,
    listed,
    numbered,
    numbers_of,
    row_of,
)
from api.pages.record.subject import READERS, Subject, history_asked, subject_of
from api.pages.record.submission import carried, key_of
from api.pages.rendering import formatting, reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.pages.rendering.render import page
from api.pages.rendering.timeline import what_of
from api.request.authentication import current_actor
from domain.access.permissions import require
from domain.amendments.correction import amend
from domain.amendments.withdrawal import withdraw, withdrawable
from domain.commands.recommendation import Withdraw
from domain.events.event import History
from domain.events.recommendation import Withdrawn
from domain.vocabulary.actors import Actor
from domain.vocabulary.errors import Forbidden, Refused

PATH = "/reports/{stream:uuid}/undo"
WHY = WITHDRAW.fields[-1]


class UndoRow(Struct, frozen=True):
    """A recommendation with the steps that are to be withdrawn: one, or those of one submit."""

    row: BulkRow
    number: int
    steps: tuple[int, ...]
    what: str
    obstacle: str | None

    @property
    def label(self) -> str:
        """Its number and how its text begins."""
        return numbered(self.number, self.row.text)


class UndoForm(Struct, frozen=True):
    """The form: the rows by stream, with what was typed."""

    report: Subject
    rows: Mapping[UUID, UndoRow]
    typed: Mapping[str, str] = {}

    @property
    def path(self) -> str:
        """The address of the form."""
        return f"{self.report.address}/undo"

    @property
    def chosen(self) -> dict[UUID, UndoRow]:
        """The ticked rows."""
        return {stream: row for stream, row in self.rows.items() if self.typed.get(f"of-{stream}")}


@get(PATH, opt=READERS)
async def ask_undo(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The form: the last step of each recommendation that the actor can withdraw at once."""
    report = subject_of(await history_asked(request, stream))
    histories = (await listed(request, stream)).histories
    actor = _require(request, report, histories)
    steps = {of: _last_own(history, actor) for of, history in histories.items()}
    rows = _rows(histories, {of: (step,) for of, step in steps.items() if step}, actor)
    return _render(request, UndoForm(report, rows), {})


@post(PATH, opt=READERS, status_code=200)
async def answer_undo(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """The form again, the steps to check, or the result of withdrawing each."""
    report = subject_of(await history_asked(request, stream))
    typed = form_parser.tidy(await fields_of(request))
    last, first = steps_in(typed, "undo-"), steps_in(typed, FIRST)
    steps = {
        of: range(max(first.get(of, step), step - STEPS_MAX + 1), step + 1)
        for of, step in last.items()
    }
    histories = await histories_in(request, stream, steps)
    actor = _require(request, report, histories)
    form = UndoForm(report, _rows(histories, steps, actor), typed)
    if typed.get("then") == "change":
        return _render(request, form, {})
    _why, errors = form_parser.values((WHY,), Withdraw, typed)
    if not form.chosen:
        errors["main-content"] = _("Tick at least one recommendation.")
    if errors:
        return _render(request, form, errors)
    shown = steps_in(typed, "step-")
    for of, row in form.chosen.items():
        # As it was shown: sent twice, it was withdrawn meanwhile by the form itself.
        if obstacle := _obstacle(histories[of][: shown.get(of, 0)], row.steps, actor):
            errors[f"of-{of}"] = in_row(row.number, obstacle)
    if errors:
        return _render(request, form, errors, 409)
    submissions = {
        of: Submission(
            of,
            Withdraw(steps=row.steps, why=typed[WHY.name]),
            shown[of],
            of_recommendation,
        )
        for of, row in form.chosen.items()
    }
    if key := key_of(typed):
        return await _record(request, form, submissions, key)
    return await _check(request, form, submissions)


async def _check(
    request: Request, form: UndoForm, submissions: Mapping[UUID, Submission]
) -> Response[bytes]:
    """The steps to check; the form again if the rules refuse to withdraw one."""
    errors = {
        f"of-{of}": in_row(form.rows[of].number, _why_not(refused))
        for of, each in submissions.items()
        if (refused := await refusal(request, each))
    }
    if errors:
        return _render(request, form, errors, 409)
    report, typed = form.report, form.typed
    return page(
        request,
        "pages/record/several/check.html",
        title=_("Check your answers"),
        caption=f"{_(WITHDRAW.title)}: {report.text}",
        of=report.reference,
        training=has_training(row.row for row in form.rows.values()),
        address=form.path,
        rows=[(row.label, row.what, f"of-{of}") for of, row in form.chosen.items()],
        summary=[(_(WHY.short), typed[WHY.name], WHY.name)],
        carried={**carried(typed), "key": uuid4().hex},
        crumbs=report.crumbs,
    )


async def _record(
    request: Request, form: UndoForm, submissions: Mapping[UUID, Submission], key: str
) -> Response[bytes]:
    """Withdraw the step of each ticked row by itself."""
    results = [
        await record_row(request, form.rows[of].row, key, _("Withdrawn"), each)
        for of, each in submissions.items()
    ]
    many = sum(result.step is not None for result in results)
    title = ngettext(
        "Withdrawn for %(n)s of %(all)s recommendation",
        "Withdrawn for %(n)s of %(all)s recommendations",
        len(results),
        n=many,
        all=len(results),
    )
    return await results_page(request, title, results, form.report)


def _require(request: Request, report: Subject, histories: Mapping[UUID, History]) -> Actor:
    """Return the actor. Raises NotFound or Forbidden unless they may withdraw in all histories."""
    actor = current_actor(request)
    for addressee in addressees_of(report, histories):
        require(actor, Withdraw, addressee)
    return actor


def _last_own(history: History, actor: Actor) -> int | None:
    """Return the last step that an actor recorded, if it can be withdrawn at once."""
    own = [step for step in withdrawable(history, actor) if history[step - 1].stamp.by == actor.id]
    return own[-1] if own and _obstacle(history, (own[-1],), actor) is None else None


def _obstacle(history: History, steps: Sequence[int], actor: Actor) -> str | None:
    """Return why an actor cannot withdraw some steps at once; None if they can."""
    try:
        made = withdraw(Withdraw(steps=tuple(steps), why="-"), history, actor)
    except (Refused, Forbidden) as refused:
        return reading.refusal(refused)
    if isinstance(made, Withdrawn):
        return None
    return _("Another person has to agree. Ask for it on the page of the recommendation.")


def _rows(
    histories: Mapping[UUID, History], steps: Mapping[UUID, Sequence[int]], actor: Actor
) -> dict[UUID, UndoRow]:
    rows: dict[UUID, UndoRow] = {}
    for of, number in numbers_of(histories).items():
        history, own = histories[of], tuple(steps.get(of, ()))
        if own and 0 < own[0] <= own[-1] <= len(history):
            amended = amend(history)
            what = "\n".join(
                _(
                    "Step %(step)s: %(what)s (%(day)s)",
                    step=step,
                    what=what_of(amended[step - 1].event),
                    day=formatting.dated(amended[step - 1].stamp.on),
                )
                for step in own
            )
            obstacle = _obstacle(history, own, actor)
            rows[of] = UndoRow(row_of(of, history), number, own, what, obstacle)
    return rows


def _why_not(refused: Exception) -> str:
    if isinstance(refused, Refused):
        return reading.refusal(refused)
    return _("Something else was recorded meanwhile. Look at it again.")


def _render(
    request: Request, form: UndoForm, errors: Mapping[str, str], status: int = 400
) -> Response[bytes]:
    return page(
        request,
        "pages/record/several/undo.html",
        status=status if errors else 200,
        title=_(WITHDRAW.title),
        of=form.report.reference,
        form=form,
        why=WHY,
        errors=errors,
        training=has_training(row.row for row in form.rows.values()),
        crumbs=form.report.crumbs,
    )


UNDO_PAGES = (ask_undo, answer_undo)
