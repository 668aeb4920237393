"""Settings are checked together, before the service listens."""

from pathlib import Path

import pytest

from adapters.postgres.database import Database
from adapters.secret_files import SECRETS, SettingsError
from adapters.settings import read

TENANT = "11111111-2222-3333-4444-555555555555"
PROVIDER = {
    "TRACKER_DATA": "/tmp",  # noqa: S108  nothing is written there
    "TRACKER_OIDC_ISSUER": "https://id.example",
    "TRACKER_OIDC_CLIENT_ID": "tracker",
    "TRACKER_OIDC_CLIENT_SECRET": "s3cret",
    "TRACKER_PUBLIC_URL": "https://tracker.example",
}


def test_a_service_without_a_provider_listens_only_on_the_loopback() -> None:
    for host in ("127.0.0.1", "127.0.0.2", "::1"):
        assert read({"TRACKER_HOST": host}).provider is None
    for host in ("0.0.0.0", "::", "192.0.2.1"):  # noqa: S104  it is refused
        with pytest.raises(SettingsError, match="TRACKER_OIDC_ISSUER") as refused:
            read({"TRACKER_HOST": host})
        assert host in str(refused.value)
    assert read({"TRACKER_PUBLIC_URL": "http://127.0.0.1:8000"}).provider is None
    with pytest.raises(SettingsError, match=r"tracker\.example.*TRACKER_OIDC_ISSUER"):
        read({"TRACKER_PUBLIC_URL": "https://tracker.example"})


def test_a_service_with_a_provider_behind_tls_listens_anywhere() -> None:
    everywhere = {"TRACKER_HOST": "0.0.0.0"}  # noqa: S104  that is the question
    found = read({**PROVIDER, **everywhere}).provider
    assert found
    assert found.redirect_uri == "https://tracker.example/sign-in/callback"
    assert found.secret.text == "s3cret"
    with pytest.raises(SettingsError, match="https"):
        read({**PROVIDER, **everywhere, "TRACKER_PUBLIC_URL": "http://127.0.0.1:8000"})


@pytest.mark.parametrize("name", [name for name in PROVIDER if name != "TRACKER_DATA"])
def test_a_provider_is_configured_completely_or_not_at_all(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read({**PROVIDER, name: ""})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TRACKER_OIDC_ISSUER": "http://id.example"}, "TRACKER_OIDC_ISSUER"),
        ({"TRACKER_OIDC_ISSUER": "https://user:pass@id.example"}, "TRACKER_OIDC_ISSUER"),
        ({"TRACKER_OIDC_ISSUER": "id.example"}, "TRACKER_OIDC_ISSUER"),
        ({"TRACKER_OIDC_ISSUER": "https://id.example/{tenantid}/v2.0"}, "TRACKER_OIDC_TENANTS"),
        ({"TRACKER_OIDC_TENANTS": "common"}, "common"),
        ({"TRACKER_OIDC_TENANTS": f"{TENANT},organizations"}, "organizations"),
        ({"TRACKER_PUBLIC_URL": "http://tracker.example"}, "TRACKER_PUBLIC_URL"),
        ({"TRACKER_PUBLIC_URL": "https://tracker.example/path"}, "TRACKER_PUBLIC_URL"),
        ({"TRACKER_PUBLIC_URL": "https://a:99999"}, "TRACKER_PUBLIC_URL"),
        ({"TRACKER_OIDC_CLIENT_SECRET_FILE": "/dev/null"}, "set only one"),
        ({"TRACKER_HOST": "tracker.example"}, "TRACKER_HOST"),
        ({"TRACKER_SESSION_IDLE": "61"}, "TRACKER_SESSION_IDLE"),
        ({"TRACKER_SESSION_IDLE": "4"}, "TRACKER_SESSION_IDLE"),
        ({"TRACKER_CONTACT": "help"}, "TRACKER_CONTACT"),
        ({"TRACKER_CONTACT": "http://tracker.example/help"}, "TRACKER_CONTACT"),
        ({"TRACKER_CONTACT": "javascript:alert(1)"}, "TRACKER_CONTACT"),
        ({"TRACKER_CONTACT": "help@tracker.example?bcc=a@b.example"}, "TRACKER_CONTACT"),
        ({"TRACKER_SESSION_MAX": "13"}, "TRACKER_SESSION_MAX"),
        ({"TRACKER_SESSION_MAX": "0"}, "TRACKER_SESSION_MAX"),
        ({"TRACKER_SCAN": "clamd.sock"}, "TRACKER_SCAN is invalid: clamd.sock: give host:port"),
        ({"TRACKER_SCAN": "127.0.0.1:99999"}, "TRACKER_SCAN"),
    ],
)
def test_an_insecure_setting_is_named(changed: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read({**PROVIDER, **changed})


def test_documents_are_scanned_only_where_a_scanner_is_configured() -> None:
    assert read({}).scanner is None
    for address in (":3310", "/run/clamav/clamd.ctl"):
        assert read({"TRACKER_SCAN": address}).scanner


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_be_read_from_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    variables = {**PROVIDER, f"{name}_FILE": str(file)}
    variables.pop(name, None)
    with pytest.raises(SettingsError, match=f"Cannot read {name}_FILE"):
        read(variables)
    file.write_text(" \n")
    with pytest.raises(SettingsError, match=f"{name}_FILE must contain a secret"):
        read(variables)
    file.write_bytes(b"\xff\n")
    with pytest.raises(SettingsError, match=f"Cannot read {name}_FILE"):
        read(variables)
    file.write_text("postgresql://tracker:s3cret@db/tracker\n")
    value = getattr(read(variables), name)
    assert (value if isinstance(value, str) else value.text) == (
        "postgresql://tracker:s3cret@db/tracker"
    )
    with pytest.raises(SettingsError, match=f"{name} and {name}_FILE are both set"):
        read({**variables, name: "other"})


def test_the_client_secret_is_not_in_the_repr_of_settings() -> None:
    found = read(PROVIDER)
    assert "s3cret" not in repr(found) + str(found.provider)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_the_password_of_a_database_is_in_no_repr(name: str) -> None:
    url = "postgresql://tracker:s3cret@db.example/tracker"
    chosen = read({"TRACKER_DATA": "/", name: url})
    shown = f"{chosen!r} {Database(url, url)!r}"
    assert "s3cret" not in shown
    assert "TRACKER_PORT=8000" in shown
    assert "db.example" in shown
