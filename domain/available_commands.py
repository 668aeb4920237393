"""What somebody could do next with a recommendation: asked of the rules themselves.

A sample of each command is decided on; what is refused is not open. So there is no second table
of what is allowed when, which could come to differ from the first.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias

from domain.commands.recommendation import (
    AssignFollowUp,
    ChangeFollowUp,
    ChangeTimeLimit,
    ClaimCompletion,
    Close,
    Comment,
    ConfirmDecision,
    NameOwner,
    NoteOutcome,
    ReceiveActionPlan,
    RecommendationCommand,
    RecordAssurance,
    Reopen,
    ReportFollowUp,
    ReportProgress,
    RespondUnderSection55,
    ReturnClaim,
    ReviewActionPlan,
    WaiveActionPlan,
)
from domain.decide import decide
from domain.events.event import History
from domain.history import recommendation_after
from domain.vocabulary.actors import Actor
from domain.vocabulary.dates import day_of
from domain.vocabulary.entry import Stamp
from domain.vocabulary.errors import Forbidden, NotFound, Refused
from domain.vocabulary.values import CloseReason, Finding, FollowUpKind

Action: TypeAlias = type[RecommendationCommand]

_ANY = "-"
_REFERENCE = "any"
SAMPLES: tuple[RecommendationCommand, ...] = (
    ConfirmDecision(why=_ANY),
    ReviewActionPlan(outcome="accepted"),
    ReceiveActionPlan(answer="act", content=_ANY),
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
    Reopen(reason=_ANY),
    ChangeTimeLimit(time_limit="none", reason=_ANY),
    ChangeTimeLimit(time_limit="immediate", reason=_ANY),
    NoteOutcome(reference=_REFERENCE, said_by="force", text=_ANY, source=_ANY, reading="claim"),
    Comment(comment=_ANY),
)
"""In the order in which they are offered; two where the rules refuse what is so already."""


def available_commands(actor: Actor, history: History, at: datetime) -> tuple[Action, ...]:
    """The commands that somebody may give about a recommendation today, as its rules say."""
    return _available(SAMPLES, actor, history, at)


def is_available(command: Action, actor: Actor, history: History, at: datetime) -> bool:
    """Whether one command is among them."""
    return bool(_available([one for one in SAMPLES if type(one) is command], actor, history, at))


def is_allowed(
    command: RecommendationCommand, actor: Actor, history: History, at: datetime
) -> bool:
    """Whether somebody may give this very command today."""
    return bool(_available([command], actor, history, at))


def _available(
    samples: Sequence[RecommendationCommand], actor: Actor, history: History, at: datetime
) -> tuple[Action, ...]:
    state = recommendation_after(history)
    stamp = Stamp(actor.id, actor.role, at, day_of(at).isoformat())
    found: dict[Action, None] = {}
    for sample in samples:
        with suppress(Refused, Forbidden, NotFound):
            decide(sample, history, stamp, actor, state=state)
            found[type(sample)] = None
    return tuple(found)
