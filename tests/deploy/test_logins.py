"""The logins of deploy/logins.sql: each process works with the rights it has, and has no others."""

import base64
import hashlib
import hmac
import re
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import SQL, Identifier

from adapters.postgres.database import (
    APP,
    CHECKER,
    OPERATOR,
    OWNER,
    PROJECTOR,
    READER,
    Database,
    database,
)
from adapters.postgres.migrate import DatabaseUnusable, migrate, migrations
from adapters.postgres.upkeep.backup import take
from adapters.postgres.upkeep.bi_logins import PASSWORD_BYTES, Audience, make_login, remove_login
from api.cli.credentials import bi_login
from api.downloads.dataset.publishing import write_published
from projections.read_models import READ_MODELS
from projections.runtime.supervisor import Supervisor
from tests.conftest import connect_to
from tests.support.data.corpus_files import ignore
from tests.support.data.examples import INSPECTOR
from tests.support.served.serving import published, serving, settings, wait_for

LOGINS = (Path(__file__).parents[2] / "deploy" / "logins.sql").read_text("utf-8")
ROLES = (APP, READER, PROJECTOR, CHECKER, OPERATOR)
LOGIN_NAMES = (
    "tracker_migrate", "tracker_api", "tracker_project", "tracker_publish", "tracker_backup",
)  # fmt: skip


