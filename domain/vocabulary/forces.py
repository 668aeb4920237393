"""Addressees: the 43 police forces of England and Wales, one national, and those for training.

Names and bodies are as published by November 2026. Codes are the short names used in web addresses.
"""

from typing import LiteralString

from msgspec import Struct

NATIONAL = "national"
BODIES_PUBLISHED_BY = "2026-11"
"""The month by which the local policing bodies were published as they are named here."""
TRAINING = "training"


class Force(Struct, frozen=True):
    """An addressee; `ons_code` is its Office for National Statistics code, if it has one."""

    code: str
    name: str
    country: str
    region: str
    ons_code: str | None
    local_policing_body: str | None
    training: bool = False


def _england(
    number: int, code: str, name: str, region: str, body: str = "PCC"
) -> tuple[str, Force]:
    return code, Force(code, name, "England", region, f"E23{number:06}", body)


def _wales(number: int, code: str, name: str) -> tuple[str, Force]:
    return code, Force(code, name, "Wales", "Wales", f"W15{number:06}", "PCC")


FORCES: dict[str, Force] = dict(
    (
        _england(
            1,
            "metropolitan",
            "Metropolitan Police Service",
            "London",
            "mayor (Mayor of London / MOPAC)",
        ),
        _england(2, "cumbria", "Cumbria Constabulary", "North West", "PFCC"),
        _england(3, "lancashire", "Lancashire Constabulary", "North West"),
        _england(4, "merseyside", "Merseyside Police", "North West"),
        _england(
            5,
            "greater-manchester",
            "Greater Manchester Police",
            "North West",
            "mayor (Mayor of Greater Manchester)",
        ),
        _england(6, "cheshire", "Cheshire Constabulary", "North West"),
        _england(7, "northumbria", "Northumbria Police", "North East"),
        _england(
            8,
            "durham",
            "Durham Constabulary",
            "North East",
            "PCC (styled Police Crime and Victims' Commissioner)",
        ),
        _england(
            9,
            "north-yorkshire",
            "North Yorkshire Police",
            "Yorkshire and The Humber",
            "mayor (York and North Yorkshire; PFCC until 2024)",
        ),
        _england(
            10,
            "west-yorkshire",
            "West Yorkshire Police",
            "Yorkshire and The Humber",
            "mayor (West Yorkshire)",
        ),
        _england(
            11,
            "south-yorkshire",
            "South Yorkshire Police",
            "Yorkshire and The Humber",
            "mayor (South Yorkshire since 2024-05; PCC before)",
        ),
        _england(12, "humberside", "Humberside Police", "Yorkshire and The Humber"),
        _england(13, "cleveland", "Cleveland Police", "North East"),
        _england(14, "west-midlands", "West Midlands Police", "West Midlands"),
        _england(15, "staffordshire", "Staffordshire Police", "West Midlands", "PFCC"),
        _england(16, "west-mercia", "West Mercia Police", "West Midlands"),
        _england(17, "warwickshire", "Warwickshire Police", "West Midlands"),
        _england(18, "derbyshire", "Derbyshire Constabulary", "East Midlands"),
        _england(19, "nottinghamshire", "Nottinghamshire Police", "East Midlands"),
        _england(20, "lincolnshire", "Lincolnshire Police", "East Midlands"),
        _england(21, "leicestershire", "Leicestershire Police", "East Midlands"),
        _england(22, "northamptonshire", "Northamptonshire Police", "East Midlands", "PFCC"),
        _england(23, "cambridgeshire", "Cambridgeshire Constabulary", "East of England"),
        _england(24, "norfolk", "Norfolk Constabulary", "East of England"),
        _england(25, "suffolk", "Suffolk Constabulary", "East of England"),
        _england(26, "bedfordshire", "Bedfordshire Police", "East of England"),
        _england(27, "hertfordshire", "Hertfordshire Constabulary", "East of England"),
        _england(28, "essex", "Essex Police", "East of England", "PFCC"),
        _england(29, "thames-valley", "Thames Valley Police", "South East"),
        _england(30, "hampshire", "Hampshire and Isle of Wight Constabulary", "South East"),
        _england(31, "surrey", "Surrey Police", "South East"),
        _england(32, "kent", "Kent Police", "South East"),
        _england(33, "sussex", "Sussex Police", "South East"),
        _england(
            34,
            "city-of-london",
            "City of London Police",
            "London",
            "City of London Corporation (police authority)",
        ),
        _england(35, "devon-and-cornwall", "Devon & Cornwall Police", "South West"),
        _england(36, "avon-and-somerset", "Avon and Somerset Constabulary", "South West"),
        _england(37, "gloucestershire", "Gloucestershire Constabulary", "South West"),
        _england(38, "wiltshire", "Wiltshire Police", "South West"),
        _england(39, "dorset", "Dorset Police", "South West"),
        _wales(1, "north-wales", "North Wales Police"),
        _wales(2, "gwent", "Gwent Police"),
        _wales(3, "south-wales", "South Wales Police"),
        _wales(4, "dyfed-powys", "Dyfed-Powys Police"),
    )
)


def _training(code: LiteralString, name: str) -> tuple[LiteralString, Force]:
    body = "Training body (not a real body)"
    return code, Force(code, name, "England and Wales", "", None, body, training=True)


TRAINING_FORCES: dict[LiteralString, Force] = dict(
    (
        _training(TRAINING, "Training force (not a real force)"),
        _training("training-ambleford", "Training: Ambleford Constabulary"),
        _training("training-brindlewick", "Training: Brindlewick Police"),
        _training("training-corvenham", "Training: Corvenham Police"),
        _training("training-ottermarch", "Training: Ottermarch Constabulary"),
        _training("training-quillhaven", "Training: Quillhaven Police"),
        _training("training-sallowick", "Training: Sallowick Police"),
    )
)
"""Forces that do not exist, of places that do not exist: for trying things out."""

ADDRESSEES: dict[str, Force] = {
    **FORCES,
    NATIONAL: Force(
        NATIONAL, "All forces and national bodies", "England and Wales", "", None, None
    ),
    **TRAINING_FORCES,
}


def is_training(code: str | None) -> bool:
    """Return whether a code is that of a training force."""
    return code in TRAINING_FORCES


def addressees(*, training: bool) -> list[str]:
    """Return the codes of all training forces, or of all other addressees."""
    return [code for code, force in ADDRESSEES.items() if force.training is training]
