"""The data set in the words of catalogues: DCAT (W3C, DCAT-AP) and schema.org, as JSON-LD."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from adapters.tables.formats import CSV, CSV_METADATA, FORMATS
from api.downloads.dataset.descriptions import DESCRIPTION, KEYWORDS, TITLE
from api.downloads.making import LICENCE_ADDRESS, PUBLISHER
from api.downloads.sources import SavedList

JSON_LD = "application/ld+json"
ARCHIVE = "/data.zip"
CATALOGUE = "/data/catalogue.jsonld"
CATALOGUE_FILE = "catalogue.jsonld"
INDEX_FILE = "index.html"
_IANA = "https://www.iana.org/assignments/media-types/"
_EU = "http://publications.europa.eu/resource/authority/"
JUSTICE = f"{_EU}data-theme/JUST"
DAILY = f"{_EU}frequency/DAILY"
ENGLISH = f"{_EU}language/ENG"
UNITED_KINGDOM = f"{_EU}country/GBR"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class DataOffer(Struct, frozen=True, kw_only=True):
    """The data set as it is offered: where, of which day, and with which lists."""

    service: str
    contact: str | None
    language: str
    day: date
    position: int
    lists: Mapping[str, SavedList[Any, Any]]
    folder: str | None = None
    """The address of a folder of its files, which the catalogue then names in place of the
    service's: with a last slash, or nothing for the folder that the catalogue itself is in."""

    @property
    def archive(self) -> str:
        """The address of the archive of all tables."""
        return f"{self.service}{ARCHIVE}" if self.folder is None else f"{self.folder}{ARCHIVE[1:]}"


def dcat(offer: DataOffer) -> dict[str, Any]:
    """Return the catalogue of the data set, of each of its tables, and of the API.

    That of a folder of files has no API.
    """
    whole = _dataset(
        offer,
        f"{offer.service}/data",
        TITLE,
        DESCRIPTION,
        [
            {
                "@type": "dcat:Distribution",
                "@id": offer.archive,
                "dct:title": _text("All tables as CSV, in one archive", offer),
                "dcat:accessURL": _id(_shown_at(offer, "/data")),
                "dcat:downloadURL": _id(offer.archive),
                "dcat:mediaType": _id(f"{_IANA}application/zip"),
                "dcat:compressFormat": _id(f"{_IANA}application/zip"),
                "dct:license": _id(LICENCE_ADDRESS),
            }
        ],
    )
    whole["dct:hasPart"] = [_id(_address(offer, source.path)) for source in offer.lists.values()]
    tables = [_table(offer, source) for source in offer.lists.values()]
    in_service = offer.folder is None
    return {
        "@context": CONTEXT,
        "@id": f"{offer.service}{CATALOGUE}" if in_service else f"{offer.folder}{CATALOGUE_FILE}",
        "@type": "dcat:Catalog",
        "dct:title": _text(PUBLISHER, offer),
        "dct:description": _text(DESCRIPTION, offer),
        "dct:publisher": _publisher(offer),
        "dct:language": _id(ENGLISH),
        "dct:license": _id(LICENCE_ADDRESS),
        "dct:modified": _day(offer.day),
        "dct:spatial": _id(UNITED_KINGDOM),
        "foaf:homepage": _id(offer.service + "/"),
        "dcat:themeTaxonomy": _id(f"{_EU}data-theme"),
        "dcat:dataset": [whole, *tables],
        **({"dcat:service": _api(offer, [whole, *tables])} if in_service else {}),
    }


def _api(offer: DataOffer, datasets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "dcat:DataService",
        "@id": f"{offer.service}/v1",
        "dct:title": _text("JSON API", offer),
        "dcat:endpointURL": _id(f"{offer.service}/v1"),
        "dcat:endpointDescription": _id(f"{offer.service}/v1/openapi.json"),
        "dcat:servesDataset": [_id(dataset["@id"]) for dataset in datasets],
        "dct:license": _id(LICENCE_ADDRESS),
    }


