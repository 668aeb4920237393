"""The files that are sent with the form of a step: documents, and plans that fill its rows."""

import asyncio
from functools import partial
from hashlib import sha256

import msgspec

from api.http.forms import Form
from api.http.problems import Request
from api.pages.record.form_parser import DOCUMENTS
from api.pages.record.several.grid_files import keep_files
from api.pages.record.several.grid_form import StepForm
from api.pages.record.several.grid_rows import named_beside, possible_in
from api.pages.record.several.plans.plan_file import (
    NOT_KEPT,
    faulty_in,
    fill_rows,
)
from api.pages.rendering.language import gettext as _
from api.request.authentication import current_actor
from domain.commands.recommendation import ReceiveActionPlan


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
