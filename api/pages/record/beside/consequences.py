"""Cautions before a step is recorded, and what recording it would change."""

from collections.abc import Iterator, Sequence

from api.pages.rendering import formatting, labels
from api.pages.rendering.language import gettext as _
from api.pages.rendering.timeline import what_of
from domain.access.permissions import Verdict, may
from domain.checks import ABOUT_THE_RECORD, REPLIES
from domain.commands.common import Correct
from domain.commands.recommendation import (
    Close,
    Withdraw,
)
from domain.events.correspondence import Disputed, ReportDisputed
from domain.events.event import Event, History
from domain.events.recommendation import (
    Corrected,
    Issued,
    WithdrawalRequested,
    Withdrawn,
)
from domain.events.report import ReportCorrected
from domain.history import addressee_of, neighbours, recommendation_after
from domain.recommendation.available_commands import Action
from domain.recommendation.rules import needs_second_inspector
from domain.vocabulary.actors import Actor
from domain.vocabulary.entry import Entry


def cautions(command: Action, history: History, actor: Actor) -> list[str]:
    """Return what is to be known before answering a form."""
    if command is not Close or not isinstance(history[0].event, Issued):
        return []
    state = recommendation_after(history)
    if not needs_second_inspector(state):
        return []
    reason = _("No finding of a follow-up is on record.")
    if state.findings:
        finding = labels.FINDINGS[state.findings[-1].finding].lower()
        reason = _("The last finding on record is: %(finding)s.", finding=finding)
    second = _("To close it as verified takes two inspectors: one proposes, and another agrees.")
    proposal = state.proposal
    if proposal is None:
        next_step = _("No proposal waits for an answer. You can close it for another reason.")
    elif proposal.by == actor.id:
        next_step = _(
            "You proposed it at step %(step)s, so another inspector has to agree. "
            "You can close it for another reason.",
            step=proposal.step,
        )
    else:
        next_step = _(
            "It was proposed at step %(step)s. If you agree, close it as verified.",
            step=proposal.step,
        )
    return [f"{reason} {second} {next_step}"]


def consequences(history: History, added: Sequence[Entry[Event]], actor: Actor) -> list[str]:
    """Return what recording would change, and how a mistake in it could be put right."""
    if not added:
        return []
    entry, after = added[-1], [*history, *added]
    words = [*_standing_after(entry, after), *place_of(entry, after)]
    return [*words, *_undoing(entry, actor, addressee_of(history))]


def _standing_after(entry: Entry[Event], after: History) -> Iterator[str]:
    """Yield what stands once steps are withdrawn."""
    event = entry.event
    if isinstance(event, WithdrawalRequested):
        yield _(
            "You cannot withdraw this alone: it is not all your own, or a decision was recorded "
            "later. This asks for it. Another person has to agree, and until then all of it stands."
        )
        withdrawn = Withdrawn(event.steps)
        after = [*after[:-1], Entry(entry.stream, entry.step, entry.id, entry.stamp, withdrawn)]
    elif not isinstance(event, Withdrawn):
        return
    state = recommendation_after(after)
    if state.issued is None:
        yield _("Nothing of the recommendation would stand: it would no longer be shown.")
    else:
        yield _(
            "Without these steps it stands at: %(stage)s.", stage=labels.STAGES[state.stage].lower()
        )
    yield _("The steps stay readable in the history, marked as withdrawn.")


def place_of(entry: Entry[Event], after: History) -> Iterator[str]:
    """Yield where a late step, or a step with a corrected date, stands in time."""
    event = entry.event
    if isinstance(event, Corrected | ReportCorrected) and event.field == "on":
        before, later = neighbours(after, event.step)
        yield from _between(event.step, before, later)
        return
    _before, later = neighbours(after, entry.step)
    if later is not None and later.step < entry.step:
        yield _(
            "It is recorded after later steps. By its date, it stands before step %(step)s: "
            "%(what)s (%(day)s).",
            step=later.step,
            what=what_of(later.event),
            day=formatting.dated(later.stamp.on),
        )


def _between(step: int, before: Entry[Event] | None, later: Entry[Event] | None) -> Iterator[str]:
    """Yield between which steps a step stands in time."""
    if before is not None:
        yield _(
            "By this date, step %(step)s stands after step %(other)s: %(what)s (%(day)s).",
            step=step,
            other=before.step,
            what=what_of(before.event),
            day=formatting.dated(before.stamp.on),
        )
    if later is not None:
        yield _(
            "By this date, step %(step)s stands before step %(other)s: %(what)s (%(day)s).",
            step=step,
            other=later.step,
            what=what_of(later.event),
            day=formatting.dated(later.stamp.on),
        )


def _undoing(entry: Entry[Event], actor: Actor, addressee: str) -> Iterator[str]:
    """Yield how a mistake in a step can be put right, by this actor."""
    yield _("Once recorded, this is part of the history.")
    event = entry.event
    if isinstance(event, Corrected | ReportCorrected):
        yield _("If it is a mistake, correct the same field again. All versions stay readable.")
        return
    if isinstance(event, Disputed | ReportDisputed):
        yield _("You can take the dispute back until it is settled. Both stay readable.")
        return
    if isinstance(event, (*ABOUT_THE_RECORD, *REPLIES)):
        yield _("It cannot be taken back.")
        return
    if may(actor, Withdraw, addressee) is Verdict.ALLOWED:
        yield _(
            "If it is a mistake, you can withdraw it at once until a decision is recorded after "
            "it. From then on, a second person has to agree. It stays readable."
        )
    if may(actor, Correct, addressee) is Verdict.ALLOWED:
        yield _("A wrong date can be corrected. Both dates stay readable.")
