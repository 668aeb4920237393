"""The folders of PostgreSQL's files: `pg18` for version 18. Only those of one version are used."""

import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

SOCKET_BYTES_MAX = 103 - len("/.s.PGSQL.5432")
"""The longest name of the socket's folder.

A socket's name may have 103 bytes on macOS and 107 on Linux.
"""
_PLAIN = re.compile(rb"/[A-Za-z0-9/._ -]*")
"""A name that every locale reads alike, and that no list or connection string has to quote."""


class WrongVersion(Exception):  # noqa: N818  says what is the matter
    """The files are from another version than the programs. Says which, and what to do."""


def majors_in(base: Path) -> set[int]:
    """Return the versions of which a folder has files."""
    return {int(path.name[2:]) for path in base.glob("pg*") if path.name[2:].isdigit()}


def restored(data: Path) -> Path:
    """Return the place of complete files that are about to replace others."""
    return data.with_suffix(".restored")


def exist(data: Path, major: int) -> bool:
    """Return whether there are files of a version; complete a replacement cut short by a kill.

    Raises WrongVersion if there are files of a newer version, or only of an older one.
    """
    majors = majors_in(data.parent)
    if newer := [other for other in majors if other > major]:
        raise WrongVersion(
            f"its data is from PostgreSQL {max(newer)}, newer than the programs, which are "
            f"{major}: unset PG_BIN, or set it to the folder of matching programs"
        )
    if data.exists():
        return True
    if restored(data).exists():
        restored(data).rename(data)
        return True
    if majors:
        raise WrongVersion(
            f"its data is from PostgreSQL {max(majors)}, older than the programs, which are "
            f"{major}: run `tracker upgrade-database`, or set PG_BIN to the folder of matching "
            "programs"
        )
    return False


def socket_folder(base: Path, owner: int) -> Path:
    """Return the folder of the server's socket, the same for every process of an owner.

    It is outside the data folder if the name of that is too long, or not plain ASCII.
    """
    folder = base / "socket"
    name = os.fsencode(folder)
    if len(name) <= SOCKET_BYTES_MAX and _PLAIN.fullmatch(name):
        return folder
    # TMPDIR differs between processes, which must meet at the same place.
    return Path("/tmp", f"tracker-{owner}-{short_digest(base)}")  # noqa: S108  see `is_alone`


def is_alone(folder: Path, owner: int) -> bool:
    """Return whether a path is a real folder that its owner alone can enter."""
    status = folder.lstat()
    is_owners = stat.S_ISDIR(status.st_mode) and status.st_uid == owner
    return is_owners and not status.st_mode & 0o077


def keep_to_owner(home: Path) -> None:
    """Let nobody but its owner change a folder, and thereby put files in place of ours.

    Raises PermissionError if it is somebody else's.
    """
    mode = home.stat().st_mode
    if mode & 0o022:
        home.chmod(stat.S_IMODE(mode) & ~0o022)


def short_digest(path: Path) -> str:
    """Return a short name for a path: 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def made_empty(folder: Path, account: int | None) -> Path:
    """Return a new and empty folder, for its owner only."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account, account)
    return folder
