"""The commands open to an actor on a recommendation, according to the rules themselves.

A sample of each command is decided on; a command is available unless its sample is refused. There
is therefore no second table of available commands, to drift from the rules.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias

from domain.access.permissions import Verdict, may
from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    DeclineClosure,
    NameOwner,
    NoteMilestone,
    NoteOutcome,
    ProposeClosure,
    ReceiveActionPlan,
    ReceiveUpdate,
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    TakeOver,
    WaiveActionPlan,
)
from domain.decide import decide
from domain.events.event import History
from domain.history import addressee_of, recommendation_after, state_after
from domain.recommendation.rules import needs_second_inspector, plan_is_due
from domain.recommendation.state import Recommendation, Stage
from domain.recommendation.worklist import needs_new_plan
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.values import (
    CloseReason,
    Finding,
    FollowUpKind,
    Milestone,
    Sha256,
    StoodAt,
)

Action: TypeAlias = type[RecommendationCommand]

_ANY = "-"
_REFERENCE = "any"
SAMPLES: tuple[RecommendationCommand, ...] = (
    ConfirmDecision(why=_ANY),
    TakeOver(standing=StoodAt.PLAN_AWAITED, basis=_ANY),
    ReviewActionPlan(outcome="accepted"),
    ReceiveActionPlan(answer="act", content=_ANY),
    ReceiveUpdate(content=_ANY),
    WaiveActionPlan(reason=_ANY),
    AssignFollowUp(kind=FollowUpKind.MONITORING, procedure=_ANY),
    ReportFollowUp(finding=Finding.MET, passage=_ANY, source=_ANY),
    ChangeFollowUp(kind=FollowUpKind.MONITORING, procedure=_ANY, reason=_ANY),
    ReturnClaim(reason=_ANY),
    ClaimCompletion(evidence=_ANY),
    ReportProgress(progress=_ANY),
    NameOwner(owner=_ANY),
    RespondUnderSection55(answer="act", explanation=_ANY),
    RecordAssurance(level="assured", reason=_ANY),
    Close(reason=CloseReason.WITHDRAWN, basis=_ANY),
    ProposeClosure(basis=_ANY, source=_ANY),
    DeclineClosure(reason=_ANY),
    Reopen(reason=_ANY),
    ChangeTimeLimit(time_limit="none", reason=_ANY),
    ChangeTimeLimit(time_limit="immediate", reason=_ANY),
    NoteOutcome(reference=_REFERENCE, said_by="force", text=_ANY, source=_ANY, reading="claim"),
    NoteMilestone(
        reference=_REFERENCE,
        milestone=Milestone.CLAIM,
        said_by="force",
        text=_ANY,
        source=_ANY,
    ),
    Comment(comment=_ANY),
)
"""The samples, in the order in which pages offer their commands.

A command has two samples where the rules refuse a value that is already set.
"""


def _plan_is_next(state: Recommendation) -> bool:
    """Return whether to expect a plan: while a closure is proposed, no revised or new one."""
    if state.proposal and state.stage is not Stage.ISSUED:
        return False
    return plan_is_due(state) or needs_new_plan(state)


DUE: dict[Action, Callable[[Recommendation], bool]] = {
    ConfirmDecision: lambda _: True,
    NameOwner: lambda state: not state.owner_step,
    ReceiveActionPlan: _plan_is_next,
    ReceiveUpdate: lambda state: state.updated_on is None,
    ReviewActionPlan: lambda _: True,
    AssignFollowUp: lambda state: state.stage is not Stage.FOLLOWED_UP,
    ReportFollowUp: lambda _: True,
    RespondUnderSection55: lambda state: not state.responses,
    Close: lambda state: state.proposal is not None or not needs_second_inspector(state),
}
"""When each command is the next to expect, if it is possible; others are never due.

A policing body's own view is never due: nobody has to give one.
"""


def available_commands(
    actor: Actor, history: History, at: datetime, among: Collection[Action] | None = None
) -> tuple[Action, ...]:
    """Return the commands that an actor may give on a recommendation today, of all or of some."""
    samples = [sample for sample in SAMPLES if among is None or type(sample) in among]
    return _available(samples, actor, history, at)


def is_available(command: Action, actor: Actor, history: History, at: datetime) -> bool:
    """Return whether an actor may give a command of some type today."""
    return bool(
        _available([sample for sample in SAMPLES if type(sample) is command], actor, history, at)
    )


def obstacle(command: Action, actor: Actor, history: History, at: datetime) -> str | None:
    """Return why an actor cannot give a command of some type today; None if they can.

    Raises NotFound or Forbidden as `permissions` says.
    """
    state = recommendation_after(history)
    stamp = Stamp(actor.id, actor.role, at, day_of(at).isoformat())
    reason: str | None = None
    for sample in SAMPLES:
        if type(sample) is command:
            try:
                decide(sample, history, stamp, actor, state=state)
            except Refused as refused:
                reason = str(refused)
            else:
                return None
    return reason


def is_due(command: Action, state: Recommendation, actor: Actor | None = None) -> bool:
    """Return whether an available command is the next one to expect, of that actor if any."""
    if actor and command is Close and state.proposal and state.proposal.by == actor.id:
        return False  # another inspector agrees to it
    return command in DUE and DUE[command](state)


def is_allowed(
    command: RecommendationCommand,
    actor: Actor,
    history: History,
    at: datetime,
    documents: Collection[Sha256] = (),
) -> bool:
    """Return whether an actor may give this exact command today; `documents` as for `decide`."""
    stamp = Stamp(actor.id, actor.role, at, day_of(at).isoformat())
    with suppress(Refused, Forbidden, NotFound):
        decide(command, history, stamp, actor, state=state_after(history), documents=documents)
        return True
    return False


def _available(
    samples: Sequence[RecommendationCommand],
    actor: Actor,
    history: History,
    at: datetime,
) -> tuple[Action, ...]:
    state = recommendation_after(history)
    stamp = Stamp(actor.id, actor.role, at, day_of(at).isoformat())
    available: dict[Action, None] = {}
    addressee = addressee_of(history) if history else None
    for sample in samples:
        if addressee and may(actor, type(sample), addressee) is not Verdict.ALLOWED:
            continue  # as `decide` would say, at ten times the cost
        with suppress(Refused, Forbidden, NotFound):
            decide(sample, history, stamp, actor, state=state)
            available[type(sample)] = None
    return tuple(available)
