"""The campus in a simulator's physics, one step at a time: what campus_sim's world is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from campus_gazebo.robot_sdf import robot_sdf
from campus_gazebo.robots import model_of
from campus_gazebo.simulator import Place, Ranges, Simulator
from campus_sim.battery import Battery
from campus_sim.body import STAND, Body, Command
from campus_sim.dirt import DirtGrid
from campus_sim.kinematics import Drive, clipped, ramp
from campus_sim.levels import Levels
from campus_sim.passages import Passages
from campus_sim.sensors import Reading, Sensors
from campus_sim.world import (
    DOCK_REACH_M,
    DT_S,
    STANDING_MPS,
    Concern,
    WorldOptions,
    begin_charge,
    rng_of,
)
from fleet_manager.core.campus import Campus, ZonePurpose
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.geometry import heading_rad
from fleet_manager.core.starting import starting_places

SPAWN_ABOVE_M = 0.005
SETTLES_S = 0.5
_NOBODY = np.zeros((0, 3))
_CARRIED_M = 1.0
_THERE_M = 0.05
_STANDS_M = 0.005
"""What is driven in a step and is less says nothing of a slope."""


class GazeboWorld:
    """Robots of a fleet in a simulator; see `campus_sim.lockstep.SteppedWorld`.

    Drives, contacts and lidars are the simulator's. Wheels get the speed that motors with the
    kind's acceleration reach. Odometer and localiser are campus_sim's, over the simulator's poses;
    so are batteries, dirt, and the gateways of doors and lifts. People stand in the world as it was
    exported.

    Attributes:
        steps: made since the start; each takes `DT_S`.
        bodies: the robots, in the order of the fleet.
        batteries: theirs.
        dirt: of each zone that is cleaned, by its id.
        passages: doors, lifts and crossings.
        readings: of the robots after the last step, by name.
    """

    def __init__(
        self,
        campus: Campus,
        fleet: FleetConfig,
        options: WorldOptions,
        simulator: Simulator,
        target: str = "gazebo11",
    ) -> None:
        self.steps = 0
        self._campus, self._simulator = campus, simulator
        self.bodies = _bodies(campus, fleet)
        touch_m = max(body.radius_m for body in self.bodies)
        self._levels = Levels(campus, touch_m)
        self.passages = Passages(campus, options.failing)
        self._docks = [(dock.level, dock.xy) for dock in campus.docks]
        self.batteries = [
            Battery(fleet.kind_of(body.name), begin_charge(options, body.name))
            for body in self.bodies
        ]
        self.dirt = {
            zone.id: DirtGrid(zone.polygon)
            for zone in campus.zones.values()
            if zone.purpose is ZonePurpose.CLEAN
        }
        self._zone_levels = {zone.id: zone.level for zone in campus.zones.values()}
        self._sensors = Sensors(
            len(self.bodies),
            options.noise,
            lambda each: self._levels.of(each).sight,
            self.bodies[0].level,
            rng_of(options.seed, Concern.ODOMETRY),
            rng_of(options.seed, Concern.POSE),
            rng_of(options.seed, Concern.SCAN),
        )
        self._speeds = {body.name: (0.0, 0.0) for body in self.bodies}
        self._seen_s: dict[str, float] = {}
        self._heights_m: dict[str, float] = {}
        self._carried: dict[str, Place] = {}
        self._furnish(fleet, target)
        self.readings = self._read()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the robots, in the order of the fleet."""
        return tuple(body.name for body in self.bodies)

    def step(self, commands: Mapping[str, Command]) -> None:
        """Let `DT_S` pass. A robot without a command brakes to a stand and lifts its brush."""
        for body, battery in zip(self.bodies, self.batteries, strict=True):
            command = STAND if battery.empty else commands.get(body.name, STAND)
            self._command(body, command)
        self._simulator.advance(DT_S)
        self.steps += 1
        for body, battery in zip(self.bodies, self.batteries, strict=True):
            slope = self._follow(body)
            docked = self._is_docked(body)
            speed_mps = body.moved_m / DT_S
            battery.step(DT_S, speed_mps, slope, tool=body.brushing, docked=docked)
        self._pass_through()
        self.readings = self._read()

    def _command(self, body: Body, command: Command) -> None:
        """Ramp the wheels to what is wanted, as motors do; what counts is the mean of the step."""
        drive = body.drive
        v_mps, w_radps = self._speeds[body.name]
        wanted_mps = clipped(command.v_mps, drive.max_speed_mps)
        wanted_radps = clipped(command.w_radps, drive.max_turn_rate_radps)
        v_mps, moved_m = ramp(v_mps, wanted_mps, drive.max_acceleration_mps2, DT_S)
        w_radps, turned_rad = ramp(w_radps, wanted_radps, drive.max_turn_acceleration_radps2, DT_S)
        self._speeds[body.name] = (v_mps, w_radps)
        body.brushing = command.brush and body.brush_width_m is not None
        self._simulator.drive(body.name, moved_m / DT_S, turned_rad / DT_S)

    def _follow(self, body: Body) -> float:
        """Take over where the simulator has a robot.

        Returns:
            The slope that it has driven, rise over run in the direction in which it moved.
        """
        place = self._simulator.places[body.name]
        if math.dist((place.x_m, place.y_m), (body.x_m, body.y_m)) > _CARRIED_M:
            # It was carried there: its wheels have not turned.
            body.x_m, body.y_m, body.theta_rad = place.x_m, place.y_m, place.yaw_rad
            self._heights_m[body.name] = place.z_m
        rise_m = place.z_m - self._heights_m.get(body.name, place.z_m)
        self._heights_m[body.name] = place.z_m
        before = (body.x_m, body.y_m)
        dx_m, dy_m = place.x_m - body.x_m, place.y_m - body.y_m
        turned_rad = math.remainder(place.yaw_rad - body.theta_rad, 2 * math.pi)
        middle_rad = body.theta_rad + turned_rad / 2
        body.moved_m = dx_m * math.cos(middle_rad) + dy_m * math.sin(middle_rad)
        body.turned_rad = turned_rad
        body.v_mps, body.w_radps = body.moved_m / DT_S, turned_rad / DT_S
        body.x_m, body.y_m, body.theta_rad = place.x_m, place.y_m, place.yaw_rad
        body.distance_m += abs(body.moved_m)
        touching = body.name in self._simulator.touching
        body.collisions += touching and not body.touching
        body.touching = touching
        body.level = self._levels.on_ramp(body.level, (body.x_m, body.y_m))
        if body.brushing and body.brush_width_m is not None:
            for zone, grid in self.dirt.items():
                if self._zone_levels[zone] == body.level:
                    grid.brush(before, (body.x_m, body.y_m), body.brush_width_m)
        return rise_m / abs(body.moved_m) if abs(body.moved_m) > _STANDS_M else 0.0

    def _pass_through(self) -> None:
        """Doors and lifts; a lift puts those in its cabin onto its other level."""
        for body in self.bodies:
            self._levels.of(body.level)
        before = [body.level for body in self.bodies]
        self.passages.step((self.steps - 1) * DT_S, DT_S, self.bodies, self._levels.leaves)
        lifted = {
            body.name: self._place(body)
            for body, level in zip(self.bodies, before, strict=True)
            if body.level != level
        }
        self._carried |= lifted
        self._carry()

    def put(self, name: str, x_m: float, y_m: float, theta_rad: float) -> None:
        """Have a robot carried to another place on its level; some steps later it is there."""
        body = next(each for each in self.bodies if each.name == name)
        height_m = self._campus.levels[body.level].elevation_m + SPAWN_ABOVE_M
        self._carried[name] = Place(x_m, y_m, height_m, theta_rad)

    @property
    def carried(self) -> frozenset[str]:
        """Robots that are not yet where a lift or somebody puts them."""
        return frozenset(self._carried)

    def _carry(self) -> None:
        """Ask again and again, until they are there, for robots that are put elsewhere."""
        for name, wanted in list(self._carried.items()):
            here = self._simulator.places[name]
            far_m = math.dist((here.x_m, here.y_m, here.z_m), (wanted.x_m, wanted.y_m, wanted.z_m))
            if far_m < _THERE_M:
                del self._carried[name]
        if self._carried:
            self._simulator.move(self._carried)

    def _place(self, body: Body) -> Place:
        height_m = self._campus.levels[body.level].elevation_m + SPAWN_ABOVE_M
        return Place(body.x_m, body.y_m, height_m, body.theta_rad)

    def _furnish(self, fleet: FleetConfig, target: str) -> None:
        """Put robots and people into the world, and let the robots settle on their wheels."""
        models = {
            body.name: (
                robot_sdf(model_of(fleet.kind_of(body.name)), body.name, target),
                self._place(body),
            )
            for body in self.bodies
        }
        self._simulator.spawn(models)
        self._simulator.watch({body.name: body.radius_m + 0.01 for body in self.bodies})
        self._simulator.advance(SETTLES_S)
        for body in self.bodies:
            self._follow(body)
            body.v_mps = body.w_radps = body.distance_m = body.moved_m = body.turned_rad = 0.0
            body.collisions, body.touching = 0, False

    def _is_docked(self, body: Body) -> bool:
        here = (body.x_m, body.y_m)
        return abs(body.v_mps) < STANDING_MPS and any(
            level == body.level and math.dist(here, dock) <= DOCK_REACH_M
            for level, dock in self._docks
        )

    def _read(self) -> dict[str, Reading]:
        readings = self._sensors.read(
            self.steps, DT_S, self.bodies, self.batteries, _NOBODY, self._scans()
        )
        return dict(zip(self.names, readings, strict=True))

    def _scans(self) -> Sequence[Ranges | None]:
        """The turns that are new since the last step."""
        found: list[Ranges | None] = []
        for body in self.bodies:
            turn = self._simulator.turns.get(body.name)
            if turn is None or turn.at_s <= self._seen_s.get(body.name, -1.0):
                found.append(None)
                continue
            self._seen_s[body.name] = turn.at_s
            found.append(turn.ranges_m)
        return found


def _bodies(campus: Campus, fleet: FleetConfig) -> list[Body]:
    """The robots at their docks, their backs to them."""
    found = []
    for name, home in starting_places(campus, fleet).items():
        kind = fleet.kind_of(name)
        lanes = campus.lanes_from(home.id)
        theta_rad = heading_rad(*lanes[0].points[:2]) if lanes else home.heading_rad or 0.0
        body = Body(
            name,
            Drive.of(kind),
            kind.footprint_radius_m,
            kind.brush_width_m,
            *home.xy,
            theta_rad,
            level=home.level,
        )
        found.append(body)
    return found
