"""What of a campus is closed or slowed for a kind of robot: by closures and by the weather."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from msgspec import Struct
from shapely.geometry import LineString, Point

from fleet_manager.core.campus import Campus, Lane, Weather, WeatherRule
from fleet_manager.core.closure import Closure
from fleet_manager.core.per_campus import per_campus

EDGE_M = 0.01
"""A lane that only touches the edge of a zone does not run through it."""


class WeatherNow(Struct, frozen=True):
    """The weather that rules of the map are held to.

    Attributes:
        conditions: in the order of `Weather`; () when there is nothing to heed.
        station: that measured it, or "".
    """

    conditions: tuple[Weather, ...] = ()
    since_s: float = 0.0
    by: str = ""
    station: str = ""


@dataclass(frozen=True)
class Restrictions:
    """What robots of one kind may not use now, or only slowly.

    Attributes:
        closed: ids of the map's lanes (`Lane.feature_id`).
        limits: lanes that are not closed, with their limit while it lasts, metres per second.
        zones: ids of closed zones.
        places: ids of waypoints in closed zones.
        shut: waypoints none of whose lanes may be used; `places` are among them.
        why: by lane and zone, what closes it, for people.
    """

    closed: frozenset[str] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    zones: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    shut: frozenset[str] = frozenset()
    why: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def limit_pairs(self) -> frozenset[tuple[str, float]]:
        """The limits as `Routes` takes them."""
        return frozenset(self.limits.items())

    def max_speed_mps(self, lane: Lane) -> float:
        """The limit of a lane as it is now."""
        return min(lane.speed_limit_mps, self.limits.get(lane.feature_id, lane.speed_limit_mps))


NONE = Restrictions()


def restrictions(
    campus: Campus,
    kind: str,
    closures: Iterable[Closure],
    weather: WeatherNow,
    out_of_order: Mapping[str, str],
) -> Restrictions:
    """What closures in force, the weather and broken passages mean for a kind of robot.

    What a closure names and the map does not have is passed over; where two limits meet, the
    lower counts.

    Args:
        out_of_order: why doors, lifts and crossings do not work, by their ids.
    """
    lanes: dict[str, str] = {}
    zones: dict[str, str] = {}
    limits: dict[str, float] = {}

    def lay(found: Iterable[str], limit_mps: float | None, why: str) -> None:
        for lane in found:
            if limit_mps is None:
                lanes.setdefault(lane, why)
            else:
                limits[lane] = min(limit_mps, limits.get(lane, limit_mps))

    for closure in closures:
        if closure.active and closure.concerns(kind):
            why = closure.told(campus.timezone)
            lay(lanes_of(campus, closure), closure.speed_limit_mps, why)
            if closure.speed_limit_mps is None:
                zones |= {each: why for each in closure.zones if each in campus.zones}
    for rule in campus.weather_rules.values():
        if rule.weather in weather.conditions and (rule.kinds is None or kind in rule.kinds):
            why = f"{rule.weather} (weather rule {rule.id})"
            lay(lanes_in_weather(campus, rule), rule.speed_limit_mps, why)
    for passage, why in out_of_order.items():
        if passage in campus.passages:
            what = f"{campus.passages[passage].name} is out of order: it {why}"
            lay(_lanes_in_passage(campus, passage), None, what)
    closed = frozenset(lanes)
    places = frozenset().union(*(places_in(campus, zone) for zone in zones))
    return Restrictions(
        closed=closed,
        limits={lane: limit for lane, limit in sorted(limits.items()) if lane not in closed},
        zones=frozenset(zones),
        places=places,
        shut=places | _shut(campus, kind, closed),
        why={**lanes, **zones},
    )


def lanes_of(campus: Campus, closure: Closure) -> frozenset[str]:
    """Ids of the map's lanes that a closure means."""
    found = {each for each in closure.lanes if each in campus.lanes}
    for zone in closure.zones:
        if zone in campus.zones:
            found |= lanes_through(campus, zone)
    for passage in closure.passages:
        found |= _lanes_in_passage(campus, passage)
    return frozenset(found)


@per_campus
def lanes_through(campus: Campus, zone_id: str) -> frozenset[str]:
    """Ids of the map's lanes that run through a zone, or begin or end in it."""
    zone = campus.zones[zone_id]
    inner = zone.polygon.buffer(-EDGE_M)
    west, south, east, north = inner.bounds if not inner.is_empty else (0.0, 0.0, 0.0, 0.0)
    return frozenset(
        lane.feature_id
        for lane in campus.lanes.values()
        if zone.level in (lane.level, lane.end_level)
        and _meets(lane.points, west, south, east, north)
        and inner.intersects(LineString(lane.points))
    )


@per_campus
def places_in(campus: Campus, zone_id: str) -> frozenset[str]:
    """Ids of the waypoints in a zone."""
    zone = campus.zones[zone_id]
    west, south, east, north = zone.polygon.bounds
    return frozenset(
        each.id
        for each in campus.waypoints.values()
        if each.level == zone.level
        and _meets((each.xy,), west, south, east, north)
        and zone.polygon.contains(Point(each.xy))
    )


def _meets(
    points: Sequence[tuple[float, float]], west: float, south: float, east: float, north: float
) -> bool:
    """Whether the boxes around points and around an area meet."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) <= east and max(xs) >= west and min(ys) <= north and max(ys) >= south


@per_campus
def _lanes_in_passage(campus: Campus, passage: str) -> frozenset[str]:
    inside = {each.id for each in campus.waypoints.values() if each.passage == passage}
    return frozenset(
        lane.feature_id
        for lane in campus.lanes.values()
        if lane.lift == passage or lane.start in inside or lane.end in inside
    )


@per_campus
def lanes_in_weather(campus: Campus, rule: WeatherRule) -> frozenset[str]:
    """Ids of the map's lanes that a weather rule applies to."""
    return frozenset(lane.feature_id for lane in campus.lanes.values() if rule.concerns(lane))


def _shut(campus: Campus, kind: str, closed: frozenset[str]) -> frozenset[str]:
    """Waypoints at closed lanes that no open lane of the kind leads to or from."""
    lanes_at = _lanes_at(campus)
    ends = {end for each in closed for end in (campus.lanes[each].start, campus.lanes[each].end)}
    return frozenset(
        end
        for end in ends
        if all(lane.feature_id in closed for lane in lanes_at[end] if lane.admits(kind))
    )


@per_campus
def _lanes_at(campus: Campus) -> Mapping[str, Sequence[Lane]]:
    """Lanes by the waypoints at which they begin and end."""
    found: dict[str, list[Lane]] = {}
    for lane in campus.lanes.values():
        found.setdefault(lane.start, []).append(lane)
        found.setdefault(lane.end, []).append(lane)
    return found
