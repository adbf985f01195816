"""Reads a campus from its GeoJSON document and says precisely what is wrong with a damaged one."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from shapely.geometry import Polygon

from fleet_manager.core.campus import (
    REVERSE,
    Anchor,
    Asset,
    AssetKind,
    Building,
    Campus,
    KeepClear,
    Lane,
    Level,
    Obstacle,
    Role,
    Waypoint,
    Zone,
    ZonePurpose,
)
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.feature_reader import FeatureReader, mapping_of, shown
from fleet_manager.core.geometry import length_m

FORMAT_VERSION = 1
_END_TOLERANCE_M = 0.01  # by how much a lane's line may miss its waypoints


def campus_from_geojson(document: Mapping[str, Any]) -> Campus:
    """A campus from the document that docs/map-format.md describes.

    Raises:
        MapFormatError: it cannot be read, an id is used twice, or a reference leads nowhere.
            Names the feature and says what to do.
    """
    if document.get("type") != "FeatureCollection":
        raise MapFormatError(
            "the map is not a GeoJSON FeatureCollection", 'give it "type": "FeatureCollection"'
        )
    head = FeatureReader("", mapping_of(document, "campus", ""))
    if (version := head.number("format_version")) != FORMAT_VERSION:
        raise MapFormatError(
            f"the map has format_version {version:g}, this program reads {FORMAT_VERSION}",
            "convert the map or update the program",
        )
    levels = {level.id: level for level in _levels(head)}
    features = _features(document, levels)
    anchor = FeatureReader("", mapping_of(head.properties, "anchor", ""))
    campus = Campus(
        id=head.text("id"),
        name=head.text("name"),
        timezone=head.text("timezone"),
        anchor=Anchor(
            latitude_deg=anchor.number("latitude_deg", -90.0, 90.0),
            longitude_deg=anchor.number("longitude_deg", -180.0, 180.0),
            bearing_deg=anchor.number("bearing_deg", default=0.0),
        ),
        levels=levels,
        waypoints=_build(features, "waypoint", _waypoint),
        lanes={},
        zones=_build(features, "zone", _zone),
        assets=_build(features, "asset", _asset),
        buildings=_build(features, "building", _building),
        obstacles=_build(features, "obstacle", _obstacle),
        keep_clear=_build(features, "keep_clear", _keep_clear),
        boundary=_boundary(features),
        version=document_version(document),
        note=head.text("note", default=""),
        document=document,
    )
    _check_names(campus)
    _check_access(campus)
    return replace(campus, lanes=_lanes(features, campus.waypoints))


def document_version(document: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 of a document's canonical JSON (keys sorted, no spaces).

    Raises:
        MapFormatError: the document holds something that is not JSON.
    """
    try:
        text = json.dumps(
            document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError) as error:
        raise MapFormatError(
            f"the map is not JSON: {error}", "write numbers, texts, lists and objects only"
        ) from error
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_Features = dict[str, list[FeatureReader]]
_KINDS = ("boundary", "building", "obstacle", "waypoint", "lane", "zone", "asset", "keep_clear")


def _features(document: Mapping[str, Any], levels: Mapping[str, Level]) -> _Features:
    raw = document.get("features")
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise MapFormatError("the map has no list of features", 'give it "features": [...]')
    found: _Features = {kind: [] for kind in _KINDS}
    seen: set[str] = set()
    for index, feature in enumerate(raw):
        if not isinstance(feature, Mapping):
            raise MapFormatError(f"feature number {index} is no object", "write it as an object")
        identifier = feature.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise MapFormatError(
                f"feature number {index} has the id {shown(identifier)}",
                'give it an "id", a text that no other feature has',
            )
        if identifier in seen:
            raise MapFormatError(
                f"two features have the id {identifier!r}", "rename one of them", identifier
            )
        if identifier.endswith(REVERSE):
            raise MapFormatError(
                f"feature {identifier!r}: its id ends with {REVERSE}",
                f"rename it: {REVERSE} marks the reverse of a lane",
                identifier,
            )
        seen.add(identifier)
        properties = mapping_of(feature, "properties", identifier)
        geometry = feature.get("geometry")
        reader = FeatureReader(
            identifier,
            properties,
            geometry if isinstance(geometry, Mapping) else None,
            frozenset(levels),
        )
        kind = properties.get("feature")
        if kind not in found:
            raise reader.fail(
                f"properties.feature is {shown(kind)}", f"choose one of {', '.join(_KINDS)}"
            )
        found[kind].append(reader)
    return found


