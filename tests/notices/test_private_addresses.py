"""Private addresses: they open what their owner may read now, to nobody else, until revoked."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx
import psycopg
import pytest
from structlog.testing import capture_logs

from adapters.postgres.database import OWNER, Database
from adapters.work.private_addresses import EACH_MAX, OWNER_AWAY
from domain.vocabulary.actors import Actor, Role
from tests.support.data.examples import ADMIN, INSPECTOR, KENT, OTHER_INSPECTOR, issue
from tests.support.served.browser import Browser
from tests.support.served.forms import words_of
from tests.support.served.serving import AUDITOR, Service, command, published

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"
NOTE = "Canary in a note."


class Owner:
    """A person who has saved a filter, and has an address for its changes."""

    def __init__(self, service: Service, database: Database, actor: Actor, query: str) -> None:
        self.service, self.browser = service, Browser(service).sign_in(database, actor)
        name = f"My {actor.role} list"
        self.post("/work/filters", path="/recommendations", query=query, name=name)
        self.made = self.post("/work/addresses", kind="changes", name=name)
        self.address = shown_in(self.made)

    def post(self, path: str, /, **fields: str) -> httpx.Response:
        """Send a form as the person."""
        return self.browser.post(path, {"_csrf": self.browser.csrf, **fields})

    def read(self) -> httpx.Response:
        """Read the address as a program does, without a cookie."""
        return self.service.client.get(self.address)

    def titles(self) -> list[str]:
        """Return the titles of what the address tells."""
        answer = self.read()
        assert answer.status_code == 200, answer.text
        root = ET.fromstring(answer.content)  # noqa: S314  our own
        return [e.findtext(f"{ATOM}title") or "" for e in root.iter(f"{ATOM}entry")]

    def identity(self) -> str:
        """Return the id of the person's only address."""
        (identity,) = re.findall(r"/work/addresses/([0-9a-f-]{36})/revoke", self.page())
        return str(identity)

    def page(self) -> str:
        """Return the page of the person's addresses."""
        return self.browser.get("/work/addresses").text


def shown_in(answer: httpx.Response) -> str:
    """Return the address that a page shows."""
    assert answer.status_code == 200, answer.text
    (address,) = re.findall(r"<code>(http[^<]+/private/[^<]+)</code>", answer.text)
    return str(address)


def give(service: Service, stream: str, actor: Actor, tag: str, **fields: object) -> None:
    answer = command(service, stream, actor, tag, **fields)
    assert answer.status_code == 201, answer.text
    position = answer.json()["position"]
    assert service.get(f"/v1/recommendations?position={position}&limit=1").is_success


@pytest.fixture(scope="module")
def stream(service: Service) -> str:
    """A recommendation to Kent with a public step, a step inside, and a note in each."""
    made = published(service, "kent-private-2022", issue(text="Answer calls."))
    stream = made.recommendations[0]
    give(service, stream, KENT, "receive_action_plan", answer="act", content=NOTE)
    give(service, stream, KENT, "comment", comment=NOTE)
    return stream


@pytest.fixture(scope="module")
def owners(service: Service, make_database: Database, stream: str) -> dict[Actor, Owner]:
    assert stream
    people = (INSPECTOR, KENT, AUDITOR)
    return {p: Owner(service, make_database, p, "force=kent&open=true") for p in people}


def set_role(database: Database, actor: Actor, role: Role, force: str | None = None) -> None:
    """Change the role of a person, as a sign-in does."""
    with psycopg.connect(database.conninfo(OWNER)) as connection:
        connection.execute(
            "UPDATE people SET role = %s, force = %s WHERE actor = %s", (role, force, actor.id)
        )


def test_an_address_tells_its_owner_of_steps_inside_but_of_no_note(
    owners: dict[Actor, Owner],
) -> None:
    inside = "A remark was added. Answer calls."
    for actor in (INSPECTOR, KENT):
        titles = owners[actor].titles()
        assert "Came into the list. Issued in the inspection report. Answer calls." in titles
        assert inside in titles
    assert inside not in owners[AUDITOR].titles(), "an auditor's reading would be on record"
    for owner in owners.values():
        assert NOTE not in owner.read().text


