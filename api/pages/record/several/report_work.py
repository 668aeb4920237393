"""The work on a whole report: each step of its recommendations, for all or some at once.

A step has one form with a row for each recommendation, a page to check, and the results. Nothing is
kept between these pages but in the form itself.
"""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from adapters.ledger.submission import Submission, VersionConflict, of_recommendation
from api.http.forms import FORM_READ_BYTES_MAX, form_of
from api.http.problems import Request
from api.pages.people import Inspectors
from api.pages.record import form_parser
from api.pages.record.several.bulk import (
    FIRST,
    BulkResult,
    done_of,
    has_training,
    record_row,
    refusal,
    steps_in,
)
from api.pages.record.several.grid import (
    OF_TAG,
    BulkStep,
    may_record_some,
    typed_of,
)
from api.pages.record.several.grid_answers import GridAnswers, read_rows
from api.pages.record.several.grid_form import NONE_TICKED, StepForm, render_grid, uploaded_names
from api.pages.record.several.grid_rows import (
    addressees_of,
    histories_in,
    listed,
    named_beside,
    numbered,
    numbers_of,
    offers,
    place_of,
    possible_in,
    row_of,
)
from api.pages.record.several.grid_standing import standing_of
from api.pages.record.several.plans.filled_marks import emptied
from api.pages.record.several.plans.form_files import take_files
from api.pages.record.several.plans.plan_file import FILLED
from api.pages.record.several.plans.skeleton import OF_SKELETON, skeleton
from api.pages.record.subject import READERS, Subject, history_asked, subject_of
from api.pages.record.submission import carried, key_of, record
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.pages.rendering.language import ngettext
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.services import services
from domain.access.permissions import require
from domain.commands.recommendation import ReceiveActionPlan
from domain.vocabulary.errors import NotFound, Refused


@get("/reports/{stream:uuid}/work", opt=READERS)
async def show_work(request: Request, stream: FromPath[UUID]) -> Response[bytes]:
    """Show the steps that can be recorded for the recommendations of a report."""
    report = subject_of(await history_asked(request, stream))
    shown = await listed(request, stream)
    actor, histories = current_actor(request), shown.histories
    possible = offers(histories, actor)
    rows = [
        (number, row_of(of, histories[of]), standing_of(histories[of]))
        for of, number in shown.numbers.items()
    ]
    for addressee in addressees_of(report, histories):
        if not may_record_some(actor, addressee):
            require(actor, ReceiveActionPlan, addressee)
    place = place_of(request)
    return page(
        request,
        "pages/record/several/work.html",
        title=_("Work on this report"),
        of=report.reference,
        report=report,
        offers=possible,
        rows=rows,
        place=place,
        training=has_training(row for _number, row, _standing in rows),
        paging=shown.paging,
        orders=shown.orders,
        crumbs=report.crumbs,
    )


@get("/reports/{stream:uuid}/work/{tag:str}", opt=READERS)
async def ask_step(request: Request, stream: FromPath[UUID], tag: FromPath[str]) -> Response[bytes]:
    """The form of one step: its recommendations, with the answers for all and for each.

    Its tag with an ending is a file to fill in with the answers.
    """
    report, step = await _begun(request, stream, OF_SKELETON.get(tag, tag))
    histories = (await listed(request, stream)).histories
    actor = current_actor(request)
    for addressee in addressees_of(report, histories):
        require(actor, step.command, addressee)
    if tag in OF_SKELETON:
        return skeleton(report, histories, possible_in(step, histories, actor))
    return await render_grid(request, StepForm(report, step, place_of(request), histories), {})


@post(
    "/reports/{stream:uuid}/work/{tag:str}",
    opt=READERS,
    status_code=200,
    request_max_body_size=FORM_READ_BYTES_MAX,
)
async def answer_step(
    request: Request, stream: FromPath[UUID], tag: FromPath[str]
) -> Response[bytes]:
    """The form again, the answers to check, or the results of recording the ticked rows."""
    report, step = await _begun(request, stream, tag)
    posted = await form_of(request)
    typed, removed = form_parser.without_removed(form_parser.tidy(posted.fields))
    typed = emptied(typed, removed)
    shown = steps_in(typed, "step-")
    histories = await histories_in(request, stream, shown)
    for addressee in addressees_of(report, histories):
        require(current_actor(request), step.command, addressee)
    form = StepForm(report, step, place_of(request), histories, typed, shown)
    of_files: dict[str, str] = {}
    if step.question.takes_files and typed.get("then") == "check":
        form, of_files = await take_files(request, form, posted)
        if form.filled or FILLED in of_files:
            return await render_grid(request, form, of_files)
    typed = dict(form.typed)
    numbers = {s: number for s, number in numbers_of(histories).items() if s in form.chosen}
    people = await form_parser.pickable(request, step.question)
    # As they were shown, so that a form that is sent twice makes the same commands.
    as_shown = {s: histories[s][:number] for s, number in form.chosen.items() if number}
    owners = await named_beside(request, step, as_shown)
    answers = read_rows(step, numbers, typed, people, owners)
    errors = {**answers.errors, **of_files}
    if not form.chosen:
        errors[NONE_TICKED] = _("Tick at least one recommendation.")
    if typed.get("then") == "tick":
        return await render_grid(request, form.ticked(), {})
    if errors or typed.get("then") == "change":
        return await render_grid(request, form, {**errors, **form.moved()})
    submissions = {
        s: [
            Submission(s, command, None if number else form.chosen[s], of_recommendation)
            for number, command in enumerate(row.commands)
        ]
        for s, row in answers.rows.items()
    }
    if key := key_of(typed):
        done = {s: done_of(*row.commands) for s, row in answers.rows.items()}
        return await _record(request, form, submissions, key, done)
    # Together, so that their histories are loaded in few queries.
    refusals = await asyncio.gather(*(refusal(request, *each) for each in submissions.values()))
    refused = {
        s: each for s, each in zip(submissions, refusals, strict=True) if isinstance(each, Refused)
    }
    errors = answers.refusals(step, refused, numbers) | form.moved()
    if errors:
        return await render_grid(request, form, errors, 409)
    return await _check(request, form, answers, people)


