"""Permissions to act and read, in one table: A allowed, F forbidden, H hidden."""

from typing import get_args

import pytest

from domain.access.permissions import (
    COMMANDS,
    READ_PERMISSIONS,
    ReadPermission,
    Verdict,
    may,
    may_read,
    may_read_note,
    require,
)
from domain.commands.command import Command
from domain.commands.recommendation import RecommendationCommand
from domain.commands.report import ReportCommand
from domain.vocabulary.actors import PUBLIC, Actor, Role
from domain.vocabulary.errors import Forbidden, NotFound
from domain.vocabulary.values import Code

# The column of a force or a body is about its own force; about another, all is hidden from it.
DOING = """
                          inspector publisher force body auditor reporting admin importer public
publish_report            A         A         F     F    F       F         F     A        F
issue                     A         A         F     F    F       F         F     A        F
note_area                 A         F         F     F    F       F         F     A        F
note_report_outcome       A         F         F     F    F       F         F     A        F
note_report_milestone     A         F         F     F    F       F         F     A        F
name_owner                F         F         A     F    F       F         F     A        F
receive_action_plan       A         F         A     F    F       F         F     A        F
waive_action_plan         A         F         F     F    F       F         F     A        F
review_action_plan        A         F         F     F    F       F         F     A        F
assign_follow_up          A         F         F     F    F       F         F     A        F
change_follow_up          A         F         F     F    F       F         F     A        F
report_follow_up          A         F         F     F    F       F         F     A        F
take_over                 A         F         F     F    F       F         F     A        F
receive_update            A         F         A     F    F       F         F     A        F
report_progress           F         F         A     F    F       F         F     F        F
claim_completion          F         F         A     F    F       F         F     A        F
return_claim              A         F         F     F    F       F         F     A        F
respond_under_section_55  F         F         F     A    F       F         F     A        F
record_assurance          F         F         F     A    F       F         F     A        F
propose_closure           A         F         F     F    F       F         F     A        F
decline_closure           A         F         F     F    F       F         F     A        F
close                     A         F         F     F    F       F         F     A        F
reopen                    A         F         F     F    F       F         F     A        F
confirm_decision          A         F         F     F    F       F         F     F        F
note_outcome              A         F         F     F    F       F         F     A        F
note_milestone            A         F         F     F    F       F         F     A        F
change_time_limit         A         F         F     F    F       F         F     A        F
comment                   A         F         A     A    F       F         F     A        F
correct                   A         A         F     F    F       F         F     A        F
withdraw                  A         A         A     A    F       F         F     A        F
agree_to_withdrawal       A         A         A     A    F       F         F     F        F
request_redaction         F         F         F     F    F       F         A     F        F
approve_redaction         A         F         F     F    F       F         A     F        F
request_suppression       A         A         F     F    F       F         A     F        F
approve_suppression       A         F         F     F    F       F         A     F        F
dispute                   F         F         A     A    F       F         F     F        F
reply_to_dispute          A         F         A     A    F       F         F     F        F
propose_words             A         F         A     A    F       F         F     F        F
agree_to_words            A         F         A     A    F       F         F     F        F
settle_dispute            A         F         F     F    F       F         F     F        F
withdraw_dispute          F         F         A     A    F       F         F     F        F
ask_question              A         F         A     A    F       F         F     F        F
answer_question           A         F         A     A    F       F         F     F        F
"""

# R reads, o only what is about its own force, a dash nothing.
READING = """
                          inspector publisher force body auditor reporting admin importer public
published                 R         R         R     R    R       R         R     R        R
history                   R         R         o     o    R       -         R     -        -
worklist                  R         -         -     -    R       -         -     -        -
ledger                    R         -         -     -    R       -         R     -        -
access                    -         -         -     -    R       -         R     -        -
people                    -         -         -     -    R       -         R     -        -
colleagues                R         -         -     -    R       -         R     -        -
contacts                  R         -         -     -    -       -         R     -        -
"""

WHO: dict[str, Actor] = {
    "inspector": Actor("inspector-1", Role.INSPECTOR),
    "publisher": Actor("publisher-1", Role.PUBLISHER),
    "force": Actor("kent-liaison", Role.FORCE, "kent"),
    "body": Actor("kent-pcc", Role.LOCAL_POLICING_BODY, "kent"),
    "auditor": Actor("auditor-1", Role.AUDITOR),
    "reporting": Actor("reporting-1", Role.REPORTING),
    "admin": Actor("admin-1", Role.ADMIN),
    "importer": Actor("importer-1", Role.IMPORTER),
    "public": PUBLIC,
}
OF_ONE_FORCE = ("force", "body")
COMMAND: dict[str, type[Command]] = {
    str(command.__struct_config__.tag): command
    for command in (*get_args(RecommendationCommand), *get_args(ReportCommand))
}