def test_an_address_is_answered_to_one_reader_and_kept_by_no_cache(
    owners: dict[Actor, Owner],
) -> None:
    answer = owners[KENT].read()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert owners[KENT].made.headers["Cache-Control"] == "no-store"


def test_another_person_with_another_sign_in_reads_as_the_owner_of_the_address(
    service: Service, owners: dict[Actor, Owner]
) -> None:
    path = owners[KENT].address.removeprefix(service.url)
    as_kent = owners[KENT].read().content
    assert service.get(path, AUDITOR).content == as_kent
    assert owners[INSPECTOR].browser.get(path).content == as_kent


def test_the_secret_is_in_no_log_no_table_and_no_other_page(
    make_database: Database, owners: dict[Actor, Owner]
) -> None:
    owner = owners[KENT]
    secret = owner.address.split("/")[-2]
    assert len(secret) == 43
    with capture_logs() as logs:
        owner.read()
        owner.service.client.get(f"{owner.address}?archive=9")
        owner.service.client.get(f"{owner.address}?archive=x")
        owner.service.client.get(f"{owner.address}x")
    assert logs
    assert secret not in repr(logs)
    assert "/private/{secret}/changes.atom" in repr(logs)
    assert secret not in owner.page()
    with psycopg.connect(make_database.conninfo(OWNER)) as connection:
        rows = connection.execute("SELECT * FROM private_addresses").fetchall()
    assert rows
    assert secret not in repr(rows)


def test_a_wrong_secret_opens_nothing_and_says_nothing(
    service: Service, owners: dict[Actor, Owner]
) -> None:
    right = owners[KENT].address
    for wrong in (
        right.replace("/private/", "/private/x"), right.replace("changes.atom", "deadlines.ics"),
        f"{service.url}/private/{'a' * 500}/changes.atom", f"{service.url}/private/é/changes.atom",
    ):  # fmt: skip
        answer = service.client.get(wrong)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_the_page_says_what_an_address_shows_and_on_which_day_it_was_read(
    service: Service, make_database: Database
) -> None:
    owner = Owner(service, make_database, OTHER_INSPECTOR, "force=essex")
    words = words_of(owner.browser.get("/work/addresses"))
    assert "Changes in your list “My inspector list”" in words
    assert "Not read yet." in words
    owner.titles()
    assert "Last read on" in words_of(owner.browser.get("/work/addresses"))
    assert "Answer calls" not in owner.read().text, "the list is of Essex"


def test_an_address_keeps_its_filter_whatever_is_saved_or_deleted_later(
    service: Service, make_database: Database, stream: str
) -> None:
    owner = Owner(service, make_database, Actor("keeper", Role.INSPECTOR), "force=kent")
    before = owner.titles()
    assert stream
    assert before
    owner.post("/work/filters/delete", name="My inspector list")
    assert owner.titles() == before


def test_whoever_loses_their_role_reads_nothing_and_in_another_role_what_it_may(
    service: Service, make_database: Database, owners: dict[Actor, Owner]
) -> None:
    owner = owners[KENT]
    inside = "A remark was added. Answer calls."
    try:
        set_role(make_database, KENT, Role.PUBLIC)
        assert owner.read().status_code == 404
        set_role(make_database, KENT, Role.FORCE, "essex")
        assert inside not in owner.titles()
        set_role(make_database, KENT, Role.PUBLISHER)
        assert inside in owner.titles()
    finally:
        set_role(make_database, KENT, Role.FORCE, "kent")
    assert inside in owner.titles()
    assert service.get("/health/live").is_success


def test_an_address_sleeps_while_its_owner_does_not_sign_in(
    make_database: Database, owners: dict[Actor, Owner]
) -> None:
    for away, status in ((OWNER_AWAY, 404), (OWNER_AWAY - timedelta(days=1), 200)):
        with psycopg.connect(make_database.conninfo(OWNER)) as connection:
            sql = "UPDATE people SET signed_in_at = now() - %s WHERE actor = %s"
            connection.execute(sql, (away, KENT.id))
        assert owners[KENT].read().status_code == status


