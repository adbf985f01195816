"""The campus as the robots find it: one step of physics at a time, fixed by seed and commands."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from campus_sim.battery import Battery
from campus_sim.body import STAND, Body, Command
from campus_sim.dirt import DirtGrid
from campus_sim.kinematics import Drive
from campus_sim.levels import Levels
from campus_sim.noise import USUAL, Noise
from campus_sim.passages import Passages, Spell
from campus_sim.people import RADIUS_M as PERSON_RADIUS_M
from campus_sim.people import People
from campus_sim.sensors import Reading, Sensors
from campus_sim.slopes import Slopes
from fleet_manager.core.campus import Campus, Waypoint, ZonePurpose
from fleet_manager.core.config import FleetConfig, RobotSpec
from fleet_manager.core.geometry import heading_rad
from fleet_manager.core.starting import starting_places

DT_S = 0.1
DOCK_REACH_M = 0.6
STANDING_MPS = 0.02
START_CHARGE = (0.55, 1.0)


class Concern(IntEnum):
    """Each concern has a stream of random numbers of its own."""

    SLIP = 1
    ODOMETRY = 2
    POSE = 3
    SCAN = 4
    PEOPLE = 5
    CHARGE = 6


@dataclass(frozen=True)
class WorldOptions:
    """How a world begins.

    Attributes:
        seed: of everything random.
        people: who walk about.
        charges: state of charge (0 to 1) at the start of robots by name; the others get one
            between 0.55 and 1 that seed and name decide.
        noise: of drives and sensors.
        failing: doors, lifts and crossings that do not react for some time.
    """

    seed: int = 1
    people: int = 0
    charges: Mapping[str, float] = field(default_factory=dict)
    noise: Noise = USUAL
    failing: Mapping[str, Spell] = field(default_factory=dict)


class World:
    """Robots, people and dirt on the levels of a campus, and what opens between them.

    Attributes:
        steps: made since the start; each takes `DT_S`.
        bodies: the robots, in the order of the fleet.
        batteries: theirs.
        people: who walk about.
        dirt: of each zone that is cleaned, by its id.
        passages: doors, lifts and crossings.
        readings: of the robots after the last step, by name.
    """

    def __init__(self, campus: Campus, fleet: FleetConfig, options: WorldOptions) -> None:
        self.steps = 0
        places = starting_places(campus, fleet)
        homes = [(robot, places[robot.name]) for robot in fleet.robots.values()]
        self.bodies = [_body(campus, fleet, robot, home) for robot, home in homes]
        touch_m = max(body.radius_m + body.drive.max_speed_mps * DT_S for body in self.bodies)
        self._levels = Levels(campus, touch_m)
        self._slopes = Slopes(campus)
        self.passages = Passages(campus, options.failing)
        self._people_level = level = homes[0][1].level
        self._noise = options.noise
        self._slip_rng = rng_of(options.seed, Concern.SLIP)
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
        rng = rng_of(options.seed, Concern.PEOPLE)
        self.people = People(campus, level, options.people, rng, self._levels.of(level).shape.all)
        self._sensors = Sensors(
            len(self.bodies),
            options.noise,
            lambda each: self._levels.of(each).sight,
            level,
            rng_of(options.seed, Concern.ODOMETRY),
            rng_of(options.seed, Concern.POSE),
            rng_of(options.seed, Concern.SCAN),
        )
        self.readings = self._read()

    @property
    def people_level(self) -> str:
        """The level on which people walk."""
        return self._people_level

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the robots, in the order of the fleet."""
        return tuple(body.name for body in self.bodies)

    def step(self, commands: Mapping[str, Command]) -> None:
        """Let `DT_S` pass. A robot without a command brakes to a stand and lifts its brush."""
        slips = self._noise.slip * self._slip_rng.standard_normal((len(self.bodies), 2))
        for index, (body, slip) in enumerate(zip(self.bodies, slips.tolist(), strict=True)):
            command = commands.get(body.name, STAND)
            if self.batteries[index].empty:
                command = STAND
            self._drive(body, command, (slip[0], slip[1]))
        near = [body.disc for body in self.bodies if body.level == self._people_level]
        discs = np.array(near).reshape(-1, 3)
        self.people.step(DT_S, discs)
        for body, battery in zip(self.bodies, self.batteries, strict=True):
            battery.step(
                DT_S,
                body.moved_m / DT_S,
                self._slope_of(body),
                tool=body.brushing,
                docked=self._is_docked(body),
            )
        now_s = self.steps * DT_S
        self.passages.step(now_s, DT_S, self.bodies, self._levels.leaves)
        if self.passages.changed:
            self._levels.open(self.passages.open_on)
            self.passages.changed = False
        self.steps += 1
        self.readings = self._read()

    def _drive(self, body: Body, command: Command, slip: tuple[float, float]) -> None:
        before = (body.x_m, body.y_m)
        walls = self._levels.of(body.level).touch.at(*before)
        discs = [
            other.disc for other in self.bodies if other is not body and other.level == body.level
        ]
        if body.level == self._people_level:
            discs += [(x, y, PERSON_RADIUS_M) for x, y in self.people.positions.tolist()]
        body.step(command, DT_S, slip, walls, discs)
        body.level = self._levels.on_ramp(body.level, (body.x_m, body.y_m))
        if body.brushing and body.brush_width_m is not None:
            for zone, grid in self.dirt.items():
                if self._zone_levels[zone] != body.level:
                    continue
                grid.brush(before, (body.x_m, body.y_m), body.brush_width_m)

    def _slope_of(self, body: Body) -> float:
        """Rise over run of what a robot has just driven over, in the direction of that."""
        if body.moved_m == 0.0:
            return 0.0
        slope = self._slopes.under(body.level, (body.x_m, body.y_m), body.theta_rad)
        return math.copysign(1.0, body.moved_m) * slope

    def _is_docked(self, body: Body) -> bool:
        here = (body.x_m, body.y_m)
        return abs(body.v_mps) < STANDING_MPS and any(
            level == body.level and math.dist(here, dock) <= DOCK_REACH_M
            for level, dock in self._docks
        )

    def _read(self) -> dict[str, Reading]:
        readings = self._sensors.read(
            self.steps, DT_S, self.bodies, self.batteries, self.people.discs()
        )
        return dict(zip(self.names, readings, strict=True))


def rng_of(seed: int, *concern: int) -> np.random.Generator:
    """The random numbers of one concern; a draw more in one changes no other."""
    return np.random.default_rng([seed, *concern])


def begin_charge(options: WorldOptions, name: str) -> float:
    """State of charge, 0 to 1; by name, so that a robot begins the same whoever else takes part."""
    if name in options.charges:
        return options.charges[name]
    rng = rng_of(options.seed, Concern.CHARGE, zlib.crc32(name.encode()))
    return float(rng.uniform(*START_CHARGE))


def _body(campus: Campus, fleet: FleetConfig, robot: RobotSpec, home: Waypoint) -> Body:
    """A robot at its dock, its back to it: heading along the lane that leads away."""
    kind = fleet.kinds[robot.kind]
    lanes = campus.lanes_from(home.id)
    theta_rad = heading_rad(*lanes[0].points[:2]) if lanes else home.heading_rad or 0.0
    return Body(
        robot.name,
        Drive.of(kind),
        kind.footprint_radius_m,
        kind.brush_width_m,
        home.x_m,
        home.y_m,
        theta_rad,
        level=home.level,
    )