def cells(table: str) -> list[tuple[str, str, str]]:
    head, *rows = (line.split() for line in table.strip().splitlines())
    return [
        (row[0], actor, cell) for row in rows for actor, cell in zip(head, row[1:], strict=True)
    ]


def refusal(actor: Actor, command: type[Command], addressee: Code) -> str:
    """The letter of what somebody is told."""
    try:
        require(actor, command, addressee)
    except Forbidden:
        return "F"
    except NotFound:
        return "H"
    return "A"


@pytest.mark.parametrize(("command", "actor", "letter"), cells(DOING))
def test_each_role_gives_the_commands_in_the_table(command: str, actor: str, letter: str) -> None:
    other = "H" if actor in OF_ONE_FORCE else letter
    for addressee, expected in (("kent", letter), ("essex", other), ("national", other)):
        verdict = may(WHO[actor], COMMAND[command], addressee)
        assert verdict.name[0] == expected
        assert refusal(WHO[actor], COMMAND[command], addressee) == expected


@pytest.mark.parametrize(("sight", "actor", "cell"), cells(READING))
def test_each_role_reads_what_the_table_allows(sight: str, actor: str, cell: str) -> None:
    own, other = cell in "Ro", cell == "R"
    assert may_read(WHO[actor], ReadPermission(sight), "kent") is own
    assert may_read(WHO[actor], ReadPermission(sight), "essex") is other
    assert may_read(WHO[actor], ReadPermission(sight)) is other


def test_an_actor_without_a_force_belongs_to_no_force() -> None:
    for role in (Role.FORCE, Role.LOCAL_POLICING_BODY):
        nobody = Actor("somebody", role)
        assert not may_read(nobody, ReadPermission.HISTORY, "kent")
        assert not may_read(nobody, ReadPermission.HISTORY)
        assert may(nobody, COMMAND["comment"], "kent") is Verdict.HIDDEN


@pytest.mark.parametrize(
    ("actor", "readable"),
    [
        ("force", [Role.FORCE]),
        ("body", [Role.LOCAL_POLICING_BODY]),
        ("inspector", [*Role]),
        ("publisher", [*Role]),
        ("auditor", [*Role]),
        ("admin", [*Role]),
        ("reporting", []),
        ("importer", []),
        ("public", []),
    ],
)
def test_the_remarks_of_others_are_hidden_between_parties(actor: str, readable: list[Role]) -> None:
    tag = "recommendation.commented"
    assert [by for by in Role if may_read_note(WHO[actor], tag, by, "kent")] == readable


def test_a_party_reads_every_other_note_of_its_own() -> None:
    for actor in OF_ONE_FORCE:
        for by in Role:
            assert may_read_note(WHO[actor], "recommendation.claim_returned", by, "kent")
            assert not may_read_note(WHO[actor], "recommendation.claim_returned", by, "essex")
            assert not may_read_note(WHO[actor], "recommendation.commented", by, "essex")


def test_the_notes_of_a_dispute_are_for_its_party_and_the_inspectorate_alone() -> None:
    tag = "recommendation.dispute_replied"
    for by in Role:
        assert not may_read_note(WHO["force"], tag, by, "kent", "local_policing_body")
        assert not may_read_note(WHO["body"], tag, by, "kent", "force")
        assert may_read_note(WHO["force"], tag, by, "kent", "force")
        assert may_read_note(WHO["body"], tag, by, "kent", "local_policing_body")
        assert may_read_note(WHO["inspector"], tag, by, "kent", "force")
        assert not may_read_note(WHO["force"], tag, by, "essex", "force")
        assert not may_read_note(WHO["public"], tag, by, "kent", "force")


def test_every_command_has_its_roles() -> None:
    unions = {*get_args(RecommendationCommand), *get_args(ReportCommand)}
    assert set(COMMANDS) == unions == {COMMAND[name] for name, _, _ in cells(DOING)}


def test_every_role_and_every_permission_to_read_is_in_the_tables() -> None:
    assert {actor.role for actor in WHO.values()} == set(Role)
    assert (
        set(WHO)
        == {actor for _, actor, _ in cells(DOING)}
        == {actor for _, actor, _ in cells(READING)}
    )
    assert (
        set(READ_PERMISSIONS)
        == set(ReadPermission)
        == {ReadPermission(name) for name, _, _ in cells(READING)}
    )


def test_every_command_may_be_given_by_some_role() -> None:
    assert all(COMMANDS.values())


def test_verdicts_keep_their_released_names() -> None:
    assert [*Verdict] == ["allowed", "forbidden", "hidden"]
    names = "published history worklist ledger access people colleagues contacts"
    assert [str(permission) for permission in ReadPermission] == names.split()
