"""The measures that are counted, by name, and a difference in a measure."""

from datetime import date

from msgspec import Struct

from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.vocabulary.forces import is_training
from domain.vocabulary.values import CloseReason, Code, Finding, Kind

OVERDUE = "overdue"
PLAN_OVERDUE = "plan_overdue"
CLAIMED = "claimed"
TO_PLAN = "days_to_plan"
TO_CLOSE = "days_to_close"
"""TO_PLAN and TO_CLOSE are also counted by number of days, for their medians."""
CLOSED = f"stage:{Stage.CLOSED}"
NOT_KNOWN = f"stage:{Stage.NOT_KNOWN}"
LIMITED = "limited"
"""Not closed, with a last day of the time limit that is known: the base of what is overdue."""
KINDS = {str(kind): f"kind:{kind}" for kind in Kind}
"""Their sum is the total."""
STAGES = {str(stage): f"stage:{stage}" for stage in Stage if stage is not Stage.ABSENT}
FINDINGS = {str(finding): f"finding:{finding}" for finding in Finding}
REASONS = {str(reason): f"closed:{reason}" for reason in CloseReason}
SLIPS = {str(slip): f"slip:{slip}" for slip in Slip}
ALL = "*"
ALL_TRAINING = "*training"
"""All forces together without training, and all training forces; no force has these codes."""

Measured = tuple[str, int]
"""A measure, and the number of days where it has one; else 0."""


class Difference(Struct, frozen=True):
    """An increase or decrease of a measure from a day onward."""

    force: Code
    measure: str
    value: int
    day: date
    delta: int


def sum_of(force: Code) -> str:
    """Return the code of the sum that a force is counted in."""
    return ALL_TRAINING if is_training(force) else ALL
