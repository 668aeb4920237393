"""The words of mails: plain text, of codes, dates and addresses, and nothing that anybody typed.

A subject says how much a mail has to tell, and never what: others may see it on a locked screen.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import msgspec

from adapters.messages.mail import AboutDigest, DigestItem, Render, StepToTell, Telling, Worded
from api.http.moment import today
from api.pages.rendering import formatting, labels
from api.pages.rendering.language import Table, ngettext
from api.pages.rendering.language import gettext as _
from domain.vocabulary.forces import is_training

CONFIRM, UNSUBSCRIBE = "/messages/confirm", "/messages/unsubscribe"
HAPPENED = Table(
    {
        "report.published": "A report was published",
        "report.area_noted": "An area to improve was noted",
        "report.outcome_noted": "A later outcome was noted",
        "report.milestone_noted": "A published source was noted",
        "report.corrected": "The record of a report was corrected",
        "report.suppression_approved": "A text was removed from publication",
        "recommendation.issued": "A recommendation was made",
        "recommendation.action_plan_received": "The force answered with an action plan",
        "recommendation.action_plan_waived": "Inspectors waived the action plan",
        "recommendation.action_plan_reviewed": "Inspectors reviewed the action plan",
        "recommendation.follow_up_assigned": "Inspectors decided how to follow up",
        "recommendation.follow_up_changed": "Inspectors changed how they will follow up",
        "recommendation.follow_up_reported": "Inspectors reported a follow-up",
        "recommendation.taken_over": "Inspectors said where it stood",
        "recommendation.update_received": "The force gave its update",
        "recommendation.completion_claimed": "The force said that it is done",
        "recommendation.claim_returned": "Inspectors did not accept that it is done",
        "recommendation.section_55_responded": "The local policing body commented",
        "recommendation.assurance_recorded": "The local policing body gave its own view",
        "recommendation.closed": "The inspectorate closed it",
        "recommendation.closure_proposed": "An inspector proposed to close it",
        "recommendation.closure_declined": "Another inspector declined to close it",
        "recommendation.reopened": "The inspectorate reopened it",
        "recommendation.outcome_noted": "A later outcome was noted",
        "recommendation.milestone_noted": "A published source was noted",
        "recommendation.time_limit_changed": "The time limit was changed",
        "recommendation.corrected": "The record was corrected",
        "recommendation.steps_withdrawn": "Steps were withdrawn",
        "recommendation.suppression_requested": "Somebody asked to remove a published text",
        "recommendation.suppression_approved": "A text was removed from publication",
        "report.disputed": "A fact was disputed",
        "report.dispute_replied": "A reply was given in a dispute",
        "report.words_proposed": "Public words were proposed in a dispute",
        "report.words_agreed": "Public words were agreed in a dispute",
        "report.dispute_settled": "Inspectors settled a dispute",
        "report.dispute_withdrawn": "A dispute was taken back",
        "report.question_asked": "A question was asked",
        "report.question_answered": "A question was answered",
        "recommendation.disputed": "A fact was disputed",
        "recommendation.dispute_replied": "A reply was given in a dispute",
        "recommendation.words_proposed": "Public words were proposed in a dispute",
        "recommendation.words_agreed": "Public words were agreed in a dispute",
        "recommendation.dispute_settled": "Inspectors settled a dispute",
        "recommendation.dispute_withdrawn": "A dispute was taken back",
        "recommendation.question_asked": "A question was asked",
        "recommendation.question_answered": "A question was answered",
        "inspection.check_begun": "A draft report was sent to the force, to check its facts",
        "inspection.check_finished": "The force finished its check of a draft report",
        "inspection.fact_commented": "The force commented on a fact in a draft report",
        "inspection.comment_answered": "Inspectors answered a comment on a draft report",
        "inspection.comment_withdrawn": "The force took back a comment on a draft report",
        "inspection.embargoed": "The text of a report is final, and has a time of release",
        "inspection.deferred": "The publication of a report was put off",
        "inspection.dropped": "An inspection ended without a report",
    }
)
"""The words for a step, by the tag of its event."""
ASKED_OF_THEM = Table(
    {"recommendation.action_plan_reviewed": "Inspectors asked for changes to the action plan"}
)
"""The words where they are narrower for those who are told at once."""


def wording(address: str) -> Render:
    """Return the words of mails that link to the service at an address."""
    base = address.rstrip("/")
    bodies: dict[str, Callable[[Telling, str], tuple[str, list[str]]]] = {
        "confirm": _confirm,
        "at_once": _at_once,
        "digest": _digest,
        "alert": _alert,
    }

    def render(telling: Telling) -> Worded:
        subject, lines = bodies[telling.kind](telling, base)
        link = None
        if telling.kind != "confirm":
            link = f"{base}{UNSUBSCRIBE}/{telling.unsubscribe}"
            if telling.actor is not None:
                lines += ["", _("Choose which messages you get:"), f"{base}/messages"]
            lines += ["", _("Stop all of these messages:"), link]
        return Worded(subject, "\n".join(lines) + "\n", link)

    return render


def _confirm(telling: Telling, base: str) -> tuple[str, list[str]]:
    if telling.actor is not None:
        what = _("Somebody asked for messages of Recommendation Tracker to be sent here.")
    else:
        what = _(
            "Somebody asked for messages of Recommendation Tracker about %(what)s to be sent here.",
            what=alert_of(telling.force, telling.area),
        )
    return _("Confirm your email address"), [
        what,
        "",
        _("To confirm, open this link within 2 days, and select the button on the page:"),
        f"{base}{CONFIRM}/{telling.token}",
        "",
        _("If it was not you, do nothing: you will get no messages."),
    ]


def _at_once(telling: Telling, base: str) -> tuple[str, list[str]]:
    steps = [msgspec.json.decode(about, type=StepToTell) for about in telling.about]
    subject = ngettext(
        "%(n)s new step that concerns you", "%(n)s new steps that concern you", len(steps),
        n=len(steps),
    )  # fmt: skip
    return subject, [
        _("This was recorded in Recommendation Tracker:"),
        *_steps(steps, base, at_once=True),
    ]


def _alert(telling: Telling, base: str) -> tuple[str, list[str]]:
    steps = [msgspec.json.decode(about, type=StepToTell) for about in telling.about]
    subject = ngettext(
        "%(n)s new step that you asked to hear of",
        "%(n)s new steps that you asked to hear of",
        len(steps),
        n=len(steps),
    )
    what = alert_of(telling.force, telling.area)
    return subject, [
        _("This was published in Recommendation Tracker about %(what)s:", what=what),
        *_steps(steps, base, at_once=False),
    ]


def alert_of(force: str | None, area: str | None) -> str:
    """Return what an alert is about."""
    names = [formatting.force(force)] if force else []
    names += [labels.AREAS[area]] if area else []
    return ", ".join(names)


def _steps(steps: Sequence[StepToTell], base: str, *, at_once: bool) -> Iterator[str]:
    """Yield the lines of steps, those of one addressee and event together."""
    in_order = sorted(steps, key=lambda step: (step.force, step.tag, step.reference))
    for (force, tag), group in groupby(in_order, key=lambda step: (step.force, step.tag)):
        words = ASKED_OF_THEM[tag] if at_once and tag in ASKED_OF_THEM else HAPPENED[tag]
        yield ""
        yield f"{_force(force)}: {words}"
        for step in group:
            yield f"{step.reference}: {_page_of(base, tag, step)}"


def _page_of(base: str, tag: str, step: StepToTell) -> str:
    kind = tag.partition(".")[0]  # a page of each kind has its name
    return f"{base}/{kind}s/{step.stream}"


def _force(code: str) -> str:
    name = formatting.force(code)
    return _("Training: %(force)s", force=name) if is_training(code) else name


def _digest(telling: Telling, base: str) -> tuple[str, list[str]]:
    digest = msgspec.json.decode(telling.about[0], type=AboutDigest)
    day = formatting.day(today())
    lines = [
        _("What waits in Recommendation Tracker on %(day)s:", day=day),
        "",
        _("Overdue: %(n)s", n=digest.overdue),
        _("Due within 14 days: %(n)s", n=digest.due),
        _("Waiting otherwise: %(n)s", n=digest.waiting),
        _(
            "New among these since %(moment)s: %(n)s",
            moment=formatting.moment(digest.since),
            n=digest.new,
        ),
    ]
    if digest.inspections:
        waiting = _("Inspections before publication: %(n)s", n=digest.inspections)
        lines += ["", waiting, f"{base}/inspections"]
    if digest.items:
        lines += ["", _("The most urgent:")]
    for item in digest.items:
        lines += ["", *_item(item, base)]
    if digest.overdue + digest.due + digest.waiting > len(digest.items):
        lines += ["", _("All of them:"), f"{base}/work"]
    return _("What waits for you"), lines


def _item(item: DigestItem, base: str) -> Iterator[str]:
    task = labels.CLOCK_TASKS[item.clock] if item.clock else labels.TASKS[item.work]
    yield f"{_force(item.force)}: {task}"
    if item.due is not None:
        late = item.due < today()
        day = formatting.day(item.due)
        yield _("It was due on %(day)s", day=day) if late else _("It is due on %(day)s", day=day)
    yield f"{item.reference}: {base}/recommendations/{item.stream}"
