"""`bin/up`: the whole of Olympus on one machine, stopped in order by one Ctrl-C."""

import argparse
import http.client
import math
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from olympus.runtime import runfile
from olympus.runtime.address import PortTaken, connect_host, listen, network_url, page_url
from olympus.runtime.embedded import CannotRun, Postgres, Valkey
from olympus.runtime.measuring import begin_metrics
from olympus.runtime.places import PYTHON, ROOT, data_folder
from olympus.runtime.preparing import Preparation, is_migrated, note_migrated
from olympus.runtime.process import Program
from olympus.runtime.programs import web_arguments, worker_arguments
from olympus.runtime.sockets import make_socket_folder, remove_socket_folder
from olympus.runtime.supervisor import Failed, Stopped, Supervisor, report

_STORE_LIMIT_S = 60.0  # Postgres may have to replay its log after a crash
_PREPARE_STEP_S = 0.02
_READY_LIMIT_S = 90.0
_ASK_EVERY_S = 0.1
_WEB_GRACE_S = 4.0
_WORKER_MARGIN_S = 4.0  # beyond the drain: the last checkpoint, the scheduler's end


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """This will read bin/up's options."""
    parser = argparse.ArgumentParser(prog="bin/up", description="Start Olympus on this machine; Ctrl-C stops it.")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets other machines in (default: this machine only)",
    )
    parser.add_argument("--port", type=int, help="port to listen on (default: 8000, or the next that is free)")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder for everything Olympus keeps (default: OLYMPUS_DATA, else var/ in this checkout)",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """This will run Olympus until it is told to stop, and return the status to exit with."""
    options = parse_arguments(arguments)
    data = data_folder(options.data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        return _fail(f"{data} cannot hold Olympus' data: {problem.strerror}. Choose another folder with --data.")
    try:
        with runfile.held(data):
            return Stack(data, options.host, options.port).run()
    except runfile.AlreadyRunning:
        return _fail(
            f"Olympus is already running with the data in {data}. Stop it, or choose another folder with --data."
        )


class Stack:
    """The stores, the web process and the worker over one data folder."""

    def __init__(self, data: Path, host: str, port: int | None) -> None:
        self.data, self.host, self.port = data, host, port
        self.socket: socket.socket | None = None
        self.sockets: Path | None = None
        self.environment = {"DJANGO_SETTINGS_MODULE": "olympus.settings", "OLYMPUS_DATA": str(data)}
        # Apart, since commands beside this start do not count into its folder.
        self.metrics = begin_metrics(data)
        self.supervisor = Supervisor(data / "log", self._write_runfile)

    def run(self) -> int:
        """This will start everything, stay until told to stop, and stop everything."""
        status = 0
        try:
            self._start()
            self.supervisor.run()
        except Stopped:
            report("Stopping Olympus …")
        except (Failed, CannotRun, PortTaken) as problem:
            status = _fail(str(problem))
        finally:
            self._stop()
        if status == 0:
            report("Olympus has stopped. Your data is in " + str(self.data))
        return status

    def _start(self) -> None:
        self._listen()
        self._start_stores()
        has_schema = not os.environ.get("DATABASE_URL") and is_migrated(self.data / "postgres")
        link = "" if has_schema else self._prepare()
        self._start_product()
        self.supervisor.wait_for(self._is_ready, "Olympus", _READY_LIMIT_S, _ASK_EVERY_S)
        self._write_runfile()
        self._announce(link)
        if has_schema and (link := self._prepare()):
            report(f"Sign in as the owner: {link}")

    def _listen(self) -> None:
        self.socket = listen(self.host, self.port)
        self.port = self.socket.getsockname()[1]
        self.environment["OLYMPUS_PORT"] = str(self.port)

    def _start_stores(self) -> None:
        waiting = []
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(self.data / "postgres", self._socket_folder())
            postgres.prepare()
            self.supervisor.start(postgres.program())
            self.environment["DATABASE_URL"] = postgres.url
            waiting.append((postgres.is_ready, "Postgres"))
        if not os.environ.get("REDIS_URL"):
            valkey = Valkey(self._socket_folder())
            self.supervisor.start(valkey.program())
            self.environment["REDIS_URL"] = valkey.url
            waiting.append((valkey.is_ready, "Valkey"))
        for is_ready, name in waiting:
            self.supervisor.wait_for(is_ready, name, _STORE_LIMIT_S)
        if not os.environ.get("DATABASE_URL"):
            postgres.create_database()

    def _prepare(self) -> str:
        """Bring the database up to date and return the owner's link while there is no owner."""
        preparation = Preparation(self._child_environment(), self.data / "log" / "prepare.log")
        status, link, said = preparation.finish(self._wait_for_preparation)
        if status:
            raise Failed(said or f"The database could not be prepared (status {status}).")
        if said:
            report(said)
        note_migrated(self.data / "postgres")
        return link

    def _wait_for_preparation(self, is_done: Callable[[], bool]) -> None:
        # Without a limit: a migration of a large table takes the time it takes.
        self.supervisor.wait_for(is_done, "The database", math.inf, _PREPARE_STEP_S)

    def _start_product(self) -> None:
        if self.socket is None:  # pragma: no cover - _listen comes first
            raise Failed("nothing to listen on")
        listening = self.socket.fileno()
        environment = self._child_environment()
        web = [str(PYTHON), *web_arguments("--fd", str(listening))]
        self.supervisor.start(
            Program("web", web, env=environment, cwd=ROOT, pass_fds=(listening,), grace_s=_WEB_GRACE_S)
        )
        worker = [str(PYTHON), *worker_arguments(with_beat=True)]
        grace_s = float(environment.get("OLYMPUS_DRAIN_S") or 5) + _WORKER_MARGIN_S
        self.supervisor.start(Program("worker", worker, env=environment, cwd=ROOT, grace_s=grace_s))

    def _announce(self, link: str) -> None:
        port = self.port or 0
        lines = [f"Olympus is ready at {page_url(self.host, port)}"]
        if network := network_url(self.host, port):
            lines.append(f"On your network: {network}")
        if link:
            lines.append(f"Sign in as the owner: {link}")
        report("\n".join(lines))

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(connect_host(self.host), self.port, timeout=2)
        try:
            connection.request("GET", "/readyz", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _stop(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.supervisor.stop()
        if self.sockets is not None:
            remove_socket_folder(self.sockets)

    def _socket_folder(self) -> Path:
        if self.sockets is None:
            previous = runfile.read_left_over(self.data)
            if previous is not None and previous.get("sockets"):
                remove_socket_folder(Path(previous["sockets"]))
            self.sockets = make_socket_folder()
            self._write_runfile()
        return self.sockets

    def _child_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment, **self.metrics, "PYTHONUNBUFFERED": "1"}

    def _write_runfile(self) -> None:
        stores = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        content = {
            "pid": os.getpid(),
            "url": page_url(self.host, self.port or 0),
            "sockets": str(self.sockets or ""),
            "env": {**stores, **self.environment},
            "pids": {child.program.name: child.pid for child in self.supervisor.children},
        }
        runfile.write(self.data, content)


def _fail(text: str) -> int:
    with suppress(OSError):
        sys.stderr.write(f"olympus: {text}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
