"""Local frames on the campus: a block or a building is drawn square in its own, then turned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from fleet_manager.core.geometry import Xy

Side = Literal["south", "east", "north", "west"]
SIDES: tuple[Side, ...] = ("south", "east", "north", "west")


@dataclass(frozen=True)
class Frame:
    """A frame with its origin and the direction of its u axis, counter-clockwise from east."""

    origin: Xy
    turn_rad: float

    def at(self, u_m: float, v_m: float) -> Xy:
        """Where a local position lies on the campus."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        return (self.origin[0] + u_m * cos - v_m * sin, self.origin[1] + u_m * sin + v_m * cos)

    def local(self, at: Xy) -> Xy:
        """Local coordinates of a position."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        dx, dy = at[0] - self.origin[0], at[1] - self.origin[1]
        return (dx * cos + dy * sin, dy * cos - dx * sin)

    def box(self, u0: float, v0: float, u1: float, v1: float) -> list[Xy]:
        """Corners of a local rectangle."""
        return [self.at(u0, v0), self.at(u1, v0), self.at(u1, v1), self.at(u0, v1)]

    def heading_deg(self, local_deg: float) -> float:
        """A local direction, counter-clockwise from east, 0 to 360."""
        return round((local_deg + math.degrees(self.turn_rad)) % 360.0, 1)


@dataclass(frozen=True)
class Plot:
    """A rectangle seen from one of its sides: u runs along that side, v into the rectangle.

    Attributes:
        along_m: length of the side.
        deep_m: from the side to the one opposite.
    """

    frame: Frame
    along_m: float
    deep_m: float


def plot(frame: Frame, u0: float, v0: float, u1: float, v1: float, side: Side) -> Plot:
    """A local rectangle as it is seen from one of its sides."""
    corner = {"south": (u0, v0), "east": (u1, v0), "north": (u1, v1), "west": (u0, v1)}[side]
    turn_rad = frame.turn_rad + SIDES.index(side) * math.pi / 2
    sizes = (u1 - u0, v1 - v0) if side in ("south", "north") else (v1 - v0, u1 - u0)
    return Plot(Frame(frame.at(*corner), turn_rad), *sizes)
