"""Lays waypoints and lanes along the roads of a plan: carriageways, junctions, bays beside them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shapely import STRtree
from shapely.geometry import Point

from fleet_manager.adapters.maps.generator.draw import LEVEL, Feature, line, point
from fleet_manager.adapters.maps.generator.plan import Plan, Road
from fleet_manager.adapters.maps.generator.track import APART_M, Station, Track
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

ASSET_SNAP_M = 3.0  # an asset is inspected from a waypoint that is there already, if this near
LINK: Feature = {"width_m": 2.6, "speed_limit_mps": 1.0, "surface": "asphalt"}
STUB: Feature = {"speed_limit_mps": 0.8, "width_m": 1.8}


@dataclass(frozen=True)
class Spot:
    """A waypoint in the making: a station of a track on one of its sides, or one by its id."""

    track: Track | None = None
    station: Station | None = None
    side: int = 0
    waypoint: str = ""
    at: Xy = (0.0, 0.0)

    @property
    def xy(self) -> Xy:
        """Position, metres."""
        if self.track is None or self.station is None:
            return self.at
        return self.track.position(self.station.at_m, self.side)

    @property
    def id(self) -> str:
        """Id of the waypoint; it changes while stations are added to the track before it."""
        if self.track is None or self.station is None:
            return self.waypoint
        return _waypoint_id(self.track, self.station, self.side)


@dataclass(frozen=True)
class _Link:
    """A lane between two spots."""

    id: str
    start: Spot
    end: Spot
    shape: Feature
    direction: str
    resource: str | None
    bends: tuple[Xy, ...]


class Network:
    """Waypoints and lanes in the making: first ask for bays and access points, then `lay`.

    Raises:
        MapFormatError: the plan cannot be laid; names what has to move.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._arms = _arms(plan)
        self._tracks = {road.id: self._track(road) for road in plan.roads}
        _check_all_joined(plan, self._arms)
        self._stubs: list[tuple[Feature, Spot]] = []
        self._accesses: dict[str, Spot] = {}
        self._links: list[_Link] = []
        self._free: list[Feature] = []
        self._names: list[tuple[Spot, str]] = []
        self._waypoints: dict[str, Feature] = {}
        self._lanes: list[Feature] = []
        self._open = [each for each in self._tracks.values() if not each.no_stopping]
        self._tree = STRtree([track.shape for track in self._open])

    @property
    def tracks(self) -> Mapping[str, Track]:
        """Roads and paths, by their ids."""
        return self._tracks

    def add_bay(
        self, identifier: str, at: Xy, joins: str | None = None, role: str = "bay", name: str = ""
    ) -> None:
        """Ask for a bay or dock off the named or the nearest road, with a lane to it."""
        track = self.nearest(identifier, at, joins)
        station = track.station_at(at, identifier)
        station.turns = True
        self.add_bay_at(identifier, at, Spot(track, station, track.side_of(at)), role, name)

    def add_bay_at(
        self,
        identifier: str,
        at: Xy,
        spot: Spot,
        role: str = "bay",
        name: str = "",
        heading_deg: float | None = None,
    ) -> None:
        """Ask for a bay or dock with a lane to a spot."""
        properties: Feature = {"level": LEVEL, "role": role}
        if name:
            properties["name"] = name
        if heading_deg is not None:
            properties["heading_deg"] = heading_deg
        elif role == "dock" and spot.track is not None and spot.station is not None:
            foot = spot.track.position(spot.station.at_m, 0)
            heading = math.degrees(math.atan2(at[1] - foot[1], at[0] - foot[0]))
            properties["heading_deg"] = round(heading, 1)
        self._stubs.append((_waypoint(identifier, at, properties), spot))

    def add_crossing(
        self, identifier: str, at: Xy, joins: str, passage: str | None = None
    ) -> Station:
        """Ask for a crossing over a road; with a passage, it has signals."""
        station = self.nearest(identifier, at, joins).station_at(at, identifier)
        station.role, station.passage = "crossing", passage
        return station

    def add_access(self, asset: str, at: Xy, joins: str | None = None) -> None:
        """Ask for the waypoint on the named or the nearest road from which an asset is seen."""
        self._accesses[asset] = self.spot(asset, at, joins, ASSET_SNAP_M)

    def spot(self, asker: str, at: Xy, joins: str | None = None, snap_m: float = APART_M) -> Spot:
        """The waypoint on the named or the nearest road that is nearest to a position."""
        track = self.nearest(asker, at, joins)
        return Spot(track, track.station_at(at, asker, snap_m), track.side_of(at))

    def add_waypoint(self, identifier: str, at: Xy, properties: Feature) -> Spot:
        """Ask for a waypoint off the roads; `properties` hold its level and role."""
        self._free.append(_waypoint(identifier, at, properties))
        return Spot(waypoint=identifier, at=at)

    def add_lane(
        self,
        identifier: str,
        start: Spot,
        end: Spot,
        shape: Feature,
        direction: str = "both",
        resource: str | None = None,
        bends: Sequence[Xy] = (),
    ) -> None:
        """Ask for a lane between two spots; `shape` holds its width, speed limit and so on."""
        link = _Link(identifier, start, end, shape, direction, resource, tuple(bends))
        self._links.append(link)

    def name(self, spot: Spot, name: str) -> None:
        """Give a waypoint a name by which staff choose it."""
        self._names.append((spot, name))

    def fill(self, every_m: float, path_every_m: float) -> None:
        """Put waypoints along roads and paths where they are further apart than this."""
        for track in self._tracks.values():
            track.fill(every_m if track.dual else path_every_m)

    def lay(self) -> tuple[list[Feature], dict[str, str]]:
        """Waypoint and lane features, and the access waypoint of each asset."""
        for track in self._tracks.values():
            self._lay_track(track)
        for junction in self._plan.junctions:
            self._link(junction)
        for waypoint in self._free:
            self._add_waypoint(waypoint)
        for waypoint, spot in self._stubs:
            self._add_waypoint(waypoint)
            self._lane(f"to_{waypoint['id']}", self._laid(spot), waypoint, "both", STUB)
        for link in self._links:
            ends = self._laid(link.start), self._laid(link.end)
            self._lane(link.id, *ends, link.direction, link.shape, link.resource, link.bends)
        for spot, name in self._names:
            self._laid(spot)["properties"]["name"] = name
        accesses = {asset: spot.id for asset, spot in self._accesses.items()}
        return [*self._waypoints.values(), *self._lanes], accesses

    def nearest(self, asker: str, at: Xy, joins: str | None = None) -> Track:
        """The named road, or the one that is nearest to a position.

        Raises:
            MapFormatError: there is no road of this name.
        """
        if joins is not None and joins not in self._tracks:
            raise MapFormatError(
                f"{asker!r} joins the road {joins!r}, which the plan does not have",
                "correct the name of the road",
                asker,
            )
        if joins is not None:
            return self._tracks[joins]
        found = self._tree.query_nearest(Point(at), all_matches=True)
        return self._open[int(min(found))]

    def _laid(self, spot: Spot) -> Feature:
        return self._waypoints[spot.id]

    def _track(self, road: Road) -> Track:
        points: list[Xy] = []
        for index, step in enumerate(road.line):
            at_end = index in {0, len(road.line) - 1}
            if isinstance(step, str) != at_end or (at_end and step not in self._plan.junctions):
                raise MapFormatError(
                    f"road {road.id!r}: {step!r} is not right at this place of its line",
                    "begin and end it with names of junctions, with positions between",
                    road.id,
                )
            points.append(self._plan.junctions[step] if isinstance(step, str) else step)
        ends = (str(road.line[0]), str(road.line[-1]))
        if len(points) < 2 or ends[0] == ends[1]:
            raise MapFormatError(
                f"road {road.id!r} does not lead from one junction to another",
                "name two different junctions",
                road.id,
            )
        offset_m = self._plan.carriageway_offset_m if road.form == "road" else 0.0
        trims = [0.0 if self._is_plain(end) else self._plan.junction_radius_m for end in ends]
        return Track(road, tuple(points), trims[0], trims[1], offset_m)

    def _is_plain(self, junction: str) -> bool:
        """Whether a junction needs no links: paths meet in one waypoint, or a road ends."""
        arms = self._arms[junction]
        return len(arms) == 1 or all(road.form != "road" for road, _ in arms)

    def _lay_track(self, track: Track) -> None:
        stations = track.sorted_stations()
        road = track.road
        resource = road.id if road.form == "bridge" else None
        sides = (-1, 1) if track.dual else (0,)
        for side in sides:
            laid = [self._station_waypoint(track, station, side) for station in stations]
            direction = "forward" if track.dual else "both"
            for number, (start, end) in enumerate(pairwise(laid)):
                if start["id"] == end["id"]:
                    continue
                ends = (end, start) if side == 1 else (start, end)
                pair = stations[number], stations[number + 1]
                shape = _shape(track, (pair[0].at_m + pair[1].at_m) / 2, side)
                crossed = pair[0].passage or pair[1].passage or resource
                identifier = f"lane_{road.id}{_MARK[side]}{number}"
                self._lane(identifier, *ends, direction, shape, crossed)
        if track.dual:
            for number, station in enumerate(stations):
                if station.turns:
                    right, left = (self._station_waypoint(track, station, s) for s in sides)
                    self._lane(f"turn_{road.id}_{number}", right, left, "both", LINK)

    def _station_waypoint(self, track: Track, station: Station, side: int) -> Feature:
        identifier = _waypoint_id(track, station, side)
        if identifier not in self._waypoints:
            properties: Feature = {"level": LEVEL, "role": station.role}
            if station.role == "bridge" and track.road.form == "bridge":
                properties["resource"] = track.road.id
            if station.passage is not None:
                properties["passage"] = station.passage
            at = track.position(station.at_m, side)
            self._add_waypoint(_waypoint(identifier, at, properties))
        return self._waypoints[identifier]

    def _link(self, junction: str) -> None:
        """Join the arms of a junction; only one robot at a time drives over it."""
        arms = self._arms[junction]
        if len(arms) == 1:
            road, begins = arms[0]
            if road.form == "road":
                into, out = self._ends(road, begins)
                self._lane(f"turn_{junction}", into, out, "forward", LINK)
            return
        if self._is_plain(junction):
            return
        for road, begins in arms:
            for other, other_begins in arms:
                if other.id == road.id:
                    continue
                both = "road" not in {road.form, other.form}
                if both and road.id > other.id:
                    continue
                into, _ = self._ends(road, begins)
                _, out = self._ends(other, other_begins)
                identifier = f"{junction}_from_{road.id}_to_{other.id}"
                direction = "both" if both else "forward"
                self._lane(identifier, into, out, direction, LINK, f"junction_{junction}")

    def _ends(self, road: Road, begins: bool) -> tuple[Feature, Feature]:
        """Waypoints of an arm where a robot comes into the junction and where it goes out."""
        track = self._tracks[road.id]
        station = track.sorted_stations()[0 if begins else -1]
        into, out = (1, -1) if begins else (-1, 1)
        if not track.dual:
            into = out = 0
        found = [self._waypoints[_waypoint_id(track, station, side)] for side in (into, out)]
        return found[0], found[1]

    def _add_waypoint(self, waypoint: Feature) -> None:
        if waypoint["id"] in self._waypoints:
            raise MapFormatError(
                f"two waypoints have the id {waypoint['id']!r}", "rename one", waypoint["id"]
            )
        self._waypoints[waypoint["id"]] = waypoint

    def _lane(
        self,
        identifier: str,
        start: Feature,
        end: Feature,
        direction: str,
        shape: Feature,
        resource: str | None = None,
        bends: Iterable[Xy] = (),
    ) -> None:
        properties: Feature = {
            "feature": "lane",
            "level": start["properties"]["level"],
            "from": start["id"],
            "to": end["id"],
            "direction": direction,
            **shape,
        }
        if resource is not None:
            properties["resource"] = resource
        points = [start["geometry"]["coordinates"], *bends, end["geometry"]["coordinates"]]
        self._lanes.append(line(identifier, points, properties))


