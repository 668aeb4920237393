"""Judgements of the claims of a force that the work is done.

A claim is judged once: by the first finding that grades the work, by its return, or by a closure.
A later judgement of the same work, such as a closure after a finding of partly met, leaves the
first one standing, since it says how far the claim was right when it was made.
"""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from domain.vocabulary.dates import exact
from domain.vocabulary.values import CloseReason, Finding, When


class Judgement(StrEnum):
    """The inspectorate's judgement of a claim."""

    VERIFIED = "verified"
    """The recommendation was closed as verified."""
    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    RETURNED = "returned"
    CLOSED_OTHERWISE = "closed_otherwise"
    """It was closed for a reason that says nothing about the claim."""


CONFIRMED = frozenset({Judgement.VERIFIED, Judgement.MET})
"""Judgements that the work was done, as claimed."""

_GRADES = {
    Finding.MET: Judgement.MET,
    Finding.PARTLY_MET: Judgement.PARTLY_MET,
    Finding.NOT_MET: Judgement.NOT_MET,
}
"""Other findings grade nothing: the claim goes on waiting."""


class JudgedClaim(Struct, frozen=True):
    """One claim, by the step that recorded it; without a judgement while it waits for one."""

    step: int
    on: When
    judgement: Judgement | None = None
    judged_on: When | None = None

    @property
    def days(self) -> int | None:
        """The days from claim to judgement; None if either is not known to the day."""
        claimed, judged = exact(self.on), exact(self.judged_on) if self.judged_on else None
        return (judged - claimed).days if claimed and judged else None


Claims = tuple[JudgedClaim, ...]


def after_finding(claims: Claims, finding: Finding, on: When) -> Claims:
    """Return the claims after a follow-up's finding."""
    return _judged(claims, _GRADES.get(finding), on)


def after_return(claims: Claims, on: When) -> Claims:
    """Return the claims after the inspectorate returned the latest."""
    return _judged(claims, Judgement.RETURNED, on)


def after_closure(claims: Claims, reason: CloseReason, on: When) -> Claims:
    """Return the claims after a closure."""
    is_verified = reason is CloseReason.VERIFIED
    return _judged(claims, Judgement.VERIFIED if is_verified else Judgement.CLOSED_OTHERWISE, on)


def _judged(claims: Claims, judgement: Judgement | None, on: When) -> Claims:
    if judgement is None:
        return claims
    return tuple(
        replace(claim, judgement=judgement, judged_on=on) if claim.judgement is None else claim
        for claim in claims
    )
