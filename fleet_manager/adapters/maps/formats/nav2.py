"""Graphs of Nav2's route server (GeoJSON), both ways; docs/map-export.md says what becomes what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from fleet_manager.adapters.maps.formats.base import (
    ExportOptions,
    Files,
    Imported,
    ImportOptions,
    Notes,
)
from fleet_manager.adapters.maps.formats.graph import (
    Edge,
    Graph,
    Node,
    campus_member,
    default_lane,
    fitting,
    graph_of,
    number,
    own_properties,
    properties_by_id,
    start_drawing,
)
from fleet_manager.adapters.maps.formats.source_file import read_source
from fleet_manager.core.campus import Campus, Lane, PassageKind
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.geometry import Xy

SUFFIX = ".nav2.geojson"
_CALLS = {
    PassageKind.DOOR: "open_door",
    PassageKind.LIFT: "call_lift",
    PassageKind.CROSSING: "request_crossing",
}


class _Geometry(Struct):
    type: str
    coordinates: Any = None


class _Properties(Struct):
    id: int
    startid: int | None = None
    endid: int | None = None
    frame: str = "map"
    cost: float | None = None
    metadata: dict[str, Any] = {}
    operations: Any = None


class _Feature(Struct):
    geometry: _Geometry
    properties: _Properties


class _File(Struct):
    features: list[dict[str, Any]]
    campus: dict[str, Any] | None = None


def write(campus: Campus, options: ExportOptions) -> Files:
    """One graph of the campus or of one level.

    Nodes are numbered in the order of the map, edges after them. The route server drives
    straight from node to node, so the corners of a lane are nodes too.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: there is no lane to export.
    """
    waypoints, lanes = graph_of(campus, options)
    properties = properties_by_id(campus)
    numbers = {each.id: index for index, each in enumerate(waypoints)}
    nodes = [
        _node(numbers[each.id], each.xy, {"waypoint": {"id": each.id, **properties[each.id]}})
        for each in waypoints
    ]
    corners: dict[tuple[str, int], int] = {}
    for lane in lanes:
        for index, at in enumerate(lane.points[1:-1]):
            corner = _corner(lane, index)
            if corner not in corners:
                corners[corner] = len(nodes)
                kept = {"lane": corner[0], "index": corner[1], "level": lane.level}
                nodes.append(_node(corners[corner], at, {"corner": kept}))
    edges: list[dict[str, Any]] = []
    for lane in lanes:
        chain = [
            numbers[lane.start],
            *(corners[_corner(lane, index)] for index in range(len(lane.points) - 2)),
            numbers[lane.end],
        ]
        for part in range(len(chain) - 1):
            place = (part, len(chain) - 1)
            edges.append(
                _edge(
                    len(nodes) + len(edges),
                    chain[part : part + 2],
                    lane.points[part : part + 2],
                    _edge_metadata(campus, options, lane, properties[lane.feature_id], place),
                    _operations(campus, lane, place),
                    _cost_s(campus, lane) / place[1],
                    lane.lift is None,
                )
            )
    document = {
        "type": "FeatureCollection",
        "name": campus.id,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "campus": campus_member(campus),
        "features": [*nodes, *edges],
    }
    level = "" if options.level is None else f".{options.level}"
    return {f"{campus.id}{level}{SUFFIX}": _lines(document)}


def _lines(document: Mapping[str, Any]) -> Iterator[bytes]:
    """The document with one feature a line."""
    head = {key: value for key, value in document.items() if key != "features"}
    yield (json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n').encode()
    rows = document["features"]
    for index, row in enumerate(rows):
        end = ",\n" if index + 1 < len(rows) else "\n"
        yield (json.dumps(row, ensure_ascii=False) + end).encode()
    yield b"]}\n"


def _corner(lane: Lane, index: int) -> tuple[str, int]:
    """A corner, the same for both directions: the lane's feature and the number from its start."""
    last = len(lane.points) - 3
    return lane.feature_id, index if lane.id == lane.feature_id else last - index