_MARK = {-1: "_f", 1: "_b", 0: "_"}


def _shape(track: Track, at_m: float, side: int) -> Feature:
    """Properties of the lane of a track at a place, as it is driven on one of its sides."""
    road = track.road
    shape: Feature = {
        "width_m": road.width_m,
        "speed_limit_mps": road.speed_limit_mps,
        "surface": road.surface,
    }
    if road.slope:
        first_half = at_m < (track.first_m + track.last_m) / 2
        shape["slope"] = road.slope if first_half != (side == 1) else -road.slope
    if road.kinds is not None:
        shape["kinds"] = list(road.kinds)
    if road.structure is not None:
        shape["structure"] = road.structure
    return shape


def _waypoint(identifier: str, at: Xy, properties: Feature) -> Feature:
    return point(identifier, at, {"feature": "waypoint", **properties})


def _waypoint_id(track: Track, station: Station, side: int) -> str:
    stations = track.sorted_stations()
    number = next(index for index, each in enumerate(stations) if each is station)
    if not track.dual:
        for junction, end in ((track.road.line[0], 0), (track.road.line[-1], -1)):
            trim_m = track.trim_start_m if end == 0 else track.trim_end_m
            if stations[end] is station and trim_m == 0.0:
                return str(junction)
    return f"{track.road.id}{_MARK[side]}{number}"


def _arms(plan: Plan) -> dict[str, list[tuple[Road, bool]]]:
    """Roads at each junction, with whether they begin there."""
    arms: dict[str, list[tuple[Road, bool]]] = defaultdict(list)
    for road in plan.roads:
        for index in (0, -1):
            arms[str(road.line[index])].append((road, index == 0))
    return arms


def _check_all_joined(plan: Plan, arms: Collection[str]) -> None:
    for junction in plan.junctions:
        if junction not in arms:
            raise MapFormatError(
                f"no road leads to the junction {junction!r}", "remove it or draw a road", junction
            )
