"""The page of what a person was typing when their session ended, to go on with."""

from contextlib import suppress

from litestar import Response, get

from adapters.documents import store
from adapters.identity.held_forms import HeldForm
from api.http.cookies import UNSENT
from api.http.problems import Request
from api.pages.forms.typed_answers import streams_of, typed_answers
from api.pages.people import NOBODY, inspectors_seen
from api.pages.record.form_parser import DOCUMENTS
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME
from api.pages.rendering.problem import UNSENT_PATH
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.services import services
from api.v1.record.recommendations import history_of
from domain.access.permissions import ReadPermission, may_read
from domain.history import addressee_of
from domain.vocabulary.errors import NotFound
from domain.vocabulary.values import Sha256


@get(UNSENT_PATH)
async def unsent(request: Request) -> Response[bytes]:
    """The forms that are held for the person, in this browser."""
    browser, actor = request.cookies.get(UNSENT, ""), current_actor(request)
    held = await services(request).sign_in.forms.listing(browser, actor.id)
    people = await inspectors_seen(request) if held else NOBODY
    forms = [
        (identity, form, typed_answers(form, people, await _file_names(request, form)))
        for identity, form in held.items()
    ]
    return page(
        request,
        "pages/record/unsent.html",
        title=_("Go on where you were"),
        forms=forms,
        crumbs=[HOME],
    )


async def _file_names(request: Request, form: HeldForm) -> dict[Sha256, str]:
    """The names of the files that were uploaded with a form, if its person may read them now."""
    if not form.fields.get(DOCUMENTS):
        return {}
    names: dict[Sha256, str] = {}
    run = services(request).async_ledger.run
    for stream in streams_of(form):
        with suppress(NotFound):
            addressee = addressee_of(await history_of(request, stream))
            if may_read(current_actor(request), ReadPermission.HISTORY, addressee):
                names = {each.sha256: each.file_name for each in await run(store.listing(stream))}
        if names:
            break  # each recommendation of a form has all its files
    return names


UNSENT_PAGES = (unsent,)
