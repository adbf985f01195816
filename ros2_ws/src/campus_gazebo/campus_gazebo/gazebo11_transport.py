"""Gazebo 11's own transport: a node that subscribes and publishes over its TCP protocol.

A frame is its length in eight hexadecimal digits, then that many bytes. To and from the master, and
as the first word to a publisher, frames hold a `Packet`; after that, messages as they are.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from campus_gazebo.gazebo11_messages import Messages, type_name
from fleet_manager.core.errors import CampusFleetError

HEADER_BYTES = 8
_READ_BYTES = 1 << 18
_CONNECT_S = 5.0
HOST = "127.0.0.1"

Handler = Callable[[Any], None]


class GazeboGone(CampusFleetError):
    """The server does not answer, or has ended."""


class Wire:
    """One connection: whole frames in and out, without waiting for the other side."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = connected
        self._received = bytearray()
        self._waiting = bytearray()

    def send(self, payload: bytes) -> None:
        """Queue a frame, and write as much as the connection takes.

        Raises:
            OSError: the other side has gone.
        """
        self._waiting += f"{len(payload):08X}".encode() + payload
        self.flush()

    def flush(self) -> bool:
        """Write what waits; whether all of it is gone.

        Raises:
            OSError: the other side has gone.
        """
        while self._waiting:
            try:
                sent = self.socket.send(self._waiting)
            except BlockingIOError:
                return False
            del self._waiting[:sent]
        return True

    def frames(self) -> list[bytes]:
        """The whole frames that have come.

        Raises:
            OSError: the other side has gone, or sends no frames.
        """
        while True:
            try:
                some = self.socket.recv(_READ_BYTES)
            except BlockingIOError:
                break
            if not some:
                raise ConnectionResetError("closed by the other side")
            self._received += some
            if len(some) < _READ_BYTES:
                break
        return list(self._whole())

    def _whole(self) -> list[bytes]:
        found, at = [], 0
        received = self._received
        while len(received) - at >= HEADER_BYTES:
            try:
                length = int(received[at : at + HEADER_BYTES], 16)
            except ValueError:
                raise ConnectionAbortedError("what it sends are no frames") from None
            if len(received) - at - HEADER_BYTES < length:
                break
            begin = at + HEADER_BYTES
            found.append(bytes(received[begin : begin + length]))
            at = begin + length
        del received[:at]
        return found


@dataclass
class _Subscription:
    message_class: Any
    handler: Handler
    wires: dict[tuple[str, int], Wire] = field(default_factory=dict)


