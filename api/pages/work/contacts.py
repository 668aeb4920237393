"""Messages of the public, for those who run the service: the list, one of them, its outcome."""

import re
from collections.abc import Mapping
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from adapters.work import contacts
from adapters.work.contacts import LISTED_MAX, Contact, ContactOutcome, ContactsOrder, Outcome
from api.http.forms import fields_of
from api.http.moment import moment
from api.http.problems import Request
from api.pages.forms.paging import PageOf, orders, paging
from api.pages.public.about.contact import REFERENCE, address_of_step
from api.pages.rendering import labels, query_form
from api.pages.rendering.language import N_
from api.pages.rendering.language import gettext as _
from api.pages.rendering.render import page
from api.request.authentication import current_actor
from api.request.query_params import Params
from api.request.services import services
from domain.access.permissions import ReadPermission, may_answer_contacts
from domain.amendments.replies import MENDS
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from projections.filters import PageNumber

PATH = "/contacts"
READERS = {"sight": ReadPermission.CONTACTS}
CRUMBS = [{"text": N_("Your work"), "href": "/work"}, {"text": N_("Messages"), "href": PATH}]
_STREAM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_STEP = re.compile(r"[0-9]{1,9}")


class ContactsParams(Params, frozen=True, kw_only=True):
    """The page and the order of the messages."""

    page: PageNumber | None = None
    order: ContactsOrder | None = None


@get(PATH, opt=READERS)
async def list_contacts(request: Request) -> Response[bytes]:
    """Show the messages that wait for an outcome and those that have one, or all together."""
    query = query_form.read(request, ContactsParams)
    run, now = services(request).async_ledger.run, moment()
    of, order = PageOf(query.params.page, LISTED_MAX), query.params.order
    await run(contacts.clear(now))
    waiting, kept = await run(contacts.counts(now))
    shown = await run(contacts.listing(now, of.offset, order))
    return page(
        request,
        "pages/work/contacts.html",
        status=400 if query.errors else 200,
        query=query,
        errors=query.errors,
        title=_("Messages"),
        parts_of_list=[(_("All messages"), kept, shown)]
        if order == "newest"
        else [
            (_("Waiting for an outcome"), waiting, [each for each in shown if not each.outcome]),
            (_("With an outcome"), kept - waiting, [each for each in shown if each.outcome]),
        ],
        paging=paging(query, PATH, of, kept, len(shown)),
        orders=orders(query, PATH, order, labels.CONTACT_ORDERS),
        crumbs=CRUMBS[:1],
    )


@get(PATH + "/{reference:str}", opt=READERS)
async def show_contact(request: Request, reference: FromPath[str]) -> Response[bytes]:
    """Show one message, what came of it, and the form for that."""
    return await _shown(request, await _contact(request, reference), {}, {})


@post(PATH + "/{reference:str}", opt=READERS, status_code=200)
async def answer_outcome(request: Request, reference: FromPath[str]) -> Response[bytes] | Redirect:
    """Record what came of a message, or show the form again with what is wrong."""
    actor = current_actor(request)
    if not may_answer_contacts(actor):
        raise Forbidden("This token may only read.")
    kept = await _contact(request, reference)
    typed = await fields_of(request)
    outcome: Outcome
    match typed.get("outcome", ""):
        case "no_change" | "corrected" | "passed_on" | "spam" as outcome:
            pass
        case _:
            return await _shown(request, kept, typed, {"outcome": _("Choose what came of it.")})
    place: tuple[UUID, int] | None = None
    if outcome == "corrected":
        place = await _correction(request, typed)
        if place is None:
            wrong = _(
                "Enter the address of the recommendation or report, and the number of the step "
                "that corrected it."
            )
            return await _shown(request, kept, typed, {"stream": wrong})
    stream, step = place or (None, None)
    recorded = ContactOutcome(outcome, actor.id, moment(), kept.received_at, stream, step)
    run = services(request).async_ledger.run
    if not await run(contacts.record_outcome(reference, recorded)):
        raise Refused("This outcome is on record already.")
    return Redirect(PATH, status_code=303)


async def _contact(request: Request, reference: str) -> Contact:
    if not REFERENCE.fullmatch(reference):
        raise NotFound("There is no message of that reference.")
    kept = await services(request).async_ledger.run(contacts.contact(reference, moment()))
    if kept is None:
        raise NotFound("There is no message of that reference, or it has gone.")
    return kept


async def _correction(request: Request, typed: Mapping[str, str]) -> tuple[UUID, int] | None:
    """Return the step that corrected something, by the address of its stream; None if none did."""
    stream, step = _STREAM.search(typed.get("stream", "")), typed.get("step", "")
    if stream is None or not _STEP.fullmatch(step):
        return None
    history = await services(request).async_ledger.history(UUID(stream[0]))
    if not 0 < int(step) <= len(history) or not isinstance(history[int(step) - 1].event, MENDS):
        return None
    return UUID(stream[0]), int(step)


async def _shown(
    request: Request, kept: Contact, typed: Mapping[str, str], errors: Mapping[str, str]
) -> Response[bytes]:
    came = await services(request).async_ledger.run(contacts.outcomes(kept.reference))
    return page(
        request,
        "pages/work/contact.html",
        status=400 if errors else 200,
        title=_("Message %(reference)s", reference=kept.reference),
        contact=kept,
        outcomes=[(outcome, await address_of_step(request, outcome)) for outcome in came],
        options=labels.CONTACT_OUTCOMES,
        may_answer=may_answer_contacts(current_actor(request)),
        typed=typed,
        errors=errors,
        targets={name: name for name in errors},
        crumbs=CRUMBS,
    )


CONTACTS_PAGES = (list_contacts, show_contact, answer_outcome)
