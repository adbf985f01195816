"""Where Gazebo 11 is kept, and whether it can be used there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fleet_manager.core.errors import CampusFleetError

FOLDER = "CAMPUS_GAZEBO_DIR"
"""Environment variable that names another folder."""


class GazeboMissing(CampusFleetError):
    """Gazebo 11 cannot be set up or used on this machine."""


@dataclass(frozen=True)
class Place:
    """The folder that holds Gazebo 11 and nothing else.

    Attributes:
        folder: everything is in it.
    """

    folder: Path

    @property
    def root(self) -> Path:
        """The file system of Debian 11 with gzserver."""
        return self.folder / "root"

    @property
    def descriptors(self) -> Path:
        """Descriptors of Gazebo's messages."""
        return self.folder / "messages.desc"

    @property
    def mark(self) -> Path:
        """What was installed and when, once it is whole."""
        return self.folder / "installed.json"

    @property
    def log(self) -> Path:
        """What the installation said."""
        return self.folder / "install.log"

    @property
    def is_installed(self) -> bool:
        """Whether it is whole."""
        return self.mark.exists() and self.descriptors.exists()

    def why_not(self) -> str | None:
        """Why a server cannot be started from here; None: it can."""
        if not self.is_installed:
            return "Gazebo 11 is not installed: run `fleet gazebo install`"
        if os.geteuid() != 0:
            return "Gazebo 11 runs in a root file system of its own, for which one has to be root"
        return None


def usual_place() -> Place:
    """The folder of the environment, or `campus-fleet/gazebo11` in the user's cache."""
    given = os.environ.get(FOLDER)
    if given:
        return Place(Path(given).absolute())
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Place((cache / "campus-fleet" / "gazebo11").absolute())
