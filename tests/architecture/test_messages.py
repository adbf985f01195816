"""Every field of every message says what it is; numbers say their unit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = sorted((ROOT / "ros2_ws/src/campus_msgs/msg").glob("*.msg"))

# A float says its unit in its name, or in its comment.
UNIT_IN_NAME = re.compile(r"_(m|s|v|a|c|rad|mps|radps|m2|fraction)$")
UNIT_IN_COMMENT = re.compile(
    r"\b(metres?|seconds?|volts?|amperes?|radians?|square metres|0 to 1|in unit|m/s|rad/s|stamp)\b"
)


def fields(path: Path) -> list[tuple[str, str, str]]:
    """(type, name, comment) of each field; constants are left out."""
    found = []
    for line in path.read_text().splitlines():
        declaration, _, comment = line.partition("#")
        parts = declaration.split()
        if len(parts) == 2 and "=" not in declaration:
            found.append((parts[0], parts[1], comment.strip()))
    return found


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_a_message_begins_with_a_sentence(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 20


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_every_number_says_its_unit(path: Path) -> None:
    unclear = [
        name
        for kind, name, comment in fields(path)
        if kind.startswith("float")
        and not UNIT_IN_NAME.search(name)
        and not UNIT_IN_COMMENT.search(comment)
    ]
    assert not unclear, f"{path.name}: no unit in name or comment of {unclear}"


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_every_whole_number_says_what_it_counts(path: Path) -> None:
    names = {"manager_epoch", "sequence", "order_update_id", "last_node_sequence_id", "counter"}
    unclear = [
        name
        for kind, name, comment in fields(path)
        if kind.startswith(("int", "uint")) and not comment and name not in names
    ]
    assert not unclear, f"{path.name}: no comment on {unclear}"


def test_ids_that_repeat_over_messages_are_explained_once() -> None:
    explained = {
        name for path in MESSAGES for _, name, comment in fields(path) if len(comment) > 10
    }
    for name in ("manager_epoch", "sequence", "order_update_id", "counter", "task_id", "action_id"):
        assert name in explained


def test_every_message_of_the_manager_carries_epoch_and_code() -> None:
    for name in ("Order", "InstantActions", "EmergencySignal", "Heartbeat", "DetectionAck"):
        names = {field for _, field, _ in fields(ROOT / f"ros2_ws/src/campus_msgs/msg/{name}.msg")}
        assert {"manager_epoch", "auth", "header"} <= names, name


def test_what_reaches_the_manager_carries_a_code() -> None:
    for name in ("RobotState", "Detection", "StationReading"):
        names = {field for _, field, _ in fields(ROOT / f"ros2_ws/src/campus_msgs/msg/{name}.msg")}
        assert "auth" in names, name
