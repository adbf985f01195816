"""Starts Gazebo 11 with a campus and the bridge to ROS, for robots started elsewhere."""

from __future__ import annotations

from typing import Any

from fleet_manager.launching import description


def generate_launch_description() -> Any:
    """Rows of the process table that `fleet demo` reads too."""
    return description({"gazebo", "simulator"}, sim="gazebo")
