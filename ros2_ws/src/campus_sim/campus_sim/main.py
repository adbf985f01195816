"""The program `campus_sim`: simulates a campus and its robots' hardware on ROS."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import rclpy.utilities
from rclpy.context import Context

from campus_sim.configuration import FLEET_FILE, ConfigurationError, load_campus, load_fleet
from campus_sim.lockstep import STEP_NS, Lockstep, SteppedWorld, Stop
from campus_sim.messages import ReadingMessages
from campus_sim.passages import Spell
from campus_sim.summary import summarize
from campus_sim.topics import fleet_domain_id, plant_domain_id
from campus_sim.wire import Wire
from campus_sim.world import World, WorldOptions
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError

if TYPE_CHECKING:
    from campus_sim.cameras import Cameras

LAST_DOMAIN_ID = 232


@dataclass(frozen=True)
class Program:
    """A simulator as a program; the embedded one, or another behind the same options.

    Attributes:
        extend: adds options of its own.
        make_world: the world, ready for its first step, until its context ends.
    """

    name: str
    description: str
    extend: Callable[[argparse.ArgumentParser], None]
    make_world: Callable[
        [Campus, FleetConfig, WorldOptions, argparse.Namespace],
        contextlib.AbstractContextManager[SteppedWorld],
    ]


EMBEDDED = Program(
    "campus_sim",
    "Simulates a campus and the hardware of its robots, in lockstep with them.",
    lambda _parser: None,
    lambda campus, fleet, options, _: contextlib.nullcontext(World(campus, fleet, options)),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulates until SIGINT, SIGTERM or the end of the duration.

    Returns:
        The exit code: 0, or 2 for a wrong option, map or fleet file.
    """
    return run_program(EMBEDDED, arguments)


def run_program(program: Program, arguments: Sequence[str] | None = None) -> int:
    """Runs a simulator until SIGINT, SIGTERM or the end of the duration.

    Returns:
        The exit code: 0, or 2 for a wrong option, map or fleet file.
    """
    argv = list(sys.argv if arguments is None else [program.name, *arguments])
    parser = _parser(program)
    options = parser.parse_args(rclpy.utilities.remove_ros_args(argv)[1:])
    stop = Stop()
    _stop_on_signals(stop)
    try:
        campus = load_campus(options.map_dir)
        fleet = load_fleet(options.fleet_file or options.map_dir / FLEET_FILE, campus)
        begin = WorldOptions(
            options.seed,
            options.people,
            _charges(options.battery, fleet),
            failing=_failing(options.fail_passage, campus),
        )
        cameras = _cameras(options, campus, fleet)
        domains = _domains()
        if options.summary is not None:
            _check_writable(options.summary)
        with program.make_world(campus, fleet, begin, options) as world:
            wall_s = _run(world, fleet, domains, options, stop, cameras)
            if options.summary is not None:
                found = summarize(world, wall_s, options.speed)
                options.summary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    except CampusFleetError as error:
        print(f"{program.name}: {error}; {error.remedy}", file=sys.stderr)
        return 2
    return 0


def _run(
    world: SteppedWorld,
    fleet: FleetConfig,
    domains: tuple[int, int],
    options: argparse.Namespace,
    stop: Stop,
    cameras: Cameras | None,
) -> float:
    """The run on ROS; returns how long its steps took, seconds."""
    contexts = [Context(), Context()]
    try:
        for context, domain_id in zip(contexts, domains, strict=True):
            context.init(domain_id=domain_id)
        noise = WorldOptions().noise
        robots = {
            name: ReadingMessages(name, noise, fleet.kind_of(name).battery) for name in world.names
        }
        wire = Wire(contexts[0], contexts[1], robots, cameras.names if cameras else ())

        def watch(clock_ns: int) -> None:
            for picture in cameras.due(world, clock_ns) if cameras else ():
                wire.publish_picture(picture, clock_ns)

        start_ns = time.time_ns() // STEP_NS * STEP_NS
        lockstep = Lockstep(world, wire, start_ns, options.speed, stop, watch)
        unheard = lockstep.wait_for_robots(options.wait_for_robots)
        if unheard and not stop.asked:
            wire.log(f"goes on without {', '.join(unheard)}")
        lockstep.run(options.duration)
        asked = f"{options.speed:g}" if 0 < options.speed < math.inf else "no ceiling"
        print(
            f"{options.program}: {world.steps * STEP_NS / 1e9:.1f} simulated s"
            f" in {lockstep.wall_s:.1f} s:"
            f" speed {lockstep.speed_reached:.2f} reached, {asked} asked",
            flush=True,
        )
        wire.close()
    finally:
        for context in contexts:
            context.try_shutdown()
    return lockstep.wall_s


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line instead of the whole usage."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` lists the options\n")


