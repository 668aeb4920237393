"""A person's messages: their address, what they chose, and what was made for them lately."""

from typing import cast

from litestar import Response, get, post
from litestar.response import Redirect

from adapters.messages import recipients
from adapters.messages.mail import is_address
from adapters.messages.recipients import Digest, Preferences
from api.http.forms import fields_of
from api.http.problems import ProblemError, Request
from api.pages.rendering.language import N_, Table
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.budget import spend
from api.request.services import services
from domain.access.messages import TOLD_ROLES, may_have_messages
from domain.vocabulary.actors import Scope
from domain.vocabulary.errors import Forbidden

PATH = "/messages"
CRUMBS = [{"text": N_("Your work"), "href": "/work"}]
AT_ONCE = Table({"yes": "Yes, at once", "no": "No"})
DIGESTS = Table({"daily": "Every day", "weekly": "Every Monday", "none": "Not at all"})
KINDS = Table(
    {
        "confirm": "Request to confirm your address",
        "at_once": "A step that concerns you",
        "digest": "List of what waits",
        "alert": "A published step",
    }
)
STATES = Table(
    {
        "waiting": "Not sent yet",
        "sending": "Being sent",
        "sent": "Sent",
        "failed": "Refused by your email service",
        "given_up": "Not sent",
        "bounced": "Sent, and returned by your email service",
    }
)


@get(PATH)
async def show_messages(request: Request) -> Response[bytes]:
    """Show the messages that a person chose, in a form, and what was made for them lately."""
    _entitled(request, Scope.READ)
    run = services(request).async_ledger.run
    chosen = await run(recipients.preferences_of(current_actor(request).id))
    typed = {
        "address": chosen.address if chosen else "",
        "at_once": "no" if chosen and not chosen.at_once else "yes",
        "digest": chosen.digest if chosen else "weekly",
    }
    return await _form(request, chosen, typed, {})


@post(PATH, status_code=200)
async def save_messages(request: Request) -> Response[bytes] | Redirect:
    """Save what a person chose; a new address has to be confirmed."""
    actor = current_actor(request)
    _entitled(request, Scope.WRITE)
    _expect_mail(request)
    typed = await fields_of(request)
    spend(request)
    run = services(request).async_ledger.run
    address = typed.get("address", "").strip()
    if not address:
        await run(recipients.forget(actor.id))
        return Redirect(PATH, status_code=303)
    errors: dict[str, str] = {}
    if not is_address(address):
        errors["address"] = _("Enter an email address, like name@example.police.uk.")
    if typed.get("at_once") not in AT_ONCE:
        errors["at_once"] = _("Choose whether to be told at once.")
    if typed.get("digest") not in DIGESTS:
        errors["digest"] = _("Choose how often to get the list of what waits.")
    if errors:
        return await _form(request, await run(recipients.preferences_of(actor.id)), typed, errors)
    digest = cast("Digest", typed["digest"])
    await run(recipients.save(actor.id, Preferences(address, typed["at_once"] == "yes", digest)))
    return Redirect(PATH, status_code=303)


async def _form(
    request: Request,
    chosen: Preferences | None,
    typed: dict[str, str],
    errors: dict[str, str],
) -> Response[bytes]:
    run = services(request).async_ledger.run
    return page(
        request,
        "pages/messages/messages.html",
        status=400 if errors else 200,
        title=_("Messages by email"),
        crumbs=CRUMBS,
        sends_mail=services(request).sends_mail,
        chosen=chosen,
        typed=typed,
        errors=errors,
        targets={name: name for name in errors},
        at_once=AT_ONCE,
        digests=DIGESTS,
        kinds=KINDS,
        states=STATES,
        made=await run(recipients.made_for(current_actor(request).id)),
    )


def _entitled(request: Request, scope: Scope) -> None:
    """Raise Forbidden unless the actor's role can have messages, and a token has the scope."""
    actor = current_actor(request)
    if not may_have_messages(actor):
        roles = ", ".join(sorted(TOLD_ROLES))
        raise Forbidden(f"Messages are for these roles only: {roles}.", TOLD_ROLES)
    if scope not in actor.scopes:
        raise Forbidden(f"This token may not {scope}.")


def _expect_mail(request: Request) -> None:
    if not services(request).sends_mail:
        raise ProblemError("refused", "This service sends no email: TRACKER_MAIL is not set.")


PREFERENCE_PAGES = (show_messages, save_messages)
