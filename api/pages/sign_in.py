"""Sign-in and sign-out of people, in a browser, without a script.

With an identity provider, `GET /sign-in` redirects to the provider, and the browser comes back to
`/sign-in/callback`. Without a provider, an operator's terminal prints a one-time link,
`/sign-in/link#CODE`. The code follows the `#`, which browsers do not send: so it is in no log of a
server or proxy and in no Referer, and a scanner or preview that opens the link does not use it up.
A page without a script cannot read it either, so a person pastes the link, or the code, into the
form; with a script, the page fills the form in and takes the code out of the address. The POST uses
it up.
"""

import re

import structlog
from litestar import Response, get, post
from litestar.datastructures import Cookie

from adapters.identity.pending_sign_ins import LIFE
from adapters.identity.provider import ProviderAway, SignInRefused
from adapters.identity.sessions import Opened
from api.http.cookies import SESSION, SIGN_IN, UNSENT, cookie, expired_cookie
from api.http.forms import fields_of
from api.http.problems import ProblemError, Request, invalid
from api.http.rate_limits import client_of
from api.pages.rendering.language import gettext as _
from api.pages.rendering.problem import UNSENT_PATH
from api.pages.rendering.render import ADDRESS_MAX, page
from api.request.authentication import session_of
from api.request.services import services
from api.v1.identity.access import record
from domain.access.sign_in import NoRole, role_of
from domain.events.access import AccessEvent, RoleChanged, SessionsEnded, SignedIn, SignedOut
from domain.vocabulary.actors import Role
from domain.vocabulary.errors import NotFound

HOME = "/work"
CODE_CHARS_MAX = 4_096
LINK_CHARS_MAX = 1_000
OPT = {"public": True, "sign_in": True}
NOT_VALID = (
    "This link does not work: it was used before, is more than 10 minutes old, or is mistyped. \
Ask for a new link."
)
FORGET = {"Clear-Site-Data": '"cache", "cookies", "storage"'}
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,%s}" % (ADDRESS_MAX - 1))
"""A path of this service: another host's would begin with two slashes, or a backslash."""

log = structlog.get_logger()


@get("/sign-in", opt=OPT)
async def start(request: Request) -> Response[bytes]:
    """Redirect the browser to the identity provider, or show how to sign in without one."""
    sign_in = services(request).sign_in
    return_to = _return_to(_single(request, "return"))
    if sign_in.provider is None:
        return _ask_link(request, return_to)
    secret, pending = await sign_in.pendings.begin(return_to)
    try:
        address = await sign_in.provider.address(pending)
    except ProviderAway as error:
        raise _away(error) from None
    return _see_other(address, cookie(SIGN_IN, secret, seconds=int(LIFE.total_seconds())))


@get("/sign-in/callback", opt=OPT)
async def callback(request: Request) -> Response[bytes]:
    """Sign in a browser that comes back from the identity provider, once."""
    sign_in = services(request).sign_in
    if sign_in.provider is None:
        raise NotFound("There is no identity provider.")
    secret, state = request.cookies.get(SIGN_IN, ""), _single(request, "state")
    pending = await sign_in.pendings.take(secret, state)
    if pending is None:
        if secret:  # without one there is nothing to guess: another site's image has none
            await _count_guess(request)
        raise _refused("not begun here")
    request.scope["state"]["cleared"].add(SIGN_IN)
    code = _single(request, "code")
    if not 0 < len(code) <= CODE_CHARS_MAX:
        raise _refused("no code")
    try:
        issuers = request.query_params.getall("iss", [])
        issuer = ",".join(issuers) if issuers else None  # two are none that is known
        signed_in = await sign_in.provider.redeem(code, pending, issuer)
    except SignInRefused as error:
        raise _refused(str(error)) from None
    except ProviderAway as error:
        raise _away(error) from None
    try:
        role, force = role_of(signed_in.app_roles)
    except NoRole as error:
        log.warning("sign_in_refused", reason="roles")
        if before := await sign_in.sessions.lose_role(signed_in.person):
            lost = RoleChanged(before.id, before.role, Role.PUBLIC, before.force)
            await record(request, before, lost)
        raise ProblemError("no-role", str(error)) from None
    opened = await sign_in.sessions.open_for(signed_in.person, role, force)
    return await _signed_in(request, opened, pending.return_to)


