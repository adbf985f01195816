"""Hosts one or several robots in one process: the console script `campus_robot`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import rclpy.utilities
from rclpy.clock import Clock, ClockType
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock as ClockMessage

from campus_robot.configuration import RobotConfiguration, load_robot
from campus_robot.errors import ConfigurationError
from campus_robot.memory import Memory
from campus_robot.robot_node import RobotNode, qos_of
from campus_robot.topics import PLANT, fleet_domain_id, plant_domain_id

TICK_NS = 100_000_000
TICK_TOLERANCE_NS = 1_000_000
WAKE_S = 0.2
MODES = ("AUTOMATIC", "MANUAL", "SERVICE")


class Host:
    """Ticks its robots every 0.1 s: on /clock with simulated time, else on the wall clock."""

    def __init__(
        self,
        robots: Sequence[tuple[RobotConfiguration, Memory]],
        fleet: Context,
        plant: Context,
        *,
        sim_time: bool,
        mode: str = "AUTOMATIC",
        keys_dir: Path | None = None,
    ) -> None:
        self.stopping = False
        self._last_ns: int | None = None
        first = robots[0][0].name
        self._node = Node(
            f"{first}_host",
            context=plant,
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._nodes = [
            RobotNode(configuration, memory, fleet, plant, mode, keys_dir)
            for configuration, memory in robots
        ]
        self._executor = SingleThreadedExecutor(context=plant)
        self._executor.add_node(self._node)
        if sim_time:
            self._node.create_subscription(
                ClockMessage, PLANT["clock"].name, self._on_clock, qos_of(PLANT["clock"])
            )
        else:
            self._wall = Clock(clock_type=ClockType.SYSTEM_TIME)
            self._node.create_timer(
                TICK_NS / 1e9, self._on_timer, clock=Clock(clock_type=ClockType.STEADY_TIME)
            )

    def _on_clock(self, message: ClockMessage) -> None:
        now_ns = message.clock.sec * 1_000_000_000 + message.clock.nanosec
        last_ns = self._last_ns
        if last_ns is not None and 0 < now_ns - last_ns < TICK_NS - TICK_TOLERANCE_NS:
            return
        self._last_ns = now_ns
        self._tick(now_ns)

    def _on_timer(self) -> None:
        self._tick(self._wall.now().nanoseconds)

    def _tick(self, now_ns: int) -> None:
        for node in self._nodes:
            node.tick(now_ns)

    def spin(self) -> None:
        """Runs until `stopping` is set; notices it within WAKE_S."""
        while not self.stopping:
            try:
                self._executor.spin_once(timeout_sec=WAKE_S)
            except ExternalShutdownException:
                return

    def close(self) -> None:
        """Takes all nodes off their domains."""
        self._executor.remove_node(self._node)
        self._executor.shutdown()
        for node in self._nodes:
            node.destroy()
        self._node.destroy_node()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the robots named until SIGINT or SIGTERM; 0 then, 2 for a wrong configuration."""
    argv = list(sys.argv if arguments is None else ["campus_robot", *arguments])
    plain = rclpy.utilities.remove_ros_args(argv)[1:]
    fleet, plant = Context(), Context()
    try:
        domains = fleet_domain_id(), plant_domain_id()
    except ValueError as error:
        return _wrong(f"CAMPUS_FLEET_DOMAIN_ID, CAMPUS_PLANT_DOMAIN_ID: {error}; give a number")
    fleet.init(domain_id=domains[0])
    plant.init(args=argv, domain_id=domains[1])
    try:
        options = _with_parameters(_parser().parse_args(plain), plant)
        robots = _robots(options)
        host = Host(
            robots,
            fleet,
            plant,
            sim_time=options.sim_time,
            mode=options.mode,
            keys_dir=options.keys_dir,
        )
        _stop_on_signals(host)
        host.spin()
        host.close()
    except ConfigurationError as error:
        return _wrong(str(error))
    finally:
        plant.try_shutdown()
        fleet.try_shutdown()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="campus_robot",
        description="Carries out the fleet manager's orders on one robot or several.",
        epilog="ROS parameters of the same names (robots, fleet_file, state_dir, keys_dir, "
        "use_sim_time, operating_mode) serve launch files.",
    )
    parser.add_argument("--robot", action="append", default=[], help="name in the fleet file")
    parser.add_argument("--fleet-file", "--fleet", type=Path, help="fleet.yaml")
    parser.add_argument("--map-dir", type=Path, help="folder with fleet.yaml, without --fleet-file")
    parser.add_argument("--state-dir", type=Path, help="folder for what outlives a restart")
    parser.add_argument(
        "--keys-dir", type=Path, help="folder with what `fleet robot enrol` wrote; STATE_DIR/keys"
    )
    parser.add_argument("--sim-time", action="store_true", help="run on /clock")
    parser.add_argument("--mode", choices=MODES, default="AUTOMATIC", help="operating mode")
    return parser


def _with_parameters(options: argparse.Namespace, plant: Context) -> argparse.Namespace:
    """Fills what the command line leaves open from ROS parameters."""
    node = Node("campus_robot", context=plant, enable_rosout=False, start_parameter_services=False)
    try:
        given = {
            name: node.declare_parameter(name, default).value
            for name, default in (
                ("robots", [""]),
                ("fleet_file", ""),
                ("state_dir", ""),
                ("keys_dir", ""),
                ("operating_mode", ""),
            )
        }
        options.robot = options.robot or [name for name in given["robots"] if name]
        options.sim_time = options.sim_time or bool(node.get_parameter("use_sim_time").value)
    finally:
        node.destroy_node()
    if options.fleet_file is None:
        if given["fleet_file"]:
            options.fleet_file = Path(given["fleet_file"])
        elif options.map_dir is not None:
            options.fleet_file = options.map_dir / "fleet.yaml"
    if options.state_dir is None:
        options.state_dir = Path(given["state_dir"] or default_state_dir())
    if options.keys_dir is None:
        options.keys_dir = Path(given["keys_dir"] or options.state_dir / "keys")
    options.mode = given["operating_mode"] or options.mode
    if options.mode not in MODES:
        raise ConfigurationError(f"operating_mode {options.mode!r}: give one of {', '.join(MODES)}")
    return options


def default_state_dir() -> Path:
    """Where this computer's robots keep what outlives a restart."""
    root = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(root) / "campus_robot"


def _robots(options: argparse.Namespace) -> list[tuple[RobotConfiguration, Memory]]:
    if not options.robot:
        raise ConfigurationError("no robot named; give --robot NAME (more than once for several)")
    if options.fleet_file is None:
        raise ConfigurationError("no fleet file; give --fleet-file maps/<campus>/fleet.yaml")
    return [
        (load_robot(options.fleet_file, name), Memory.load(options.state_dir, name))
        for name in dict.fromkeys(options.robot)
    ]


def _stop_on_signals(host: Host) -> None:
    def stop(_: int, __: FrameType | None) -> None:
        host.stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _wrong(message: str) -> int:
    print(f"campus_robot: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
