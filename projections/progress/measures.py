"""What is counted, by name, and a difference in it."""

from datetime import date

from msgspec import Struct

from domain.recommendation.slippage import Slip
from domain.recommendation.state import Stage
from domain.vocabulary.values import CloseReason, Code, Kind

OVERDUE = "overdue"
PLAN_OVERDUE = "plan_overdue"
CLAIMED = "claimed"
TO_PLAN = "days_to_plan"
TO_CLOSE = "days_to_close"
"""The two that are told apart by days, for their medians."""
CLOSED = f"stage:{Stage.CLOSED}"
KINDS = {str(kind): f"kind:{kind}" for kind in Kind}
"""Their sum is the total."""
STAGES = {str(stage): f"stage:{stage}" for stage in Stage if stage is not Stage.ABSENT}
REASONS = {str(reason): f"closed:{reason}" for reason in CloseReason}
SLIPS = {str(slip): f"slip:{slip}" for slip in Slip}
ALL = "*"
"""All forces together without training; no force has this code."""

Measured = tuple[str, int]
"""A measure, and a value where one is told apart by days."""


class Difference(Struct, frozen=True):
    """So many more or less of something, from a day on."""

    force: Code
    measure: str
    value: int
    day: date
    delta: int
