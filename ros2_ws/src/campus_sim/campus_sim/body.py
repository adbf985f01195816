"""The body of one robot: where it is, how it moves, what it has been through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campus_sim.contact import Disc, free_share
from campus_sim.kinematics import Drive, advance, clipped, ramp
from campus_sim.walls import Array


@dataclass(frozen=True, slots=True)
class Command:
    """What a robot wants of its drive and its brush for a step."""

    v_mps: float = 0.0
    w_radps: float = 0.0
    brush: bool = False


STAND = Command()


@dataclass(slots=True)
class Body:
    """A robot as a disc that drives.

    Attributes:
        v_mps: forward speed now.
        w_radps: turn rate now, to the left.
        brush_width_m: None: it has no brush.
        brushing: its brush turns.
        moved_m: driven forward in the last step.
        turned_rad: turned left in the last step.
        distance_m: driven since the start, backwards too.
        collisions: how often it was stopped by something it touched.
        touching: something stopped it in the last step.
        level: of the campus, on which it is.
    """

    name: str
    drive: Drive
    radius_m: float
    brush_width_m: float | None
    x_m: float
    y_m: float
    theta_rad: float
    v_mps: float = 0.0
    w_radps: float = 0.0
    brushing: bool = False
    moved_m: float = 0.0
    turned_rad: float = 0.0
    distance_m: float = 0.0
    collisions: int = 0
    touching: bool = False
    level: str = ""

    @property
    def disc(self) -> Disc:
        """Its footprint."""
        return (self.x_m, self.y_m, self.radius_m)

    def step(
        self,
        command: Command,
        dt_s: float,
        slip: tuple[float, float],
        segments: Array,
        discs: Sequence[Disc],
    ) -> None:
        """Drive for a step.

        Args:
            command: what is wanted; the drive's limits are applied to it.
            dt_s: length of the step.
            slip: relative errors of distance and turn.
            segments: walls near the robot, shape (k, 4).
            discs: what else is near.
        """
        drive = self.drive
        wanted_mps = clipped(command.v_mps, drive.max_speed_mps)
        wanted_radps = clipped(command.w_radps, drive.max_turn_rate_radps)
        self.v_mps, moved_m = ramp(self.v_mps, wanted_mps, drive.max_acceleration_mps2, dt_s)
        self.w_radps, turned_rad = ramp(
            self.w_radps, wanted_radps, drive.max_turn_acceleration_radps2, dt_s
        )
        self.moved_m, self.turned_rad = moved_m * (1 + slip[0]), turned_rad * (1 + slip[1])
        self.brushing = command.brush and self.brush_width_m is not None
        if self.moved_m or self.turned_rad:
            self._move(segments, discs)
        else:
            self.touching = False

    def _move(self, segments: Array, discs: Sequence[Disc]) -> None:
        start = (self.x_m, self.y_m)
        x_m, y_m, theta_rad = advance(*start, self.theta_rad, self.moved_m, self.turned_rad)
        share = free_share(start, (x_m, y_m), self.radius_m, segments, discs)
        if share < 1.0:
            self.collisions += not self.touching
            self.v_mps = 0.0
            self.moved_m *= share
            x_m = start[0] + share * (x_m - start[0])
            y_m = start[1] + share * (y_m - start[1])
        self.touching = share < 1.0
        self.x_m, self.y_m, self.theta_rad = x_m, y_m, theta_rad
        self.distance_m += abs(self.moved_m)
