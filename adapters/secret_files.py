"""Secrets of the settings, which can be read from files."""

from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "TRACKER_OIDC_CLIENT_SECRET",
    "TRACKER_MAIL_SECRET",
)
"""Settings that can be read from the file that NAME_FILE names, and are never shown."""
SECRET_CHARACTERS_MAX = 4_096


class SettingsError(Exception):
    """A setting is invalid. The message names it, its value and what is allowed."""


def secrets_in_files(values: Mapping[str, str | Path]) -> dict[str, str]:
    """Return the secrets whose files are named, as by systemd's credentials and containers."""
    secrets: dict[str, str] = {}
    for name in SECRETS:
        file = f"{name}_FILE"
        if file not in values:
            continue
        if name in values:
            raise SettingsError(f"{name} and {file} are both set; set only one.")
        try:
            text = Path(values[file]).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"Cannot read {file}: {error}") from None
        if not 0 < len(text) <= SECRET_CHARACTERS_MAX:
            raise SettingsError(
                f"{file} must contain a secret of {SECRET_CHARACTERS_MAX} characters at most."
            )
        secrets[name] = text
    return secrets
