"""Keeping every read model, and the views for SQL over them."""

from functools import partial

from adapters.postgres.database import PROJECTOR, Database
from projections.read_models import READ_MODELS
from projections.reporting import schema as reporting
from projections.runtime.supervisor import Supervisor


def supervisor(database: Database, *, unused_minutes: float) -> Supervisor:
    """Return the supervisor of every read model, which keeps the views on them too."""
    return Supervisor(
        database,
        READ_MODELS,
        unused_minutes=unused_minutes,
        follow_views=partial(reporting.follow, database.conninfo(PROJECTOR)),
    )
