"""VDMA LIF 1.0 (Layout Interchange Format), both ways; docs/map-export.md says what becomes what.

A layout is one level. An edge lies in the layout of its start; one to another level (a ramp, a
ride in a lift) ends in a node of another layout, as LIF foresees.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from fleet_manager import __version__
from fleet_manager.adapters.maps.formats.base import (
    ExportOptions,
    Files,
    Imported,
    ImportOptions,
    Notes,
)
from fleet_manager.adapters.maps.formats.curve import curve_points
from fleet_manager.adapters.maps.formats.graph import (
    Edge,
    Graph,
    Node,
    campus_member,
    default_lane,
    fitting,
    graph_of,
    own_properties,
    properties_by_id,
    start_drawing,
)
from fleet_manager.adapters.maps.formats.source_file import read_source
from fleet_manager.core.campus import Campus, Lane, Role, Waypoint
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.geometry import Xy

SUFFIX = ".lif.json"
LIF_VERSION = "1.0.0"
EXTENSION = "campusFleet"
"""Member of the file, its nodes and its edges that holds what LIF has no place for."""
_ANY_KIND = "robot"
_STATED = ("id", "from", "to", "direction", "level", "speed_limit_mps")


class _Position(Struct):
    x: float
    y: float


class _NodeOf(Struct):
    vehicleTypeId: str  # noqa: N815
    theta: float | None = None
    actions: list[dict[str, Any]] = []


class _Node(Struct):
    nodeId: str  # noqa: N815
    nodePosition: _Position  # noqa: N815
    vehicleTypeNodeProperties: list[_NodeOf]  # noqa: N815
    nodeName: str | None = None  # noqa: N815
    campusFleet: dict[str, Any] | None = None  # noqa: N815


class _Control(Struct):
    x: float
    y: float
    weight: float = 1.0


class _Trajectory(Struct):
    controlPoints: list[_Control]  # noqa: N815
    knotVector: list[float]  # noqa: N815
    degree: int | None = None


class _EdgeOf(Struct):
    vehicleTypeId: str  # noqa: N815
    maxSpeed: float | None = None  # noqa: N815
    trajectory: _Trajectory | None = None
    actions: list[dict[str, Any]] = []


class _Edge(Struct):
    edgeId: str  # noqa: N815
    startNodeId: str  # noqa: N815
    endNodeId: str  # noqa: N815
    vehicleTypeEdgeProperties: list[_EdgeOf]  # noqa: N815
    campusFleet: dict[str, Any] | None = None  # noqa: N815


class _Station(Struct):
    stationId: str  # noqa: N815
    interactionNodeIds: list[str]  # noqa: N815
    stationName: str | None = None  # noqa: N815


class _Layout(Struct):
    layoutId: str  # noqa: N815
    nodes: list[_Node]
    edges: list[_Edge]
    stations: list[_Station]
    layoutName: str | None = None  # noqa: N815
    layoutLevelId: str | None = None  # noqa: N815


class _Meta(Struct):
    projectIdentification: str  # noqa: N815
    lifVersion: str  # noqa: N815


class _File(Struct):
    metaInformation: _Meta  # noqa: N815
    layouts: list[_Layout]
    campusFleet: dict[str, Any] | None = None  # noqa: N815


def write(campus: Campus, options: ExportOptions) -> Files:
    """A file with a layout for each level that has a part of the graph.

    Vehicle types are the fleet's kinds and those that lanes name. Of one level, lanes that stay
    on it.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: there is no lane to export.
    """
    waypoints, lanes = graph_of(campus, options)
    properties = properties_by_id(campus)
    kinds = _kinds(campus, options)
    layouts = []
    for level in campus.levels.values():
        nodes = [each for each in waypoints if each.level == level.id]
        if not nodes:
            continue
        edges = [each for each in lanes if each.level == level.id]
        layouts.append(
            {
                "layoutId": level.id,
                "layoutName": level.name,
                "layoutVersion": campus.version,
                "layoutLevelId": level.id,
                "layoutDescription": f"{campus.name}, {level.elevation_m:g} m above its origin",
                "nodes": [_node(each, properties[each.id], kinds) for each in nodes],
                "edges": [_edge(each, properties[each.feature_id], kinds) for each in edges],
                "stations": list(_stations(campus, level.id)),
            }
        )
    made_at = options.made_at or datetime.fromtimestamp(0, UTC)
    document = {
        "metaInformation": {
            "projectIdentification": campus.name,
            "creator": f"Campus Fleet {__version__}",
            "exportTimestamp": made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifVersion": LIF_VERSION,
        },
        "layouts": layouts,
        EXTENSION: campus_member(campus) | {"vehicle_types": kinds},
    }
    level_part = "" if options.level is None else f".{options.level}"
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return {f"{campus.id}{level_part}{SUFFIX}": [text.encode(), b"\n"]}


def _kinds(campus: Campus, options: ExportOptions) -> list[str]:
    named = {kind for lane in campus.lanes.values() for kind in lane.kinds or ()}
    named |= set(options.fleet.kinds) if options.fleet is not None else set()
    return sorted(named) or [_ANY_KIND]


def _node(waypoint: Waypoint, properties: Mapping[str, Any], kinds: list[str]) -> dict[str, Any]:
    of_type: dict[str, Any] = {}
    if waypoint.heading_rad is not None:
        of_type["theta"] = waypoint.heading_rad
    if waypoint.role is Role.DOCK:
        of_type["actions"] = [
            {
                "actionType": "startCharging",
                "actionDescription": "Charge at the dock",
                "requirementType": "CONDITIONAL",
                "blockingType": "HARD",
            }
        ]
    node: dict[str, Any] = {"nodeId": waypoint.id}
    if waypoint.name is not None:
        node["nodeName"] = waypoint.name
    return node | {
        "mapId": waypoint.level,
        "nodePosition": {"x": waypoint.x_m, "y": waypoint.y_m},
        "vehicleTypeNodeProperties": [{"vehicleTypeId": kind, **of_type} for kind in kinds],
        EXTENSION: {
            key: value for key, value in properties.items() if key not in {"level", "name"}
        },
    }


def _edge(lane: Lane, properties: Mapping[str, Any], kinds: list[str]) -> dict[str, Any]:
    admitted = [kind for kind in kinds if lane.admits(kind)]
    of_type: dict[str, Any] = {
        "orientationType": "TANGENTIAL",
        "vehicleOrientation": 0.0,
        "rotationAllowed": False,
        "maxSpeed": lane.speed_limit_mps,
    }
    if len(lane.points) > 2:
        of_type["trajectory"] = _trajectory(lane.points)
    kept = {key: value for key, value in properties.items() if key not in _STATED}
    if _admitted(admitted, kinds) == (None if lane.kinds is None else sorted(lane.kinds)):
        kept.pop("kinds", None)
    return {
        "edgeId": lane.id,
        "startNodeId": lane.start,
        "endNodeId": lane.end,
        "vehicleTypeEdgeProperties": [{"vehicleTypeId": kind, **of_type} for kind in admitted],
        EXTENSION: kept,
    }


def _admitted(named: Iterable[str], all_kinds: Iterable[str]) -> list[str] | None:
    """Kinds of a lane by the vehicle types of its edge; None: all."""
    return None if set(named) >= set(all_kinds) else sorted(named)


def _trajectory(points: tuple[Xy, ...]) -> dict[str, Any]:
    """The polyline as a NURBS of degree 1."""
    last = len(points) - 1
    inner = [round(index / last, 6) for index in range(1, last)]
    return {
        "degree": 1,
        "knotVector": [0.0, 0.0, *inner, 1.0, 1.0],
        "controlPoints": [{"x": x_m, "y": y_m} for x_m, y_m in points],
    }


def _stations(campus: Campus, level: str) -> Iterable[dict[str, Any]]:
    """Docks, bays and assets: where robots charge, rest and look."""
    for bay in campus.bays:
        if bay.level == level:
            yield {
                "stationId": bay.id,
                "interactionNodeIds": [bay.id],
                "stationName": bay.name or bay.id,
                "stationDescription": "Charger" if bay.role is Role.DOCK else "Parking bay",
                "stationPosition": {"x": bay.x_m, "y": bay.y_m},
            }
    for asset in campus.assets.values():
        if asset.level == level:
            yield {
                "stationId": asset.id,
                "interactionNodeIds": [asset.access],
                "stationName": asset.name,
                "stationDescription": f"Inspection: {asset.kind.value}",
                "stationPosition": {"x": asset.x_m, "y": asset.y_m},
            }


def read(file: Path, options: ImportOptions) -> Imported:
    """Any LIF file; one that `write` made is the graph that it was made of.

    Raises:
        MapFileError: it is none; names the layout, node or edge and what to do.
    """
    notes = Notes()
    raw = _decoded(file)
    own = raw.campusFleet if raw.campusFleet and "levels" in raw.campusFleet else None
    drawing = start_drawing(file, options, raw.metaInformation.projectIdentification, own)
    levels: dict[str, str] = {}
    for layout in raw.layouts:
        level = layout.layoutLevelId or layout.layoutId or options.level
        levels[layout.layoutId] = level
        if level not in drawing.levels:
            drawing.add_level(level, layout.layoutName or level, 0.0)
            notes.add("LIF gives no heights of levels: they are all at 0 m", level)
    graph = _read_graph(file, raw, levels, own, options, notes)
    if not graph.nodes:
        raise MapFileError(f"{file}: no layout has a node", "a map has one node at least")
    graph.draw(drawing, notes)
    stations = sum(len(each.stations) for each in raw.layouts)
    if own is None and stations:
        notes.add("stations are names of their nodes; what happens there is left out")
    return Imported(
        document=drawing.finish(boundary_feature=None if own is None else own.get("boundary")),
        counts={
            "layouts": len(raw.layouts),
            "nodes": sum(len(each.nodes) for each in raw.layouts),
            "edges": sum(len(each.edges) for each in raw.layouts),
            "stations": stations,
        },
        notes=notes.all(),
    )


def _decoded(file: Path) -> _File:
    try:
        return msgspec.json.decode(read_source(file), type=_File)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise MapFileError(
            f"{file}: no LIF file: {error}",
            "the Layout Interchange Format of VDMA describes every member",
        ) from error


def _read_graph(
    file: Path,
    raw: _File,
    levels: Mapping[str, str],
    own: Mapping[str, Any] | None,
    options: ImportOptions,
    notes: Notes,
) -> Graph:
    graph = Graph()
    all_kinds = {
        each.vehicleTypeId
        for layout in raw.layouts
        for node in layout.nodes
        for each in node.vehicleTypeNodeProperties
    }
    names = {
        each.interactionNodeIds[0]: each.stationName or ""
        for layout in raw.layouts
        for each in layout.stations
        if each.interactionNodeIds
    }
    for layout in raw.layouts:
        for node in layout.nodes:
            if node.nodeId in graph.nodes:
                raise _twice(file, "node", node.nodeId)
            level = levels[layout.layoutId]
            graph.nodes[node.nodeId] = _read_node(node, level, names, own, notes)
    seen: set[str] = set()
    for layout in raw.layouts:
        for edge in layout.edges:
            if edge.edgeId in seen:
                raise _twice(file, "edge", edge.edgeId)
            seen.add(edge.edgeId)
            read_edge = _read_edge(file, raw, edge, graph, all_kinds, own, options, notes)
            if read_edge is not None:
                graph.edges.append(read_edge)
    return graph


def _twice(file: Path, noun: str, identifier: str) -> MapFileError:
    return MapFileError(
        f"{file}: {noun} {identifier!r} is there twice", "ids are unique across all layouts"
    )


def _read_node(
    node: _Node,
    level: str,
    names: Mapping[str, str],
    own: Mapping[str, Any] | None,
    notes: Notes,
) -> Node:
    at = (node.nodePosition.x, node.nodePosition.y)
    kept = None if own is None else own_properties({"id": node.nodeId} | (node.campusFleet or {}))
    if kept is not None and "role" in kept:
        kept.pop("id")
        named = {} if node.nodeName is None else {"name": node.nodeName}
        return Node(node.nodeId, at, {"level": level} | kept | named, kept=True)
    drawn: dict[str, Any] = {"level": level, "role": "junction"}
    name = node.nodeName or names.get(node.nodeId)
    drawn |= {"name": name} if name else {}
    actions = [a for each in node.vehicleTypeNodeProperties for a in each.actions]
    if any("charg" in str(each.get("actionType")).lower() for each in actions):
        drawn["role"] = "dock"
    elif actions:
        notes.add("actions at nodes and edges are left out", node.nodeId)
    thetas = {each.theta for each in node.vehicleTypeNodeProperties if each.theta is not None}
    if len(thetas) == 1 and abs(theta := thetas.pop()) <= math.pi + 1e-6:
        drawn["heading_deg"] = round(math.degrees(theta), 3)
    elif thetas:
        notes.add("orientations that differ by vehicle or exceed ±π are left out", node.nodeId)
    return Node(node.nodeId, at, drawn)


def _read_edge(
    file: Path,
    raw: _File,
    edge: _Edge,
    graph: Graph,
    all_kinds: set[str],
    own: Mapping[str, Any] | None,
    options: ImportOptions,
    notes: Notes,
) -> Edge | None:
    for end in (edge.startNodeId, edge.endNodeId):
        if end not in graph.nodes:
            raise MapFileError(
                f"{file}: edge {edge.edgeId!r} names the node {end!r}, which is in no layout",
                "correct the id or describe the node",
            )
    start, end_ = graph.nodes[edge.startNodeId], graph.nodes[edge.endNodeId]
    types = edge.vehicleTypeEdgeProperties
    speeds = [each.maxSpeed for each in types if each.maxSpeed is not None and each.maxSpeed > 0]
    kept = None if own is None else own_properties({"id": edge.edgeId} | (edge.campusFleet or {}))
    if kept is not None and edge.campusFleet:
        lane = {key: value for key, value in kept.items() if key not in _STATED}
        lane["speed_limit_mps"] = min(speeds) if speeds else options.speed_limit_mps or 1.0
    else:
        kept = None
        lane = default_lane(options, min(speeds) if speeds else None)
        if start.waypoint["level"] != end_.waypoint["level"]:
            lane["structure"] = "ramp"
            notes.add("edges to another layout are taken to be ramps", edge.edgeId)
        if any(each.actions for each in types):
            notes.add("actions at nodes and edges are left out", edge.edgeId)
    known = all_kinds if own is None else _texts(own.get("vehicle_types")) or all_kinds
    admitted = _admitted({each.vehicleTypeId for each in types}, known)
    if not types:
        notes.add("edges for no vehicle type are left out", edge.edgeId)
        return None
    if admitted is not None and "kinds" not in lane:
        lane["kinds"] = admitted
    points = _between(edge, start.at, end_.at, raw.metaInformation.lifVersion, notes)
    return Edge(edge.edgeId, edge.startNodeId, edge.endNodeId, points, lane, kept is not None)


def _texts(raw: Any) -> set[str]:
    return {each for each in raw if isinstance(each, str)} if isinstance(raw, list) else set()


def _between(edge: _Edge, start: Xy, end: Xy, version: str, notes: Notes) -> tuple[Xy, ...]:
    """What an edge has between its nodes, of the first vehicle type that has a trajectory."""
    for each in edge.vehicleTypeEdgeProperties:
        if each.trajectory is None:
            continue
        degree = each.trajectory.degree or (3 if version.startswith("1.") else 1)
        controls = [(c.x, c.y, c.weight) for c in each.trajectory.controlPoints]
        points = curve_points(controls, each.trajectory.knotVector, degree)
        between = None if points is None else fitting(points, start, end)
        if between is None:
            notes.add(
                "trajectories that are no NURBS from node to node are drawn straight", edge.edgeId
            )
        return between or ()
    return ()
