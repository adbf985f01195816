"""The processes of the system in one table: name, command, when."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.settings import Settings

PERCEPTION = "campus_robot.sight"
"""A process of its own, so that a slow model never delays a robot; a module of its package."""
ROBOTS_PER_PROCESS = (
    6  # several robots share an interpreter: 12 processes cost 2 cores twice as much
)


@dataclass(frozen=True)
class Run:
    """One run of the campus: what the process table needs to know of it.

    Attributes:
        settings: of the manager; the other processes get the same map and domains.
        robots: names of the robots that are started, as in the fleet file.
        simulated: the robots' hardware is the embedded simulator.
        seed: of everything random in the simulator.
        people: how many people walk about in the simulator.
        robots_per_process: how many robots share an interpreter, at most.
        fail_passages: that do not react in the simulator, as in its `--fail-passage`.
        cameras: robots whose cameras are on, and watched through.
        model: card of the model that watches.
        happenings: what there is to be seen in the simulator, as in its `--happenings`.
        gazebo_port: of the master of a Gazebo 11 that simulates instead; None: it is embedded.
    """

    settings: Settings
    robots: tuple[str, ...]
    simulated: bool = True
    seed: int = 1
    people: int = 12
    robots_per_process: int = ROBOTS_PER_PROCESS
    fail_passages: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    model: Path | None = None
    happenings: Path | None = None
    gazebo_port: int | None = None

    @property
    def in_gazebo(self) -> bool:
        """Whether Gazebo is the robots' hardware."""
        return self.simulated and self.gazebo_port is not None


@dataclass(frozen=True)
class Process:
    """One running process: a row of the table made concrete for a run.

    Attributes:
        name: unique in the run; also the name of its log file.
        argv: the command.
        environment: added to the environment of the one who starts it.
        essential: the run cannot go on without it. The fleet is made to go on without a robot.
        row: name of the row of the table that it belongs to.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    essential: bool = True
    row: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: of the process, or the common beginning of the names of several.
        commands: the arguments of each process of this row, the program first.
        when: whether the row belongs to a run.
        essential: as in `Process`.
    """

    name: str
    commands: Callable[[Run], Sequence[Sequence[str]]]
    when: Callable[[Run], bool]
    essential: bool


def _simulator(run: Run) -> Sequence[Sequence[str]]:
    if run.in_gazebo:
        command = ["campus_gazebo", *_map_arguments(run), "--port", str(run.gazebo_port)]
    else:
        command = ["campus_sim", *_map_arguments(run)]
    command += ["--speed", f"{run.settings.speed:g}", "--seed", str(run.seed)]
    if not run.in_gazebo:  # there they stand in the world from the beginning
        command += ["--people", str(run.people)]
    for each in run.fail_passages:
        command += ["--fail-passage", each]
    for name in run.cameras:
        command += ["--camera", name]
    if run.cameras:
        command += ["--cameras", str(_calibrations(run))]
    if run.happenings is not None:
        command += ["--happenings", str(run.happenings)]
    return [command]


def _perception(run: Run) -> Sequence[Sequence[str]]:
    command = [PERCEPTION, *_map_arguments(run), "--model", str(run.model)]
    command += ["--cameras", str(_calibrations(run))]
    command += ["--state-dir", str(run.settings.data_dir.absolute() / "robots")]
    for name in run.cameras:
        command += ["--robot", name]
    return [command]


def _calibrations(run: Run) -> Path:
    return run.settings.map_dir.absolute() / "cameras"


def _gazebo(run: Run) -> Sequence[Sequence[str]]:
    where = ["--map-dir", str(run.settings.map_dir.absolute())]
    return [
        [
            "fleet",
            "gazebo",
            "serve",
            *where,
            "--port",
            str(run.gazebo_port),
            "--people",
            str(run.people),
        ]
    ]


def _robots(run: Run) -> Sequence[Sequence[str]]:
    state_dir = str(run.settings.data_dir.absolute() / "robots")
    groups = -(-len(run.robots) // run.robots_per_process)
    commands = []
    for group in range(groups):
        command = ["campus_robot", *_map_arguments(run), "--state-dir", state_dir]
        command += ["--keys-dir", str(run.settings.keys_dir.absolute())]
        for name in run.robots[group::groups]:
            command += ["--robot", name]
        commands.append([*command, "--sim-time"] if run.simulated else command)
    return commands


def _manager(run: Run) -> Sequence[Sequence[str]]:
    return [["fleet", "serve"]]


def _map_arguments(run: Run) -> list[str]:
    return [
        "--map-dir",
        str(run.settings.map_dir.absolute()),
        "--fleet-file",
        str(run.settings.fleet_file.absolute()),
    ]


TABLE: tuple[Row, ...] = (
    Row("gazebo", _gazebo, when=lambda run: run.in_gazebo, essential=True),
    Row("simulator", _simulator, when=lambda run: run.simulated, essential=True),
    Row("robots", _robots, when=lambda run: bool(run.robots), essential=False),
    Row("perception", _perception, when=lambda run: bool(run.cameras), essential=False),
    Row("manager", _manager, when=lambda run: True, essential=True),
)


def processes(run: Run) -> list[Process]:
    """The processes of a run, in the order in which they are started.

    Raises:
        ProgramMissing: a program of the table is not installed.
    """
    environment = process_environment(run)
    found: list[Process] = []
    for row in TABLE:
        if not row.when(run):
            continue
        commands = row.commands(run)
        for number, command in enumerate(commands, start=1):
            name = row.name if len(commands) == 1 else f"{row.name}-{number}"
            argv = (*program(command[0]), *command[1:])
            found.append(Process(name, argv, environment, row.essential, row.name))
    return found


def process_environment(run: Run) -> dict[str, str]:
    """Variables by which every process of a run finds the same map, database and ROS domains."""
    settings = run.settings
    variables = {
        f"CAMPUS_{name.upper()}": str(getattr(settings, name)) for name in Settings.model_fields
    }
    for name in ("map_dir", "fleet_file", "schedule_file", "data_dir", "keys_dir"):
        variables[f"CAMPUS_{name.upper()}"] = str(getattr(settings, name).absolute())
    variables["ROS_DOMAIN_ID"] = str(settings.fleet_domain_id)
    # Robots of a simulated campus are nobody's business outside this machine.
    if run.simulated and "ROS_AUTOMATIC_DISCOVERY_RANGE" not in os.environ:
        variables["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    variables["PYTHONUNBUFFERED"] = "1"
    return variables


class ProgramMissing(CampusFleetError):
    """A program of the process table is not installed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is in no sourced ROS workspace (AMENT_PREFIX_PATH)",
            "run `make run`, which builds the ROS workspace; or build it with "
            "`cd ros2_ws && colcon build` and source ros2_ws/install/local_setup.bash",
        )


def program(name: str) -> tuple[str, ...]:
    """The command that starts a program: the `fleet` of this interpreter, or a ROS executable.

    ROS executables lie where `ros2 run` finds them, in `PREFIX/lib/PACKAGE/NAME`; here package and
    program have the same name.

    Raises:
        ProgramMissing: no prefix of AMENT_PREFIX_PATH has it.
    """
    if name == "fleet":
        return (sys.executable, "-m", "fleet_manager")
    if name == PERCEPTION:
        return (sys.executable, "-m", PERCEPTION)
    for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
        path = Path(prefix, "lib", name, name)
        if prefix and os.access(path, os.X_OK):
            return (str(path),)
    raise ProgramMissing(name)
