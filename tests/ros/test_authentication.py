"""What robots and manager take of each other: what was signed by a key in use, and only once."""

from __future__ import annotations

import stat
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

pytest.importorskip("campus_msgs.msg", reason="the ROS workspace is not sourced")

from rclpy.serialization import deserialize_message, serialize_message

import campus_msgs.msg as campus
from campus_robot import authentication as robot_side
from campus_robot.errors import ConfigurationError, ErrorType, Refused
from campus_robot.memory import Memory
from fleet_manager.adapters.ros import messages, signing
from fleet_manager.adapters.ros.sense import Garbage
from fleet_manager.app.message_keys import KeyRing, KeysUnusable, enrol
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.report import RobotReport
from tests.ros import wire

pytestmark = pytest.mark.ros

ENVELOPE = messages.Envelope(9, "test", "0123456789abcdef")
NOW_S = 1_800_000_000.0
STOP = InstantAction("stop-1", InstantActionType.EMERGENCY_STOP, {"by": "ana"})


def sent(message: Any) -> Any:
    """A message as it is on the other side of the wire."""
    return deserialize_message(serialize_message(message), type(message))


def a_stop(robot: str = "r1", by: str = "ana") -> Any:
    action = InstantAction("stop-1", InstantActionType.EMERGENCY_STOP, {"by": by})
    return messages.instant_actions_message(robot, [action], ENVELOPE, NOW_S)


class Pair:
    """A manager and its robot r1, which share a folder of keys as after the file was carried."""

    def __init__(self, folder: Path, *, epoch: int = 9, robot: str = "r1") -> None:
        self.folder = folder
        self.memory = Memory()
        self.robot = robot_side.Authenticator(folder, robot, self.memory)
        self.manager = signing.Signer(KeyRing(folder), epoch)

    def restart_robot(self) -> None:
        self.robot = robot_side.Authenticator(self.folder, "r1", self.memory)

    def restart_manager(self, epoch: int) -> None:
        self.manager = signing.Signer(KeyRing(self.folder), epoch)

    def told(self) -> Any:
        """A stop that the manager has signed."""
        return sent(self.manager.sign("instant_actions", a_stop()))

    def says(self) -> Any:
        """A state that the robot has signed."""
        message = campus.RobotState(robot="r1")
        self.robot.sign("robot_states", message)
        return sent(message)

    def refuses(self, message: Any, channel: str = "instant_actions") -> str:
        """Why the robot takes a message not."""
        with pytest.raises(Refused) as refused:
            self.robot.check(channel, message)
        assert refused.value.error_type is ErrorType.UNAUTHENTICATED
        return refused.value.description


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    enrol(tmp_path / "keys", ["r1", "r2"])
    return Pair(tmp_path / "keys")


@given(wire.orders)
def test_both_sides_read_the_same_of_any_order(order: Order) -> None:
    message = messages.order_message(order, ENVELOPE, NOW_S)
    assert robot_side.content(sent(message)) == signing.content(message)


@given(wire.reports)
def test_both_sides_read_the_same_of_any_report(report: RobotReport) -> None:
    message = wire.state_message(report)
    assert signing.content(sent(message)) == robot_side.content(message)


def test_any_change_of_a_message_changes_what_is_signed() -> None:
    message = a_stop()
    before = signing.content(message)
    for changed in (a_stop(by="bob"), a_stop(robot="r2")):
        assert signing.content(changed) != before
    message.auth.mac = array("B", [1])
    assert signing.content(message) == before, "all but the code itself is signed"


def test_what_the_manager_signs_is_taken_once(pair: Pair) -> None:
    message = pair.told()
    pair.robot.check("instant_actions", message)
    assert "replay" in pair.refuses(message)
    pair.robot.check("instant_actions", pair.told())


def test_a_replay_is_refused_after_restarts_too(pair: Pair) -> None:
    heard = pair.told()
    pair.robot.check("instant_actions", heard)
    pair.restart_robot()
    assert "replay" in pair.refuses(heard)
    pair.restart_manager(epoch=10)
    pair.robot.check("instant_actions", pair.told())


def test_forged_messages_are_refused(pair: Pair) -> None:
    assert "nobody" in pair.refuses(sent(a_stop())), "unsigned"
    changed = pair.told()
    changed.actions[0].action_type = "release_stop"
    assert "has signed" in pair.refuses(changed)
    assert "has signed" in pair.refuses(pair.told(), "order"), "of another topic"
    of_another = sent(pair.manager.sign("instant_actions", a_stop(robot="r2")))
    assert "r2/1" in pair.refuses(of_another)
    cut = pair.told()
    cut.auth.mac = cut.auth.mac[:8]
    pair.refuses(cut)
    pair.robot.check("instant_actions", pair.told())


