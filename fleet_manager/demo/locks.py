"""Keeps two campuses from sharing a data folder, a ROS domain or a port."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from fleet_manager.demo.failure import DemoFailed

_FREE_PORTS = range(12_000, 32_000)
_TRIES = 50


@contextlib.contextmanager
def data_dir_lock(data_dir: Path) -> Iterator[None]:
    """Hold a data folder for one campus; freed by the kernel however the holder ends.

    Raises:
        DemoFailed: another campus holds it, or the folder cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("a+")
    except OSError as error:
        raise DemoFailed(
            f"the data folder {data_dir} cannot be written ({error.strerror})",
            "give another with --data-dir",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise DemoFailed(
                f"a campus already runs in {data_dir} (process {holder})",
                "stop it with Ctrl-C in its terminal, or give another folder with --data-dir",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def domain_lock(domain_id: int) -> Iterator[None]:
    """Hold a ROS domain of this machine for one campus; freed by the kernel as well.

    Raises:
        DemoFailed: another campus holds it.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as holder:
        try:
            holder.bind(f"\0campus-fleet-domain-{domain_id}")
        except OSError as error:
            raise DemoFailed(
                f"another campus runs in ROS domain {domain_id} on this machine",
                "stop it, or set CAMPUS_FLEET_DOMAIN_ID to another even number below 100",
            ) from error
        yield


def free_port(host: str, port: int) -> int:
    """The port if it can be bound, or any free one for 0.

    Any free one is below those that Linux gives to outgoing connections: one of these could take it
    before the campus does.

    Raises:
        DemoFailed: it is taken, or not allowed.
    """
    if port == 0:
        for _ in range(_TRIES):
            with contextlib.suppress(DemoFailed):
                return free_port(host, secrets.choice(_FREE_PORTS))
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DemoFailed(
                f"port {port} on {host} cannot be used ({error.strerror})",
                "stop the program that holds it, or give another with --port (0: any free one)",
            ) from error
        found: int = probe.getsockname()[1]
        return found
