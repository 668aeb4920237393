"""The row of a recommendation in the register: where it stands, as its state says."""

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from adapters.corpus.cells import cell_of
from domain.recommendation.clocks import last_day, limit_is_watched, overdue_from, plan_overdue_from
from domain.recommendation.rules import plan_is_due, plan_is_unknown
from domain.recommendation.state import Recommendation, Stage
from domain.vocabulary.values import (
    Area,
    Code,
    Confidence,
    Edition,
    Kind,
    Line,
    Reference,
    Text,
    TimeLimit,
    Topic,
    When,
    Wording,
)
from projections.bitemporal import columns_of

WITHOUT_LAST_DAY = frozenset({"immediate", "none"})
"""Time limits by which nothing is ever certainly overdue."""


class Standing(Struct, frozen=True, cache_hash=True):
    """The register's columns for one recommendation."""

    reference: Reference
    report: UUID
    force: Code
    edition: Edition
    kind: Kind
    ordinal: int | None
    area: Area
    topic: Topic | None
    text: Text
    wording: Wording
    time_limit: TimeLimit
    issued_on: When
    stage: str
    stage_since: When
    plan: str
    plan_owed: bool | None
    """None where nothing on record says how its action plan stands."""
    cycle: int | None
    """The round of plan and follow-up; None while it is not known where it stands."""
    claimed_on: When | None
    updated_on: When | None
    """When the force gave its update on what is to be done immediately."""
    follow_up: str | None
    finding: str | None
    section_55: str | None
    assurance: str | None
    closed_on: When | None
    closed_reason: str | None
    superseded_by: UUID | None
    due: date | None
    """The last day of the time limit; the latest possible day if the start date is coarse.

    None also while nothing on record says whether the limit still counts.
    """
    overdue_from: date | None
    """The first day on which it is certainly overdue, unless something stops the clock."""
    overdue_known: bool
    """Whether the record says if it is overdue: its limit and that this counts, or what ended it.

    Sources may be silent about what came after the last step that they state.
    """
    plan_overdue_from: date | None
    """The first day on which its action plan is certainly overdue, unless the plan comes."""
    taken_over_on: When | None
    """When inspectors or the force took it over; None also for what did not come from sources."""
    time_limit_changes: int | None
    """How often it was changed; None, as the next three, where nothing on record says if it was.

    That is while it is not known where it stands, unless a step on record says so.
    """
    reopenings: int | None
    withdrawals: int | None
    closed_without_evidence: bool | None
    register_id: Line | None
    """Its number in the inspectorate's withdrawn register, if that is known."""
    cause: int | None
    """The number of the cause of concern in the same report that it belongs to, if to one."""
    source: str | None
    """The pages that it rests on, separated by ` | `."""
    confidence: Confidence
    """Whether its source states it, or whoever compiled the record inferred it."""
    disputed: bool
    """Whether a force or local policing body disputes a public fact about it, still."""

    @property
    def late_from(self) -> date | None:
        """The first day on which its plan or its work is certainly overdue, unless it comes."""
        days = self.overdue_from, self.plan_overdue_from
        return min((day for day in days if day), default=None)

    @property
    def next_last_day(self) -> date | None:
        """The last day by which that is to come."""
        return self.late_from - timedelta(1) if self.late_from else None


COLUMNS = columns_of(Standing)


def standing(state: Recommendation) -> Standing | None:
    """Return the register's columns for a state; None if its issue was withdrawn."""
    issued = state.issued
    if issued is None:
        return None
    slippage = state.slippage
    silent = state.stage is Stage.NOT_KNOWN
    return Standing(
        reference=issued.reference,
        report=issued.report,
        force=issued.addressee,
        edition=issued.edition,
        kind=issued.kind,
        ordinal=issued.ordinal,
        area=issued.area,
        topic=issued.topic,
        text=issued.text,
        wording=issued.wording,
        time_limit=state.time_limit,
        issued_on=state.issued_on,
        stage=state.stage,
        stage_since=state.moved_on,
        plan=state.plan,
        plan_owed=None if plan_is_unknown(state) else plan_is_due(state),
        cycle=state.known_cycle,
        claimed_on=state.claim.on if state.claim else None,
        updated_on=state.updated_on,
        follow_up=state.follow_up.kind if state.follow_up else None,
        finding=state.findings[-1].finding if state.findings else None,
        section_55=state.section_55.answer if state.section_55 else None,
        assurance=state.assurance.level if state.assurance else None,
        closed_on=state.closure.on if state.closure else None,
        closed_reason=state.closure.reason if state.closure else None,
        superseded_by=state.closure.superseded_by if state.closure else None,
        due=last_day(state) if limit_is_watched(state) else None,
        overdue_from=overdue_from(state),
        overdue_known=_overdue_is_known(state),
        plan_overdue_from=plan_overdue_from(state),
        taken_over_on=state.taken_over.on if state.taken_over else None,
        time_limit_changes=slippage.time_limit_changes or (None if silent else 0),
        reopenings=slippage.reopenings or (None if silent else 0),
        withdrawals=slippage.withdrawals or (None if silent else 0),
        closed_without_evidence=slippage.closed_without_evidence or (None if silent else False),
        register_id=issued.register_id,
        cause=issued.cause,
        source=cell_of(issued.sources) or None,
        confidence=issued.confidence,
        disputed=any(each.open for each in state.threads.of_public_facts),
    )


def _overdue_is_known(state: Recommendation) -> bool:
    if not state.may_be_open:
        return True
    limited = state.time_limit in WITHOUT_LAST_DAY or last_day(state) is not None
    return limit_is_watched(state) and (limited or state.claim is not None)