def test_a_new_key_replaces_the_old_one_without_a_gap(pair: Pair) -> None:
    pair.manager.check("robot_states", pair.says())
    old = pair.told()
    assert old.auth.key_id == "r1/1"
    enrol(pair.folder, ["r1"])
    assert pair.told().auth.key_id == "r1/1", "the robot has not read its file yet"
    pair.robot.check("instant_actions", pair.told())
    pair.robot.look_for_new_keys()
    pair.manager.check("robot_states", pair.says())
    new = pair.told()
    assert new.auth.key_id == "r1/2"
    pair.robot.check("instant_actions", new)
    assert "has replaced" in pair.refuses(old)
    pair.restart_robot()
    assert "has replaced" in pair.refuses(old), "also after a restart"
    pair.restart_manager(epoch=10)
    assert pair.told().auth.key_id == "r1/2", "what is in use outlives the manager"


def test_the_managers_robots_are_not_spoken_for_by_others(pair: Pair) -> None:
    state = pair.says()
    pair.manager.check("robot_states", state)
    with pytest.raises(Garbage, match="before"):
        pair.manager.check("robot_states", state)
    with pytest.raises(Garbage, match="nobody"):
        pair.manager.check("robot_states", campus.RobotState(robot="r1"))
    forged = pair.says()
    forged.order_active = True
    with pytest.raises(Garbage, match="has signed"):
        pair.manager.check("robot_states", forged)
    of_another = pair.says()
    of_another.robot = "r2"
    with pytest.raises(Garbage, match="r1/1"):
        pair.manager.check("robot_states", of_another)
    pair.restart_robot()
    pair.manager.check("robot_states", pair.says())


def test_the_fleets_key_signs_what_all_robots_hear(pair: Pair) -> None:
    other = Pair(pair.folder, robot="r2")

    def beat() -> Any:
        message = messages.heartbeat_message(ENVELOPE, 1, NOW_S)
        return sent(pair.manager.sign_for_all("heartbeat", message))

    first = beat()
    for each in (pair, other):
        each.robot.check("heartbeat", first)
        each.refuses(first, "heartbeat")
        each.refuses(sent(messages.heartbeat_message(ENVELOPE, 2, NOW_S)), "heartbeat")
    enrol(pair.folder, ["r1", "r2"], fleet_too=True)
    for each, expected in ((pair, "fleet/1"), (other, "fleet/2")):
        each.robot.look_for_new_keys()
        state = campus.RobotState(robot="r1" if each is pair else "r2")
        each.robot.sign("robot_states", state)
        pair.manager.check("robot_states", sent(state))
        assert beat().auth.key_id == expected, "the newest that every robot has"


def test_a_robot_without_keys_is_told_unsigned_and_takes_that(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.robot.check("instant_actions", pair.told())
    pair.manager.check("robot_states", pair.says())
    assert not pair.told().auth.key_id
    enrol(tmp_path, ["r1"])  # while both run
    pair.robot.look_for_new_keys()
    pair.manager.check("robot_states", pair.says())
    assert pair.told().auth.key_id == "r1/1"
    assert "nobody" in pair.refuses(sent(a_stop()))


def test_a_damaged_file_of_keys_does_not_open_the_robot(pair: Pair) -> None:
    file = pair.folder / "r1.json"
    file.write_text(file.read_text()[:-20])
    with pytest.raises(ConfigurationError, match="enrol r1"):
        pair.restart_robot()
    with pytest.raises(ConfigurationError):
        pair.robot.look_for_new_keys()
    assert "nobody" in pair.refuses(sent(a_stop())), "the keys that it had are kept"
    with pytest.raises(KeysUnusable, match=r"r1\.json"):
        KeyRing(pair.folder)


def test_files_of_keys_are_readable_by_their_owner_alone(pair: Pair) -> None:
    for file in pair.folder.glob("*.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    (pair.folder / "r1.json").chmod(0o644)
    with pytest.raises(KeysUnusable, match="others may read"):
        KeyRing(pair.folder)


def test_the_command_enrols_robots_of_the_fleet(tmp_path: Path, root: Path) -> None:
    def fleet(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fleet_manager", "robot", "enrol", *arguments]
        command += ["--map", "maps/canalside", "--data-dir", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)

    done = fleet("security_1", "--json")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "keys" / "security_1.json") in done.stdout
    assert KeyRing(tmp_path / "keys").is_enrolled("security_1")
    unknown = fleet("nobody")
    assert unknown.returncode == 2
    assert "security_1" in unknown.stderr
