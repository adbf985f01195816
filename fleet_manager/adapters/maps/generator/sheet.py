"""The map in the making: what has been drawn so far, in the order in which it is written."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps.generator.block_plan import Rules
from fleet_manager.adapters.maps.generator.draw import LEVEL, Feature, line, point, polygon
from fleet_manager.adapters.maps.generator.network import Network, Spot
from fleet_manager.adapters.maps.generator.plan import Plan
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

DAYS = {
    "extinguisher": 30.0,
    "hydrant": 90.0,
    "exit": 30.0,
    "aed": 7.0,
    "electrical_panel": 90.0,
}


@dataclass(frozen=True)
class House:
    """A building that was drawn: its number in its part, its name, its corners, its entrance."""

    id: str
    name: str
    outline: Polygon
    entrance: Xy


@dataclass
class Sheet:
    """Features by the layer they are written in, and where there is no room any more.

    Attributes:
        lanes: shapes of lanes that are no tracks, to keep clear of.
        solids: shapes of buildings, obstacles and zones, to keep clear of.
        bays: positions of bays and docks.
        parts: areas of the parts by their ids.
    """

    plan: Plan
    network: Network
    rules: Rules
    parts: dict[str, Polygon] = field(default_factory=dict)
    ground: list[Feature] = field(default_factory=list)
    built: list[Feature] = field(default_factory=list)
    zones: list[Feature] = field(default_factory=list)
    things: list[Feature] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    lanes: list[BaseGeometry] = field(default_factory=list)
    solids: list[BaseGeometry] = field(default_factory=list)
    bays: list[Xy] = field(default_factory=list)
    _accesses: list[tuple[Feature, Spot]] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)

    def part_of(self, at: Xy) -> str:
        """Id of the part that a position lies in, or of the nearest."""
        spot = Point(at)
        return min(self.parts, key=lambda each: (self.parts[each].distance(spot), each))

    def number(self, series: str) -> int:
        """The next number of a series, from 1."""
        self._counts[series] += 1
        return self._counts[series]

    def place(self, name: str, asker: str) -> str:
        """The id of a place with this name, which no other place may have.

        Raises:
            MapFormatError: another has it.
        """
        identifier = slug(name)
        taken_by = self._names.setdefault(identifier, asker)
        if taken_by != asker:
            raise MapFormatError(
                f"{taken_by!r} and {asker!r} both have a place {name!r}",
                "give each place of the plan its own name",
                asker,
            )
        self._names[identifier] = f"{asker} "
        return identifier

    def lay_ground(self, identifier: str, cover: str, rings: Iterable[Iterable[Xy]]) -> None:
        """What the ground is covered with."""
        properties = {"feature": "ground", "level": LEVEL, "cover": cover}
        self.ground.append(polygon(identifier, rings, properties))

    def obstacle(self, identifier: str, kind: str, rings: list[list[Xy]]) -> None:
        """Something that nothing drives through."""
        properties = {"feature": "obstacle", "level": LEVEL, "kind": kind}
        self.built.append(polygon(identifier, rings, properties))
        self.solids.append(Polygon(rings[0], rings[1:]))

    def wall(self, identifier: str, points: list[Xy], level: str, building: str) -> None:
        """A wall in a building."""
        properties = {"feature": "wall", "level": level, "building": building}
        self.built.append(line(identifier, points, properties))

    def bay(self, identifier: str, at: Xy, spot: Spot, role: str = "bay", name: str = "") -> Spot:
        """A bay on the ground with a lane to a waypoint."""
        self.network.add_bay_at(identifier, at, spot, role, name)
        if spot.station is not None:
            spot.station.turns = True
        self.bays.append(at)
        return Spot(waypoint=identifier, at=at)

    def zone(
        self, identifier: str, name: str, outline: list[Xy], access: Spot, **more: object
    ) -> None:
        """A clean zone with the waypoint that it is worked from."""
        level = str(more.pop("level", LEVEL))
        properties = {"feature": "zone", "name": name, "level": level, "purpose": "clean", **more}
        drawn = polygon(identifier, [outline], properties)
        self.zones.append(drawn)
        self._accesses.append((drawn, access))
        if level == LEVEL:
            self.solids.append(Polygon(outline))

    def asset(
        self, identifier: str, name: str, kind: str, at: Xy, access: Spot, level: str = LEVEL
    ) -> None:
        """Something that is inspected from a waypoint."""
        properties = {"feature": "asset", "name": name, "level": level, "kind": kind}
        drawn = point(identifier, at, properties)
        self.things.append(drawn)
        self._accesses.append((drawn, access))

    def entrance(
        self, identifier: str, name: str, at: Xy, building: str, access: Spot, door: str | None
    ) -> None:
        """Where people and robots get into a building."""
        properties = {"feature": "entrance", "name": name, "level": LEVEL, "building": building}
        drawn = point(identifier, at, properties)
        if door is not None:
            drawn["properties"]["door"] = door
        self.things.append(drawn)
        self._accesses.append((drawn, access))

    def camera(
        self, identifier: str, name: str, at: Xy, heading_deg: float, level: str = LEVEL,
        field_of_view_deg: float = 90.0, range_m: float = 30.0, height_m: float = 4.0,
    ) -> None:  # fmt: skip
        """A fixed camera."""
        properties = {
            "feature": "camera",
            "name": name,
            "level": level,
            "heading_deg": round(heading_deg % 360.0, 1),
            "field_of_view_deg": field_of_view_deg,
            "range_m": range_m,
            "height_m": height_m,
        }
        self.things.append(point(identifier, at, properties))

    def station(
        self, identifier: str, name: str, at: Xy, measures: list[str], level: str = LEVEL
    ) -> None:
        """A station that measures air or heat."""
        properties = {"feature": "station", "name": name, "level": level, "measures": measures}
        self.things.append(point(identifier, at, properties))

    def muster_point(self, identifier: str, name: str, at: Xy, capacity: int) -> None:
        """Where people gather after an alarm."""
        properties = {"feature": "muster_point", "name": name, "level": LEVEL, "capacity": capacity}
        self.things.append(point(identifier, at, properties))

    def watch(self, identifier: str, name: str, outline: list[Xy], purpose: str) -> None:
        """A zone that is watched or closed."""
        properties = {"feature": "zone", "name": name, "level": LEVEL, "purpose": purpose}
        self.zones.append(polygon(identifier, [outline], properties))
        self.solids.append(Polygon(outline))

    def keep_clear(self, identifier: str, outline: list[Xy]) -> None:
        """An area where nobody stops."""
        properties = {"feature": "keep_clear", "level": LEVEL}
        self.built.append(polygon(identifier, [outline], properties))

    def finish(self) -> None:
        """Name the access waypoints, now that the network does not change any more."""
        for drawn, spot in self._accesses:
            properties = drawn["properties"]
            properties["access"] = spot.id
            if properties["feature"] == "asset":
                kind = properties["kind"]
                properties["due_interval_days"] = self.rules.days.get(kind, DAYS[kind])


def slug(name: str) -> str:
    """A name as an id: small letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