Built = TypeVar("Built")


def _build(
    features: _Features, kind: str, build: Callable[[FeatureReader], Built]
) -> dict[str, Built]:
    return {reader.feature_id: build(reader) for reader in features[kind]}


def _levels(head: FeatureReader) -> Iterator[Level]:
    raw = head.properties.get("levels")
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        raise MapFormatError("the map has no levels", "list at least one in campus.levels")
    for each in raw:
        if not isinstance(each, Mapping):
            raise MapFormatError(f"a level is {shown(each)}", "write it as an object")
        reader = FeatureReader("", each)
        yield Level(
            reader.text("id"), reader.text("name"), reader.number("elevation_m", default=0.0)
        )


def _waypoint(reader: FeatureReader) -> Waypoint:
    x_m, y_m = reader.point()
    heading: float | None = None
    if reader.properties.get("heading_deg") is not None:
        heading = math.remainder(math.radians(reader.number("heading_deg")), math.tau)
    return Waypoint(
        id=reader.feature_id,
        x_m=x_m,
        y_m=y_m,
        level=reader.level(),
        role=reader.choice("role", Role),
        name=reader.optional_text("name"),
        heading_rad=heading,
        resource=reader.optional_text("resource"),
    )


def _zone(reader: FeatureReader) -> Zone:
    return Zone(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        purpose=reader.choice("purpose", ZonePurpose),
        polygon=reader.polygon(),
        surface=reader.text("surface", default="paving"),
        access=reader.optional_text("access"),
    )


def _asset(reader: FeatureReader) -> Asset:
    x_m, y_m = reader.point()
    return Asset(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        kind=reader.choice("kind", AssetKind),
        x_m=x_m,
        y_m=y_m,
        access=reader.text("access"),
        due_interval_days=reader.number("due_interval_days", least=0.0),
    )


def _building(reader: FeatureReader) -> Building:
    return Building(reader.feature_id, reader.text("name"), reader.level(), reader.polygon())


def _obstacle(reader: FeatureReader) -> Obstacle:
    return Obstacle(reader.feature_id, reader.level(), reader.polygon())


def _keep_clear(reader: FeatureReader) -> KeepClear:
    return KeepClear(reader.feature_id, reader.level(), reader.polygon())


def _boundary(features: _Features) -> Polygon | None:
    drawn = features["boundary"]
    if len(drawn) > 1:
        raise drawn[1].fail("the map has a second boundary", "keep one of the two")
    return drawn[0].polygon() if drawn else None


def _lanes(features: _Features, waypoints: Mapping[str, Waypoint]) -> dict[str, Lane]:
    lanes: dict[str, Lane] = {}
    drawn: dict[tuple[str, str], str] = {}
    for reader in features["lane"]:
        for lane in _directed(reader, waypoints):
            ends = (lane.start, lane.end)
            if ends in drawn:
                raise reader.fail(
                    f"lane {drawn[ends]!r} already leads from {lane.start!r} to {lane.end!r}",
                    "keep one, or put a waypoint between",
                )
            drawn[ends] = reader.feature_id
            lanes[lane.id] = lane
    return lanes