def _node(number_: int, at: Xy, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"id": number_, "frame": "map", "metadata": metadata},
        "geometry": {"type": "Point", "coordinates": list(at)},
    }


def _edge(
    number_: int,
    ends: list[int],
    points: tuple[Xy, ...],
    metadata: dict[str, Any],
    operations: dict[str, Any],
    cost_s: float,
    overridable: bool,
) -> dict[str, Any]:
    properties = {
        "id": number_,
        "startid": ends[0],
        "endid": ends[1],
        "cost": round(cost_s, 3),
        "overridable": overridable,
        "metadata": metadata,
    }
    if operations:
        properties["operations"] = operations
    line = [[list(each) for each in points]]
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "MultiLineString", "coordinates": line},
    }


def _edge_metadata(
    campus: Campus,
    options: ExportOptions,
    lane: Lane,
    properties: Mapping[str, Any],
    place: tuple[int, int],
) -> dict[str, Any]:
    """What the route server's scorers read, and the lane as the map has it.

    Scorers take a number only as the type that they expect, so speeds are always fractions.
    """
    metadata: dict[str, Any] = {"abs_speed_limit": float(lane.speed_limit_mps)}
    if options.fleet is not None:
        fastest = max(each.max_speed_mps for each in options.fleet.kinds.values())
        metadata["speed_limit"] = round(min(100.0, 100.0 * lane.speed_limit_mps / fastest), 3)
    where = "lift" if lane.lift else lane.structure
    metadata["class"] = str(where or ("indoor" if lane.indoor else lane.surface))
    metadata["lane"] = {"id": lane.id, "part": place[0], "parts": place[1], **properties}
    return metadata


def _operations(campus: Campus, lane: Lane, place: tuple[int, int]) -> dict[str, Any]:
    """Asking for a passage before an edge leads into it, giving it back behind it."""
    into = campus.waypoints[lane.end].passage
    outof = campus.waypoints[lane.start].passage
    found: dict[str, Any] = {}
    if into is not None and into != outof and place[0] == 0:
        call = _CALLS[campus.passages[into].kind]
        found[call] = _operation(call, "ON_ENTER", into, "request")
    if outof is not None and into != outof and place[0] == place[1] - 1:
        found["release_passage"] = _operation("release_passage", "ON_EXIT", outof, "release")
    return found


def _operation(kind: str, trigger: str, passage: str, service: str) -> dict[str, Any]:
    metadata = {"passage": passage, "service_name": f"passages/{passage}/{service}"}
    return {"type": kind, "trigger": trigger, "metadata": metadata}


def _cost_s(campus: Campus, lane: Lane) -> float:
    """Seconds at the lane's limit; in a lift, at its speed with its doors."""
    if lane.lift is None:
        return lane.length_m / lane.speed_limit_mps
    lift = campus.passages[lane.lift]
    return 2 * lift.opening_s + lane.length_m / lift.speed_mps


def read(file: Path, options: ImportOptions) -> Imported:
    """Any graph of the route server; one that `write` made is the graph that it was made of.

    Raises:
        MapFileError: it is none; names the feature and what to do.
    """
    notes = Notes()
    raw = _decoded(file)
    points, lines = _features(file, raw.features)
    own = raw.campus if raw.campus and "levels" in raw.campus else None
    drawing = start_drawing(file, options, None, own)
    if own is None:
        drawing.add_level(options.level, options.level.capitalize(), 0.0)
    graph, corners = Graph(), dict[int, Xy]()
    for feature in points:
        corner = feature.properties.metadata.get("corner")
        if own is not None and isinstance(corner, dict) and "lane" in corner:
            corners[feature.properties.id] = _at(file, feature)
        else:
            node = _read_node(file, feature, options, own, notes)
            graph.nodes[str(feature.properties.id)] = node
    _add_edges(file, graph, lines, corners, options, notes)
    graph.draw(drawing, notes)
    boundary = None if own is None else own.get("boundary")
    return Imported(
        document=drawing.finish(boundary_feature=boundary),
        counts={"nodes": len(points), "edges": len(lines)},
        notes=notes.all(),
    )


