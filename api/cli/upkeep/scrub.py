"""`tracker scrub`: remove redacted texts and documents from the disk, too."""

import click

from adapters.postgres.database import OWNER
from adapters.postgres.migrate import DatabaseUnusable
from adapters.postgres.upkeep.scrub import TABLES
from adapters.postgres.upkeep.scrub import scrub as scrub_tables
from api.cli.context import fail, opened_database


@click.command("scrub")
def scrub() -> None:
    """Remove redacted texts and documents from the database's files.

    A redaction removes them from the tables at once, but their bytes stay in the files until
    something else needs the place. This rewrites the files, as the database's owner; recording
    waits meanwhile. It reaches neither backups nor archived write-ahead log.
    """
    with opened_database() as (db, _):
        try:
            scrub_tables(db.conninfo(OWNER))
        except DatabaseUnusable as error:
            fail(str(error))
        click.echo(f"Rewrote {' and '.join(TABLES)}.")