@get("/sign-in/link", opt=OPT, sync_to_thread=False)
def ask_code(request: Request) -> Response[bytes]:
    """Show the form for the code of a one-time link.

    Opening it does not use the link up.
    """
    if services(request).sign_in.provider is not None:
        raise NotFound("People sign in at /sign-in.")
    return _ask_link(request, HOME)


@post("/sign-in/link", opt=OPT, status_code=200)
async def use_code(request: Request) -> Response[bytes]:
    """Sign in by the code of a one-time link, and use the link up.

    Only a wrong code is counted, so that a right one is never refused because of others.
    """
    sign_in = services(request).sign_in
    if sign_in.provider is not None:
        raise NotFound("People sign in at /sign-in.")
    fields = await fields_of(request)
    link, return_to = fields.get("code", "")[:LINK_CHARS_MAX].strip(), fields.get("return", "")
    opened = await sign_in.sessions.open_by_link(link.rpartition("#")[2])
    if opened is None:
        await _count_guess(request)
        log.warning("sign_in_refused", reason="link")
        raise ProblemError("sign-in-failed", NOT_VALID)
    return await _signed_in(request, opened, _return_to(return_to))


@post("/sign-out", status_code=200)
async def sign_out(request: Request) -> Response[bytes]:
    """End the session; with the field `everywhere`, end all sessions of the actor."""
    session = session_of(request)
    if session is None:
        raise NotFound("A request with a token has no session to end.")
    actor, sessions = session.actor, services(request).sign_in.sessions
    if "everywhere" in await fields_of(request):
        await sessions.end_all(actor.id)
        await record(request, actor, SessionsEnded(actor.id), SignedOut(actor.id, session.id))
    else:
        await sessions.end(session.id)
        await record(request, actor, SignedOut(actor.id, session.id))
    request.scope["state"]["session"] = None
    response = page(request, "pages/signin.html", headers=FORGET, title=_("You are signed out"))
    response.cookies = [expired_cookie(SESSION)]
    return response


def _ask_link(request: Request, return_to: str) -> Response[bytes]:
    return page(
        request,
        "pages/signin.html",
        title=_("Sign in"),
        ask=True,
        return_to=return_to,
        contact=services(request).contact,
    )


def _return_to(path: str) -> str:
    """Return the page to come back to. Raises ProblemError if it is none of this service."""
    if path and not _LOCAL.fullmatch(path):
        raise invalid(
            "It must be a path of this service, of at most 500 characters.", parameter="return"
        )
    return path or HOME


async def _signed_in(request: Request, opened: Opened, return_to: str) -> Response[bytes]:
    """Redirect the browser with its new session; end the session it had before.

    The sign-in is recorded before the browser gets the session: if that fails, nobody has it.
    """
    actor, session = opened.session.actor, opened.session
    if before := request.cookies.get(SESSION):
        await services(request).sign_in.sessions.end_by_secret(before)
    events: list[AccessEvent] = [SignedIn(actor.id, session.way, session.id)]
    if opened.before:
        was, was_force = opened.before
        events.append(RoleChanged(actor.id, was, actor.role, was_force, actor.force))
    await record(request, actor, *events)
    if return_to == HOME and (browser := request.cookies.get(UNSENT)):
        held = await services(request).sign_in.forms.listing(browser, actor.id)
        return_to = UNSENT_PATH if held else HOME
    return _see_other(return_to, cookie(SESSION, opened.secret))


async def _count_guess(request: Request) -> None:
    """Count a wrong secret from the client's address.

    Raises ProblemError if there were too many.
    """
    await services(request).limits.take("sign-in", client_of(request.scope))


def _single(request: Request, name: str) -> str:
    """Return a query parameter; an empty string if it is repeated.

    Of two values, it is unknown whose is whose.
    """
    values = request.query_params.getall(name, [])
    return values[0] if len(values) == 1 else ""


def _refused(reason: str) -> ProblemError:
    log.warning("sign_in_refused", reason=reason)
    return ProblemError("sign-in-failed")


def _away(error: ProviderAway) -> ProblemError:
    log.warning("provider_away", reason=str(error))
    return ProblemError("provider-away")


def _see_other(address: str, *cookies: Cookie) -> Response[bytes]:
    return Response(
        b"",
        status_code=303,
        media_type="text/plain",
        headers={"Location": address, "Cache-Control": "no-store"},
        cookies=cookies,
    )
