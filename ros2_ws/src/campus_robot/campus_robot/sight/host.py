"""Hosts one or several cameras in one process: the console script `campus_perception`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from types import FrameType

import rclpy.utilities
from rclpy.context import Context

from campus_robot.configuration import load_robot
from campus_robot.errors import ConfigurationError
from campus_robot.host import default_state_dir
from campus_robot.sight.outbox import Outbox
from campus_robot.sight.pace import Pace
from campus_robot.sight.sight_node import SightNode
from campus_robot.sight.sources import CampusMap, Source, robot_source
from campus_robot.topics import fleet_domain_id, plant_domain_id
from perception.errors import PerceptionError
from perception.runtime.detector import Detector
from perception.runtime.session import PROVIDERS

STEP_S = 0.02


def main(arguments: Sequence[str] | None = None) -> int:
    """Watches through the cameras named until SIGINT or SIGTERM; 2 for a wrong configuration."""
    argv = list(sys.argv if arguments is None else ["campus_perception", *arguments])
    options = _parser().parse_args(rclpy.utilities.remove_ros_args(argv)[1:])
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    fleet, plant = Context(), Context()
    ends = Event()
    _stop_on_signals(ends)
    nodes: list[SightNode] = []
    try:
        domains = fleet_domain_id(), plant_domain_id()
        campus = CampusMap(options.map_dir)
        sources = _sources(options, campus)
        detectors = [Detector.load(options.model, options.provider or PROVIDERS) for _ in sources]
        fleet.init(domain_id=domains[0])
        plant.init(args=argv, domain_id=domains[1])
        for source, detector in zip(sources, detectors, strict=True):
            outbox = Outbox(options.state_dir, source.name)
            pace = Pace(len(sources))
            nodes.append(SightNode(source, detector, campus, outbox, pace, fleet, plant))
        while not ends.wait(STEP_S):
            for node in nodes:
                node.step()
    except ConfigurationError as error:
        return _wrong(str(error))
    except PerceptionError as error:
        return _wrong(f"{error}; {error.remedy}")
    except ValueError as error:
        return _wrong(f"CAMPUS_FLEET_DOMAIN_ID, CAMPUS_PLANT_DOMAIN_ID: {error}; give a number")
    finally:
        for node in nodes:
            node.destroy()
        plant.try_shutdown()
        fleet.try_shutdown()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="campus_perception",
        description="Watches through robots' cameras and fixed ones; tells the manager.",
    )
    parser.add_argument("--robot", action="append", default=[], help="name in the fleet file")
    parser.add_argument("--fixed", action="append", default=[], help="id of a camera of the map")
    parser.add_argument("--model", type=Path, required=True, help="a model's card")
    parser.add_argument("--cameras", type=Path, help="folder of calibrations")
    parser.add_argument("--map-dir", type=Path, required=True, help="folder of campus.geojson")
    parser.add_argument("--fleet-file", type=Path, help="fleet.yaml, if not in the map's folder")
    parser.add_argument("--state-dir", type=Path, default=default_state_dir())
    parser.add_argument("--provider", action="append", help="execution provider; in order")
    return parser


def _sources(options: argparse.Namespace, campus: CampusMap) -> list[Source]:
    if not options.robot and not options.fixed:
        raise ConfigurationError("no camera named; give --robot NAME or --fixed CAMERA")
    fleet_file = options.fleet_file or options.map_dir / "fleet.yaml"
    robots = [
        robot_source(name, load_robot(fleet_file, name).kind, options.cameras)
        for name in dict.fromkeys(options.robot)
    ]
    return robots + [campus.fixed(name, options.cameras) for name in dict.fromkeys(options.fixed)]


def _stop_on_signals(ends: Event) -> None:
    def stop(_: int, __: FrameType | None) -> None:
        ends.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _wrong(message: str) -> int:
    print(f"campus_perception: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
