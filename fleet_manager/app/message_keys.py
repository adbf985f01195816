"""Keys by which manager and robots know each other's messages: enrolment, rotation, what is in use.

A file a robot in one folder, readable by its owner alone; the same file is put on the robot. A new
key is used once the robot has signed with it, so nothing is lost between the two. Whoever leads has
to find the folder: managers on two computers share it, or each has a copy.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from fleet_manager.core.errors import CampusFleetError

SECRET_BYTES = 32
IN_USE = ".in-use"
FLEET = ".fleet"
OTHERS_MAY = 0o077

T = TypeVar("T")

log = structlog.get_logger(__name__)


class KeysUnusable(CampusFleetError):
    """A file of keys cannot be read or written, or others may read it."""


class Key(msgspec.Struct, frozen=True):
    """A secret of 32 bytes.

    Attributes:
        id: in messages; `NAME/2` is the second of its robot.
        fleet: id of the fleet's key that was given to the robot with it; "" for the fleet's.
    """

    id: str
    secret: bytes
    fleet: str = ""


class KeyFile(msgspec.Struct, frozen=True):
    """What a robot is given: its keys and the fleet's, oldest first."""

    robot: str
    keys: tuple[Key, ...]
    fleet: tuple[Key, ...]


def enrol(folder: Path, robots: Iterable[str], *, fleet_too: bool = False) -> list[Path]:
    """Make a new key for each robot; those in use stay good until the robots have the new file.

    Args:
        fleet_too: make a new key of the fleet too, which is used once all robots have it.

    Returns:
        the files, to be put on the robots.

    Raises:
        KeysUnusable: the folder cannot be written.
    """
    with _changing(folder):
        fleet = _read(folder / f"{FLEET}.json", tuple[Key, ...], ())
        if fleet_too or not fleet:
            fleet = (*fleet[-1:], _made("fleet", fleet))
            _write(folder / f"{FLEET}.json", fleet)
        in_use = _read(folder / f"{IN_USE}.json", dict[str, str], {})
        files = []
        for robot in robots:
            file = folder / f"{robot}.json"
            known = _read(file, KeyFile, KeyFile(robot, (), ())).keys
            kept = known[_index(known, in_use.get(robot, "")) :]
            made = msgspec.structs.replace(_made(robot, known), fleet=fleet[-1].id)
            _write(file, KeyFile(robot, (*kept, made), fleet))
            files.append(file)
        return files


def _made(name: str, known: tuple[Key, ...]) -> Key:
    number = int(known[-1].id.rpartition("/")[2]) + 1 if known else 1
    return Key(f"{name}/{number}", secrets.token_bytes(SECRET_BYTES))


def _index(keys: tuple[Key, ...], key_id: str) -> int:
    return next((at for at, key in enumerate(keys) if key.id == key_id), 0)


class KeyRing:
    """The keys of all robots that are enrolled, as the manager uses them.

    Raises:
        KeysUnusable: a file is damaged, or others may read it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[tuple[str, int], ...] = ()
        self._files: dict[str, KeyFile] = {}
        self._fleet: tuple[Key, ...] = ()
        self._in_use: dict[str, str] = {}
        self._read_files()

    def is_enrolled(self, robot: str) -> bool:
        """Whether the robot has a key."""
        return robot in self._files

    def key_for(self, robot: str) -> Key | None:
        """The key that the robot is known to have; None: it is not enrolled."""
        file = self._files.get(robot)
        return None if file is None else file.keys[_index(file.keys, self._in_use.get(robot, ""))]

    def find(self, robot: str, key_id: str) -> Key | None:
        """A key of the robot that is still good; looks for new ones where it is not known."""
        found = self._find(robot, key_id)
        if found is None and key_id and self._changed():
            try:
                self._read_files()
            except KeysUnusable as error:
                log.error("keys not read", problem=str(error), remedy=error.remedy)
            found = self._find(robot, key_id)
        return found

    def _find(self, robot: str, key_id: str) -> Key | None:
        file = self._files.get(robot)
        if file is None:
            return None
        good = file.keys[_index(file.keys, self._in_use.get(robot, "")) :]
        return next((key for key in good if key.id == key_id), None)

    def fleet_key(self) -> Key | None:
        """The newest key of the fleet that every enrolled robot has; None: none is enrolled."""
        keys = [self.key_for(robot) for robot in self._files]
        at = [_index(self._fleet, key.fleet) for key in keys if key is not None]
        return self._fleet[min(at)] if at and self._fleet else None

    def confirm(self, robot: str, key: Key) -> None:
        """Note that a robot has signed by a key: it is used from now on, and those before not."""
        if self._in_use.get(robot) != key.id:
            self._in_use[robot] = key.id
            try:
                with _changing(self._folder):
                    _write(self._folder / f"{IN_USE}.json", self._in_use)
            except KeysUnusable as error:
                log.error("the key in use was not kept", problem=str(error), remedy=error.remedy)
            log.info("signs with", robot=robot, key=key.id)

    def _changed(self) -> bool:
        return self._stamps() != self._seen

    def _stamps(self) -> tuple[tuple[str, int], ...]:
        if not self._folder.is_dir():
            return ()
        files = sorted(self._folder.glob("*.json"))
        return tuple((each.name, each.stat().st_mtime_ns) for each in files)

    def _read_files(self) -> None:
        self._seen = self._stamps()
        names = [name for name, _ in self._seen if not name.startswith(".")]
        found = [_read(self._folder / name, KeyFile, KeyFile("", (), ())) for name in names]
        self._files = {each.robot: each for each in found if each.keys}
        self._fleet = _read(self._folder / f"{FLEET}.json", tuple[Key, ...], ())
        self._in_use = _read(self._folder / f"{IN_USE}.json", dict[str, str], {})


@contextmanager
def _changing(folder: Path) -> Iterator[None]:
    """One at a time; raises KeysUnusable where the folder cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise KeysUnusable(
            f"{folder} cannot be written ({error.strerror})", "give another with CAMPUS_KEYS_DIR"
        ) from error


def _write(file: Path, value: object) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def _read(file: Path, kind: type[T], missing: T) -> T:
    """Raises KeysUnusable."""
    try:
        if not file.exists():
            return missing
        if file.stat().st_mode & OTHERS_MAY:
            raise KeysUnusable(f"others may read {file}", f"chmod 600 {file}")
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise KeysUnusable(f"{file} cannot be read ({error.strerror})", "see its owner") from error
    except msgspec.DecodeError as error:
        raise KeysUnusable(
            f"{file} is no file of keys ({error})", "remove it and enrol the robot anew"
        ) from error
