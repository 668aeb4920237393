"""Identifiers of streams, derived from references and actors."""

from functools import lru_cache
from uuid import NAMESPACE_URL, UUID, uuid5

from domain.vocabulary.values import ActorId, Reference

IDS_KEPT = 1_000
"""How many ids are kept: the rows of an import name the same one again and again."""
NAMESPACE = uuid5(NAMESPACE_URL, "urn:x-recommendation-tracker")


@lru_cache(IDS_KEPT)
def report_id(reference: Reference) -> UUID:
    """Return the stream of a report; its reference decides, so a report has one stream."""
    return uuid5(NAMESPACE, f"report:{reference}")


@lru_cache(IDS_KEPT)
def recommendation_id(reference: Reference) -> UUID:
    """Return the stream of a recommendation; its reference decides, so it is issued once."""
    return uuid5(NAMESPACE, f"recommendation:{reference}")


def inspection_id(reference: Reference) -> UUID:
    """Return the stream of an inspection before its report; its reference decides."""
    return uuid5(NAMESPACE, f"inspection:{reference}")


def access_id(actor: ActorId) -> UUID:
    """Return the stream of an actor's access; each actor has one stream."""
    return uuid5(NAMESPACE, f"access:{actor}")