async def _check(
    request: Request, form: StepForm, answers: GridAnswers, people: Inspectors
) -> Response[bytes]:
    step, numbers = form.step, numbers_of(form.histories)
    rows = {s: row_of(s, form.histories[s]) for s in answers.rows}
    uploaded = ", ".join((await uploaded_names(request, form)).values())
    return page(
        request,
        "pages/record/several/check.html",
        title=_("Check your answers"),
        caption=f"{_(step.question.title)}: {form.report.text}",
        of=form.report.reference,
        training=has_training(rows.values()),
        address=form.path,
        rows=[
            (numbered(numbers[s], rows[s].text), row.display(step, people), f"row-{s}")
            for s, row in answers.rows.items()
        ],
        summary=[
            (_(field.short), (field.kind == "documents" and uploaded) or text, field.target)
            for field, text in answers.for_all(step, people)
        ],
        carried={**carried(form.typed), "key": uuid4().hex},
        crumbs=form.crumbs,
    )


async def _record(
    request: Request,
    form: StepForm,
    submissions: Mapping[UUID, Sequence[Submission]],
    key: str,
    done: Mapping[UUID, str],
) -> Response[bytes]:
    """Record the ticked rows: each by itself, or all in one submit where the step is one act."""
    rows = {s: row_of(s, form.histories[s]) for s in submissions}
    if not form.step.together:
        results = [
            await record_row(request, rows[s], key, done[s], *each)
            for s, each in submissions.items()
        ]
        return await _results(request, form, results)
    every = [each for of_one in submissions.values() for each in of_one]
    body = f"{form.path} {sorted(form.chosen.items())} ".encode()
    body += msgspec.json.encode([each.command for each in every])
    try:
        await record(request, every, key, body)
    except (VersionConflict, Refused) as refused:
        text = f"{reading.refusal(refused)} " if isinstance(refused, Refused) else ""
        nothing = {"": f"{text}{_('Nothing was recorded.')}"}
        histories = await histories_in(request, form.report.stream, form.shown)
        form = msgspec.structs.replace(form, histories=histories)
        return await render_grid(request, form, {**nothing, **form.moved()}, 409)
    results = [BulkResult(row, done[s], form.chosen[s] + 1) for s, row in rows.items()]
    return await _results(request, form, results)


async def _results(request: Request, form: StepForm, results: list[BulkResult]) -> Response[bytes]:
    """The result of each row, and the way on: to the rows left over, and to the next step."""
    histories = await services(request).async_ledger.histories(list(form.shown))
    actor = current_actor(request)
    numbers = numbers_of(form.histories)
    recorded = [result for result in results if result.step]
    gone = {name for result in recorded for name in _names_of(form, result.row.stream)}
    left = {name: text for name, text in carried(form.typed).items() if name not in gone}
    every = offers(histories, actor)
    tags = list(OF_TAG)
    place = tags.index(form.step.question.tag)
    later = [offer for offer in every if offer.due and tags.index(offer.step.question.tag) > place]
    return page(
        request,
        "pages/record/several/recorded.html",
        title=ngettext(
            "Recorded for %(n)s of %(all)s recommendation",
            "Recorded for %(n)s of %(all)s recommendations",
            len(results),
            n=len(recorded),
            all=len(results),
        ),
        of=form.report.reference,
        report=form.report,
        form=form,
        results=[(numbers[result.row.stream], result) for result in results],
        left=left if len(recorded) < len(results) else None,
        undo={
            name: value
            for result in recorded
            for name, value in (
                (f"of-{result.row.stream}", "yes"),
                (f"undo-{result.row.stream}", result.step),
                (f"{FIRST}{result.row.stream}", result.steps[0]),
            )
        },
        following=later[0] if later else None,
        offers=every,
        position=max(history[-1].position for history in histories.values()),
        training=has_training(result.row for result in results),
        crumbs=form.crumbs,
    )


def _names_of(form: StepForm, stream: UUID) -> set[str]:
    """The names of everything in a row of the form."""
    of_form = {f"{name}-{stream}" for name in ("of", "step", "number")}
    return {*of_form, *typed_of(form.step, stream, form.typed)}


async def _begun(request: Request, stream: UUID, tag: str) -> tuple[Subject, BulkStep]:
    if tag not in OF_TAG:
        raise NotFound("There is no such page.")
    return subject_of(await history_asked(request, stream)), OF_TAG[tag]


REPORT_WORK_PAGES = (show_work, ask_step, answer_step)
