"""Gazebo 11's messages as Python classes, from the descriptors that `fleet gazebo install` made.

The `.proto` files are Debian's (libgazebo-dev); none of them is a part of this project.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from fleet_manager.core.errors import CampusFleetError

PACKAGE = "gazebo.msgs"


class MessagesMissing(CampusFleetError):
    """There are no descriptors of Gazebo's messages where they should be."""


class Messages:
    """Classes of messages by their name within `gazebo.msgs`.

    Args:
        descriptors: a FileDescriptorSet with all imports, as `protoc --descriptor_set_out` writes.

    Raises:
        MessagesMissing: the file is not there, or holds something else.
    """

    def __init__(self, descriptors: Path) -> None:
        files = descriptor_pb2.FileDescriptorSet()
        try:
            files.ParseFromString(descriptors.read_bytes())
            self._pool = descriptor_pool.DescriptorPool()
            for each in files.file:
                self._pool.Add(each)
        except Exception as error:
            raise MessagesMissing(
                f"{descriptors} has no descriptors of Gazebo's messages ({error})",
                "run `fleet gazebo install`, which makes them from Debian's libgazebo-dev",
            ) from error
        self._classes: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._classes:
            found = self._pool.FindMessageTypeByName(f"{PACKAGE}.{name}")
            self._classes[name] = message_factory.GetMessageClass(found)
        return self._classes[name]


@cache
def messages(descriptors: Path) -> Messages:
    """The messages of a file of descriptors, read once.

    Raises:
        MessagesMissing: see `Messages`.
    """
    return Messages(descriptors)


def type_name(message_class: Any) -> str:
    """The name of a message's type as it goes over the wire."""
    return str(message_class.DESCRIPTOR.full_name)
