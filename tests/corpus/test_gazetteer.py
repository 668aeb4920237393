"""Forces, bodies, places and postcodes are found by their names, and never guessed."""

from collections import Counter

import pytest

from adapters.corpus.gazetteer.finder import leads, near_leads
from adapters.corpus.gazetteer.names import (
    bodies_named,
    force_and_rest,
    forces_named,
    names,
    other_names,
)
from adapters.corpus.gazetteer.place import places_named
from adapters.corpus.gazetteer.postcode import postcode_match
from adapters.corpus.gazetteer.tables import (
    force_names,
    places,
    policing_bodies,
    postcodes,
)
from domain.vocabulary.forces import ADDRESSEES, FORCES, TRAINING_FORCES


@pytest.mark.parametrize("code", FORCES)
def test_a_force_is_found_by_each_of_its_names_and_leads(code: str) -> None:
    for name in force_names():
        if name.force == code:
            for typed in (name.name, name.name.upper(), name.name.replace("-", " ")):
                match = forces_named(typed)[0]
                assert (match.force, match.whole) == (code, True), typed


@pytest.mark.parametrize("code", FORCES)
def test_a_force_is_found_by_its_name_in_other_spellings(code: str) -> None:
    name = FORCES[code].name
    for typed in (
        name.replace(" and ", " & "),
        name.replace(" & ", " and "),
        name.replace("-", "–"),  # noqa: RUF001
        name.replace(" ", "\u00a0").lower(),
        name.replace(" ", ""),
        f"  The {name}. ",
        name.split(" Police")[0].split(" Constabulary")[0],
    ):
        assert [match.force for match in forces_named(typed) if match.whole] == [code], typed


@pytest.mark.parametrize("code", FORCES)
def test_a_force_is_found_though_a_letter_is_missing_or_two_are_swapped(code: str) -> None:
    short = next(name.name for name in names(training=False) if name.force == code)
    for at in range(len(short) - 1):
        for typed in (
            short[:at] + short[at + 1 :],
            short[:at] + short[at + 1] + short[at] + short[at + 2 :],
        ):
            exact = leads(typed)
            near = near_leads(typed).forces if not exact.exact else ()
            assert code in {match.force for match in (*exact.forces, *near)}, typed


@pytest.mark.parametrize(
    ("q", "codes"),
    [
        ("police greater", ["greater-manchester"]),
        ("avon som", ["avon-and-somerset"]),
        ("bristol", ["avon-and-somerset"]),
        ("yorkshire", ["north-yorkshire", "west-yorkshire", "south-yorkshire"]),
        ("national", ["national"]),
        *((q, []) for q in ("kent zebra", "%%%", "?", "training", "ent", "police", "b", "“”")),
    ],
)
def test_a_force_is_found_by_the_beginnings_of_its_name_alone(q: str, codes: list[str]) -> None:
    assert [match.force for match in forces_named(q)] == codes


def test_in_training_only_its_forces_are_found() -> None:
    assert [m.force for m in forces_named("ambleford", training=True)] == ["training-ambleford"]
    assert forces_named("kent", training=True) == []
    assert leads("newport", training=True) == leads("zebra", training=True)
    assert set(ADDRESSEES) - set(FORCES) - {"national"} == set(TRAINING_FORCES)


def test_no_name_is_of_two_forces() -> None:
    for name in force_names():
        assert len({match.force for match in forces_named(name.name)}) == 1, name.name


def test_every_district_is_found_once_in_one_force() -> None:
    districts = [row for row in places() if row.kind == "district"]
    assert len(districts) == 318
    assert set(Counter(row.name for row in districts).values()) == {1}
    for row in districts:
        assert row.district == row.name
        assert row.force in {place.force for place in places_named(row.name)}
    assert {row.force for row in districts} == set(FORCES)


def test_every_force_has_at_least_five_places() -> None:
    counts = Counter(row.force for row in places())
    assert set(counts) == set(FORCES)
    assert min(counts.values()) >= 5


def test_a_name_of_several_places_asks_and_a_district_or_force_answers() -> None:
    asked_about = places_named("Newport")
    assert [(row.district, row.force) for row in asked_about] == [
        ("Newport", "gwent"),
        ("Isle of Wight", "hampshire"),
        ("Telford and Wrekin", "west-mercia"),
        ("Pembrokeshire", "dyfed-powys"),
        ("Uttlesford", "essex"),
        ("East Riding of Yorkshire", "humberside"),
    ]
    for typed in ("newport isle of wight", "Newport, Hampshire"):
        assert [row.force for row in places_named(typed)] == ["hampshire"]
    assert places_named("Newport, Kent") == []


