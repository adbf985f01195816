"""Sets Gazebo 11 up in a cache folder: a Debian 11 by debootstrap with gzserver in it.

Debian 12 and newer have no Gazebo; Debian 11 has 11.1. Nothing outside the folder is changed, but
that debootstrap itself is installed where it is missing. Mounts live in a mount namespace that ends
with the step that made it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fleet_manager.gazebo.place import GazeboMissing, Place

SUITE = "bullseye"
NEEDED_GB = 3.0
SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))
PACKAGES = ("gazebo", "gazebo-plugin-base", "protobuf-compiler")
_PROTO_PACKAGE = "libgazebo-dev"
_PROTO_FOLDER = "usr/include/gazebo-11/gazebo/msgs/proto"
_STEP_S = 1200.0
_INSTALL_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}

Say = Callable[[int, int, str], None]
"""Told of each step: its number, how many there are, what it does."""


def install(place: Place, say: Say, mirror: str | None = None) -> bool:
    """Set Gazebo 11 up unless it is there already; whether anything was done.

    A second installation at the same time waits for the first one.

    Args:
        place: the folder.
        say: told of each step.
        mirror: of Debian; None: the one in this machine's apt sources.

    Raises:
        GazeboMissing: it cannot be had here; says why.
    """
    if place.is_installed:
        return False
    _check_machine(place.folder)
    place.folder.mkdir(parents=True, exist_ok=True)
    with (place.folder / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if place.is_installed:
            return False
        found = mirror or debian_mirror()
        steps: list[tuple[str, Callable[[], None]]] = [
            ("debootstrap", lambda: _have_debootstrap(place)),
            ("Debian 11", lambda: _bootstrap(place, found)),
            (", ".join(PACKAGES), lambda: _install_packages(place)),
            ("messages", lambda: _make_descriptors(place)),
        ]
        for number, (title, step) in enumerate(steps, start=1):
            say(number, len(steps), title)
            step()
        made = {"suite": SUITE, "mirror": found, "gazebo": _version(place), "made_s": time.time()}
        place.mark.write_text(json.dumps(made, indent=2) + "\n")
    return True


def remove(place: Place) -> bool:
    """Delete everything in the folder; whether there was anything.

    Raises:
        GazeboMissing: something is still mounted in it.
    """
    if not place.folder.exists():
        return False
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    inside = [line.split()[1] for line in mounts if line.split()[1].startswith(f"{place.root}/")]
    if inside:
        raise GazeboMissing(
            f"{', '.join(inside)} is still mounted", "stop the servers, unmount it, try again"
        )
    shutil.rmtree(place.folder)
    return True


def debian_mirror(sources: Sequence[Path] = SOURCES) -> str:
    """The first mirror of Debian itself in apt's sources, in either of their two forms.

    Raises:
        GazeboMissing: there is none.
    """
    for file in _source_files(sources):
        text = file.read_text(encoding="utf-8", errors="replace")
        uris: list[str] = re.findall(r"^URIs:\s*(\S+)", text, re.MULTILINE)
        uris += re.findall(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s", text, re.MULTILINE)
        for uri in uris:
            if uri.startswith(("http://", "https://")) and uri.rstrip("/").endswith("/debian"):
                return uri.rstrip("/")
    raise GazeboMissing(
        "apt's sources name no mirror of Debian", "give one with --mirror http://HOST/debian"
    )


def _source_files(sources: Sequence[Path]) -> Iterator[Path]:
    for each in sources:
        if each.is_dir():
            yield from sorted([*each.glob("*.sources"), *each.glob("*.list")])
        elif each.is_file():
            yield each


def _check_machine(folder: Path) -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise GazeboMissing(
            f"Gazebo 11 is set up on Linux on x86-64, not on {platform.system()} on "
            f"{platform.machine()}",
            "use current Gazebo (`--target gz`) there",
        )
    if os.geteuid() != 0:
        raise GazeboMissing(
            "Gazebo 11 is set up in a root file system of its own, for which one has to be root",
            "run `fleet gazebo install` as root, or in a container",
        )
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free_gb = shutil.disk_usage(there).free / 1e9
    if free_gb < NEEDED_GB:
        raise GazeboMissing(
            f"{there} has {free_gb:.1f} GB free, Gazebo 11 needs {NEEDED_GB:g} GB",
            "make room, or name another folder with CAMPUS_GAZEBO_DIR",
        )


def _have_debootstrap(place: Place) -> None:
    if shutil.which("debootstrap"):
        return
    if not shutil.which("apt-get"):
        raise GazeboMissing("debootstrap is not installed", "install it and try again")
    _run(place, ["apt-get", "update", "-q"], "apt-get update")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "debootstrap"]
    _run(place, command, "debootstrap could not be installed")


def _bootstrap(place: Place, mirror: str) -> None:
    if (place.root / "etc" / "debian_version").exists() and not _unfinished(place).exists():
        return
    shutil.rmtree(place.root, ignore_errors=True)
    _unfinished(place).touch()
    command = ["debootstrap", "--variant=minbase", SUITE, str(place.root), mirror]
    _run(place, _private(command), f"Debian 11 ({SUITE}) could not be had from {mirror}")
    # Without them gzserver does not find its own master.
    hosts = f"127.0.0.1 localhost\n127.0.1.1 {socket.gethostname()}\n"
    (place.root / "etc" / "hosts").write_text(hosts)
    _unfinished(place).unlink()


def _unfinished(place: Place) -> Path:
    return place.folder / "unfinished"


def _install_packages(place: Place) -> None:
    # The cache of packages is taken away: 300 MB that nobody needs again.
    packages = " ".join(PACKAGES)
    script = (
        "apt-get update -q && "
        f"apt-get install -y -q --no-install-recommends {packages} && "
        f"cd /tmp && apt-get download -q {_PROTO_PACKAGE} && "
        f"dpkg-deb -x {_PROTO_PACKAGE}_*.deb /opt/gazebo-dev && "
        f"rm {_PROTO_PACKAGE}_*.deb && apt-get clean"
    )
    _run(place, in_root(place, ["sh", "-c", script]), f"{packages} could not be installed")


def _make_descriptors(place: Place) -> None:
    folder = f"/opt/gazebo-dev/{_PROTO_FOLDER}"
    script = (
        f"cd {folder} && protoc -I . --include_imports --descriptor_set_out=/tmp/m.desc *.proto"
    )
    _run(place, in_root(place, ["sh", "-c", script]), "Gazebo's messages could not be compiled")
    os.replace(place.root / "tmp" / "m.desc", place.descriptors)


def _version(place: Place) -> str:
    command = in_root(place, ["dpkg-query", "-W", "-f", "${Version}", "gazebo"])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _private(command: Sequence[str]) -> list[str]:
    """A command with mounts of its own, that end with it."""
    return ["unshare", "--mount", "--propagation", "private", *command]


def in_root(place: Place, command: Sequence[str]) -> list[str]:
    """A command inside the file system, with /proc and nothing else mounted, for it alone."""
    script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
    return _private(["sh", "-c", script, str(place.root), *command])


def _run(place: Place, command: Sequence[str], problem: str) -> None:
    """Run a step with its output in the log.

    Raises:
        GazeboMissing: it failed; quotes its last lines.
    """
    with place.log.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        start = log.tell()
        code: int | str = "none"
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_INSTALL_ENVIRONMENT | _proxies(),
                timeout=_STEP_S,
                check=False,
            ).returncode
    if code != 0:
        text = place.log.read_text(errors="replace")[start:]
        lines = [line.strip() for line in text.splitlines() if line.strip()][-3:]
        raise GazeboMissing(f"{problem}: {' | '.join(lines)}", f"see {place.log}, then try again")


def _proxies() -> dict[str, str]:
    names = ("http_proxy", "https_proxy", "no_proxy")
    return {name: os.environ[name] for name in names if name in os.environ}