class Publisher:
    """A topic that this node offers; what is published goes to those who have asked by then."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.wires: list[Wire] = []

    @property
    def is_heard(self) -> bool:
        """Whether anybody has subscribed."""
        return bool(self.wires)

    def publish(self, message: Any) -> None:
        """Send a message to every subscriber."""
        payload = message.SerializeToString()
        for wire in list(self.wires):
            try:
                wire.send(payload)
            except OSError:
                self.wires.remove(wire)

    def flush(self) -> None:
        """Send what a slow subscriber has not taken yet."""
        for wire in list(self.wires):
            try:
                wire.flush()
            except OSError:
                self.wires.remove(wire)


class Node:
    """A node of Gazebo's transport, served by whoever calls `serve`; no threads.

    Args:
        messages: of Gazebo.
        port: of the master, on this machine.

    Raises:
        GazeboGone: there is no master.
    """

    def __init__(self, messages: Messages, port: int) -> None:
        self._messages = messages
        self._selector = selectors.DefaultSelector()
        self._subscriptions: dict[str, _Subscription] = {}
        self._publishers: dict[str, Publisher] = {}
        self._sockets: list[socket.socket] = []
        self.world = ""
        self._master = self._connect(HOST, port, "the master")
        self._listener = socket.create_server((HOST, 0))
        self._listener.setblocking(False)
        self._sockets.append(self._listener)
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._master.socket, selectors.EVENT_READ, self._on_master)

    @property
    def address(self) -> tuple[str, int]:
        """Where this node listens."""
        host, port = self._listener.getsockname()
        return str(host), int(port)

    def subscribe(self, topic: str, message: str, handler: Handler) -> None:
        """Have every message of a topic handled, from now on and from whoever publishes it."""
        message_class = getattr(self._messages, message)
        self._subscriptions[topic] = _Subscription(message_class, handler)
        self._tell(self._master, "subscribe", self._subscribe(topic, message_class))

    def advertise(self, topic: str, message: str) -> Publisher:
        """Offer a topic."""
        message_class = getattr(self._messages, message)
        host, port = self.address
        offer = self._messages.Publish(
            topic=topic, msg_type=type_name(message_class), host=host, port=port
        )
        self._publishers[topic] = Publisher(topic)
        self._tell(self._master, "advertise", offer)
        return self._publishers[topic]

    def hears(self, topic: str) -> bool:
        """Whether a publisher of a subscribed topic is connected."""
        return bool(self._subscriptions[topic].wires)

    def serve(self, timeout_s: float) -> None:
        """Handle what comes within a time; returns after the first batch.

        Raises:
            GazeboGone: the master has gone.
        """
        for publisher in self._publishers.values():
            publisher.flush()
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            key.data()

    def serve_until(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Handle what comes until a condition holds.

        Raises:
            GazeboGone: the master has gone, or the time is over.
        """
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise GazeboGone(
                    f"Gazebo: {what}: not within {timeout_s:g} s", "see the log of gzserver"
                )
            self.serve(min(left_s, 0.1))

    def close(self) -> None:
        """Leave."""
        self._selector.close()
        for each in self._sockets:
            each.close()

    def _connect(self, host: str, port: int, what: str) -> Wire:
        try:
            connected = socket.create_connection((host, port), _CONNECT_S)
        except OSError as error:
            raise GazeboGone(
                f"Gazebo: {what} at {host}:{port} does not answer ({error.strerror or error})",
                "start the server (`fleet gazebo serve`), or give its port with --port",
            ) from error
        self._sockets.append(connected)
        return Wire(connected)

    def _subscribe(self, topic: str, message_class: Any) -> Any:
        host, port = self.address
        return self._messages.Subscribe(
            topic=topic, msg_type=type_name(message_class), host=host, port=port, latching=False
        )

    def _tell(self, wire: Wire, kind: str, message: Any) -> None:
        packet = self._messages.Packet(type=kind, serialized_data=message.SerializeToString())
        now_ns = time.time_ns()
        packet.stamp.sec, packet.stamp.nsec = divmod(now_ns, 1_000_000_000)
        try:
            wire.send(packet.SerializeToString())
        except OSError as error:
            raise GazeboGone(f"Gazebo has gone ({error})", "see the log of gzserver") from error

    def _on_master(self) -> None:
        try:
            frames = self._master.frames()
        except OSError as error:
            raise GazeboGone(f"Gazebo has gone ({error})", "see the log of gzserver") from error
        for frame in frames:
            packet = self._messages.Packet.FromString(frame)
            if packet.type in ("publisher_subscribe", "publisher_advertise", "publisher_add"):
                self._on_publisher(self._messages.Publish.FromString(packet.serialized_data))
            elif packet.type == "topic_namespace_add":
                self._on_worlds([self._messages.GzString.FromString(packet.serialized_data).data])
            elif packet.type == "topic_namepaces_init":  # so spelt in the protocol
                self._on_worlds(self._messages.GzString_V.FromString(packet.serialized_data).data)

    def _on_worlds(self, names: Iterable[str]) -> None:
        """Name spaces are worlds, and one of Gazebo itself that begins with a slash."""
        for name in names:
            if not self.world and not name.startswith("/"):
                self.world = name

    def _on_publisher(self, offer: Any) -> None:
        subscription = self._subscriptions.get(offer.topic)
        place = (offer.host, offer.port)
        if subscription is None or place == self.address or place in subscription.wires:
            return
        wire = self._connect(offer.host, offer.port, offer.topic)
        subscription.wires[place] = wire
        self._tell(wire, "sub", self._subscribe(offer.topic, subscription.message_class))

        def on_frames() -> None:
            try:
                frames = wire.frames()
            except OSError:
                self._selector.unregister(wire.socket)
                subscription.wires.pop(place, None)
                return
            for frame in frames:
                if frame:
                    subscription.handler(subscription.message_class.FromString(frame))

        self._selector.register(wire.socket, selectors.EVENT_READ, on_frames)

    def _accept(self) -> None:
        """Somebody wants a topic of ours; the first word says which."""
        connected, _ = self._listener.accept()
        self._sockets.append(connected)
        wire = Wire(connected)

        def on_words() -> None:
            try:
                frames = wire.frames()
            except OSError:
                self._selector.unregister(connected)
                for publisher in self._publishers.values():
                    if wire in publisher.wires:
                        publisher.wires.remove(wire)
                return
            for frame in frames:
                packet = self._messages.Packet.FromString(frame)
                if packet.type == "sub":
                    asked = self._messages.Subscribe.FromString(packet.serialized_data)
                    if asked.topic in self._publishers:
                        self._publishers[asked.topic].wires.append(wire)

        self._selector.register(connected, selectors.EVENT_READ, on_words)