def _parser(program: Program) -> argparse.ArgumentParser:
    parser = _Parser(prog=program.name, description=program.description)
    add = parser.add_argument
    add("--map-dir", type=Path, required=True, help="folder with campus.geojson")
    add("--fleet-file", type=Path, help="fleet.yaml; default: the one in the map folder")
    add("--speed", type=_speed, default=1.0, help="simulated s per s, at most; 0 or inf: no limit")
    add("--seed", type=_count, default=1, help="of everything random")
    add("--people", type=_count, default=0, help="how many people walk about")
    add(
        "--battery",
        action="append",
        default=[],
        metavar="ROBOT=CHARGE",
        help="state of charge at the start, 0 to 1; the seed decides for robots not named",
    )
    add(
        "--fail-passage",
        action="append",
        default=[],
        metavar="ID[:FROM_S[:UNTIL_S]]",
        help="a door, lift or crossing that does not react, between simulated seconds of the run",
    )
    add(
        "--wait-for-robots",
        type=_seconds,
        default=30.0,
        metavar="S",
        help="hold the first step for the robots of the fleet, at most this long",
    )
    add("--camera", action="append", default=[], metavar="ROBOT", help="its camera is on")
    add("--fixed-camera", action="append", default=[], metavar="ID", help="of the map; it is on")
    add("--camera-hz", type=_seconds, default=2.0, metavar="HZ", help="pictures a simulated s")
    add("--cameras", type=Path, metavar="FOLDER", help="calibrations: <name>.yaml, default.yaml")
    add("--happenings", type=Path, metavar="FILE", help="who falls, what burns, what is missing")
    add("--duration", type=_seconds, metavar="S", help="end after this simulated time")
    add("--summary", type=Path, metavar="FILE", help="write what the run came to as JSON")
    program.extend(parser)
    parser.set_defaults(program=program.name)
    return parser


def _cameras(options: argparse.Namespace, campus: Campus, fleet: FleetConfig) -> Cameras | None:
    """The cameras that are on; None: none is, and nothing of perception is needed."""
    if not options.camera and not options.fixed_camera:
        return None
    from campus_sim.cameras import Cameras
    from campus_sim.happenings import load_happenings

    for name in options.camera:
        if name not in fleet.robots:
            raise ConfigurationError(
                f"--camera {name}: the fleet has no such robot",
                f"choose from {', '.join(fleet.robots)}",
            )
    happenings = load_happenings(options.happenings, campus) if options.happenings else []
    return Cameras(
        campus,
        list(dict.fromkeys(options.camera)),
        list(dict.fromkeys(options.fixed_camera)),
        1.0 / max(options.camera_hz, 0.1),
        options.cameras,
        happenings,
    )


def _speed(text: str) -> float:
    return _number(text, math.inf, "a number above 0, or 0 for no limit")


def _seconds(text: str) -> float:
    return _number(text, sys.float_info.max, "seconds, 0 or more")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, 0 or more")
    return int(text)


def _number(text: str, most: float, wanted: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r}: give {wanted}")
    return value


def _charges(given: Sequence[str], fleet: FleetConfig) -> dict[str, float]:
    charges = {}
    for each in given:
        name, _, text = each.partition("=")
        if name not in fleet.robots:
            raise ConfigurationError(
                f"--battery {each}: the fleet has no robot {name!r}",
                f"choose from {', '.join(fleet.robots)}",
            )
        try:
            charges[name] = float(text)
        except ValueError:
            charges[name] = math.nan
        if not 0 <= charges[name] <= 1:
            raise ConfigurationError(
                f"--battery {each}: {text!r} is no state of charge", "give one from 0 to 1"
            )
    return charges


def _failing(given: Sequence[str], campus: Campus) -> dict[str, Spell]:
    spells = {}
    for each in given:
        name, *times = each.split(":")
        if name not in campus.passages:
            raise ConfigurationError(
                f"--fail-passage {each}: the map has no door, lift or crossing {name!r}",
                f"choose from {', '.join(campus.passages) or 'none: it has none'}",
            )
        try:
            begin_s, end_s = (*map(float, times), *(0.0, math.inf)[len(times) :])
        except ValueError:
            raise ConfigurationError(
                f"--fail-passage {each}: no times", "give ID, ID:FROM_S or ID:FROM_S:UNTIL_S"
            ) from None
        spells[name] = (begin_s, end_s)
    return spells


def _domains() -> tuple[int, int]:
    try:
        domains = fleet_domain_id(), plant_domain_id()
    except ValueError as error:
        raise ConfigurationError(
            f"CAMPUS_FLEET_DOMAIN_ID, CAMPUS_PLANT_DOMAIN_ID: {error}", "give numbers"
        ) from None
    if domains[0] == domains[1] or not all(0 <= each <= LAST_DOMAIN_ID for each in domains):
        raise ConfigurationError(
            f"CAMPUS_FLEET_DOMAIN_ID, CAMPUS_PLANT_DOMAIN_ID: {domains[0]} and {domains[1]}",
            f"give two different numbers from 0 to {LAST_DOMAIN_ID}",
        )
    return domains


def _check_writable(file: Path) -> None:
    if not file.parent.is_dir():
        raise ConfigurationError(
            f"--summary {file}: there is no folder {file.parent}", "make it or choose another"
        )


def _stop_on_signals(stop: Stop) -> None:
    def ask(_: int, __: FrameType | None) -> None:
        stop.asked = True

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)


if __name__ == "__main__":
    sys.exit(main())
