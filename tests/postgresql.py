"""A real PostgreSQL for the tests: Debian's, on a free port, under a user that is not root."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

INSTALL = "it is not installed; sudo apt-get install postgresql"
USERS = ("postgres", "nobody")
STARTS_WITHIN_S = 30.0
_numbers = itertools.count(1)


def programs() -> Path | None:
    """The folder of initdb and postgres, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


def account() -> dict[str, Any]:
    """Whom the server runs as: root may not."""
    if os.geteuid() != 0:
        return {}
    for name in USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise LookupError("no user to run PostgreSQL as")


class Server:
    """A server with a folder of its own; dies without a trace.

    Attributes:
        process: of the server.
    """

    def __init__(self, folder: Path) -> None:
        bin_folder = programs()
        assert bin_folder is not None
        self._bin, self._folder, self._account = bin_folder, folder, account()
        self.port = _free_port()
        if self._account:
            os.chown(folder, self._account["user"], self._account["group"])
        self._run("initdb", "-D", str(folder / "data"), "-U", "fleet", "-A", "trust", "-E", "UTF8")
        self.process = self._start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._account)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(self._bin / "postgres"), "-D", str(self._folder / "data")]
        for setting in (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self._folder}",
            "max_connections=50",
            "shared_buffers=16MB",
        ):
            command += ["-c", setting]
        log = (self._folder / "log").open("ab")
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._account)
        log.close()
        until_s = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until_s and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return process
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text())

    def restart(self) -> None:
        """Start it again after it was killed."""
        self.stop()
        self.process = self._start()

    def stop(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(3)  # SIGQUIT: immediate shutdown, also of its children
        self.process.wait(20)

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql+asyncpg://fleet@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """An empty database; its address."""
        name = f"fleet_{next(_numbers)}"
        asyncio.run(self._create(name))
        return self.url(name)

    async def _create(self, name: str) -> None:
        import asyncpg

        for attempt in range(100):
            try:
                connection = await asyncpg.connect(
                    user="fleet", host="127.0.0.1", port=self.port, database="postgres"
                )
            except (OSError, asyncpg.PostgresError):
                if attempt == 99:
                    raise
                await asyncio.sleep(0.1)  # it listens before it takes connections
                continue
            await connection.execute(f"CREATE DATABASE {name}")
            await connection.close()
            return


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server until the end.

    Raises:
        pytest.skip.Exception: it is not installed.
    """
    if programs() is None:
        pytest.skip(f"PostgreSQL did not run: {INSTALL}")
    folder = Path(tempfile.mkdtemp(prefix="campus-fleet-postgresql-"))
    try:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