def test_an_address_made_new_ends_the_old_one_and_only_its_owner_revokes_it(
    owners: dict[Actor, Owner],
) -> None:
    owner, other = owners[INSPECTOR], owners[KENT]
    identity, old = owner.identity(), owner.address
    for path in (f"/work/addresses/{identity}/renew", f"/work/addresses/{identity}/revoke"):
        assert other.post(path).status_code == 404
    owner.address = shown_in(owner.post(f"/work/addresses/{identity}/renew"))
    assert owner.address != old
    assert owner.service.client.get(old).status_code == 404
    assert owner.read().status_code == 200
    assert owner.post(f"/work/addresses/{identity}/revoke").status_code == 303
    assert owner.read().status_code == 404
    assert owner.post(f"/work/addresses/{identity}/revoke").status_code == 404
    assert "You have no private addresses." in words_of(owner.browser.get("/work/addresses"))


@pytest.mark.parametrize("ender", [ADMIN, OTHER_INSPECTOR], ids=["an administrator", "the person"])
def test_whoever_ends_all_sessions_of_a_person_revokes_their_addresses(
    service: Service, make_database: Database, ender: Actor
) -> None:
    owner = Owner(service, make_database, OTHER_INSPECTOR, "force=kent")
    assert owner.read().status_code == 200
    query = f"?actor={OTHER_INSPECTOR.id}" if ender is ADMIN else ""
    ended = service.client.delete(f"/v1/sessions{query}", headers=service.headers(ender))
    assert ended.status_code == 200, ended.text
    assert owner.read().status_code == 404


def test_a_person_has_a_limited_number_of_addresses(
    service: Service, make_database: Database
) -> None:
    owner = Owner(service, make_database, Actor("collector", Role.INSPECTOR), "")
    for _ in range(EACH_MAX - 1):
        assert owner.post("/work/addresses", kind="deadlines").status_code == 200
    refused = owner.post("/work/addresses", kind="deadlines")
    assert refused.status_code == 400
    assert f"You have {EACH_MAX} private addresses. Revoke one first." in words_of(refused)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"kind": "changes", "name": "None of mine"}, 404),
        ({"kind": "changes", "name": "As known"}, 404),
        ({"kind": "else"}, 404),
        ({"kind": "deadlines"}, 403),
    ],
)
def test_what_cannot_be_followed_gets_no_address(
    owners: dict[Actor, Owner], fields: dict[str, str], status: int
) -> None:
    owner = owners[AUDITOR]
    query = "known_at=2026-01-01T00:00:00Z"
    owner.post("/work/filters", path="/recommendations", query=query, name="As known")
    assert owner.post("/work/addresses", **fields).status_code == status
    assert "lists as known at one moment, cannot be followed" in words_of(
        owner.browser.get("/work/addresses")
    )


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("changed_since=2026-01-01T00:00:00Z", "A list of what changed since one moment cannot"),
        ("age_known=false", "A list by how well the date of issue says how old"),
        ("training=true", "Training, and lists as known at one moment, cannot be followed"),
    ],
)
def test_a_list_that_cannot_be_followed_says_its_own_reason(
    owners: dict[Actor, Owner], query: str, reason: str
) -> None:
    owner, name = owners[INSPECTOR], f"Not followed by {query.partition('=')[0]}"
    owner.post("/work/filters", path="/recommendations", query=query, name=name)
    shown = words_of(owner.browser.get("/work/addresses"))
    assert reason in shown.partition(name)[2][: len(reason) + 1]


def test_a_tool_has_no_private_addresses(service: Service) -> None:
    assert service.get("/work/addresses", INSPECTOR).status_code == 403
    headers = service.headers(INSPECTOR)
    answer = service.client.post("/work/addresses", data={"kind": "deadlines"}, headers=headers)
    assert answer.status_code == 403