def _decoded(file: Path) -> _File:
    try:
        return msgspec.json.decode(read_source(file), type=_File)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise MapFileError(
            f"{file}: no graph of Nav2's route server: {error}",
            "give a GeoJSON FeatureCollection of nodes (points) and edges (lines)",
        ) from error


def _features(file: Path, raw: list[dict[str, Any]]) -> tuple[list[_Feature], list[_Feature]]:
    """Nodes and edges; other geometries are none of the route server's."""
    points: list[_Feature] = []
    lines: list[_Feature] = []
    seen: set[int] = set()
    for index, each in enumerate(raw):
        geometry = each.get("geometry")
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind not in ("Point", "LineString", "MultiLineString"):
            continue
        try:
            feature = msgspec.convert(each, _Feature)
        except msgspec.ValidationError as error:
            raise MapFileError(
                f"{file}: feature number {index}: {error}",
                "nodes need an integer id, edges also startid and endid",
            ) from error
        if feature.properties.id in seen:
            raise MapFileError(
                f"{file}: feature number {index}: the id {feature.properties.id} is there twice",
                "number nodes and edges so that no two have the same id",
            )
        seen.add(feature.properties.id)
        (points if kind == "Point" else lines).append(feature)
    if not points or not lines:
        raise MapFileError(
            f"{file}: it has {len(points)} nodes and {len(lines)} edges",
            "a graph has nodes (Point features) and edges (LineString or MultiLineString)",
        )
    return points, lines


def _at(file: Path, feature: _Feature) -> Xy:
    place = _position(feature.geometry.coordinates)
    if place is None:
        raise MapFileError(
            f"{file}: node {feature.properties.id}: its coordinates are "
            f"{str(feature.geometry.coordinates)[:60]}",
            "give x and y in metres",
        )
    return place


def _position(raw: Any) -> Xy | None:
    if not isinstance(raw, list) or len(raw) not in {2, 3}:
        return None
    x_m, y_m = number(raw[0]), number(raw[1])
    return None if x_m is None or y_m is None else (x_m, y_m)


def _read_node(
    file: Path,
    feature: _Feature,
    options: ImportOptions,
    own: Mapping[str, Any] | None,
    notes: Notes,
) -> Node:
    at, properties = _at(file, feature), feature.properties
    kept = own_properties(properties.metadata.get("waypoint"))
    if own is not None and kept is not None:
        return Node(kept.pop("id"), at, {"level": None, "role": None} | kept, kept=True)
    if properties.frame != "map":
        notes.add("frames other than map are taken to be the map's", str(properties.id))
    if properties.operations:
        notes.add("operations at nodes and edges are left out", str(properties.id))
    level = options.level if own is None else next(iter(own["levels"]))["id"]
    name = properties.metadata.get("name")
    drawn = {"level": level, "role": "junction"}
    drawn |= {"name": name} if isinstance(name, str) and name else {}
    return Node(f"nav2_{properties.id}", at, drawn)


def _add_edges(
    file: Path,
    graph: Graph,
    lines: list[_Feature],
    corners: Mapping[int, Xy],
    options: ImportOptions,
    notes: Notes,
) -> None:
    parts: dict[str, dict[int, tuple[int, int, dict[str, Any]]]] = {}
    for feature in lines:
        start, end = _ends(file, feature, graph, corners)
        metadata = feature.properties.metadata
        kept = own_properties(metadata.get("lane"))
        if kept is not None and isinstance(kept.get("part"), int):
            speed = number(metadata.get("abs_speed_limit"))
            kept |= {} if speed is None else {"speed_limit_mps": speed}
            parts.setdefault(kept["id"], {})[kept["part"]] = (start, end, kept)
            continue
        graph.edges.append(_foreign_edge(file, feature, graph, options, notes))
    for identifier, chain in parts.items():
        graph.edges.append(_joined(file, identifier, chain, graph, corners))


