"""What is configured: kinds of robots, the robots, the policy they are run by, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.recurrence import Move
from fleet_manager.core.safety_rules import DEFAULT_RULES, SafetyRules

SKILLS = frozenset({"patrol", "respond", "clean", "inspect", "go_to", "charge"})
"""What a robot can be able to do."""


class FleetConfigError(CampusFleetError):
    """A fleet that contradicts itself or its campus."""


@dataclass(frozen=True, slots=True)
class BatterySpec:
    """A battery and what draws on it.

    Attributes:
        idle_w: drawn always.
        drive_w_per_mps: drawn on top, per metre per second.
        tool_w: drawn on top while the tool (a brush, for example) runs.
        charge_w: what a dock gives, net of `idle_w`.
        taper_from: state of charge (0 to 1) above which a dock gives less and less; 1: it does not.
    """

    capacity_wh: float
    idle_w: float
    drive_w_per_mps: float
    tool_w: float
    charge_w: float
    taper_from: float = 1.0


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of robot.

    Attributes:
        brush_width_m: None: it does not clean.
        mass_kg: with what it carries, for slopes; 0: they take nothing.
        water_m2: cleaned until the water is used up; None: it is not counted.
        bin_m2: cleaned until the bin is full; None: it is not counted.
        service_s: at its dock until the water is filled up and the bin is emptied.
    """

    name: str
    skills: frozenset[str]
    footprint_radius_m: float
    max_speed_mps: float
    max_acceleration_mps2: float
    max_turn_rate_radps: float
    battery: BatterySpec
    brush_width_m: float | None = None
    mass_kg: float = 0.0
    water_m2: float | None = None
    bin_m2: float | None = None
    service_s: float = 180.0


@dataclass(frozen=True, slots=True)
class RobotSpec:
    """A robot; `home` is the dock where it rests and charges rather than elsewhere; "": none."""

    name: str
    kind: str
    home: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """How the fleet is run.

    Attributes:
        charge_below: state of charge (0 to 1) below which an idle robot goes to charge.
        reserve: state of charge that no task may plan to fall below.
        charge_to: state of charge at which charging ends.
        offline_after_s: of silence.
        reassign_after_s: offline before its task is given to another.
        patience_s: a robot waits this long before an obstacle until it says that it is blocked.
    """

    charge_below: float = 0.30
    reserve: float = 0.15
    charge_to: float = 0.95
    offline_after_s: float = 5.0
    reassign_after_s: float = 60.0
    patience_s: float = 15.0


@dataclass(frozen=True)
class FleetConfig:
    """A fleet: kinds and robots by name, its policy, and what is an incident on its campus."""

    name: str
    kinds: Mapping[str, KindSpec]
    robots: Mapping[str, RobotSpec]
    policy: Policy
    safety: SafetyRules = DEFAULT_RULES

    def kind_of(self, robot: str) -> KindSpec:
        """The kind of a robot.

        Raises:
            FleetConfigError: there is no such robot.
        """
        if robot not in self.robots:
            raise FleetConfigError(
                f"no robot {robot!r} in the fleet {self.name}", "add it to fleet.yaml"
            )
        return self.kinds[self.robots[robot].kind]


@dataclass(frozen=True)
class ScheduleSpec:
    """Recurring work.

    Attributes:
        rrule: recurrence rule of RFC 5545 without DTSTART and UNTIL, in local time.
        timezone: IANA name.
        start: first local date on which it may run.
        until: last local date on which it may run; None: for ever.
        exceptions: local dates on which it does not run.
        request: Open-RMF's task request: category, description, priority, labels.
        moves: single occurrences that run at another time, or not at all.
    """

    id: str
    name: str
    rrule: str
    timezone: str
    start: date
    until: date | None
    exceptions: tuple[date, ...]
    enabled: bool
    request: Mapping[str, Any]
    moves: tuple[Move, ...] = ()
