"""Identifiers of streams, derived from references."""

from uuid import NAMESPACE_URL, UUID, uuid5

from domain.vocabulary.values import ActorId, Reference

NAMESPACE = uuid5(NAMESPACE_URL, "urn:x-recommendation-tracker")


def report_id(reference: Reference) -> UUID:
    """The stream of a report: from its reference, so that one report has one stream."""
    return uuid5(NAMESPACE, f"report:{reference}")


def recommendation_id(reference: Reference) -> UUID:
    """The stream of a recommendation: from its reference, so that it is issued once."""
    return uuid5(NAMESPACE, f"recommendation:{reference}")


def access_id(actor: ActorId) -> UUID:
    """The stream of an actor's access: from the actor, so that one actor has one stream."""
    return uuid5(NAMESPACE, f"access:{actor}")
