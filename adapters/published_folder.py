"""A folder that is replaced as a whole, for a web server: the former one is there until then.

Its place is a symbolic link to a hidden folder beside it. The next one is written beside both, and
one rename leads the link there: whenever the work stops, the place has a whole folder.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp

SUMS = "SHA256SUMS"
"""The file with the SHA-256 of every other, as `sha256sum --check` reads it."""
FILE_RIGHTS, FOLDER_RIGHTS = 0o644, 0o755
"""A web server may read them, whatever the umask."""


@contextmanager
def replaced_folder(path: Path) -> Generator[Path]:
    """Yield a folder that takes a place, whole and durable, only if the context ends well.

    SHA256SUMS is added to its files. Another that is written to the same place waits. Raises
    FileExistsError if anything but such a folder, or an empty one, is there; OSError otherwise.
    """
    whole = path.absolute()
    place = whole.parent.resolve(strict=True) / whole.name
    with _alone(place.parent):
        former = _former(place)
        for left in _folders_of(place):
            if left != former:  # of a run that was interrupted
                _remove(left)
        folder = Path(mkdtemp(dir=place.parent, prefix=_prefix(place)))
        link = folder.with_name(f"{folder.name}.link")
        try:
            yield folder
            _complete(folder)
            link.symlink_to(folder.name)
            if former is None and place.is_dir() and not place.is_symlink():
                place.rmdir()  # an empty one: a link cannot be renamed over it
            link.replace(place)
        except BaseException:
            _remove(folder)
            _remove(link)
            raise
        _sync(place.parent)
        if former:
            _remove(former)


def _prefix(place: Path) -> str:
    return f".{place.name}-published-"


def _folders_of(place: Path) -> Iterator[Path]:
    """Yield what was written beside a place, for it."""
    ours = re.compile(rf"{re.escape(_prefix(place))}[a-z0-9_]+(\.link)?")
    yield from (item for item in place.parent.iterdir() if ours.fullmatch(item.name))


def _former(place: Path) -> Path | None:
    """Return the folder that a place leads to, if any. Raises FileExistsError if it is not ours."""
    if place.is_symlink():
        target = place.parent / place.readlink()
        if target not in {*_folders_of(place)}:
            raise FileExistsError(f"{place} is a link to {place.readlink()}, not a folder of ours")
        if not target.exists():
            return None
        names = {item.name for item in target.iterdir()}
        if others := sorted(names - _listed(target) - {SUMS}):
            raise FileExistsError(f"{place} holds other things, such as {others[0]}")
        return target
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise FileExistsError(f"{place} is there already, and was not made by this command")
    return None


def _listed(folder: Path) -> set[str]:
    """Return the names that a folder's SHA256SUMS lists; none if it has no such file."""
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return set()
    return {line.partition("  ")[2] for line in lines}


def _complete(folder: Path) -> None:
    """Add the sums, let anybody read the files, and bring all to the disk."""
    lines: list[str] = []
    for file in sorted(folder.iterdir()):
        with file.open("rb") as content:
            lines.append(f"{file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    (folder / SUMS).write_text("".join(lines), "utf-8")
    for file in folder.iterdir():
        file.chmod(FILE_RIGHTS)
        _sync(file)
    folder.chmod(FOLDER_RIGHTS)
    _sync(folder)


def _remove(item: Path) -> None:
    if item.is_symlink():
        with suppress(FileNotFoundError):
            item.unlink()
        return
    shutil.rmtree(item, ignore_errors=True)


@contextmanager
def _alone(parent: Path) -> Generator[None]:
    """Hold a lock of a folder, which ends with the process."""
    opened = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
