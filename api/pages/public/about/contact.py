"""The public's contact: a form, its reference, and what came of it, for whoever has that."""

import re
from collections.abc import Mapping

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from adapters.work import contacts
from adapters.work.contacts import ABOUT_MAX, MESSAGE_MAX, REPLY_TO_MAX, Message
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import ProblemError, Request
from api.http.rate_limits import client_of
from api.pages.record.subject import subject_of
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.layout import HOME, OPT
from api.pages.rendering.render import page
from api.request.browser.csrf import check_source
from api.request.services import service_address, services
from domain.commands.tidy import UNSAFE, is_heaped, is_visible, tidy_text
from domain.vocabulary.errors import NotFound

PATH = "/contact"
CONTACT = {"text": N_("Contact"), "href": PATH}
REFERENCE = re.compile(r"[0-9A-Z]{10}")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,189}")
_PLACE = re.compile(r"/(?![/\\])[^\s<>\\]*")
"""A path of this service: two slashes would lead to another."""


@get(PATH, opt=OPT, sync_to_thread=False)
def ask_contact(request: Request) -> Response[bytes]:
    """Show the form, and the contact address, if the operator has set one."""
    return _form(request, {}, {})


@post(PATH, opt=OPT, status_code=200)
async def answer_contact(request: Request) -> Response[bytes] | Redirect:
    """Keep the message and lead to its reference, or show the form again with what is wrong.

    Raises ProblemError ("too-many") if this client, or everybody, has sent as many as may be.
    """
    opened = services(request)
    check_source(request.headers, opened.public_url)
    typed = await fields_of(request)
    message, errors = read_message(typed, service_address(request))
    if message is None:
        return _form(request, typed, errors)
    await opened.limits.take("contact", client_of(request.scope))
    reference = contacts.new_reference()
    if not await opened.async_ledger.run(contacts.receive(reference, message, moment())):
        raise ProblemError(
            "too-many",
            "As many messages wait here as can be kept. Send yours again another day.",
            retry_after=3600,
        )
    return Redirect(f"{PATH}/{reference}", status_code=303)


@get(PATH + "/{reference:str}", opt=OPT)
async def show_outcome(request: Request, reference: FromPath[str]) -> Response[bytes]:
    """Show what came of a message, without anything of it; raises NotFound if there is none."""
    if not REFERENCE.fullmatch(reference):
        raise NotFound("There is no message of that reference.")
    run = services(request).async_ledger.run
    kept = await run(contacts.contact(reference, moment()))
    came = await run(contacts.outcomes(reference))
    if kept is None and not came:
        raise NotFound("There is no message of that reference.")
    last = came[0] if came else None
    return page(
        request,
        "pages/public/about/contact_outcome.html",
        title=_("Your message"),
        reference=reference,
        received_at=kept.received_at if kept else came[-1].received_at,
        outcome=last,
        step_address=await address_of_step(request, last) if last else "",
        crumbs=[HOME, CONTACT],
    )


def read_message(typed: Mapping[str, str], own: str) -> tuple[Message | None, dict[str, str]]:
    """Return the message of a form, or what is wrong with it by field.

    `own` is the address of the service: a message can be about a page of it, and of no other site.
    """
    texts = {name: tidy_text(typed.get(name, "")).strip() for name in ("about", "text", "reply_to")}
    errors: dict[str, str] = {}
    message, about, reply_to = texts["text"], texts["about"], texts["reply_to"]
    if not message or not is_visible(message):
        errors["text"] = _("Enter your message.")
    elif len(message) > MESSAGE_MAX:
        errors["text"] = _("Enter a text of up to 4,000 characters.")
    about = about.removeprefix(own) or ("/" if about else "")
    if about and (len(about) > ABOUT_MAX or not _PLACE.fullmatch(about)):
        errors["about"] = _("Enter the address of a page of this service, or leave it blank.")
    if reply_to and (len(reply_to) > REPLY_TO_MAX or not _EMAIL.fullmatch(reply_to)):
        errors["reply_to"] = _("Enter an email address, such as name@example.org.")
    for name, value in texts.items():
        if UNSAFE.search(value):
            errors[name] = _("Remove the characters that are not shown.")
        elif is_heaped(value):
            errors[name] = _("Remove the marks that cover the lines around them.")
    if errors:
        return None, errors
    return Message(message, about or None, reply_to or None), {}


async def address_of_step(request: Request, outcome: contacts.ContactOutcome) -> str:
    """Return the address of the page that a correction put right; empty if there is none."""
    if outcome.stream is None:
        return ""
    history = await services(request).async_ledger.history(outcome.stream)
    return subject_of(history).address if history else ""


def _form(request: Request, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response[bytes]:
    return page(
        request,
        "pages/public/about/contact.html",
        status=400 if errors else 200,
        title=_("Contact"),
        crumbs=[HOME],
        address=services(request).contact,
        typed=typed,
        errors=errors,
        targets={name: name for name in errors},
        days=contacts.LIFE.days,
    )


CONTACT_PAGES = (ask_contact, answer_contact, show_outcome)
