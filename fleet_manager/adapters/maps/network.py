"""Lays waypoints and lanes along the roads of a plan: carriageways, junctions, bays beside them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

from fleet_manager.adapters.maps.plan import Plan, Road, Xy
from fleet_manager.adapters.maps.track import Station, Track
from fleet_manager.core.errors import MapFormatError

LEVEL = "ground"
ASSET_SNAP_M = 3.0  # an asset is inspected from a waypoint that is there already, if this near
_LINK_SPEED_MPS = 1.0
_STUB_SPEED_MPS = 0.8
_STUB_WIDTH_M = 1.8

Feature = dict[str, Any]


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
        self._stubs: list[tuple[Feature, Track, Station, int]] = []
        self._accesses: dict[str, tuple[Track, Station, int]] = {}
        self._waypoints: dict[str, Feature] = {}
        self._lanes: list[Feature] = []

    def add_bay(
        self, identifier: str, at: Xy, joins: str | None = None, role: str = "bay", name: str = ""
    ) -> None:
        """Ask for a bay or dock off the named or the nearest road, with a lane to it."""
        track = self._nearest(identifier, at, joins)
        station = track.station_at(at, identifier)
        station.turns = True
        properties: Feature = {"level": LEVEL, "role": role}
        if name:
            properties["name"] = name
        if role == "dock":
            foot = track.position(station.at_m, 0)
            heading = math.degrees(math.atan2(at[1] - foot[1], at[0] - foot[0]))
            properties["heading_deg"] = round(heading, 1)
        waypoint = _point(identifier, at, "waypoint", properties)
        self._stubs.append((waypoint, track, station, track.side_of(at)))

    def add_crossing(self, identifier: str, at: Xy, joins: str) -> None:
        """Ask for a pedestrian crossing over a road."""
        self._nearest(identifier, at, joins).station_at(at, identifier).role = "crossing"

    def add_access(self, asset: str, at: Xy, joins: str | None = None) -> None:
        """Ask for the waypoint on the named or the nearest road from which an asset is seen."""
        track = self._nearest(asset, at, joins)
        station = track.station_at(at, asset, ASSET_SNAP_M)
        self._accesses[asset] = (track, station, track.side_of(at))

    def lay(self) -> tuple[list[Feature], dict[str, str]]:
        """Waypoint and lane features, and the access waypoint of each asset."""
        for track in self._tracks.values():
            self._lay_track(track)
        for junction in self._plan.junctions:
            self._link(junction)
        for waypoint, track, station, side in self._stubs:
            self._add_waypoint(waypoint)
            near = self._waypoints[_waypoint_id(track, station, side)]
            speed = {"speed_limit_mps": _STUB_SPEED_MPS, "width_m": _STUB_WIDTH_M}
            self._lane(f"to_{waypoint['id']}", near, waypoint, "both", speed)
        accesses = {asset: _waypoint_id(*found) for asset, found in self._accesses.items()}
        return [*self._waypoints.values(), *self._lanes], accesses

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

    def _nearest(self, asker: str, at: Xy, joins: str | None) -> Track:
        if joins is not None and joins not in self._tracks:
            raise MapFormatError(
                f"{asker!r} joins the road {joins!r}, which the plan does not have",
                "correct the name of the road",
                asker,
            )
        if joins is not None:
            return self._tracks[joins]
        open_tracks = [each for each in self._tracks.values() if each.road.form != "bridge"]
        return min(open_tracks, key=lambda track: track.distance_m(at))

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
                identifier = f"{road.id}{_MARK[side]}{number}"
                ends = (end, start) if side == 1 else (start, end)
                shape = {
                    "width_m": road.width_m,
                    "speed_limit_mps": road.speed_limit_mps,
                    "surface": road.surface,
                }
                self._lane(f"lane_{identifier}", *ends, direction, shape, resource)
        if track.dual:
            for number, station in enumerate(stations):
                if station.turns:
                    right, left = (self._station_waypoint(track, station, s) for s in sides)
                    self._lane(f"turn_{road.id}_{number}", right, left, "both", _LINK)

    def _station_waypoint(self, track: Track, station: Station, side: int) -> Feature:
        identifier = _waypoint_id(track, station, side)
        if identifier not in self._waypoints:
            properties: Feature = {"level": LEVEL, "role": station.role}
            if station.role == "bridge":
                properties["resource"] = track.road.id
            at = track.position(station.at_m, side)
            self._add_waypoint(_point(identifier, at, "waypoint", properties))
        return self._waypoints[identifier]

    def _link(self, junction: str) -> None:
        """Join the arms of a junction; only one robot at a time drives over it."""
        arms = self._arms[junction]
        if len(arms) == 1:
            road, begins = arms[0]
            if road.form == "road":
                into, out = self._ends(road, begins)
                self._lane(f"turn_{junction}", into, out, "forward", _LINK)
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
                self._lane(identifier, into, out, direction, _LINK, f"junction_{junction}")

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
    ) -> None:
        properties: Feature = {
            "feature": "lane",
            "level": LEVEL,
            "from": start["id"],
            "to": end["id"],
            "direction": direction,
            **shape,
        }
        if resource is not None:
            properties["resource"] = resource
        line = [each["geometry"]["coordinates"] for each in (start, end)]
        geometry = {"type": "LineString", "coordinates": line}
        self._lanes.append(_feature(identifier, geometry, properties))


_MARK = {-1: "_f", 1: "_b", 0: "_"}
_LINK: Feature = {"width_m": 2.6, "speed_limit_mps": _LINK_SPEED_MPS, "surface": "asphalt"}


def polygon(identifier: str, rings: Iterable[Iterable[Xy]], properties: Feature) -> Feature:
    """A polygon feature; the rings' first corners are repeated as their last."""
    closed = [[_rounded(each) for each in ring] for ring in rings]
    coordinates = [[*ring, ring[0]] for ring in closed]
    return _feature(identifier, {"type": "Polygon", "coordinates": coordinates}, properties)


def point(identifier: str, at: Xy, properties: Feature) -> Feature:
    """A point feature."""
    return _feature(identifier, {"type": "Point", "coordinates": _rounded(at)}, properties)


def _point(identifier: str, at: Xy, kind: str, properties: Feature) -> Feature:
    return point(identifier, at, {"feature": kind, **properties})


def _feature(identifier: str, geometry: Feature, properties: Feature) -> Feature:
    return {"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties}


def _rounded(at: Xy) -> list[float]:
    return [round(at[0], 2) + 0.0, round(at[1], 2) + 0.0]


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
