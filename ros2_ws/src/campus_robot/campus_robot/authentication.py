"""Takes only what the robot's own manager has signed, and signs what the robot says.

The keys come by enrolment, in a file that the manager's computer has written (`fleet robot enrol`,
docs/security.md). A robot without the file takes everything: it is not enrolled.
"""

from __future__ import annotations

import hmac
import json
import re
import struct
from array import array
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campus_robot.errors import ConfigurationError, ErrorType, Refused
from campus_robot.memory import Memory

BOOT_BITS = 40
"""A counter begins with how often the robot was started, so that it grows over restarts."""
BROADCAST = frozenset({"heartbeat"})
"""Channels that all robots hear, signed by the fleet's key."""
SECRET_BYTES = 32

_FORMATS: Mapping[str, str] = {
    "boolean": "?",
    "octet": "B",
    "uint8": "B",
    "int8": "b",
    "uint16": "H",
    "int16": "h",
    "uint32": "I",
    "int32": "i",
    "uint64": "Q",
    "int64": "q",
    "float": "f",
    "double": "d",
}
_ARRAY = re.compile(r"sequence<(?P<of>[^,>]+)(?:,\s*\d+)?>|(?P<each>.+)\[\d+\]")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and the name by which messages tell that they are signed by it."""

    id: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one robot, oldest first, and the fleet's, for what all robots hear."""

    own: tuple[Key, ...]
    fleet: tuple[Key, ...]


def load_keys(file: Path, robot: str) -> Keys | None:
    """The keys in a file; None: there is none, the robot is not enrolled.

    Raises ConfigurationError where the file cannot be used: a robot must not fall back to taking
    everything because of a damaged file.
    """
    if not file.exists():
        return None
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        keys = Keys(_keys(stored["keys"]), _keys(stored["fleet"]))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, KeyError):
        raise ConfigurationError(
            f"{file}: is no file of keys; write it anew with `fleet robot enrol {robot}`"
        ) from None
    if stored.get("robot") != robot or not keys.own:
        raise ConfigurationError(f"{file}: is of robot {stored.get('robot')!r}, not of {robot}")
    return keys


def _keys(stored: list[dict[str, str]]) -> tuple[Key, ...]:
    keys = tuple(Key(each["id"], b64decode(each["secret"], validate=True)) for each in stored)
    if any(len(key.secret) != SECRET_BYTES for key in keys):
        raise ValueError("a secret is cut short")
    return keys


class Authenticator:
    """Checks and signs the messages of one robot.

    What was accepted last, by channel and key, outlives a restart with the robot's memory.

    Args:
        folder: with `<robot>.json`; None: the robot is not enrolled.

    Raises ConfigurationError where the file of keys cannot be used.
    """

    def __init__(self, folder: Path | None, robot: str, memory: Memory) -> None:
        self._file = None if folder is None else folder / f"{robot}.json"
        self._robot = robot
        self._memory = memory
        self._sent = 0
        self._keys: Keys | None = None
        self._written_ns = 0
        memory.boots += 1
        memory.save(durable=True)
        self.look_for_new_keys()

    def look_for_new_keys(self) -> None:
        """Reads the file of keys where it has been written anew.

        Raises ConfigurationError where it cannot be used; the keys that were read before stay.
        """
        if self._file is None:
            return
        try:
            written_ns = self._file.stat().st_mtime_ns
        except OSError:
            return
        if written_ns != self._written_ns:
            self._written_ns = written_ns
            self._keys = load_keys(self._file, self._robot) or self._keys

    def check(self, channel: str, message: Any) -> None:
        """Raises Refused (unauthenticated) for what the robot's manager has not just signed."""
        if self._keys is None:
            return
        auth = message.auth
        keys = self._keys.fleet if channel in BROADCAST else self._keys.own
        key = next((each for each in keys if each.id == auth.key_id), None)
        if key is None:
            raise _refused(f"{channel} is signed by {auth.key_id[:40] or 'nobody'}")
        expected = code(key.secret, channel, auth.key_id, auth.counter, message)
        if not hmac.compare_digest(expected, bytes(auth.mac)):
            raise _refused(f"{channel} is not what {key.id} has signed")
        if channel not in BROADCAST:
            self._use(key, channel)
        last = self._memory.counters.get(f"{channel} {key.id}", -1)
        if auth.counter <= last:
            raise _refused(f"{channel} number {auth.counter} is a replay, {last} was heard")
        self._memory.counters[f"{channel} {key.id}"] = auth.counter

    def _use(self, key: Key, channel: str) -> None:
        """With the first message of a newer key the older ones are good for nothing any more."""
        assert self._keys is not None
        ids = [each.id for each in self._keys.own]
        newest = self._memory.newest_key
        if newest in ids and ids.index(key.id) < ids.index(newest):
            raise _refused(f"{channel} is signed by {key.id}, which {newest} has replaced")
        if key.id != newest:
            self._memory.newest_key = key.id
            self._memory.save(durable=True)

    def sign(self, channel: str, message: Any) -> None:
        """Signs a message of the robot by its newest key, so that the manager learns of it."""
        if self._keys is None:
            return
        key = self._keys.own[-1]
        self._sent += 1
        counter = (self._memory.boots << BOOT_BITS) + self._sent
        message.auth.key_id, message.auth.counter = key.id, counter
        message.auth.mac = array("B", code(key.secret, channel, key.id, counter, message))


def code(secret: bytes, channel: str, key_id: str, counter: int, message: Any) -> bytes:
    """The authentication code of a message on a channel: HMAC-SHA-256 (docs/protocol.md)."""
    head = f"{channel}\n{key_id}\n{counter}\n".encode()
    return hmac.digest(secret, head + content(message), "sha256")


def content(message: Any) -> bytes:
    """All fields of a message but `auth`, in order, little-endian, texts and arrays with length.

    Not the serialization of DDS, which leaves open what stands in its padding.
    """
    return b"".join(
        _written(kind, getattr(message, name))
        for name, kind in message.get_fields_and_field_types().items()
        if name != "auth"
    )


def _written(kind: str, value: Any) -> bytes:
    if kind in _FORMATS:
        return struct.pack("<" + _FORMATS[kind], value)
    if kind.startswith("string"):
        text = value.encode("utf-8", "surrogatepass")
        return struct.pack("<I", len(text)) + text
    found = _ARRAY.fullmatch(kind)
    if found is None:
        return content(value)
    of, length = found["of"] or found["each"], struct.pack("<I", len(value))
    if of in _FORMATS:
        return length + struct.pack(f"<{len(value)}{_FORMATS[of]}", *value)
    return length + b"".join(_written(of, each) for each in value)


def _refused(description: str) -> Refused:
    return Refused(
        ErrorType.UNAUTHENTICATED,
        description,
        "see who sends in the fleet domain; a robot that was enrolled anew needs its new file",
    )
