"""Keeping every read model, and the views for SQL over them; and sending notices beside it."""

from functools import partial

from adapters.notices.courier import Courier
from adapters.postgres.database import PROJECTOR, Database
from adapters.settings import Settings
from projections.read_models import READ_MODELS
from projections.reporting import schema as reporting
from projections.runtime.supervisor import Supervisor


def supervisor(database: Database, chosen: Settings) -> Supervisor:
    """Return the supervisor of every read model, with the views on them and the courier."""
    loopback = chosen.TRACKER_WEBHOOKS == "loopback"
    courier = Courier(database, address=chosen.TRACKER_PUBLIC_URL, loopback=loopback)
    return Supervisor(
        database,
        READ_MODELS,
        unused_minutes=chosen.TRACKER_LISTS_KEPT,
        follow_views=partial(reporting.follow, database.conninfo(PROJECTOR)),
        beside=None if chosen.TRACKER_WEBHOOKS == "off" else courier,
    )
