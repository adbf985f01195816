"""Frames of Gazebo's transport come out as they went in, however the network cuts them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from campus_gazebo.gazebo11_messages import Messages, MessagesMissing
from campus_gazebo.gazebo11_transport import Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """A wire, and the other end of it as a plain socket."""
    ours, theirs = socket.socketpair()
    wire = object.__new__(Wire)
    ours.setblocking(False)
    wire.socket, wire._received, wire._waiting = ours, bytearray(), bytearray()
    yield wire, theirs
    ours.close()
    theirs.close()


def test_a_frame_is_its_length_in_hexadecimal_and_its_bytes(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, other = ends
    wire.send(b"x" * 26)
    assert other.recv(100) == b"0000001A" + b"x" * 26


def test_frames_that_come_in_pieces_are_put_together(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    whole = b"00000003abc" + b"00000000" + b"00000002de"
    for at in range(len(whole)):
        other.sendall(whole[at : at + 1])
        found = wire.frames()
        if at == 10:
            assert found == [b"abc"]
        elif at == 18:
            assert found == [b""]
        elif at == len(whole) - 1:
            assert found == [b"de"]
        else:
            assert found == []


def test_what_does_not_fit_is_sent_when_there_is_room(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    payload = bytes(range(256)) * 20_000
    wire.send(payload)
    assert not wire.flush(), "five megabytes do not fit into a socket"
    received = bytearray()
    while len(received) < len(payload) + 8:
        received += other.recv(1 << 20)
        wire.flush()
    assert received[8:] == payload


def test_an_end_and_nonsense_are_told_apart_from_silence(ends: tuple[Wire, socket.socket]) -> None:
    wire, other = ends
    assert wire.frames() == []
    other.sendall(b"HTTP/1.1 400")
    with pytest.raises(ConnectionAbortedError):
        wire.frames()
    wire._received.clear()
    other.close()
    with pytest.raises(ConnectionResetError):
        wire.frames()


def test_missing_messages_say_how_to_get_them(tmp_path) -> None:
    with pytest.raises(MessagesMissing) as caught:
        Messages(tmp_path / "messages.desc")
    assert "fleet gazebo install" in caught.value.remedy
    (tmp_path / "messages.desc").write_bytes(b"\xff nonsense")
    with pytest.raises(MessagesMissing):
        Messages(tmp_path / "messages.desc")
