"""The program `campus_gazebo`: joins a campus in Gazebo 11 to ROS, robot by robot.

To the robots it is what `campus_sim` and the hardware are: it publishes `odom`, `pose`, `scan`,
`battery_state` and `/clock`, and obeys `cmd_vel` and `brush`. gzserver runs elsewhere
(`fleet gazebo serve`); the bridge spawns the robots in it and moves it step by step, in lockstep
with the robots (docs/decisions/0021-gazebo-in-lockstep.md).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from campus_gazebo.gazebo11 import Gazebo11
from campus_gazebo.gazebo11_messages import messages
from campus_gazebo.world import GazeboWorld
from campus_sim.main import Program, run_program
from campus_sim.world import WorldOptions
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig

MASTER_PORT = 11345
SERVER_WITHIN_S = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulates in Gazebo until SIGINT, SIGTERM or the end of the duration.

    Returns:
        The exit code: 0, or 2 for a wrong option, map or fleet file, or where Gazebo is not there.
    """
    program = Program(
        "campus_gazebo",
        "Joins a campus in Gazebo 11 to ROS, in lockstep with its robots.",
        _extend,
        _world,
    )
    return run_program(program, arguments)


def _extend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=MASTER_PORT, help="of Gazebo's master")
    parser.add_argument(
        "--messages",
        type=Path,
        default=_usual_messages(),
        metavar="FILE",
        help="descriptors of Gazebo's messages, which `fleet gazebo install` makes",
    )


def _usual_messages() -> Path:
    given = os.environ.get("CAMPUS_GAZEBO_DIR")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(given) if given else cache / "campus-fleet" / "gazebo11") / "messages.desc"


@contextlib.contextmanager
def _world(
    campus: Campus, fleet: FleetConfig, begin: WorldOptions, options: argparse.Namespace
) -> Iterator[GazeboWorld]:
    simulator = Gazebo11(messages(options.messages), options.port, SERVER_WITHIN_S)
    try:
        yield GazeboWorld(campus, fleet, begin, simulator)
    finally:
        simulator.close()


if __name__ == "__main__":
    sys.exit(main())
