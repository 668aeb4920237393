"""The filter of the worklist, its orders, and the part of it that is somebody's own."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.recommendation.deadlines import ClockName
from domain.recommendation.worklist import Work
from domain.vocabulary.actors import Role
from domain.vocabulary.values import ActorId, Code
from projections.filters import ListFilter, Words

CLOCKS_OF_ROLE: dict[Role, tuple[ClockName, ...]] = {
    Role.FORCE: ("action_plan", "immediate_update", "time_limit"),
    Role.LOCAL_POLICING_BODY: ("section_55",),
}
"""The deadlines that each role has to keep."""


class Share(Struct, frozen=True):
    """The part of the list that is somebody's own.

    Of an inspector it is the work of the forces they lead, and all that is assigned to them, but
    for closures that they proposed: another inspector agrees to them. With `proposed` it is in its
    place what others proposed to close and left to any inspector, beyond that part. Of a role with
    clocks to keep it is what waits for them, however far off the last day is.
    """

    forces: tuple[Code, ...]
    actor: ActorId | None = None
    clocks: tuple[ClockName, ...] | None = None
    proposed: bool = False


Order = Annotated[
    Literal["urgency", "next_by", "work", "force", "reference"],
    Meta(
        description="By urgency: the overdue first, then by the day they fall due, then by how "
        "long they have waited. Or what waits for inspectors before what others owe (`next_by`), "
        "by kind of work, force or reference. By urgency by default."
    ),
]
MineOnly = Annotated[
    bool,
    Meta(
        description="Only the work of the forces that the inspector leads, or is assigned to, but "
        "for closures that they proposed."
    ),
]
AssignedOnly = Annotated[
    bool, Meta(description="Only what is assigned to the inspector, whoever leads the force.")
]
ForInspectors = Annotated[
    bool,
    Meta(
        description="Only what waits for inspectors, or only what a force or a local policing body "
        "owes."
    ),
]
NewSince = Annotated[
    datetime,
    Meta(tz=True, description="Only work that began to wait, or fell due, since that moment."),
]


class WorklistFilter(ListFilter, frozen=True, kw_only=True):
    """A filter of work; None does not restrict a field."""

    work: Work | None = None
    order: Order | None = None
    mine: MineOnly | None = None
    assigned: AssignedOnly | None = None
    for_inspectors: ForInspectors | None = None
    new_since: NewSince | None = None
    q: Words | None = None
