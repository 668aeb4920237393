"""`tracker bounce`: note a mail that came back."""

import sys

import click

from adapters.messages.bounces import REPORT_BYTES_MAX, bounce_in, note_bounce
from api.cli.context import fail, opened_database, opened_ledger


@click.command("bounce")
def bounce() -> None:
    """Note that a mail came back, from the mail server's report on standard input.

    A mail server that pipes what comes to TRACKER_MAIL_FROM into this does so for each. An address
    of five bounces is sent nothing more. What is no report of a mail of ours is left alone.
    """
    content = sys.stdin.buffer.read(REPORT_BYTES_MAX + 1)
    if len(content) > REPORT_BYTES_MAX:
        fail(f"The report on standard input is larger than {REPORT_BYTES_MAX} bytes.")
    came_back = bounce_in(content)
    if came_back is None:
        click.echo("This tells of no mail of this service that came back for good.")
        return
    with opened_database() as (db, _), opened_ledger(db) as ledger:
        noted = ledger.rows.run(note_bounce(came_back))
    click.echo("Noted." if noted else "It is noted already, or no message of this service.")
