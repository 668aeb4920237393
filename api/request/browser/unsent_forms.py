"""Forms that were sent without a live session, or by another: what becomes of the typed text.

The answer to such a form is an error page that has what was typed: to send on with a token of the
present session, to go on with once its person has signed in again, or else to copy.
"""

from uuid import UUID

from msgspec import Struct

from adapters.identity.held_forms import HeldForm, HeldForms
from adapters.identity.sessions import Session
from api.http.cookies import UNSENT
from api.http.forms import FORM, MULTIPART, URLENCODED, Form, form_of
from api.http.problems import ProblemError, Request
from api.http.rate_limits import Limits
from api.request.browser import csrf

STATE = "unsent"
"""The form of a request that could not be sent, in the state of its scope."""
HELD = "_held"
"""The field with the id of the held form that a form goes on with."""
NOT_TYPED = frozenset({csrf.FIELD, HELD, "then", "key"})


class UnsentForm(Struct, frozen=True):
    """A form that could not be sent; `secret` is that of the browser it is held for, if it is.

    With `again` it was shown to the person who is signed in now, who can send it on.
    """

    form: HeldForm
    secret: str | None = None
    again: bool = False


async def hold(request: Request, forms: HeldForms, limits: Limits) -> None:
    """Hold the form of a request without a session, for the person that it was shown to.

    Call `csrf.check_source` first. If its token is nobody's, or too many forms came with it, it is
    only shown again.
    """
    form = await _typed(request)
    if form is None:
        return
    token = csrf.token_in((await form_of(request)).fields)
    person, secret = await forms.person_of(token), None
    if person and limits.may_hold(token):
        secret = await forms.hold(request.cookies.get(UNSENT, ""), person, token, form)
    request.scope["state"][STATE] = UnsentForm(form, secret)


async def show_again(request: Request, session: Session) -> None:
    """Have the form of a request shown again: it was made in another session."""
    form = await _typed(request)
    if form is not None:
        again = csrf.person_of((await form_of(request)).fields) == session.actor.id
        request.scope["state"][STATE] = UnsentForm(form, again=again)


async def forget(request: Request, forms: HeldForms) -> None:
    """Remove the held form that a request goes on with."""
    browser = request.cookies.get(UNSENT)
    if browser is None or request.content_type[0] not in {URLENCODED, MULTIPART}:
        return
    try:
        identity = UUID((await form_of(request)).fields.get(HELD, ""))
    except ValueError:
        return
    await forms.forget(browser, identity)


def unsent_form(request: Request) -> UnsentForm | None:
    """Return the form of a request that could not be sent, if there is one."""
    unsent: UnsentForm | None = request.scope["state"].get(STATE)
    return unsent


def form_to_repeat(request: Request) -> UnsentForm | None:
    """Return the form of a request that its person can send again, if there is one."""
    state = request.scope["state"]
    form = _held(request, state[FORM]) if state["session"] and FORM in state else None
    return UnsentForm(form, again=True) if form else None


async def _typed(request: Request) -> HeldForm | None:
    """Return the form of a request if anything was typed in it."""
    if request.content_type[0] not in {URLENCODED, MULTIPART} or _is_of_programs(request):
        return None
    try:
        return _held(request, await form_of(request))
    except ProblemError:
        return None


def _held(request: Request, form: Form) -> HeldForm | None:
    if _is_of_programs(request):
        return None
    fields = {name: text for name, text in form.fields.items() if name not in NOT_TYPED}
    if not any(fields.values()):
        return None
    files = tuple(file.name for file in form.files if file.name)
    return HeldForm(request.scope["path"], fields, files)


def _is_of_programs(request: Request) -> bool:
    return request.scope["path"].startswith("/v1/")
