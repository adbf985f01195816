"""Robots as energies, the ways between places, and what runs are judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec
from fleet_manager.core.consumption import Consumption
from fleet_manager.core.planning.routes import Routes

Table = list[list[tuple[float, float]]]


@dataclass(frozen=True)
class Ways:
    """Seconds and watt-hours by the model between places of a campus, for one kind of robot.

    Docks are the last of the places; `between` has the shape (places, places, 2).
    """

    kind: KindSpec
    between: list[list[tuple[float, float]]]
    docks: int
    beyond_wh: list[float]

    @classmethod
    def of(
        cls, campus: Campus, kind: KindSpec, places: Sequence[str], docks: Sequence[str]
    ) -> Ways:
        """Of a campus' places and docks."""
        routes = Routes(campus, kind)
        names = [*places, *docks]
        columns = [routes.arrays.nodes[each] for each in names]
        found = np.empty((len(names), len(names), 2))
        for row, start in enumerate(names):
            reach = routes.reach(start)
            found[row, :, 0] = reach.duration_s[columns]
            found[row, :, 1] = reach.energy_wh[columns]
        near = found[len(places) :, len(places) :, 1].copy()
        np.fill_diagonal(near, np.inf)
        beyond_wh = near.min(axis=1).tolist() if len(docks) > 1 else [0.0]
        table = [[(float(s), float(wh)) for s, wh in row] for row in found.tolist()]
        return cls(kind, table, len(docks), beyond_wh)


@dataclass
class Figures:
    """What a run is judged by.

    Attributes:
        below: times that a robot fell below its reserve away from a dock.
        lowest: state of charge that any robot had away from a dock.
        working_s, waiting_s: of all robots, at work, and in bays for a dock.
        alerts: times that the guarantee could not be given.
    """

    robot_days: float = 0.0
    below: int = 0
    lowest: float = 1.0
    working_s: float = 0.0
    waiting_s: float = 0.0
    charged: int = 0
    alerts: int = 0
    learned: list[tuple[float, float]] = field(default_factory=list)

    def add(self, other: Figures) -> None:
        """Of another run."""
        self.robot_days += other.robot_days
        self.below += other.below
        self.lowest = min(self.lowest, other.lowest)
        self.working_s += other.working_s
        self.waiting_s += other.waiting_s
        self.charged += other.charged
        self.alerts += other.alerts
        self.learned += other.learned


@dataclass
class Robot:
    """A robot. `share` of its leg from `place` to `goal` lies behind it once it is not busy."""

    name: str
    ways: Ways
    own: float
    noise: float
    charge_wh: float
    dock: int
    place: int
    mode: str = "docked"
    goal: int = -1
    share: float = 0.0
    cleans_s: float = 0.0
    since_s: float = 0.0
    busy_until_s: float = 0.0
    drawing_wh: float = 0.0
    claim_wh: float = 0.0
    wants: bool = True
    must: bool = False
    look: int = 0
    no_work_until_s: float = 0.0
    below: bool = False
    consumption: Consumption = field(default_factory=Consumption)
    upper: float = Consumption().upper
    stretch: list[float] = field(default_factory=lambda: [0.0, 0.0])

    @property
    def battery(self) -> BatterySpec:
        """Of its kind."""
        return self.ways.kind.battery

    @property
    def docked(self) -> bool:
        """Whether it stands at its dock."""
        return self.mode == "docked"


def fleet_ways(
    campus: Campus, fleet: FleetConfig, places: int, docks: int, seed: int
) -> list[Ways]:
    """Places and docks of a campus, drawn by a seed, for each kind of its fleet.

    Docks are spread: each is far from those drawn before.
    """
    rng = np.random.default_rng([seed, 141])
    kinds = list(fleet.kinds.values())
    all_docks = [each.id for each in campus.docks]
    table = Routes(campus, kinds[0]).distances_s(all_docks, all_docks)
    chosen = [int(rng.integers(len(all_docks)))]
    while len(chosen) < docks:
        chosen.append(int(table[:, chosen].min(axis=1).argmax()))
    dock_ids = [all_docks[each] for each in chosen]
    reaches = [Routes(campus, kind).reach(dock_ids[0]) for kind in kinds]
    usable = [
        name for name in sorted(campus.waypoints) if all(r.of(name)[0] < np.inf for r in reaches)
    ]
    drawn = rng.choice(len(usable), size=places, replace=False)
    place_ids = [usable[int(each)] for each in sorted(drawn)]
    return [Ways.of(campus, kind, place_ids, dock_ids) for kind in kinds]
