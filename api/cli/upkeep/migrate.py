"""`tracker migrate`: bring the database up to date before the services start."""

import click

from adapters.postgres.migrate import migrations
from api.cli.context import opened_database


@click.command("migrate")
def migrate() -> None:
    """Bring the database up to date, as its owner, and exit.

    Every command does so too if its login owns the database; any other login is told to wait for
    this one.
    """
    with opened_database():
        click.echo(f"The database is up to date: schema step {migrations()[-1].name}.")
