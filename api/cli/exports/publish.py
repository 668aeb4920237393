"""`tracker publish-data`: the whole data set as files for any web server."""

from pathlib import Path

import click

from adapters.published_folder import replaced_folder
from api.cli.context import fail, opened_database
from api.cli.progress_bar import progress


@click.command("publish-data")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--address",
    default="",
    help="Where DIRECTORY is served, for the catalogue.  [default: as paths within DIRECTORY]",
)
def publish_data(directory: Path, address: str) -> None:
    """Write the whole data set into DIRECTORY, as files for any web server.

    It has what /data.zip has, the archive itself, a catalogue, a page and the SHA-256 of each file,
    and is read from the database: no service needs to run. DIRECTORY becomes a link to a folder
    beside it, and leads to the former files until the new ones are whole.
    """
    # Other commands are spared these imports.
    from api.downloads.dataset.publishing import origin, write_published  # noqa: PLC0415

    try:
        with opened_database(serving=False) as (db, chosen), progress("Publishing") as report:
            if not chosen.TRACKER_PUBLIC_URL:
                click.echo(
                    f"TRACKER_PUBLIC_URL is not set: the files lead to {origin(chosen)}.", err=True
                )
            with replaced_folder(directory) as folder:
                at = f"{address.rstrip('/')}/" if address else ""
                data = write_published(folder, db, chosen, at, report)
                sizes = [file.stat().st_size for file in folder.iterdir()]
    except FileExistsError as error:
        raise click.UsageError(f"{error}. Name another DIRECTORY, or empty it.") from None
    except FileNotFoundError:
        raise click.UsageError(f"There is no folder {directory.absolute().parent}.") from None
    except (OSError, TimeoutError) as error:
        fail(f"{error} Nothing was published; what was there before still is.")
    click.echo(
        f"Published {len(data.tables)} tables of {data.about.day.isoformat()} at position "
        f"{data.about.position} in {directory}: {len(sizes)} files of {sum(sizes):,} bytes, and "
        "their sums."
    )
