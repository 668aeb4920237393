"""The files that are sent with the form of a step: documents, and plans that fill its rows."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from uuid import UUID

import msgspec

from api.http.forms import Form, SentFile
from api.http.problems import Request
from api.pages.forms.attached import Attached, attach_each
from api.pages.record.form_parser import DOCUMENTS
from api.pages.record.several.grid_form import StepForm
from api.pages.record.several.grid_rows import named_beside, possible_in
from api.pages.record.several.plans.plan_file import (
    NOT_KEPT,
    faulty_in,
    fill_rows,
)
from api.pages.rendering import reading
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from api.v1.record.documents import share
from domain.commands.recommendation import ReceiveActionPlan
from domain.vocabulary.errors import Refused
from domain.vocabulary.values import Sha256


async def take_files(
    request: Request, form: StepForm, posted: Form
) -> tuple[StepForm, dict[str, str]]:
    """The form with the documents that were kept and the rows that they fill, and the errors."""
    ticked = list(form.chosen)
    if form.step.command is not ReceiveActionPlan:
        typed, errors = await keep_files(request, posted.files, form.typed, ticked)
        return msgspec.structs.replace(form, typed=typed), errors
    histories = form.histories
    possible = possible_in(form.step, histories, current_actor(request))
    naming = await named_beside(request, form.step, histories) is not None
    find = partial(faulty_in, naming=naming, whole=form.is_whole)
    faulty = await asyncio.to_thread(find, posted.files, histories, possible)
    good = [file for file in posted.files if sha256(file.content).hexdigest() not in faulty]
    typed, errors = await keep_files(request, good, form.typed, ticked)
    fill = partial(fill_rows, naming=naming, faulty=faulty)
    filled = await asyncio.to_thread(fill, posted.files, histories, possible, typed)
    form = msgspec.structs.replace(form, typed=filled.typed, filled=filled.rows)
    not_kept = [_(NOT_KEPT, file=name) for name in faulty.values()]
    if words := " ".join([*filter(None, [errors.get(DOCUMENTS)]), *not_kept]):
        errors[DOCUMENTS] = words
    return form, {**filled.errors, **errors}


async def keep_files(
    request: Request, files: Sequence[SentFile], typed: Mapping[str, str], ticked: Sequence[UUID]
) -> tuple[dict[str, str], dict[str, str]]:
    """The typed answers with the documents that were kept, and the errors.

    Each document is checked and scanned once, and is then one of every ticked recommendation.
    Raises ProblemError for anything that is not about one file.
    """
    answers = dict(typed)
    names = answers.get(DOCUMENTS, "").split()
    try:
        if files and not ticked:
            return answers, {
                DOCUMENTS: _("Tick a recommendation first, and choose the files again.")
            }
        attached = await attach_each(request, ticked[0], files) if files else Attached()
        names = [*dict.fromkeys([*names, *attached.kept])]
        answers[DOCUMENTS] = " ".join(names)
        if names and ticked:
            await share(request, ticked, msgspec.convert(names, list[Sha256]))
    except msgspec.ValidationError:
        return answers, {}  # the form's own error says so
    except Refused as refused:
        return answers, {DOCUMENTS: reading.refusal(refused)}
    return answers, {DOCUMENTS: attached.error} if attached.error else {}
