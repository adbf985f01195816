"""Signs what robots are told; takes only what enrolled robots have signed (docs/security.md)."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import re
import struct
from array import array
from collections.abc import Mapping
from typing import Any

from fleet_manager.adapters.ros.sense import Garbage
from fleet_manager.app.message_keys import Key, KeyRing

EPOCH_BITS = 40
"""A counter begins with the manager's epoch, so that it grows over restarts and takeovers."""

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


class Signer:
    """The manager's side of message authentication; used in the thread of ROS alone.

    Args:
        keys: of the robots that are enrolled.
        manager_epoch: of the store.
    """

    def __init__(self, keys: KeyRing, manager_epoch: int) -> None:
        self._keys = keys
        self._numbers = itertools.count((manager_epoch << EPOCH_BITS) + 1)
        self._heard: dict[str, int] = {}

    def sign(self, channel: str, message: Any) -> Any:
        """Sign a message to one robot by its key; one that is not enrolled gets it unsigned."""
        return self._signed(channel, message, self._keys.key_for(message.robot))

    def sign_for_all(self, channel: str, message: Any) -> Any:
        """Sign a message to all robots by the fleet's key."""
        return self._signed(channel, message, self._keys.fleet_key())

    def _signed(self, channel: str, message: Any, key: Key | None) -> Any:
        if key is not None:
            number = next(self._numbers)
            message.auth.key_id, message.auth.counter = key.id, number
            message.auth.mac = array("B", code(key.secret, channel, key.id, number, message))
        return message

    def check(self, channel: str, message: Any) -> None:
        """See whether a robot's message is its own, and new.

        Raises:
            Garbage: it is not.
        """
        robot, auth = message.robot, message.auth
        key = self._keys.find(robot, auth.key_id)
        if key is None:
            if self._keys.is_enrolled(robot):
                raise Garbage("auth", f"is by {auth.key_id[:40] or 'nobody'}, not by the robot")
            return
        expected = code(key.secret, channel, auth.key_id, auth.counter, message)
        if not hmac.compare_digest(expected, bytes(auth.mac)):
            raise Garbage("auth", f"is not what {key.id} has signed")
        heard = f"{channel} {key.id}"
        if auth.counter <= self._heard.get(heard, -1):
            raise Garbage("auth", "has been heard before")
        self._heard[heard] = auth.counter
        self._keys.confirm(robot, key)


def code(secret: bytes, channel: str, key_id: str, counter: int, message: Any) -> bytes:
    """The authentication code of a message on a channel: HMAC-SHA-256 (docs/protocol.md)."""
    head = f"{channel}\n{key_id}\n{counter}\n".encode()
    return hmac.new(secret, head + content(message), hashlib.sha256).digest()


def content(message: Any) -> bytes:
    """All fields of a message but `auth`, in order, little-endian, texts and arrays with length.

    Not the serialization of DDS, which leaves open what stands in its padding. Robots have the same
    in `campus_robot.authentication`; a test holds them equal.
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
        text: bytes = value.encode("utf-8", "surrogatepass")
        return struct.pack("<I", len(text)) + text
    found = _ARRAY.fullmatch(kind)
    if found is None:
        return content(value)
    of, length = found["of"] or found["each"], struct.pack("<I", len(value))
    if of in _FORMATS:
        return length + struct.pack(f"<{len(value)}{_FORMATS[of]}", *value)
    return length + b"".join(_written(of, each) for each in value)