def _ends(
    file: Path, feature: _Feature, graph: Graph, corners: Mapping[int, Xy]
) -> tuple[int, int]:
    properties = feature.properties
    for key, end in (("startid", properties.startid), ("endid", properties.endid)):
        if end is None or (str(end) not in graph.nodes and end not in corners):
            problem = "is missing" if end is None else f"is {end}, which is no node"
            raise MapFileError(
                f"{file}: edge {properties.id}: {key} {problem}",
                f"give the id of a node as {key}",
            )
    assert properties.startid is not None
    assert properties.endid is not None
    return properties.startid, properties.endid


def _joined(
    file: Path,
    identifier: str,
    chain: Mapping[int, tuple[int, int, dict[str, Any]]],
    graph: Graph,
    corners: Mapping[int, Xy],
) -> Edge:
    """The lane that was exported as a chain of edges over its corners."""
    ordered = [chain[part] for part in sorted(chain)]
    whole = sorted(chain) == list(range(len(chain))) and ordered[0][2].get("parts") == len(chain)
    joined = all(a[1] == b[0] and a[1] in corners for a, b in pairwise(ordered))
    start, end = ordered[0][0], ordered[-1][1]
    if not (whole and joined and str(start) in graph.nodes and str(end) in graph.nodes):
        raise MapFileError(
            f"{file}: the edges of lane {identifier!r} do not lead from waypoint to waypoint",
            "keep all edges of a lane, or take `lane` out of the metadata of those that are left",
        )
    kept = dict(ordered[0][2])
    for key in ("id", "part", "parts", "from", "to", "direction", "level"):
        kept.pop(key, None)
    points = tuple(corners[each[1]] for each in ordered[:-1])
    return Edge(identifier, str(start), str(end), points, kept, kept=True)


def _foreign_edge(
    file: Path, feature: _Feature, graph: Graph, options: ImportOptions, notes: Notes
) -> Edge:
    properties = feature.properties
    name = str(properties.id)
    start, end = str(properties.startid), str(properties.endid)
    if start not in graph.nodes or end not in graph.nodes:
        raise MapFileError(
            f"{file}: edge {name} ends at a corner of another lane",
            "let it start and end at waypoints",
        )
    if properties.operations:
        notes.add("operations at nodes and edges are left out", name)
    if properties.cost:
        notes.add("costs of edges are left out: ways are as long as they take", name)
    lane = default_lane(options, _speed_mps(properties.metadata, options, name, notes))
    drawn = fitting(_line(feature.geometry), graph.nodes[start].at, graph.nodes[end].at)
    if drawn is None:
        notes.add("edges whose line does not lead from node to node are drawn straight", name)
    return Edge(f"nav2_{name}", start, end, drawn or (), lane)


def _line(geometry: _Geometry) -> list[Xy]:
    """Positions of a line in one or more pieces; empty if one cannot be read."""
    pieces = geometry.coordinates
    if geometry.type == "LineString":
        pieces = [pieces]
    if not isinstance(pieces, list) or not all(isinstance(each, list) for each in pieces):
        return []
    found: list[Xy] = []
    for raw in (position for piece in pieces for position in piece):
        place = _position(raw)
        if place is None:
            return []
        if not found or place != found[-1]:
            found.append(place)
    return found


def _speed_mps(
    metadata: Mapping[str, Any], options: ImportOptions, name: str, notes: Notes
) -> float | None:
    """The limit of an edge; its `speed_limit` is a percentage of the fastest robot's speed."""
    speed = number(metadata.get("abs_speed_limit"))
    if speed is not None and speed > 0.0:
        return speed
    percent = number(metadata.get("speed_limit"))
    if percent is None or percent <= 0.0:
        return None
    share = percent if percent <= 1.0 else min(percent, 100.0) / 100.0
    fastest = options.speed_limit_mps or 1.0
    notes.add(f"speed_limit is a share of {fastest:g} m/s (--speed-limit)", name)
    return share * fastest