def _directed(reader: FeatureReader, waypoints: Mapping[str, Waypoint]) -> Iterator[Lane]:
    start, end = (_existing(reader, key, waypoints) for key in ("from", "to"))
    points = reader.line()
    for waypoint, point, place in ((start, points[0], "begins"), (end, points[-1], "ends")):
        off_m = math.dist(waypoint.xy, point)
        if off_m > _END_TOLERANCE_M:
            raise reader.fail(
                f"the line {place} {off_m:.2f} m from waypoint {waypoint.id!r}",
                "draw it from the waypoint `from` to the waypoint `to`",
            )
    points = (start.xy, *points[1:-1], end.xy)
    if start.id == end.id or length_m(points) == 0.0:
        raise reader.fail("the lane has no length", "join two waypoints that lie apart")
    direction = reader.text("direction")
    if direction not in {"both", "forward"}:
        raise reader.fail(f"direction is {direction!r}", "choose both or forward")
    identifier = reader.feature_id
    lane = Lane(
        id=identifier,
        start=start.id,
        end=end.id,
        points=points,
        length_m=length_m(points),
        width_m=reader.number("width_m", least=0.1, most=50.0),
        speed_limit_mps=reader.number("speed_limit_mps", least=0.05, most=15.0),
        level=reader.level(),
        surface=reader.text("surface", default="asphalt"),
        slope=reader.number("slope", least=-1.0, most=1.0, default=0.0),
        indoor=reader.flag("indoor", default=False),
        kinds=_robot_kinds(reader),
        resource=reader.optional_text("resource"),
        reverse=identifier + REVERSE if direction == "both" else None,
    )
    yield lane
    if lane.reverse is not None:
        yield replace(
            lane,
            id=lane.reverse,
            start=lane.end,
            end=lane.start,
            points=points[::-1],
            slope=-lane.slope if lane.slope else 0.0,
            reverse=identifier,
        )


def _robot_kinds(reader: FeatureReader) -> frozenset[str] | None:
    value = reader.properties.get("kinds")
    if value is None:
        return None
    listed = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    if listed and all(isinstance(each, str) and each for each in value):
        return frozenset(value)
    raise reader.fail(
        f"kinds is {shown(value)}", "list robot kinds, or leave it out to admit all of them"
    )


def _existing(reader: FeatureReader, key: str, waypoints: Mapping[str, Waypoint]) -> Waypoint:
    identifier = reader.text(key)
    if identifier not in waypoints:
        raise reader.fail(
            f"{key} names the waypoint {identifier!r}, which is not on the map",
            "correct the id or draw the waypoint",
        )
    return waypoints[identifier]


def _check_names(campus: Campus) -> None:
    named: dict[str, str] = {}
    for waypoint in campus.waypoints.values():
        if waypoint.name is None:
            continue
        taken_by = named.setdefault(waypoint.name, waypoint.id)
        if taken_by != waypoint.id or waypoint.name in campus.waypoints.keys() - {waypoint.id}:
            other = taken_by if taken_by != waypoint.id else waypoint.name
            raise MapFormatError(
                f"waypoint {waypoint.id!r} has the name {waypoint.name!r}, "
                f"which also means waypoint {other!r}",
                "give each its own name",
                waypoint.id,
            )


def _check_access(campus: Campus) -> None:
    for zone in campus.zones.values():
        if zone.purpose is ZonePurpose.CLEAN and zone.access is None:
            raise MapFormatError(
                f"zone {zone.id!r} is cleaned but has no access waypoint",
                "name the waypoint from which it is worked as access",
                zone.id,
            )
    worked: list[tuple[str, Zone | Asset]] = [("zone", each) for each in campus.zones.values()]
    worked += [("asset", each) for each in campus.assets.values()]
    for noun, feature in worked:
        if feature.access is None:
            continue
        access = campus.waypoints.get(feature.access)
        if access is None or access.level != feature.level:
            problem = "is not on the map" if access is None else f"is on level {access.level!r}"
            raise MapFormatError(
                f"{noun} {feature.id!r}: its access waypoint {feature.access!r} {problem}",
                "name a waypoint of the same level",
                feature.id,
            )
