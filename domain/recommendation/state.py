"""The state of a recommendation; `evolve.py` folds it from its events."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.amendments.threads import Threads
from domain.events.recommendation import Issued
from domain.recommendation.claims import Claims
from domain.recommendation.decisions import Decision, Statement
from domain.recommendation.published_steps import PublishedStep
from domain.recommendation.slippage import Slippage
from domain.tracks import NO_FLOORS, Floors
from domain.vocabulary.dates import earliest
from domain.vocabulary.values import (
    ActorId,
    Answer,
    AssuranceLevel,
    CloseReason,
    Finding,
    FollowUpKind,
    Line,
    Text,
    TimeLimit,
    When,
)


class Stage(StrEnum):
    """How far the inspectorate has got with a recommendation."""

    ABSENT = "absent"
    NOT_KNOWN = "not_known"
    """It came from published sources, and no step on record says where it stands now."""
    ISSUED = "issued"
    PLAN_RECEIVED = "plan_received"
    PLAN_REVIEWED = "plan_reviewed"
    FOLLOW_UP_ASSIGNED = "follow_up_assigned"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"


class Plan(StrEnum):
    """The status of the action plan of the current cycle."""

    NOT_KNOWN = "not_known"
    AWAITED = "awaited"
    RECEIVED = "received"
    CHANGES_REQUESTED = "changes_requested"
    ACCEPTED = "accepted"
    WAIVED = "waived"


class FollowUp(Struct, frozen=True):
    """The current follow-up, assigned but not yet reported."""

    step: int
    on: When
    kind: FollowUpKind
    procedure: Line
    window_from: When | None
    window_to: When | None
    assignee: ActorId | None


class ReportedFinding(Struct, frozen=True):
    """The finding of one follow-up."""

    step: int
    on: When
    finding: Finding
    passage: Text
    source: Line


class Claim(Struct, frozen=True):
    """The force's current claim that the work is done."""

    step: int
    on: When
    by: ActorId


class ClosureProposal(Struct, frozen=True):
    """An inspector's proposal to close as verified, to which another inspector has to agree."""

    step: int
    on: When
    by: ActorId
    source: Line
    second_reader: ActorId | None = None


class Response(Struct, frozen=True):
    """Comments that the local policing body published under section 55."""

    step: int
    on: When
    answer: Answer
    address: Line | None
    copied_on: When | None = None


class Assurance(Struct, frozen=True):
    """The local policing body's own latest view of completion."""

    step: int
    on: When
    level: AssuranceLevel


class Closure(Struct, frozen=True):
    """The inspectorate's closure: the work is done, or no longer asked for."""

    step: int
    on: When
    reason: CloseReason
    source: Line | None
    superseded_by: UUID | None
    claimed_on: When | None = None
    """When the force had claimed completion, if its claim stood at the closure."""


class PendingSuppression(Struct, frozen=True):
    """A request to suppress a published text, to which another person has to agree."""

    step: int
    on: When


class FirstStep(Struct, frozen=True):
    """The first step of an inspector or the force after a recommendation came from sources."""

    step: int
    on: When


class Recommendation(Struct, frozen=True):
    """The state of a recommendation; no further step can be dated before the floor of its track."""

    step: int = 0
    floors: Floors = NO_FLOORS
    last_day: date = date.min
    """No step happened later than this day."""
    stage: Stage = Stage.ABSENT
    issued: Issued | None = None
    issued_on: When = "unknown"
    imported: bool = False
    """Whether it came from published sources, which may be silent about later events."""
    taken_over: FirstStep | None = None
    standing_known: bool = False
    """Whether an inspector said where it stood; until then, an imported past is not known."""
    time_limit: TimeLimit = "unknown"
    time_limit_step: int = 1
    owner_step: int = 0
    plan: Plan = Plan.AWAITED
    cycle: int = 1
    first_plan_on: When | None = None
    plan_waived_on: When | None = None
    follow_up: FollowUp | None = None
    findings: tuple[ReportedFinding, ...] = ()
    claim: Claim | None = None
    claimants: tuple[ActorId, ...] = ()
    claims: Claims = ()
    """Every claim so far, with what became of it."""
    proposal: ClosureProposal | None = None
    suppressions: tuple[PendingSuppression, ...] = ()
    updated_on: When | None = None
    """When the force gave its update on an immediate recommendation."""
    responses: tuple[Response, ...] = ()
    assurance: Assurance | None = None
    closure: Closure | None = None
    stage_before_closure: Stage = Stage.ABSENT
    statements: tuple[Statement, ...] = ()
    """The statements of others that a judgement may rest on."""
    decision: Decision | None = None
    slippage: Slippage = Slippage()
    threads: Threads = Threads()
    """Its disputes and questions."""
    published: tuple[PublishedStep, ...] = ()
    """Its published steps, in order of their days."""
    moved_on: When = "unknown"
    """When the stage last changed."""

    @property
    def open(self) -> bool:
        """Whether the inspectorate still asks for it, as far as is known."""
        return self.stage not in {Stage.ABSENT, Stage.NOT_KNOWN, Stage.CLOSED}

    @property
    def updated(self) -> bool:
        """Whether the force gave the update that is asked for in the place of a plan."""
        return self.time_limit == "immediate" and self.updated_on is not None

    @property
    def section_55(self) -> Response | None:
        """The local policing body's latest comments under section 55."""
        return self.responses[-1] if self.responses else None

    @property
    def may_be_open(self) -> bool:
        """Whether nothing on record says that the inspectorate ended it."""
        return self.open or self.stage is Stage.NOT_KNOWN

    @property
    def known_cycle(self) -> int | None:
        """Return the cycle; None for the first while it is not known where it stands."""
        return self.cycle if self.cycle > 1 or self.stage is not Stage.NOT_KNOWN else None

    def is_watched(self, last: date | None) -> bool:
        """Return whether silence by a day means that nothing happened.

        Of a recommendation that came from published sources, that is so only since it was taken
        over.
        """
        if not self.imported:
            return True
        since = self.taken_over
        return bool(since and last and earliest(since.on) <= last)
