"""The ways of the whole fleet in time: the planner's tables beside the state that they follow.

What the log tells of traffic is the ways of robots and after whom each departs. The tables hold the
same with times, in which new ways are planned; they are brought in line with whatever state they
are asked about, so that they may be dropped at will.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from fleet_manager.core.campus import Campus
from fleet_manager.core.planning.compiled import Flags, compiled
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.robot import Movement, RobotRecord, RouteNode, Wait
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import held_way, is_clear
from fleet_manager.core.traffic.network import Floats
from fleet_manager.core.traffic.planner import Stop, TrafficPlanner
from fleet_manager.core.traffic.precedence import open_waits
from fleet_manager.core.traffic.roads import Roads, networks_of, timed
from fleet_manager.core.traffic.space import Space, space_of
from fleet_manager.core.traffic.stays import stay_s
from fleet_manager.core.traffic.times import Times

ROADS_KEPT = 16
OUT_COSTS = 10.0
"""Out of what is closed a robot drives the shortest way: closed lanes count so much more."""
UNKNOWN_S = 60.0
"""What a lane is reckoned to take that a robot may not drive, and is on nevertheless."""

Place = tuple[str, float]
"""A waypoint to be visited, and for how long, seconds."""
Waiting = tuple[str, tuple[Wait, ...]]
_Occupied = tuple[Movement | None, tuple[str, ...], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Way:
    """A planned way.

    Attributes:
        waypoints: after the one it begins at.
        served: for each place to be visited, how many of these have been driven to by then.
        waits: after whom the robot departs, of its whole way.
    """

    waypoints: tuple[str, ...]
    served: tuple[int, ...]
    waits: tuple[Wait, ...]


@dataclass(slots=True)
class _Seen:
    """What of a robot the tables were made from."""

    at: tuple[str, ...] | None = None
    order_id: str = ""
    nodes: tuple[RouteNode, ...] = ()
    blocks: tuple[str, ...] | None = None


class FleetWays:
    """Tables of one site; see the module.

    Attributes:
        unsure: since it was looked at last, robots have come to stay where others may be bound.
    """

    def __init__(self, site: Site) -> None:
        fleet = site.fleet
        self.site = site
        self.arrays = compiled(site.campus)
        radii_m = sorted({kind.footprint_radius_m for kind in fleet.kinds.values()})
        self.space: Space = space_of(site.campus, tuple(radii_m))
        self.names = tuple(fleet.robots)
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self._networks = networks_of(site, self.space)
        kinds = list(fleet.kinds)
        self.planner = TrafficPlanner(
            [self._networks[kind] for kind in kinds],
            len(self.space.units),
            len(self.names),
            [kinds.index(robot.kind) for robot in fleet.robots.values()],
        )
        self._seen = [_Seen() for _ in self.names]
        self._touched: set[int] = set()
        self.unsure = True
        self._roads = lru_cache(ROADS_KEPT)(self._make_roads)
        self._step_units = lru_cache(65_536)(self._find_step_units)
        self._occupied: dict[str, _Occupied] = {}

    @classmethod
    def kept(cls, site: Site) -> FleetWays:
        """The tables of a site, as they were left."""
        found = site.kept.get(cls)
        if found is None:
            found = site.kept[cls] = cls(site)
        assert isinstance(found, cls)
        return found

    @classmethod
    def of(cls, state: FleetState, now_s: float) -> FleetWays:
        """The tables of a state's site, in line with the state."""
        found = cls.kept(state.site)
        found.follow(state, now_s)
        return found

    def prepare(self) -> None:
        """Load the machine code of everything that is done here with a way of nobody's."""
        nodes = len(self.arrays.ids)
        network = next(iter(self._networks.values()))
        planner = TrafficPlanner(network, len(self.space.units), 2)
        bays = self.arrays.bays_for(None, True, frozenset())
        planner.place(0, 0, 0.0)
        roads = Roads(self.arrays, network)
        roads.to_s(0)
        left_s = roads.to_any_s(bays)[None, :]
        planner.retime(0.0)
        planner.replan(0, 0, (), left_s, np.ones(nodes, np.uint8), 0.0)
        planner.plan(0, (Stop(0),), np.zeros((2, nodes)), np.ones(nodes, np.uint8), 0.0)
        if self.arrays.indptr[1] > 0:
            takes_s = float(network.duration_s[0])
            way = [0, int(network.heads[0])]
            planner.enter(0, way, [0], [0.0], [0.0], [takes_s], left=False, now_s=0.0)
            planner.departed(0, 0.0)
            planner.arrived(0, 0.0)
        planner.waits(0)
        planner.followers(0)
        planner.cut(0, planner.forgotten[0] + int(planner.plans.nodes[0]) - 1)
        planner.take_off(0)

    # --- in line with the state ---

    def follow(self, state: FleetState, now_s: float) -> None:
        """Take in what has happened since; what does not follow from what is known, anew."""
        for number, name in enumerate(self.names):
            if not self._take_in(number, state.robots[name], now_s):
                self._enter_all(state, now_s)
                break
        self._hold_passages(state)

    def _take_in(self, number: int, record: RobotRecord, now_s: float) -> bool:
        """Bring one robot in line; False: its way is not the one that is known."""
        seen, movement = self._seen[number], record.movement
        if movement is None:
            if seen.at is not record.at and seen.at != record.at:
                self._stand(number, record, now_s)
            return True
        if movement.outdated:
            if seen.blocks != movement.blocks:
                self._stop(number, movement)
            return True
        if seen.order_id != movement.order_id:
            return False
        if seen.nodes is not movement.nodes:
            if movement.canceling and seen.nodes[: len(movement.nodes)] == movement.nodes:
                self.cut(self.names[number], movement)
            elif seen.nodes != movement.nodes:
                return False
            seen.nodes = movement.nodes
        self.planner.release(number, movement.released_to)
        plans, at = self.planner.plans, self._at(number)
        if at > movement.passed:
            return False
        for _ in range(at, movement.passed):
            if not plans.left[number]:
                self.planner.departed(number, now_s)
            self.planner.arrived(number, now_s)
        if movement.left and not plans.left[number] and not self.planner.stands(number):
            self.planner.departed(number, now_s)
        return True

    def _hold_passages(self, state: FleetState) -> None:
        """Nobody is planned to come before a robot for which a passage opens."""
        for record in state.passages.values():
            for session in record.sessions:
                robot = state.robots.get(session.robot)
                movement = robot.movement if robot is not None else None
                if movement is None or movement.outdated or movement.canceling:
                    continue
                last = _through(self.site.campus, movement, record.id)
                if last is not None:
                    self.planner.release(self.numbers[session.robot], last)

    def _at(self, number: int) -> int:
        """The node of a robot's way that it has reached."""
        return int(self.planner.plans.reached[number]) + self.planner.forgotten[number]

    def _stand(self, number: int, record: RobotRecord, now_s: float) -> None:
        self.unsure = True
        self._touched |= self.planner.followers(number)
        self._seen[number] = _Seen(at=record.at)
        known = tuple(each for each in record.at if each in self.arrays.nodes)
        units = self._units_where(record)
        if known and not record.clear:
            self.planner.place(number, self.arrays.nodes[known[0]], now_s, units)
        else:
            self.planner.take_off(number, units)

    def _stop(self, number: int, movement: Movement) -> None:
        """A robot whose way is not on the map stops somewhere in what it blocks."""
        self.unsure = True
        self._touched |= self.planner.followers(number)
        self._seen[number] = _Seen(blocks=movement.blocks)
        self.planner.take_off(number, self._units_blocked(self.names[number], movement))

    def _units_blocked(self, robot: str, movement: Movement) -> set[int]:
        size, space, found = self._size(robot), self.space, set[int]()
        for each in movement.blocks:
            for shapes in (space.waypoints, space.lanes):
                if each in shapes:
                    found.update(shapes[each][size])
        return found

    def units_of(self, robot: str, way: Sequence[str]) -> set[int]:
        """Units of space that a robot occupies on a way of waypoints."""
        size = self._size(robot)
        found = {unit for each in way for unit in self.space.waypoints[each][size]}
        for pair in pairwise(way):
            edge = self.arrays.edge_between.get(pair)
            edge = self.arrays.edge_between.get(pair[::-1]) if edge is None else edge
            if edge is not None:
                found.update(self.space.lanes[self.arrays.lanes[edge].feature_id][size])
        return found

    def _units_where(self, record: RobotRecord) -> set[int]:
        """Units of where a robot without an order stands."""
        known = tuple(each for each in record.at if each in self.arrays.nodes)
        if record.clear and len(known) > 1:
            return set(self.step_units(record.name, known[0], known[1]))
        return self.units_of(record.name, known)

    def step_units(self, robot: str, start: str, end: str) -> frozenset[int]:
        """Units that a robot takes which drives a lane to its end."""
        return self._step_units(self._size(robot), start, end)

    def _find_step_units(self, size: int, start: str, end: str) -> frozenset[int]:
        lane = self.arrays.lanes[self.arrays.edge_between[start, end]].feature_id
        return frozenset((*self.space.lanes[lane][size], *self.space.waypoints[end][size]))

    def occupied(self, record: RobotRecord) -> frozenset[int]:
        """Units that a robot has: where it stands, or from where it is through its base."""
        kept = self._occupied.get(record.name)
        if kept is None or kept[0] is not record.movement or kept[1] is not record.at:
            kept = (record.movement, record.at, self._find_occupied(record))
            self._occupied[record.name] = kept
        return kept[2]

    def _find_occupied(self, record: RobotRecord) -> frozenset[int]:
        movement = record.movement
        if movement is None:
            return frozenset(self._units_where(record))
        if movement.outdated:
            return frozenset(self._units_blocked(record.name, movement))
        way = held_way(movement)
        if is_clear(movement) and len(way) > 1:  # the first is behind it
            steps = (self.step_units(record.name, *step) for step in pairwise(way))
            return frozenset().union(*steps)
        return frozenset(self.units_of(record.name, way))

    def _size(self, robot: str) -> int:
        return self.space.size_of(self.site.kind(robot).footprint_radius_m)

    def clear_m(self, robot: str) -> float:
        """A robot is clear of a waypoint when it has come so far from it."""
        return self.space.clear_m[self._size(robot)]

    def _enter_all(self, state: FleetState, now_s: float) -> None:
        """Make the tables from the state alone."""
        for number in range(len(self.names)):
            self.planner.take_off(number)
        for number, name in enumerate(self.names):
            record = state.robots[name]
            if record.movement is None:
                self._stand(number, record, now_s)
            elif record.movement.outdated:
                self._stop(number, record.movement)
        timed = Times(self.arrays.edge_between, self.takes_s, state, now_s).all()
        for name, departs_s in timed.items():
            movement = state.robots[name].movement
            assert movement is not None
            self._enter(state, name, movement, departs_s, now_s)
            self._touched.add(self.numbers[name])

    def _enter(
        self,
        state: FleetState,
        name: str,
        movement: Movement,
        departs_s: Sequence[float],
        now_s: float,
    ) -> None:
        number, first = self.numbers[name], movement.passed
        ways = movement.nodes[first : first + len(departs_s) + 1]
        nodes = [self.arrays.nodes[each.waypoint] for each in ways]
        edges = self._edges(ways)
        self.planner.enter(
            number,
            nodes,
            edges,
            [stay_s(state, name, each) for each in ways[:-1]],
            departs_s,
            self.takes_s(name, edges),
            left=movement.left and len(ways) > 1,
            now_s=now_s,
            units=self._units_behind(name, movement),
        )
        self.planner.forgotten[number] = first
        self.planner.release(number, movement.released_to)
        self._seen[number] = _Seen(order_id=movement.order_id, nodes=movement.nodes)

    def _units_behind(self, name: str, movement: Movement) -> set[int]:
        """Units of where a robot stood that may not have reached the first node of its way yet."""
        if not movement.beginning:
            return set()
        if movement.clear and len(movement.behind) > 1:
            return set(self.step_units(name, *movement.behind))
        return self.units_of(name, movement.behind)

    def _edges(self, nodes: Sequence[RouteNode]) -> list[int]:
        between = self.arrays.edge_between
        return [between[a.waypoint, b.waypoint] for a, b in pairwise(nodes)]

    def takes_s(self, robot: str, edges: Sequence[int]) -> list[float]:
        """What edges take a robot when nothing is closed."""
        duration_s = self._networks[self.site.fleet.robots[robot].kind].duration_s[list(edges)]
        return [each if np.isfinite(each) else UNKNOWN_S for each in duration_s.tolist()]

    # --- planning ---

    def plan(
        self,
        state: FleetState,
        robot: str,
        places: Sequence[Place],
        rests: Sequence[Flags],
        now_s: float,
        entry: str = "",
        goal: str = "",
        shut: Iterable[str] = (),
        *,
        out: bool = False,
        sooner_by_s: float = -math.inf,
    ) -> Way | None:
        """Plan a way through places into a bay, in the time that others leave; None: none is found.

        It begins at the end of the robot's base, or, where it stands, at a waypoint.

        Args:
            rests: nodes that will do to rest at; the next are tried where the first give no way.
            entry: where a robot begins that stands.
            goal: a waypoint that will do too.
            shut: waypoints that will not do.
            out: closed lanes may be driven, as short as can be.
            sooner_by_s: the way has to end so much sooner than the one that the robot has.
        """
        number, roads = self.numbers[robot], self._roads(state.routes(robot), out)
        movement = state.robots[robot].movement
        if movement is None:
            units = self._units_where(state.robots[robot])
            self.planner.place(number, self.arrays.nodes[entry], now_s, units)
            self._seen[number] = _Seen()
        stops = [Stop(self.arrays.nodes[place], stay_s) for place, stay_s in places]
        self._touched |= self.planner.followers(number)
        self.planner.retime(now_s)
        first = 0 if movement is None else movement.released_to
        for rest in rests:
            left_s = self._left_s(roads, places, rest, goal)
            ends = rest.copy()
            ends[[self.arrays.nodes[each] for each in shut if each in self.arrays.nodes]] = 0
            if goal:
                ends[self.arrays.nodes[goal]] = 1
            found = self.planner.replan(
                number, first, stops, left_s, ends, now_s, roads.network, sooner_by_s=sooner_by_s
            )
            if found:
                return self._way(number, first)
        return None

    def _way(self, number: int, first: int) -> Way:
        planner = self.planner
        begin = first - planner.forgotten[number] + 1
        row = planner.plans.node[number, begin : planner.plans.nodes[number]]
        served = tuple(node - first for node in planner.served)
        self._touched |= planner.followers(number)
        names = tuple(self.arrays.ids[node] for node in row.tolist())
        return Way(names, served, self.waits(number))

    def _left_s(self, roads: Roads, places: Sequence[Place], rest: Flags, goal: str) -> Floats:
        """By places served and node: what is left at least, shape (places + 1, nodes)."""
        nodes = self.arrays.nodes
        found = np.empty((len(places) + 1, len(self.arrays.ids)))
        found[-1] = roads.to_any_s(rest)
        if goal:
            np.minimum(found[-1], roads.to_s(nodes[goal]), out=found[-1])
        for leg in range(len(places) - 1, -1, -1):
            place, stays_s = places[leg]
            found[leg] = roads.to_s(nodes[place]) + (found[leg + 1, nodes[place]] + stays_s)
        return found

    def _make_roads(self, routes: Routes, out: bool) -> Roads:
        """The graph with the lanes that are closed now, and the limits of now."""
        duration_s = routes.edge_durations_s
        base = self._networks[routes.kind.name]
        if out:
            closed = np.isinf(duration_s)
            duration_s = np.where(closed, base.duration_s * OUT_COSTS, duration_s)
        clear_m = self.space.clear_m[self.space.size_of(routes.kind.footprint_radius_m)]
        return Roads(self.arrays, timed(base, duration_s, self.arrays.length_m, clear_m))

    def cut(self, robot: str, movement: Movement) -> None:
        """Have a robot's way end with its base."""
        self.unsure = True
        number = self.numbers[robot]
        self._touched |= self.planner.followers(number)
        self.planner.cut(number, movement.released_to)

    def halt(self, robot: str, *, halted: bool) -> None:
        """Nobody knows when a robot goes on, or it does; what it has it keeps."""
        number = self.numbers[robot]
        if bool(self.planner.plans.halted[number]) == halted:
            return
        self.planner.halt(number, halted=halted)
        self.unsure = self.unsure or halted

    def is_cut(self, robot: str, movement: Movement) -> bool:
        """Whether a robot's way ends before that of its movement does."""
        number = self.numbers[robot]
        known = int(self.planner.plans.nodes[number]) + self.planner.forgotten[number]
        return not movement.outdated and known < len(movement.nodes)

    # --- after whom ---

    def adopt(self, robot: str, movement: Movement) -> None:
        """What was planned last for a robot is its movement now."""
        self._seen[self.numbers[robot]] = _Seen(order_id=movement.order_id, nodes=movement.nodes)

    def waits_for_ever(self, robot: str) -> str | None:
        """A robot that stays where this one's way leads; None: there is none."""
        halted = self.planner.plans.halted
        for _, other, until, _ in self.planner.waits(self.numbers[robot]):
            if until < 0 or halted[other]:
                return self.names[other]
        return None

    def waits(self, number: int) -> tuple[Wait, ...]:
        """After whom a robot departs: by node, what does not follow from an earlier wait."""
        found: list[Wait] = []
        known: dict[int, tuple[int, bool]] = {}
        last = sorted(
            self.planner.waits(number), key=lambda each: (each[0], -each[2], not each[3], each[1])
        )
        for node, other, until, arrived in last:
            if (until, arrived) > known.get(other, (-1, False)):
                known[other] = (until, arrived)
                order_id = self._seen[other].order_id
                found.append(Wait(node, self.names[other], order_id, until, arrived))
        return tuple(found)

    def others(self, state: FleetState, robot: str) -> tuple[Waiting, ...]:
        """Robots that come after others than the state knows, with all that they wait for now."""
        found: list[Waiting] = []
        for number in sorted(self._touched):
            name = self.names[number]
            movement = state.robots[name].movement
            if name == robot or movement is None or movement.outdated:
                continue
            waits = self.waits(number)
            if set(waits) != set(open_waits(state, movement)):
                found.append((name, waits))
        self._touched.clear()
        return tuple(found)


def _through(campus: Campus, movement: Movement, passage: str) -> int | None:
    """The node by which a way has led through a passage beyond the base; None: it does not.

    Nor does it where the base leads through already: that is what the passage is open for, and a
    later time through has its own turn.
    """
    inside = False
    for node in range(movement.passed, len(movement.nodes)):
        waypoint = campus.waypoints.get(movement.nodes[node].waypoint)
        if waypoint is None:
            return None
        if waypoint.passage == passage:
            if node <= movement.released_to:
                return None
            inside = True
        elif inside:
            return node
    return None
