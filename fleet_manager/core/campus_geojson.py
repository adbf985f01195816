"""Reads a campus from its GeoJSON document and says precisely what is wrong with a damaged one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from shapely.geometry import Polygon

from fleet_manager.core import feature_builders as build
from fleet_manager.core.campus import (
    PASSAGE_ROLES,
    REVERSE,
    Anchor,
    Asset,
    Campus,
    Entrance,
    Lane,
    Level,
    Passage,
    Wall,
    Waypoint,
    WeatherRule,
    Zone,
    ZonePurpose,
)
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.feature_reader import FeatureReader, mapping_of, shown

FORMAT_VERSION = 2
READS_VERSIONS = (1, 2)


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
    if (version := head.number("format_version")) not in READS_VERSIONS:
        raise MapFormatError(
            f"the map has format_version {version:g}, this program reads 1 and 2",
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
        waypoints=_build(features, "waypoint", build.waypoint),
        lanes={},
        zones=_build(features, "zone", build.zone),
        assets=_build(features, "asset", build.asset),
        buildings=_build(features, "building", build.building),
        obstacles=_build(features, "obstacle", build.obstacle),
        keep_clear=_build(features, "keep_clear", build.keep_clear),
        walls=_build(features, "wall", build.wall),
        passages=_build(features, "door", build.door)
        | _build(features, "lift", build.lift)
        | _build(features, "crossing", build.crossing),
        entrances=_build(features, "entrance", build.entrance),
        cameras=_build(features, "camera", build.camera),
        stations=_build(features, "station", build.station),
        sectors=_build(features, "sector", build.sector),
        muster_points=_build(features, "muster_point", build.muster_point),
        parts=_build(features, "part", build.part),
        ground=_build(features, "ground", build.ground),
        weather_rules=_weather_rules(head),
        boundary=_boundary(features),
        version=document_version(document),
        note=head.text("note", default=""),
        document=document,
    )
    _check_names(campus)
    _check_access(campus)
    _check_passages(campus)
    _check_buildings(campus)
    return replace(campus, lanes=_lanes(features, campus.waypoints, levels))


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
_KINDS = (
    "boundary",
    "part",
    "ground",
    "building",
    "wall",
    "obstacle",
    "keep_clear",
    "waypoint",
    "lane",
    "door",
    "lift",
    "crossing",
    "entrance",
    "zone",
    "sector",
    "asset",
    "camera",
    "station",
    "muster_point",
)


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
            tuple(levels),
        )
        kind = properties.get("feature")
        if not isinstance(kind, str) or kind not in found:
            raise reader.fail(
                f"properties.feature is {shown(kind)}", f"choose one of {', '.join(_KINDS)}"
            )
        found[kind].append(reader)
    return found


Built = TypeVar("Built")


def _build(
    features: _Features, kind: str, make: Callable[[FeatureReader], Built]
) -> dict[str, Built]:
    return {reader.feature_id: make(reader) for reader in features[kind]}


def _weather_rules(head: FeatureReader) -> dict[str, WeatherRule]:
    raw = head.properties.get("weather", [])
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise MapFormatError(f"weather is {shown(raw)}", "list rules as campus.weather")
    rules: dict[str, WeatherRule] = {}
    for rule in map(build.weather_rule, raw):
        if rule.id in rules:
            raise MapFormatError(f"two weather rules have the id {rule.id!r}", "rename one")
        rules[rule.id] = rule
    return rules


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


def _boundary(features: _Features) -> Polygon | None:
    drawn = features["boundary"]
    if len(drawn) > 1:
        raise drawn[1].fail("the map has a second boundary", "keep one of the two")
    return drawn[0].polygon() if drawn else None


def _lanes(
    features: _Features, waypoints: Mapping[str, Waypoint], levels: Mapping[str, Level]
) -> dict[str, Lane]:
    lanes: dict[str, Lane] = {}
    drawn: dict[tuple[str, str], str] = {}
    for reader in features["lane"]:
        for lane in build.directed_lanes(reader, waypoints, levels):
            ends = (lane.start, lane.end)
            if ends in drawn:
                raise reader.fail(
                    f"lane {drawn[ends]!r} already leads from {lane.start!r} to {lane.end!r}",
                    "keep one, or put a waypoint between",
                )
            drawn[ends] = reader.feature_id
            lanes[lane.id] = lane
    return lanes


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
    worked: list[tuple[str, Zone | Asset | Entrance]] = [
        ("zone", each) for each in campus.zones.values()
    ]
    worked += [("asset", each) for each in campus.assets.values()]
    worked += [("entrance", each) for each in campus.entrances.values()]
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


def _check_passages(campus: Campus) -> None:
    """Waypoints lie in passages of their role's kind and level."""
    for waypoint in campus.waypoints.values():
        if waypoint.passage is None:
            continue
        passage = campus.passages.get(waypoint.passage)
        if passage is None or passage.kind is not PASSAGE_ROLES[waypoint.role]:
            problem = "is not on the map" if passage is None else f"is a {passage.kind}"
            raise MapFormatError(
                f"waypoint {waypoint.id!r}, a {waypoint.role}: its passage "
                f"{waypoint.passage!r} {problem}",
                f"name a {PASSAGE_ROLES[waypoint.role]} of the map, or draw it",
                waypoint.id,
            )
        if waypoint.level not in passage.levels:
            raise MapFormatError(
                f"waypoint {waypoint.id!r} is on level {waypoint.level!r}, which {passage.id!r} "
                "does not serve",
                "correct its level, or add the level to the passage",
                waypoint.id,
            )


def _check_buildings(campus: Campus) -> None:
    """Parts of buildings name buildings of the map, entrances doors of the map."""
    belonging: list[Wall | Passage | Entrance] = [*campus.walls.values()]
    belonging += [*campus.passages.values(), *campus.entrances.values()]
    for feature in belonging:
        if feature.building is not None and feature.building not in campus.buildings:
            raise MapFormatError(
                f"feature {feature.id!r}: its building {feature.building!r} is not on the map",
                "correct the id or draw the building",
                feature.id,
            )
    for entrance in campus.entrances.values():
        if entrance.door is not None and entrance.door not in campus.passages:
            raise MapFormatError(
                f"entrance {entrance.id!r}: its door {entrance.door!r} is not on the map",
                "correct the id or draw the door",
                entrance.id,
            )
