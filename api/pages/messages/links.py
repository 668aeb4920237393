"""Links of mails: to confirm an address, and to end messages.

A GET changes nothing, since scanners of mail open links. Ending is one POST too, as mail programs
send it (RFC 8058), without a session.
"""

from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from adapters.messages import recipients
from adapters.messages.recipients import Confirmed
from api.http.moment import moment
from api.http.problems import Request
from api.pages.messages.wording import CONFIRM, UNSUBSCRIBE, alert_of
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.services import services
from domain.vocabulary.errors import NotFound

OPT = {"public": True}
NOT_VALID = "This link does not work: it is more than 2 days old, was replaced, or is mistyped."
PRIVATE = {"Cache-Control": "private, no-store"}


@get(CONFIRM + "/{token:str}", opt=OPT)
async def ask_confirmation(request: Request, token: FromPath[str]) -> Response[bytes]:
    """Ask whether an address is to get messages, before it does."""
    run = services(request).async_ledger.run
    awaited = _valid(await run(recipients.awaiting(token, moment())))
    return _confirmation(request, awaited, done=False)


@post(CONFIRM + "/{token:str}", opt=OPT, status_code=200)
async def confirm_address(request: Request, token: FromPath[str]) -> Response[bytes]:
    """Confirm an address, which gets messages from now on."""
    run = services(request).async_ledger.run
    confirmed = _valid(await run(recipients.confirm(token, moment())))
    return _confirmation(request, confirmed, done=True)


def _valid(confirmed: Confirmed | None) -> Confirmed:
    if confirmed is None:
        raise NotFound(NOT_VALID)
    return confirmed


def _confirmation(request: Request, confirmed: Confirmed, *, done: bool) -> Response[bytes]:
    return page(
        request,
        "pages/messages/confirm.html",
        headers=PRIVATE,
        title=_("Your email address is confirmed") if done else _("Confirm your email address"),
        done=done,
        what="" if confirmed.of_person else alert_of(confirmed.force, confirmed.area),
    )


@get(UNSUBSCRIBE + "/{recipient:uuid}", opt=OPT)
async def ask_unsubscribe(request: Request, recipient: FromPath[UUID]) -> Response[bytes]:
    """Ask whether to end messages; the same for any address of that form."""
    del recipient
    return _ending(request, done=False)


@post(UNSUBSCRIBE + "/{recipient:uuid}", opt=OPT, status_code=200)
async def unsubscribe(request: Request, recipient: FromPath[UUID]) -> Response[bytes]:
    """End the messages that a link belongs to; the answer does not say whether there were any."""
    await services(request).async_ledger.run(recipients.unsubscribe(recipient))
    return _ending(request, done=True)


def _ending(request: Request, *, done: bool) -> Response[bytes]:
    return page(
        request,
        "pages/messages/unsubscribe.html",
        headers=PRIVATE,
        title=_("You will get no more of these messages") if done else _("Stop these messages"),
        done=done,
    )


LINK_PAGES = (ask_confirmation, confirm_address, ask_unsubscribe, unsubscribe)
