"""Starts the fleet manager alone, for robots that run on their own computers."""

from __future__ import annotations

from typing import Any

from fleet_manager.launching import description


def generate_launch_description() -> Any:
    """Rows of the process table that `fleet demo` reads too."""
    return description({"manager"}, sim="none")
