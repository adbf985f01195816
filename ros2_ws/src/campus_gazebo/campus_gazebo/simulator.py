"""What the bridge needs of a simulator, whichever generation of Gazebo it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Ranges = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model stands: metres in the world, heading in radians."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a lidar.

    Attributes:
        at_s: when, in the simulator's own time.
        ranges_m: counter-clockwise from -pi; inf where nothing was met.
    """

    at_s: float
    ranges_m: Ranges


class Simulator(Protocol):
    """A server that moves only when it is told to.

    Attributes:
        places: of the models, after the last step.
        turns: the newest of each robot's lidar.
        touching: robots whose bumper something presses.
    """

    places: Mapping[str, Place]
    turns: Mapping[str, Turn]
    touching: set[str]

    @property
    def now_s(self) -> float:
        """Its own time, seconds since its start."""
        ...

    def spawn(self, models: Mapping[str, tuple[str, Place]]) -> None:
        """Put models into the world: SDF and place by name. They are there afterwards."""
        ...

    def watch(self, robots: Mapping[str, float]) -> None:
        """Read lidar and bumper of robots, by name, with the least range of the lidar, metres."""
        ...

    def drive(self, robot: str, v_mps: float, w_radps: float) -> None:
        """Have a robot's wheels turn for a forward speed and a turn rate to the left."""
        ...

    def move(self, places: Mapping[str, Place]) -> None:
        """Ask for models to be put elsewhere; some steps later they are there."""
        ...

    def advance(self, duration_s: float) -> None:
        """Let time pass, and stand still again."""
        ...

    def close(self) -> None:
        """Leave the server."""
        ...
