"""The inside of a building of several storeys: corridors, lifts, a ramp, doors, bays, zones, walls.

Every floor has the same plan: a corridor runs round four cores, two more cross between them.
Local coordinates: u along the front of the building, v from the front wall to the back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import LineString

from fleet_manager.adapters.maps.generator.block_plan import Storeys
from fleet_manager.adapters.maps.generator.draw import LEVEL, Feature, line, polygon
from fleet_manager.adapters.maps.generator.frame import Frame, Plot
from fleet_manager.adapters.maps.generator.network import Spot
from fleet_manager.adapters.maps.generator.sheet import House, Sheet
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

DEPTH_M = 10.0  # of the rooms along the outer walls, to the middle of the corridor
HALF_M = 1.8  # of a corridor
RAMP_HALL_M = 10.0
CABIN_M = 2.6
LEAST_M = (44.0, 34.0)
DOOR_M = 2.4
BEFORE_DOOR_M = 2.5
NICHE_M = 3.4  # from the middle of the corridor to a bay beside it
CORRIDOR: Feature = {
    "width_m": 2.4,
    "speed_limit_mps": 0.8,
    "surface": "tiles",
    "indoor": True,
}

_Gap = tuple[float, float]


def draw_floors(
    sheet: Sheet,
    storeys: Storeys,
    house: House,
    inner: Plot,
    corner: Xy,
    outside: tuple[Spot, Spot],
) -> None:
    """All floors of a building and what joins them.

    Args:
        inner: the building's size, in the frame of its cell.
        corner: of the building in that frame.
        outside: waypoints on the paths before its front and behind its back.

    Raises:
        MapFormatError: it is too small for its floors.
    """
    wide = inner.along_m - (RAMP_HALL_M if storeys.ramp else 0.0)
    if wide < LEAST_M[0] or inner.deep_m < LEAST_M[1]:
        raise MapFormatError(
            f"{house.name} is {inner.along_m:.0f} m by {inner.deep_m:.0f} m",
            f"floors need {LEAST_M[0]:g} m by {LEAST_M[1]:g} m, a ramp {RAMP_HALL_M:g} m more "
            "along the front; make its cell larger",
            storeys.building,
        )
    if storeys.levels > len(sheet.plan.campus["levels"]):
        raise MapFormatError(
            f"{storeys.building!r} has {storeys.levels} levels, the campus fewer",
            "list more levels under campus.levels",
            storeys.building,
        )
    frame = Frame(inner.frame.at(*corner), inner.frame.turn_rad)
    levels = sheet.plan.campus["levels"][: storeys.levels]
    floors = [
        _Floor(sheet, storeys, house, frame, wide, inner.deep_m, each["id"], each["name"])
        for each in levels
    ]
    for floor in floors:
        floor.draw()
    floors[0].door("main", outside[0], front=True)
    floors[0].door("rear", outside[1], front=False)
    _lifts(sheet, storeys, house, floors)
    if storeys.ramp:
        rises = [b["elevation_m"] - a["elevation_m"] for a, b in pairwise(levels)]
        _ramps(sheet, storeys, floors, rises)


@dataclass
class _Floor:
    sheet: Sheet
    storeys: Storeys
    house: House
    frame: Frame
    wide: float
    deep: float
    level: str
    level_name: str

    @property
    def short(self) -> str:
        return f"{self.house.id.removeprefix('building_')}_{self.level}"

    @property
    def title(self) -> str:
        return f"{self.house.name}, {self.level_name.lower()}"

    @property
    def lift_v(self) -> float:
        """From the middle of the building to the middle of a cabin, along v."""
        return HALF_M + (self.deep / 2 - DEPTH_M - 2 * HALF_M) / 2

    @property
    def quarter_u(self) -> float:
        """From the front's left to the room on the left of its middle."""
        return DEPTH_M + (self.wide / 2 - DEPTH_M) / 2

    def at(self, u: float, v: float) -> Xy:
        return self.frame.at(u, v)

    def draw(self) -> None:
        self._corridors()
        self._bays()
        self._walls()
        self._things()

    def spot(self, name: str) -> Spot:
        return self._spots[name]

    def _corridors(self) -> None:
        """Waypoints where corridors meet, and before rooms and lifts; lanes between them."""
        left, right, middle = DEPTH_M, self.wide - DEPTH_M, self.wide / 2
        low, high, centre = DEPTH_M, self.deep - DEPTH_M, self.deep / 2
        quarter = self.quarter_u
        places = {
            "sw": (left, low), "s1": (quarter, low), "s": (middle, low),
            "s2": (self.wide - quarter, low), "se": (right, low), "e": (right, centre),
            "ne": (right, high), "n2": (self.wide - quarter, high), "n": (middle, high),
            "n1": (quarter, high), "nw": (left, high), "w": (left, centre),
            "c": (middle, centre), "lift1": (middle, centre + self.lift_v),
            "lift2": (middle, centre - self.lift_v),
        }  # fmt: skip
        self._places = places
        self._spots = {
            name: self.sheet.network.add_waypoint(
                f"{self.short}_{name}", self.at(*uv), {"level": self.level, "role": "junction"}
            )
            for name, uv in places.items()
        }
        around = ["sw", "s1", "s", "s2", "se", "e", "ne", "n2", "n", "n1", "nw", "w", "sw"]
        across = [["s", "lift2", "c", "lift1", "n"], ["w", "c", "e"]]
        for way in (around, *across):
            for here, there in pairwise(way):
                self.lane(f"lane_{self.short}_{here}_{there}", self.spot(here), self.spot(there))

    def lane(self, identifier: str, start: Spot, end: Spot, **more: object) -> None:
        resource = more.pop("resource", None)
        bends = more.pop("bends", ())
        assert resource is None or isinstance(resource, str)
        assert isinstance(bends, Sequence)
        self.sheet.network.add_lane(
            identifier, start, end, {**CORRIDOR, **more}, "both", resource, bends
        )

    def bay(self, name: str, beside: str, uv: Xy) -> Spot:
        bay = self.sheet.network.add_waypoint(
            f"bay_{self.short}_{name}", self.at(*uv), {"level": self.level, "role": "bay"}
        )
        self.lane(f"to_bay_{self.short}_{name}", self.spot(beside), bay, width_m=1.8)
        return bay

    def _bays(self) -> None:
        """Bays beside the lifts and the corridors, and in the lounges that are swept."""
        middle, centre = self.wide / 2, self.deep / 2
        self.bay("lift1", "lift1", (middle - NICHE_M, centre + self.lift_v))
        self.bay("lift2", "lift2", (middle - NICHE_M, centre - self.lift_v))
        self.bay("w", "w", (DEPTH_M - NICHE_M, centre))
        self.bay("e", "e", (self.wide - DEPTH_M + NICHE_M, centre))
        for number, (name, sign, u) in enumerate(
            (("s1", 1, self.quarter_u), ("n2", -1, self.wide - self.quarter_u)), 1
        ):
            wall = 0.0 if sign == 1 else self.deep
            v = [wall + sign * each for each in (0.9, DEPTH_M - NICHE_M - 1.6)]
            bay = self.bay(name, name, (u, wall + sign * (DEPTH_M - NICHE_M)))
            outline = self.frame.box(u - 3.2, min(v), u + 3.2, max(v))
            zone = f"lounge_{self.short}_{number}"
            self.sheet.zone(
                zone,
                f"{self.title}, lounge {number}",
                outline,
                bay,
                level=self.level,
                surface="tiles",
            )

    def _walls(self) -> None:
        """Walls between rooms and corridors, with openings for bays, lounges, doors and lifts."""
        wide, deep, middle, centre = self.wide, self.deep, self.wide / 2, self.deep / 2
        a = DEPTH_M - HALF_M
        entrance: list[_Gap] = [(middle - HALF_M, middle + HALF_M)] if self.level == LEVEL else []
        lounge = 4.2
        q1, q2 = self.quarter_u, wide - self.quarter_u
        niche = (centre - 1.5, centre + 1.5)
        hall = [(DEPTH_M - HALF_M, DEPTH_M + HALF_M)] if self.storeys.ramp else []
        self._run("front", "u", a, (a, wide - a), [(q1 - lounge, q1 + lounge), *entrance])
        self._run("back", "u", deep - a, (a, wide - a), [(q2 - lounge, q2 + lounge), *entrance])
        self._run("left", "v", a, (a, deep - a), [niche])
        self._run("right", "v", wide - a, (a, deep - a), [*hall, niche])
        for name, u, wall, inner in (("s1", q1, 0.0, a), ("n2", q2, deep, deep - a)):
            for side, shift in (("a", -lounge), ("b", lounge)):
                self._wall(f"{name}{side}", [(u + shift, wall), (u + shift, inner)])
        for name, u0, u1 in (("w", a, a - 3.6), ("e", wide - a, wide - a + 3.6)):
            corners = [(u0, niche[0]), (u1, niche[0]), (u1, niche[1]), (u0, niche[1])]
            self._wall(f"niche_{name}", corners)
        if entrance:
            for name, wall, inner in (("front", 0.0, a), ("back", deep, deep - a)):
                for side, u in (("a", middle - HALF_M), ("b", middle + HALF_M)):
                    self._wall(f"{name}_hall_{side}", [(u, wall), (u, inner)])
        if hall:
            self._run("ramp", "v", wide, (0.0, deep), hall)
            for side, v in zip("ab", hall[0], strict=True):
                self._wall(f"ramp_{side}", [(wide - a, v), (wide, v)])
        self._cores()

    def _cores(self) -> None:
        """Four cores between the corridors; cabins and bays open on the one in the middle."""
        middle, centre = self.wide / 2, self.deep / 2
        b = DEPTH_M + HALF_M
        half = CABIN_M / 2 + 0.1
        for number, sign in ((1, 1), (2, -1)):
            v = centre + sign * self.lift_v
            lo, hi = sorted((centre + sign * HALF_M, b if sign < 0 else self.deep - b))
            has_lift = number <= self.storeys.lifts
            for side, inner, outer in (
                ("w", middle - HALF_M, b),
                ("e", middle + HALF_M, self.wide - b),
            ):
                name = f"core_{number}{side}"
                shell = [(inner, lo), (outer, lo), (outer, hi), (inner, hi)]
                opening = side == "w" or has_lift
                self._wall(name, shell if opening else [*shell, (inner, lo)])
                if opening:
                    self._run(f"{name}_open", "v", inner, (lo, hi), [(v - half, v + half)])
                    deep = inner - 3.4 if side == "w" else middle + 5.1
                    corners = [
                        (inner, v - half),
                        (deep, v - half),
                        (deep, v + half),
                        (inner, v + half),
                    ]
                    self._wall(f"{name}_room", corners)

    def _run(self, name: str, axis: str, at: float, reach: _Gap, gaps: Iterable[_Gap]) -> None:
        """A straight wall along u or v, with gaps."""
        begin = reach[0]
        for number, (low, high) in enumerate([*sorted(gaps), (reach[1], math.inf)], 1):
            ends = ((begin, at), (low, at)) if axis == "u" else ((at, begin), (at, low))
            if low - begin > 0.05:
                self._wall(f"{name}_{number}", list(ends))
            begin = high

    def _wall(self, name: str, points: list[Xy]) -> None:
        drawn = [self.at(*each) for each in points]
        self.sheet.wall(f"wall_{self.short}_{name}", drawn, self.level, self.house.id)

    def _things(self) -> None:
        """Extinguishers every so often along the corridor, exits, a switchboard, a camera."""
        places = self._places
        around = ["sw", "s1", "s2", "e", "ne", "n1", "nw", "w"]
        length_m = 2 * (self.wide + self.deep - 4 * DEPTH_M)
        count = max(2, min(len(around), round(length_m / self.sheet.rules.extinguisher_every_m)))
        for number in range(count):
            name = around[number * len(around) // count]
            self._asset("extinguisher", "Extinguisher", name, number + 1, (1.0, 1.6))
        self._asset("exit", "Emergency exit", "n", 1, (1.0, -1.6))
        self._asset("exit", "Emergency exit", "s", 2, (1.0, 1.6))
        self._asset("electrical_panel", "Switchboard", "w", 1, (1.6, 2.0))
        if self.level in (LEVEL, "l3"):
            self._asset("aed", "Defibrillator", "c", 1, (1.4, 1.4))
        u, v = places["c"]
        self.sheet.camera(
            f"camera_{self.short}", f"{self.title}, camera of the lobby", self.at(u - 1.4, v - 1.4),
            self.frame.heading_deg(60.0), self.level, range_m=18.0, height_m=3.0,
        )  # fmt: skip
        self.sheet.station(
            f"station_{self.short}",
            f"{self.title}, heat",
            self.at(u + 1.4, v - 1.4),
            ["heat"],
            self.level,
        )

    def _asset(self, kind: str, noun: str, beside: str, number: int, off: Xy) -> None:
        u, v = self._places[beside]
        self.sheet.asset(
            f"{kind}_{self.short}_{number}", f"{self.title}, {noun.lower()} {number}", kind,
            self.at(u + off[0], v + off[1]), self.spot(beside), self.level,
        )  # fmt: skip

    def door(self, name: str, outside: Spot, front: bool) -> None:
        """A door in the outer wall, with waypoints before, in and behind it."""
        middle = self.wide / 2
        wall, inward = (0.0, 1) if front else (self.deep, -1)
        identifier = f"door_{self.house.id.removeprefix('building_')}_{name}"
        title = f"{self.house.name}, {name} door"
        network = self.sheet.network
        leaf = [self.at(middle - DOOR_M / 2, wall), self.at(middle + DOOR_M / 2, wall)]
        self.sheet.built.append(
            line(identifier, leaf, {
                "feature": "door", "name": title, "level": self.level, "opening_s": 3.0,
                "timeout_s": 30.0, "building": self.house.id,
            })
        )  # fmt: skip
        before, within = (
            network.add_waypoint(
                f"{identifier}_{where}",
                self.at(middle, wall + inward * shift),
                {"level": self.level, "role": "junction"},
            )
            for where, shift in (("outside", -BEFORE_DOOR_M), ("inside", BEFORE_DOOR_M))
        )
        leaf_spot = network.add_waypoint(
            f"{identifier}_leaf",
            self.at(middle, wall),
            {"level": self.level, "role": "door", "passage": identifier},
        )
        path = {"width_m": 2.4, "speed_limit_mps": 0.8, "surface": "paving"}
        network.add_lane(f"lane_{identifier}_path", outside, before, path)
        self.sheet.lanes.append(LineString([outside.xy, before.xy]))
        step = {"indoor": False, "surface": "paving", "resource": identifier}
        self.lane(f"lane_{identifier}_out", before, leaf_spot, **step)
        self.lane(f"lane_{identifier}_in", leaf_spot, within, resource=identifier)
        self.lane(f"lane_{identifier}_hall", within, self.spot("s" if front else "n"))
        network.name(before, f"{self.house.name}, {name} entrance")
        entrance = f"entrance_{self.house.id}" + ("" if front else f"_{name}")
        self.sheet.entrance(
            entrance, f"{self.house.name}, {name} entrance", self.at(middle, wall), self.house.id,
            before, identifier,
        )  # fmt: skip


def _lifts(sheet: Sheet, storeys: Storeys, house: House, floors: list[_Floor]) -> None:
    """Cabins beside the middle corridor, with a waypoint on each level and lanes between them."""
    network = sheet.network
    short = house.id.removeprefix("building_")
    for number in range(1, storeys.lifts + 1):
        identifier = f"lift_{short}_{number}"
        floor = floors[0]
        u = floor.wide / 2 + HALF_M + 0.6 + CABIN_M / 2
        v = floor.deep / 2 + (1 if number == 1 else -1) * floor.lift_v
        half = CABIN_M / 2
        cabin = floor.frame.box(u - half, v - half, u + half, v + half)
        sheet.built.append(
            polygon(identifier, [cabin], {
                "feature": "lift", "name": f"{house.name}, lift {number}",
                "levels": [each.level for each in floors], "speed_mps": 1.0, "opening_s": 3.0,
                "timeout_s": 120.0, "building": house.id,
            })
        )  # fmt: skip
        below: Spot | None = None
        for floor in floors:
            here = network.add_waypoint(
                f"{identifier}_{floor.level}",
                floor.at(u, v),
                {"level": floor.level, "role": "lift", "passage": identifier},
            )
            into = f"lane_{identifier}_{floor.level}"
            floor.lane(into, floor.spot(f"lift{number}"), here, width_m=1.8, speed_limit_mps=0.5)
            if below is not None:
                ride = {"width_m": 1.8, "speed_limit_mps": 1.0, "surface": "metal", "indoor": True}
                network.add_lane(f"ride_{identifier}_{floor.level}", below, here, ride)
            below = here


def _ramps(sheet: Sheet, storeys: Storeys, floors: list[_Floor], rises: list[float]) -> None:
    """A ramp in two flights from each level to the next, in the hall at the building's end."""
    foot: Spot | None = None
    for number, floor in enumerate(floors):
        near, far = floor.wide + 2.5, floor.wide + 7.5
        v0, v1 = DEPTH_M, floor.deep - 4.0
        top: Spot | None = None
        if foot is not None:
            top = sheet.network.add_waypoint(
                f"{floor.short}_ramp_top",
                floor.at(far, v0),
                {"level": floor.level, "role": "junction"},
            )
            bends = [floor.at(near, v1), floor.at(far, v1)]
            length_m = 2 * (v1 - v0) + far - near
            ramp = {
                "surface": "concrete", "structure": "ramp", "bends": bends,
                "slope": round(rises[number - 1] / length_m, 4),
            }  # fmt: skip
            if storeys.ramp_kinds is not None:
                ramp["kinds"] = list(storeys.ramp_kinds)
            floor.lane(f"ramp_{floor.short}", foot, top, **ramp)
        beside = floor.spot("se")
        foot = sheet.network.add_waypoint(
            f"{floor.short}_ramp_foot",
            floor.at(near, v0),
            {"level": floor.level, "role": "junction"},
        )
        floor.lane(f"lane_{floor.short}_ramp", beside, foot)
        if top is not None:
            floor.lane(f"lane_{floor.short}_ramp_top", foot, top)