@pytest.mark.parametrize(
    ("q", "force"),
    [
        ("Leeds", "west-yorkshire"),
        ("police in leeds", "west-yorkshire"),
        ("Caerdydd", "south-wales"),
        ("ynys mon", "north-wales"),
        ("St. Albans", "hertfordshire"),
        ("saint albans", "hertfordshire"),
        ("Stoke on Trent", "staffordshire"),
        ("kings lynn", "norfolk"),
    ],
)
def test_a_place_leads_to_its_force(q: str, force: str) -> None:
    assert {row.force for row in places_named(q)} == {force}


@pytest.mark.parametrize(
    ("q", "postcode", "forces"),
    [
        ("PO30 1AB", "PO30", ["hampshire"]),
        ("po301ab", "PO30", ["hampshire"]),
        ("po30", "PO30", ["hampshire"]),
        ("AL5 1", "AL5 1", ["hertfordshire"]),
        ("AL5 1ZZ", "AL5 1", ["hertfordshire"]),
        ("al51zz", "AL5 1", ["hertfordshire"]),
        ("AL5 3", "AL5 3", ["hertfordshire", "bedfordshire"]),
        ("SW1A 1AA", "SW1A", ["metropolitan"]),
        ("E11", "E11", ["metropolitan"]),
    ],
)
def test_a_postcode_leads_to_its_forces(q: str, postcode: str, forces: list[str]) -> None:
    match = postcode_match(q)
    assert match
    assert (match.area.postcode, list(match.area.forces)) == (postcode, forces)


@pytest.mark.parametrize("q", ["KENT", "ZZ9", "", "A12 345", "PO30 1ABC", "'; --", "٣", "M1" * 9])
def test_other_words_are_no_postcode(q: str) -> None:
    assert postcode_match(q) is None


def test_a_divided_district_asks_for_one_more_character() -> None:
    for area in list(postcodes().values()):
        if " " in area.postcode or not any(sign.isdigit() for sign in area.postcode):
            continue
        match = postcode_match(area.postcode)
        assert match
        assert bool(match.narrower) == (len(area.forces) > 1), area
        for sector in match.narrower:
            assert set(sector.forces) <= {*area.forces, *area.few}, sector
            assert 98 <= sum(sector.shares) <= 101, sector
            again = postcode_match(sector.postcode)
            assert again
            assert (again.area, again.narrower) == (sector, ())


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("kent pcc", "Police and Crime Commissioner for Kent"),
        ("Police & Crime Commissioner for Kent", "Police and Crime Commissioner for Kent"),
        ("Kent Police Authority", "Kent Police Authority"),
        ("MOPAC", "Mayor's Office for Policing and Crime"),
        ("npcc", "National Police Chiefs' Council"),
        ("national police chiefs’ council", "National Police Chiefs' Council"),  # noqa: RUF001
        ("Home Office", "Home Office"),
        ("college of policing", "College of Policing"),
    ],
)
def test_a_body_is_found_by_its_name(q: str, name: str) -> None:
    assert [body.name for body in bodies_named(q)] == [name]


@pytest.mark.parametrize("body", policing_bodies())
def test_every_body_is_found_by_its_own_name(body: object) -> None:
    assert body in bodies_named(getattr(body, "name"))  # noqa: B009  of any of them


@pytest.mark.parametrize("q", ["kent", "police", "avon and somerset police", "a", ""])
def test_a_force_is_not_taken_for_its_body(q: str) -> None:
    assert bodies_named(q) == []


@pytest.mark.parametrize(
    ("q", "parts"),
    [
        ("kent missing children", ("kent", "missing children")),
        ("missing children Essex Police", ("essex", "missing children")),
        ("Devon & Cornwall “plans”", ("devon-and-cornwall", "“plans”")),
        ("kent", None),
        ("Kent Police", None),
        ("missing children", None),
    ],
)
def test_a_question_may_begin_or_end_with_a_force(q: str, parts: tuple[str, str] | None) -> None:
    assert force_and_rest(q) == parts


def test_a_name_without_a_source_is_never_among_the_names_of_a_force() -> None:
    listed = {(name.force, name.name) for code in FORCES for name in other_names(code)}
    unsourced = {(name.force, name.name) for name in force_names() if not name.source}
    assert unsourced
    assert not listed & unsourced
    assert ("hampshire", "Hampshire and Isle of Wight Constabulary") in listed
    assert ("north-wales", "Heddlu Gogledd Cymru") in listed
    assert {"GMP", "Met Police"}.isdisjoint(name for _force, name in listed)
