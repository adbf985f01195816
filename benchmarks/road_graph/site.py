"""Robots that drive from bay to bay on a campus map, in seconds, whoever directs them.

A robot drives a lane in the time that the map and its kind give, or longer: each time it is late it
takes the lane's duration once more. Where robots are is worked out once a second from when each
began its lane, along the lane's line; whether two touch is found from that alone.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.road_graph.trial import drawn_from
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.traffic.network import Network, network_of
from fleet_manager.core.traffic.planner import TrafficPlanner
from fleet_manager.core.traffic.space import space_of

STUCK_S = 900.0
"""Who has not moved for so long at the end is counted as stuck."""
DRAWS = 3
LOOK_S = 1.0


class Site:
    """A campus for one kind of robot, as a network with bays.

    Attributes:
        ids: of waypoints, by node.
        bays: nodes where robots of the kind may rest.
        to_bay_s: shape (bays, nodes): how long a robot alone drives to each bay.
    """

    def __init__(self, campus: Campus, kind: KindSpec) -> None:
        self.kind = kind
        routes = Routes(campus, self.kind)
        arrays = routes.arrays
        space = space_of(campus, (self.kind.footprint_radius_m,))
        self.ids = arrays.ids
        self.lanes, self.levels = (
            arrays.lanes,
            [campus.waypoints[each].level for each in arrays.ids],
        )
        self.xy = np.stack([arrays.x_m, arrays.y_m], axis=1)
        duration_s = np.array(routes.edge_durations_s)
        clear_s = np.minimum(space.clear_m[0] / self.kind.max_speed_mps, duration_s)
        self.network: Network = network_of(
            len(arrays.ids),
            list(zip(arrays.tails.tolist(), arrays.heads.tolist(), strict=True)),
            duration_s,
            clear_s,
            [space.waypoints[each][0] for each in arrays.ids],
            [space.lanes[each.feature_id][0] for each in arrays.lanes],
            np.array([campus.may_end_base(each) for each in arrays.ids], np.uint8),
        )
        self.units = len(space.units)
        bays = np.flatnonzero(arrays.bays_for(None, True))
        starts = [arrays.ids[each] for each in bays]
        to_bay_s = np.stack([routes.towards(each).duration_s for each in starts])
        joined = np.isfinite(to_bay_s[:, bays]).sum(axis=1) > len(bays) // 2
        self.bays, self.to_bay_s = bays[joined].astype(np.int32), to_bay_s[joined]
        self.lines = [np.array(each.points) for each in arrays.lanes]

    @classmethod
    def load(cls, folder: Path, kind: str) -> Site:
        """From a campus folder, for a kind of its fleet."""
        campus = load_campus(folder)
        return cls(campus, load_fleet(folder, campus).kinds[kind])

    def along(self, edge: int, part: float) -> NDArray[np.float64]:
        """Position on a lane after a part of its length, 0 to 1."""
        line = self.lines[edge]
        steps_m = np.hypot(*np.diff(line, axis=0).T)
        at_m = np.concatenate(([0.0], np.cumsum(steps_m)))
        here_m = part * at_m[-1]
        return np.array([np.interp(here_m, at_m, line[:, 0]), np.interp(here_m, at_m, line[:, 1])])


class Director(Protocol):
    """Who says where robots go."""

    name: str

    def assign(self, robot: int, node: int, bay: int, now_s: float) -> bool:
        """A robot at a node gets a goal, as an index of a bay; False: it cannot go now."""

    def next_edge(self, robot: int) -> int | None:
        """The edge that a robot at a node may drive now; None: it waits."""

    def cleared(self, robot: int, now_s: float) -> None:
        """A robot is clear of the node that it has left."""

    def arrived(self, robot: int, now_s: float) -> None:
        """A robot has reached the next node."""


class Planned:
    """Our planner."""

    name = "ours"

    def __init__(self, site: Site, spots: list[int]) -> None:
        self.site = site
        self.planner = TrafficPlanner(site.network, site.units, len(spots))
        for robot, node in enumerate(spots):
            self.planner.place(robot, node, 0.0)

    def assign(self, robot: int, node: int, bay: int, now_s: float) -> bool:
        """See `Director`."""
        rest = np.zeros(len(self.site.xy), np.uint8)
        rest[self.site.bays[bay]] = 1
        self.planner.retime(now_s)
        return self.planner.plan(robot, (), self.site.to_bay_s[bay][None, :], rest, now_s)

    def next_edge(self, robot: int) -> int | None:
        """See `Director`."""
        if not self.planner.may_depart(robot):
            return None
        plans = self.planner.plans
        return int(plans.edge[robot, plans.reached[robot]])

    def cleared(self, robot: int, now_s: float) -> None:
        """See `Director`."""
        self.planner.departed(robot, now_s)

    def arrived(self, robot: int, now_s: float) -> None:
        """See `Director`."""
        self.planner.arrived(robot, now_s)


class LaneLocks:
    """The shortest way; the next lane and node are locked before a robot leaves for them."""

    name = "lane locks"

    def __init__(self, site: Site, spots: list[int], locks: bool = True) -> None:
        self.site = site
        self.locks = locks
        self.holder = np.full(site.units, -1)
        self.at, self.edge = list(spots), [-1] * len(spots)
        self.bay = [-1] * len(spots)
        for robot, node in enumerate(spots):
            self.holder[self._at_node(node)] = robot

    def _at_node(self, node: int) -> NDArray[np.int32]:
        network = self.site.network
        return network.node_units[network.node_ptr[node] : network.node_ptr[node + 1]]

    def _on(self, edge: int) -> NDArray[np.int32]:
        network = self.site.network
        own = network.edge_units[network.edge_ptr[edge] : network.edge_ptr[edge + 1]]
        return np.concatenate([own, self._at_node(int(network.heads[edge]))])

    def assign(self, robot: int, node: int, bay: int, now_s: float) -> bool:
        """See `Director`."""
        self.bay[robot] = bay
        return True

    def next_edge(self, robot: int) -> int | None:
        """See `Director`."""
        network, left_s = self.site.network, self.site.to_bay_s[self.bay[robot]]
        node = self.at[robot]
        edges = range(network.indptr[node], network.indptr[node + 1])
        edge = min(edges, key=lambda each: network.duration_s[each] + left_s[network.heads[each]])
        if self.locks:
            units = self._on(edge)
            if not np.isin(self.holder[units], (-1, robot)).all():
                return None
            self.holder[units] = robot
        self.edge[robot] = edge
        return edge

    def cleared(self, robot: int, now_s: float) -> None:
        """See `Director`."""
        self._give(self._at_node(self.at[robot]), self._on(self.edge[robot]))

    def arrived(self, robot: int, now_s: float) -> None:
        """See `Director`."""
        self.at[robot] = int(self.site.network.heads[self.edge[robot]])
        self._give(self._on(self.edge[robot]), self._at_node(self.at[robot]))

    def _give(self, units: NDArray[np.int32], kept: NDArray[np.int32]) -> None:
        if self.locks:
            self.holder[np.setdiff1d(units, kept)] = -1


class Ghosts(LaneLocks):
    """Robots that drive through each other: the physical limit."""

    name = "free flow"

    def __init__(self, site: Site, spots: list[int]) -> None:
        super().__init__(site, spots, locks=False)


@dataclass
class Outcome:
    """What a day on the site measured; see `benchmarks.road_graph.trial.Outcome`."""

    hours: float
    goals: int = 0
    delays_s: list[float] = field(default_factory=list)
    stuck: int = 0
    collisions: int = 0
    plan_ms: list[float] = field(default_factory=list)

    @property
    def goals_an_hour(self) -> float:
        """Throughput."""
        return self.goals / self.hours


LOOK, CLEAR, ARRIVE = 0, 1, 2


class Day:
    """Robots, their clock, and what happens next."""

    def __init__(self, site: Site, make: Any, robots: int, late: float, seed: int) -> None:
        self.site, self.late = site, late
        self.rng = np.random.default_rng(seed)
        bays = self.rng.permutation(len(site.bays))
        self.stands = bays[:robots].tolist()
        self.taken = np.zeros(len(bays), np.bool_)
        self.taken[self.stands] = True
        self.draws = [np.random.default_rng((seed, robot)) for robot in range(robots)]
        self.at = [int(site.bays[each]) for each in self.stands]
        self.director: Director = make(site, list(self.at))
        self.edge: list[int | None] = [None] * robots
        self.began_s, self.ends_s = [0.0] * robots, [0.0] * robots
        self.asked: list[tuple[float, float] | None] = [None] * robots
        self.events: list[tuple[float, int, int]] = []
        self.touching: set[tuple[int, int]] = set()

    def run(self, hours: float) -> Outcome:
        """Drive for so long."""
        outcome = Outcome(hours)
        heapq.heappush(self.events, (LOOK_S, LOOK, -1))
        now_s = 0.0
        while now_s < hours * 3600.0:
            self._give_goals(now_s, outcome)
            self._leave(now_s)
            now_s, what, robot = heapq.heappop(self.events)
            if what == LOOK:
                if self.director.name != Ghosts.name:
                    outcome.collisions += self._new_touches(now_s)
                heapq.heappush(self.events, (now_s + LOOK_S, LOOK, -1))
            elif what == CLEAR:
                self.director.cleared(robot, now_s)
            else:
                self._arrive(robot, now_s, outcome)
        moved_s = [began_s if edge is None else now_s for began_s, edge in self._last_moves()]
        outcome.stuck = sum(now_s - each > STUCK_S for each in moved_s)
        return outcome

    def _last_moves(self) -> list[tuple[float, int | None]]:
        return list(zip(self.ends_s, self.edge, strict=True))

    def _give_goals(self, now_s: float, outcome: Outcome) -> None:
        for robot, asked in enumerate(self.asked):
            if asked is not None:
                continue
            for _ in range(DRAWS):
                bay, node = drawn_from(self.draws[robot], self.taken), self.at[robot]
                began_s = time.thread_time()
                going = self.director.assign(robot, node, bay, now_s)
                outcome.plan_ms.append((time.thread_time() - began_s) * 1e3)
                if going:
                    self.taken[self.stands[robot]], self.taken[bay] = False, True
                    self.stands[robot] = bay
                    self.asked[robot] = (now_s, float(self.site.to_bay_s[bay][node]))
                    break

    def _leave(self, now_s: float) -> None:
        network = self.site.network
        changed = True
        while changed:
            changed = False
            for robot, edge in enumerate(self.edge):
                if edge is not None or self.asked[robot] is None:
                    continue
                chosen = self.director.next_edge(robot)
                if chosen is None:
                    continue
                times = int(self.rng.geometric(1.0 - self.late))
                takes_s = float(network.duration_s[chosen]) * times
                clear_s = float(network.clear_s[chosen]) * times
                self.edge[robot] = chosen
                self.began_s[robot], self.ends_s[robot] = now_s, now_s + takes_s
                heapq.heappush(self.events, (now_s + clear_s, CLEAR, robot))
                heapq.heappush(self.events, (now_s + takes_s, ARRIVE, robot))
                changed = True

    def _arrive(self, robot: int, now_s: float, outcome: Outcome) -> None:
        edge, asked = self.edge[robot], self.asked[robot]
        assert edge is not None
        assert asked is not None
        self.director.arrived(robot, now_s)
        self.at[robot], self.edge[robot] = int(self.site.network.heads[edge]), None
        if self.at[robot] == self.site.bays[self.stands[robot]]:
            outcome.goals += 1
            outcome.delays_s.append(now_s - asked[0] - asked[1])
            self.asked[robot] = None

    def _new_touches(self, now_s: float) -> int:
        """How many pairs touch that did not a second ago."""
        by_level: dict[str, list[int]] = {}
        where = np.zeros((len(self.at), 2))
        for robot, edge in enumerate(self.edge):
            level = self.site.levels[self.at[robot]]
            where[robot] = self.site.xy[self.at[robot]]
            if edge is not None:
                if self.site.lanes[edge].lift is not None:
                    continue  # in its cabin, alone: a unit of space that is tested elsewhere
                part = (now_s - self.began_s[robot]) / (self.ends_s[robot] - self.began_s[robot])
                where[robot] = self.site.along(edge, part)
            by_level.setdefault(level, []).append(robot)
        reach_m = 2.0 * self.site.kind.footprint_radius_m - 1e-6
        touching = set()
        for robots in by_level.values():
            for one, other in cKDTree(where[robots]).query_pairs(reach_m):
                touching.add((robots[one], robots[other]))
        new = len(touching - self.touching)
        self.touching = touching
        return new
