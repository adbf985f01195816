"""Starts the fleet manager alone, for robots that run on their own computers."""

from __future__ import annotations

from typing import Any

from launch.actions import DeclareLaunchArgument, EmitEvent, ExecuteProcess, OpaqueFunction
from launch.events import Shutdown
from launch.substitutions import LaunchConfiguration

from fleet_manager.launching import ARGUMENTS, launched
from launch import LaunchDescription

ROWS = {"manager"}


def generate_launch_description() -> LaunchDescription:
    """Declares the arguments; the processes follow from their values."""
    declared = [
        DeclareLaunchArgument(
            name, default_value="none" if name == "sim" else default, description=what
        )
        for name, (default, what) in ARGUMENTS.items()
    ]
    return LaunchDescription([*declared, OpaqueFunction(function=_start)])


def _start(context: Any) -> list[ExecuteProcess]:
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    return [
        ExecuteProcess(
            cmd=list(each.argv),
            name=each.name,
            additional_env=dict(each.environment),
            output="screen",
            # The fleet goes on without a robot; without the others nothing does.
            on_exit=[EmitEvent(event=Shutdown(reason=f"{each.name} ended"))]
            if each.essential
            else [],
        )
        for each in launched(given, ROWS)
    ]
