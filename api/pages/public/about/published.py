"""The page of a folder with the data set: it stands by itself, and needs no service."""

from adapters.published_folder import SUMS
from adapters.tables.formats import CSV_METADATA
from api.downloads.dataset.catalogue import ARCHIVE, CATALOGUE_FILE
from api.downloads.dataset.descriptions import DESCRIPTION, TITLE
from api.downloads.dataset.files import DataSet
from api.pages.rendering.render import environment


def folder_page(data: DataSet) -> bytes:
    """Return the page that lists the files of a folder, in HTML without a script or an image."""
    template = environment().get_template("pages/public/about/published.html")
    text = template.render(
        name=TITLE,
        description=DESCRIPTION,
        day=data.about.day,
        position=data.about.position,
        service=data.about.service,
        archive=ARCHIVE[1:],
        catalogue=CATALOGUE_FILE,
        sums=SUMS,
        tables=[
            {
                "title": written.source.table.title,
                "description": written.source.table.description,
                "file": written.file,
                "size": written.size,
                "meaning": f"{written.source.table.name}.{CSV_METADATA.ending}",
            }
            for written in data.tables
        ],
    )
    return text.encode()
