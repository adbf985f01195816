"""What the ROS launch files start: rows of the process table, from launch arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.options import DemoOptions, plan_run
from fleet_manager.processes import Process, processes
from fleet_manager.settings import Settings

SIMULATORS = ("embedded", "gazebo", "none")

ARGUMENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sim": ("embedded", f"the robots' hardware: {', '.join(SIMULATORS)} (real robots)"),
        "robots": ("", "how many, or names with commas; empty: all of the fleet file"),
        "map": ("maps/xixi", "folder of the campus map"),
        "speed": ("1.0", "simulated seconds per second, at most"),
        "seed": ("1", "of everything random in the simulator"),
        "people": ("12", "who walk about in the simulator"),
        "cameras": ("0", "how many robots' cameras are on and watched through (embedded)"),
        "data_dir": (".campus", "folder of database, logs and robots' memory"),
        "host": ("127.0.0.1", "address of the HTTP API"),
        "port": ("8000", "TCP port of the HTTP API"),
    }
)
"""Launch arguments: their defaults, and what they mean."""


def launched(arguments: Mapping[str, str], rows: Collection[str] | None = None) -> list[Process]:
    """The processes of a run, as `fleet demo` would start them.

    Args:
        arguments: values of `ARGUMENTS`; the others have their defaults.
        rows: of the process table that are wanted; None: all that belong to the run.

    Raises:
        DemoFailed: an argument cannot be used; says which and why.
        ProgramMissing: a program of the table is not installed.
    """
    given = {name: default for name, (default, _) in ARGUMENTS.items()} | dict(arguments)
    if given["sim"] not in SIMULATORS:
        raise DemoFailed(
            f"sim:={given['sim']}: there is no such simulator",
            f"give sim:= one of {', '.join(SIMULATORS)}",
        )
    options = DemoOptions(
        speed=_number(given, "speed", float),
        robots=given["robots"],
        seed=_number(given, "seed", int),
        people=_number(given, "people", int),
        gazebo=given["sim"] == "gazebo",
        cameras=_number(given, "cameras", int),
    )
    settings = Settings(
        map_dir=Path(given["map"]),
        data_dir=Path(given["data_dir"]),
        host=given["host"],
        port=_number(given, "port", int),
    )
    run = plan_run(options, settings, settings.data_dir)
    if given["sim"] == "none":
        real = run.settings.with_changes(sim_time=False, speed=1.0)
        run = replace(run, settings=real, simulated=False)
    return [each for each in processes(run) if rows is None or each.row in rows]


def description(rows: Collection[str] | None = None, sim: str = SIMULATORS[0]) -> Any:
    """What a launch file returns: it declares `ARGUMENTS`, the processes follow from their values.

    Needs ROS `launch`, which launch files are read by.

    Args:
        rows: as in `launched`.
        sim: default of the argument `sim`.

    Returns:
        A `launch.LaunchDescription`.
    """
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch.substitutions import LaunchConfiguration

    from launch import LaunchDescription

    def start(context: Any) -> list[Any]:
        given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
        return [_action(each) for each in launched(given, rows)]

    declared = [
        DeclareLaunchArgument(
            name, default_value=sim if name == "sim" else default, description=what
        )
        for name, (default, what) in ARGUMENTS.items()
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=start)])


def _action(process: Process) -> Any:
    from launch.actions import EmitEvent, ExecuteProcess
    from launch.events import Shutdown

    # The fleet goes on without a robot; without the others nothing does.
    ends = [EmitEvent(event=Shutdown(reason=f"{process.name} ended"))] if process.essential else []
    return ExecuteProcess(
        cmd=list(process.argv),
        name=process.name,
        additional_env=dict(process.environment),
        output="screen",
        on_exit=ends,
    )


def _number(given: Mapping[str, str], name: str, kind: type) -> Any:
    try:
        return kind(given[name])
    except ValueError:
        raise DemoFailed(
            f"{name}:={given[name]} is no number", f"give one, for example {ARGUMENTS[name][0]}"
        ) from None