class Server:
    """A database with the logins, empty at first."""

    def __init__(self, owner: Database) -> None:
        self.owner = owner.conninfo(OWNER)

    def url(self, login: str) -> str:
        return make_conninfo(self.owner, user=login)

    def prepare(self) -> None:
        """Run the script as a superuser."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(LOGINS.encode())


@pytest.fixture
def prepared(server: str) -> Generator[Server]:
    if "host=/" not in server:
        pytest.skip("other logins of TEST_DATABASE_URL would need passwords")
    name, home = f"logins_{uuid4().hex}", connect_to(server, "tracker").conninfo(OWNER)
    with psycopg.connect(home, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        fresh = Server(connect_to(server, name))
        fresh.prepare()
        yield fresh
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        for login in LOGIN_NAMES:
            connection.execute(SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(Identifier(login)))


def test_only_the_owner_migrates_and_others_are_told_to_wait(prepared: Server) -> None:
    chosen = settings(DATABASE_URL=prepared.url("tracker_api"))
    with pytest.raises(DatabaseUnusable, match="run `tracker migrate` as its owner first"):
        database(chosen).__enter__()
    names = [step.name for step in migrations()]
    assert migrate(prepared.url("tracker_migrate")) == names
    prepared.prepare()  # again, as after an upgrade
    for login in ("tracker_api", "tracker_project", "tracker_publish", "tracker_migrate"):
        assert migrate(prepared.url(login)) == []


def test_the_logins_know_every_role_that_migrations_make() -> None:
    made = {
        role for step in migrations() for role in re.findall(r"CREATE ROLE (tracker_\w+)", step.sql)
    }
    assert made <= {*ROLES}
    audiences = [audience.role for audience in Audience]
    assert [role for role in (*ROLES, *audiences) if f"'{role}'" not in LOGINS] == []


def test_a_login_that_lacks_one_step_is_told_its_name(prepared: Server) -> None:
    last, before = migrations()[-1], migrations()[-2]
    migrate(prepared.url("tracker_migrate"), through=before.number)
    with pytest.raises(DatabaseUnusable, match=f"lacks schema step {last.name}, and tracker_proj"):
        migrate(prepared.url("tracker_project"))


@pytest.mark.parametrize(
    ("login", "roles"),
    [
        ("tracker_api", {APP, READER, OPERATOR}),
        ("tracker_project", {PROJECTOR, OPERATOR}),
        ("tracker_publish", {PROJECTOR, READER}),
        ("tracker_backup", set[str]()),
        ("tracker_migrate", {*ROLES}),
    ],
)
def test_a_login_becomes_the_roles_of_its_process_and_no_other(
    prepared: Server, login: str, roles: set[str]
) -> None:
    with psycopg.connect(prepared.url(login), autocommit=True) as connection:
        for role in ROLES:
            statement = SQL("SET ROLE {}").format(Identifier(role))
            if role in roles:
                connection.execute(statement)
            else:
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(statement)


def test_the_login_of_backups_copies_every_row_and_writes_none(
    prepared: Server, tmp_path: Path
) -> None:
    migrate(prepared.url("tracker_migrate"))
    tables = [
        take(Database(url, url), new_folder_in(tmp_path), ignore).manifest.tables
        for url in (prepared.url("tracker_backup"), prepared.url("tracker_migrate"))
    ]
    assert tables[0] == tables[1]
    with (
        psycopg.connect(prepared.url("tracker_backup")) as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM tokens")


def new_folder_in(folder: Path) -> Path:
    made = folder / uuid4().hex
    made.mkdir()
    return made


def test_the_owner_makes_and_removes_logins_that_read_by_sql(prepared: Server) -> None:
    owner = prepared.url("tracker_migrate")
    migrate(owner)
    make_login(owner, "kent_dashboards", Audience.FORCE, "kent")
    with psycopg.connect(prepared.url("kent_dashboards")) as connection:
        row = connection.execute("SELECT reporting.own_force()").fetchone()
    assert row == ("kent",)
    assert remove_login(owner, "kent_dashboards")
    assert not remove_login(owner, "kent_dashboards")
    assert not remove_login(owner, "tracker_api")


def test_the_command_makes_a_login_prints_its_password_and_removes_it(
    prepared: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", prepared.url("tracker_migrate"))
    named = ["kent_dashboards", "--audience", "force", "--force", "kent"]
    made = CliRunner().invoke(bi_login, named)
    assert made.exit_code == 0, made.output
    password = made.stdout.splitlines()[-1]  # after what is logged
    assert len(password) >= PASSWORD_BYTES
    with psycopg.connect(prepared.owner) as owner:
        row = owner.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = 'kent_dashboards'"
        ).fetchone()
    assert row is not None
    assert is_password(password, row[0])
    for words, status, said in (
        (named, 2, "There is a role kent_dashboards already: remove it first."),
        (["kent_dashboards"], 2, "Name its --audience."),
        (["other_dashboards", "--audience", "force"], 2, "names a police force"),
        (["kent_dashboards", "--remove"], 0, "Removed."),
        (["kent_dashboards", "--remove"], 1, "There is no such login kent_dashboards."),
        (["tracker_api", "--remove"], 1, "There is no such login tracker_api."),
    ):
        result = CliRunner().invoke(bi_login, words)
        assert (result.exit_code, said in result.output) == (status, True), result.output


def is_password(password: str, verifier: str) -> bool:
    """Return whether a verifier of PostgreSQL is that of a password (RFC 5802)."""
    _, salted, keys = verifier.split("$")
    iterations, salt = salted.split(":")
    secret = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(salt), int(iterations)
    )
    client = hmac.digest(secret, b"Client Key", "sha256")
    return base64.b64encode(hashlib.sha256(client).digest()).decode() == keys.partition(":")[0]


@pytest.mark.parametrize(
    ("name", "audience", "force"),
    [
        ("tracker_bi_kent", Audience.FORCE, "kent"),
        ("Kent", Audience.FORCE, "kent"),
        ("kent; DROP", Audience.FORCE, "kent"),
        ("kent_dashboards", Audience.FORCE, None),
        ("kent_dashboards", Audience.FORCE, "camelot"),
        ("kent_dashboards", Audience.FORCE, "training"),
        ("kent_dashboards", Audience.PUBLIC, "kent"),
        ("postgres_or_other", Audience.FORCE, "national"),
    ],
)
def test_a_login_that_reads_by_sql_has_a_plain_name_and_the_force_of_its_audience(
    prepared: Server, name: str, audience: Audience, force: str | None
) -> None:
    with pytest.raises(ValueError, match="login"):
        make_login(prepared.url("tracker_migrate"), name, audience, force)


@pytest.mark.slow
def test_the_service_records_lists_and_publishes_with_a_login_for_each_process(
    prepared: Server, tmp_path: Path
) -> None:
    owner = prepared.url("tracker_migrate")
    migrate(owner)
    api = Database(prepared.url("tracker_api"), owner)
    project = Database(prepared.url("tracker_project"), prepared.url("tracker_project"))
    with Supervisor(project, READ_MODELS), serving(api, keep=False) as service:
        wait_for(service.client, "/health/ready")
        report = published(service, "kent-logins-2026")
        listed = service.get(
            "/v1/recommendations", INSPECTOR, params={"position": str(report.position)}
        )
        publish = Database(prepared.url("tracker_publish"), prepared.url("tracker_publish"))
        data = write_published(tmp_path, publish, settings(), "", lambda _done, _of: None)
    assert [item["id"] for item in listed.json()["items"]] == report.recommendations
    assert data.about.position == report.position
