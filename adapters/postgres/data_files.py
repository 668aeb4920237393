"""The folders of PostgreSQL's files: `pg18` for version 18. Only those of one version are used."""

from pathlib import Path


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
