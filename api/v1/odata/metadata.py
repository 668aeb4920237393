"""The description of the entity sets: CSDL in XML (OData 4.0, part 3).

Made from the comments of the views. The annotations tell a client what it may leave to the service:
which functions it filters by, and that nothing can be changed.
"""

from functools import cache
from xml.sax.saxutils import quoteattr

from api.v1.odata.entity_sets import ENTITY_SETS, NAMESPACE, EntitySet
from projections.reporting.filtering import FUNCTIONS

_VOCABULARIES = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies"
_CORE, _CAPABILITIES = "Org.OData.Core.V1", "Org.OData.Capabilities.V1"
_TYPES = {
    "text": "Edm.String",
    "uuid": "Edm.Guid",
    "date": "Edm.Date",
    "timestamptz": "Edm.DateTimeOffset",
    "integer": "Edm.Int32",
    "bigint": "Edm.Int64",
    "double precision": "Edm.Double",
    "boolean": "Edm.Boolean",
}


@cache
def metadata() -> bytes:
    """Return the document that `$metadata` answers."""
    sets = ENTITY_SETS.values()
    namespace = f'Namespace="{NAMESPACE}"'
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">'
        f"{_reference(_CORE)}{_reference(_CAPABILITIES)}<edmx:DataServices>"
        f'<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" {namespace}>'
        f"{''.join(map(_type, sets))}"
        f'<EntityContainer Name="{NAMESPACE}">{"".join(map(_set, sets))}{_CAN}</EntityContainer>'
        "</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _reference(vocabulary: str) -> str:
    return (
        f'<edmx:Reference Uri="{_VOCABULARIES}/{vocabulary}.xml">'
        f'<edmx:Include Namespace="{vocabulary}"/></edmx:Reference>'
    )


def _type(of: EntitySet) -> str:
    key = "".join(f'<PropertyRef Name="{name}"/>' for name in of.key)
    properties = "".join(
        f'<Property Name="{column.name}" Type="{_TYPES[column.type]}"'
        f' Nullable="{str(column.name not in of.key).lower()}">'
        f"{_described(column.comment)}</Property>"
        for column in of.view.columns
    )
    return f'<EntityType Name="{of.entity}"><Key>{key}</Key>{properties}</EntityType>'


def _set(of: EntitySet) -> str:
    return (
        f'<EntitySet Name="{of.name}" EntityType="{NAMESPACE}.{of.entity}">'
        f"{_described(of.view.comment)}"
        f"{_cannot('InsertRestrictions', 'Insertable')}{_cannot('UpdateRestrictions', 'Updatable')}"
        f"{_cannot('DeleteRestrictions', 'Deletable')}{_cannot('ExpandRestrictions', 'Expandable')}"
        f"{_cannot('SearchRestrictions', 'Searchable')}</EntitySet>"
    )


def _described(words: str) -> str:
    return f'<Annotation Term="{_CORE}.Description" String={quoteattr(words)}/>'


def _cannot(term: str, what: str) -> str:
    return (
        f'<Annotation Term="{_CAPABILITIES}.{term}"><Record>'
        f'<PropertyValue Property="{what}" Bool="false"/></Record></Annotation>'
    )


_CAN = (
    f'<Annotation Term="{_CAPABILITIES}.FilterFunctions"><Collection>'
    f"{''.join(f'<String>{name}</String>' for name in FUNCTIONS)}</Collection></Annotation>"
    f'<Annotation Term="{_CAPABILITIES}.BatchSupported" Bool="false"/>'
)