def schema_org(offer: DataOffer) -> dict[str, Any]:
    """Return the data set as schema.org's Dataset, for search engines."""
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": f"{offer.service}/data",
        "name": TITLE,
        "description": DESCRIPTION,
        "url": f"{offer.service}/data",
        "identifier": f"{offer.service}/data",
        "version": f"{offer.day.isoformat()}-at-{offer.position}",
        "dateModified": offer.day.isoformat(),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "keywords": list(KEYWORDS),
        "license": LICENCE_ADDRESS,
        "spatialCoverage": "England and Wales",
        "creator": {"@type": "Organization", "name": PUBLISHER, "url": offer.service + "/"},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": "All tables as CSV, in one archive",
                "encodingFormat": "application/zip",
                "contentUrl": f"{offer.service}{ARCHIVE}",
            },
            *(
                {
                    "@type": "DataDownload",
                    "name": source.table.title,
                    "encodingFormat": "text/csv",
                    "contentUrl": f"{_address(offer, source.path)}.csv",
                }
                for source in offer.lists.values()
            ),
        ],
    }


def _table(offer: DataOffer, source: SavedList[Any, Any]) -> dict[str, Any]:
    """Return one table as a data set of its own, with a distribution for each format.

    A folder has the CSV alone.
    """
    address = _address(offer, source.path)
    stem = address if offer.folder is None else f"{offer.folder}{source.table.name}"
    forms = [CSV] if offer.folder is not None else [*FORMATS.values()]
    files = [
        {
            "@type": "dcat:Distribution",
            "@id": f"{stem}.{form.ending}",
            "dct:title": _text(f"{source.table.title}: {form.title}", offer),
            "dcat:accessURL": _id(_shown_at(offer, source.page or source.path)),
            "dcat:downloadURL": _id(f"{stem}.{form.ending}"),
            "dcat:mediaType": _id(_IANA + form.media_type.partition(";")[0]),
            "dct:license": _id(LICENCE_ADDRESS),
        }
        for form in forms
        if form is not CSV_METADATA
    ]
    return _dataset(offer, address, source.table.title, source.table.description, files)


def _dataset(
    offer: DataOffer, address: str, title: str, description: str, files: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    dataset: dict[str, Any] = {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": address,
        "dct:title": _text(title, offer),
        "dct:description": _text(description, offer),
        "dct:publisher": _publisher(offer),
        "dct:language": _id(ENGLISH),
        "dct:accrualPeriodicity": _id(DAILY),
        "dct:modified": _day(offer.day),
        "dct:spatial": _id(UNITED_KINGDOM),
        "dcat:theme": _id(JUSTICE),
        "dcat:keyword": [_text(word, offer) for word in KEYWORDS],
        "dcat:version": f"{offer.day.isoformat()}-at-{offer.position}",
        "dcat:distribution": files,
    }
    if offer.contact:
        reach = "mailto:" if "@" in offer.contact else ""
        dataset["dcat:contactPoint"] = {
            "@type": "vcard:Organization",
            "vcard:fn": PUBLISHER,
            "vcard:hasEmail" if reach else "vcard:hasURL": _id(reach + offer.contact),
        }
    return dataset


def _shown_at(offer: DataOffer, path: str) -> str:
    """Return the address of the page about a file: of the service, or the folder's own."""
    return f"{offer.service}{path}" if offer.folder is None else f"{offer.folder}{INDEX_FILE}"


def _address(offer: DataOffer, path: str) -> str:
    return f"{offer.service}/v1{path}"


def _id(address: str) -> dict[str, str]:
    return {"@id": address}


def _text(text: str, offer: DataOffer) -> dict[str, str]:
    return {"@value": text, "@language": offer.language.partition("-")[0]}


def _day(day: date) -> dict[str, str]:
    return {"@value": day.isoformat(), "@type": "xsd:date"}


def _publisher(offer: DataOffer) -> dict[str, Any]:
    return {"@id": f"{offer.service}/", "@type": "foaf:Agent", "foaf:name": PUBLISHER}
