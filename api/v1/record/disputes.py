"""The disputes of public facts, as everybody reads them beside the fact."""

from msgspec import Struct

from domain.amendments.threads import DisputeThread, Settlement, Threads
from domain.vocabulary.values import FieldName, Party, StepNumber, Text, When


class PublicDispute(Struct, frozen=True):
    """A dispute of a public fact: who disputes what `field` of `step` says, and in which words.

    `opened` is the step of the dispute itself. `statement` is the party's own, unless `agreed`:
    then both sides agreed to it. `settlement` is null while the dispute is open.
    """

    opened: StepNumber
    on: When
    party: Party
    step: StepNumber
    field: FieldName
    statement: Text
    agreed: bool
    settlement: Settlement | None


def public_disputes(threads: Threads) -> tuple[PublicDispute, ...]:
    """Return the disputes that everybody may read, oldest first."""
    return tuple(_public(each, each.said) for each in threads.of_public_facts if each.said)


def _public(dispute: DisputeThread, said: Text) -> PublicDispute:
    return PublicDispute(
        dispute.opened,
        dispute.on,
        dispute.party,
        dispute.step,
        dispute.field,
        said,
        dispute.words is not None,
        dispute.settlement,
    )
