"""What differs between two maps: features by kind and property, and the graphs that they give."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import Campus, Lane, Waypoint

Change = Literal["added", "removed", "changed"]

_UNORDERED = frozenset({"kinds", "measures"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature that differs.

    Attributes:
        kind: of the feature, such as waypoint or lane; `map` for the head of the map.
        id: of the feature.
        properties: of a changed one, its value in the first map and in the second by property;
            None stands for one that is not there.
        moved_m: of a changed one, how far its geometry lies from what it was (Hausdorff
            distance); 0: it has not moved; None: it is of another type now.
    """

    kind: str
    id: str
    change: Change
    properties: Mapping[str, tuple[Any, Any]] = dataclasses.field(default_factory=dict)
    moved_m: float | None = 0.0

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        found: dict[str, Any] = {"kind": self.kind, "id": self.id, "change": self.change}
        if self.change == "changed":
            found["properties"] = {
                name: {"from": old, "to": new} for name, (old, new) in self.properties.items()
            }
            found["moved_m"] = self.moved_m
        return found


def map_differences(old: Campus, new: Campus) -> tuple[Difference, ...]:
    """All features and head entries that differ, by kind and then in the order of the maps."""
    found = [*_head_differences(old.document, new.document)]
    before, after = _features(old), _features(new)
    for identifier in [*before, *(each for each in after if each not in before)]:
        was, now = before.get(identifier), after.get(identifier)
        if was is not None and now is not None and _kind(was) == _kind(now):
            changed = _feature_difference(identifier, was, now)
            found += [] if changed is None else [changed]
            continue
        if was is not None:
            found.append(Difference(_kind(was), identifier, "removed"))
        if now is not None:
            found.append(Difference(_kind(now), identifier, "added"))
    kinds = list(dict.fromkeys(each.kind for each in found))
    return tuple(sorted(found, key=lambda each: kinds.index(each.kind)))


def graph_differences(a: Campus, b: Campus) -> tuple[Difference, ...]:
    """Levels, waypoints and directed lanes that differ, field by field.

    Two maps without a difference here give robots the same graph, whatever else they show.
    """
    return (
        *_differences("level", a.levels, b.levels),
        *_differences("waypoint", a.waypoints, b.waypoints),
        *_differences("lane", a.lanes, b.lanes),
    )


def _differences(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for identifier, was in before.items():
        now = after.get(identifier)
        if now is None:
            yield Difference(kind, identifier, "removed")
        elif was != now:
            fields = [each.name for each in dataclasses.fields(was)]
            changed = _changed(
                {name: getattr(was, name) for name in fields},
                {name: getattr(now, name) for name in fields},
            )
            yield Difference(kind, identifier, "changed", changed, _graph_move_m(was, now))
    for identifier in after:
        if identifier not in before:
            yield Difference(kind, identifier, "added")


def _graph_move_m(was: Any, now: Any) -> float:
    if isinstance(was, Waypoint) and isinstance(now, Waypoint):
        return _moved_m({"type": "Point", "coordinates": was.xy}, _point(now)) or 0.0
    if isinstance(was, Lane) and isinstance(now, Lane):
        lines = [{"type": "LineString", "coordinates": each.points} for each in (was, now)]
        return _moved_m(*lines) or 0.0
    return 0.0


def _point(waypoint: Waypoint) -> Mapping[str, Any]:
    return {"type": "Point", "coordinates": waypoint.xy}


def _head_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    changed = _changed(old.get("campus", {}), new.get("campus", {}))
    if changed:
        yield Difference("map", str(new.get("campus", {}).get("id", "")), "changed", changed)


def _features(campus: Campus) -> dict[str, Mapping[str, Any]]:
    return {each["id"]: each for each in campus.document.get("features", ())}


def _kind(feature: Mapping[str, Any]) -> str:
    return str(feature["properties"]["feature"])


def _feature_difference(
    identifier: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Difference | None:
    properties = _changed(was["properties"], now["properties"])
    moved_m: float | None = 0.0
    if was["geometry"] != now["geometry"]:
        moved_m = _moved_m(was["geometry"], now["geometry"])
    if not properties and moved_m == 0.0:
        return None
    return Difference(_kind(now), identifier, "changed", properties, moved_m)


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names: Iterable[str] = dict.fromkeys([*was, *now])
    pairs = {name: (was.get(name), now.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if not _same(name, *pair)}


def _same(name: str, was: Any, now: Any) -> bool:
    """Whether two values of a property mean the same; the order of some lists means nothing."""
    if name in _UNORDERED and isinstance(was, list) and isinstance(now, list):
        return sorted(was) == sorted(now)
    return bool(was == now)


def _moved_m(was: Mapping[str, Any], now: Mapping[str, Any]) -> float | None:
    """Hausdorff distance of two geometries, metres; None if they are of different types."""
    if was["type"] != now["type"]:
        return None
    try:
        before, after = _outline(shape(dict(was))), _outline(shape(dict(now)))
        return float(before.hausdorff_distance(after))
    except (GEOSException, ValueError):
        return None


def _outline(geometry: BaseGeometry) -> BaseGeometry:
    """Of an area its outline: the distance of two areas is that of their edges."""
    return geometry.boundary if geometry.geom_type == "Polygon" else geometry
