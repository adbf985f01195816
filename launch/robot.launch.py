"""Starts one robot on its own computer, which has the ROS packages and nothing of the manager."""

from __future__ import annotations

from launch.actions import DeclareLaunchArgument, ExecuteProcess
from launch.substitutions import LaunchConfiguration

from launch import LaunchDescription

ARGUMENTS = {
    "robot": (None, "its name in the fleet file"),
    "map": ("maps/xixi", "folder of the campus map, with the fleet file"),
    "fleet_file": ([LaunchConfiguration("map"), "/fleet.yaml"], "robots and their kinds"),
    "state_dir": (".campus/robots", "folder for what outlives a restart"),
    "keys_dir": (
        [LaunchConfiguration("state_dir"), "/keys"],
        "folder with its keys, if it is enrolled",
    ),
}


def generate_launch_description() -> LaunchDescription:
    """The robot's process; it is started again when it ends, as a robot is never without."""
    declared = [
        DeclareLaunchArgument(name, default_value=default, description=what)
        for name, (default, what) in ARGUMENTS.items()
    ]
    command = ["ros2", "run", "campus_robot", "campus_robot"]
    for option, name in (
        ("--map-dir", "map"),
        ("--fleet-file", "fleet_file"),
        ("--state-dir", "state_dir"),
        ("--keys-dir", "keys_dir"),
        ("--robot", "robot"),
    ):
        command += [option, LaunchConfiguration(name)]
    robot = ExecuteProcess(
        cmd=command, name="robot", output="screen", respawn=True, respawn_delay=2.0
    )
    return LaunchDescription([*declared, robot])
