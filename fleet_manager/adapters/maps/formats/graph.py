"""Between the campus' graph and formats that hold nodes and directed edges, both ways."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fleet_manager.adapters.maps.formats.base import ExportOptions, ImportOptions, Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing
from fleet_manager.core.campus import REVERSE, Anchor, Campus, Lane, PassageKind, Waypoint
from fleet_manager.core.errors import MapFileError, MapFormatError, UnknownFeature
from fleet_manager.core.feature_reader import is_number
from fleet_manager.core.geometry import Xy

HEAD = ("name", "timezone", "anchor", "levels", "weather", "note")
END_TOLERANCE_M = 0.5  # by how much an edge's drawn line may miss its nodes and still be theirs
DEFAULT_WIDTH_M = 1.5
DEFAULT_SPEED_MPS = 1.0

Json = Mapping[str, Any]


def chosen_level(campus: Campus, options: ExportOptions) -> str | None:
    """The level to export; None: all.

    Raises:
        UnknownFeature: the campus has no such level.
    """
    if options.level is not None and options.level not in campus.levels:
        raise UnknownFeature(
            f"the map of {campus.name} has no level {options.level!r}",
            f"levels are {', '.join(campus.levels)}",
        )
    return options.level


def graph_of(campus: Campus, options: ExportOptions) -> tuple[list[Waypoint], list[Lane]]:
    """Waypoints and directed lanes to export; of one level, lanes that stay on it.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: there is no lane to export.
    """
    level = chosen_level(campus, options)
    waypoints = [each for each in campus.waypoints.values() if level in {None, each.level}]
    kept = {each.id for each in waypoints}
    lanes = [each for each in campus.lanes.values() if each.start in kept and each.end in kept]
    if not lanes:
        where = "" if level is None else f" on level {level!r}"
        raise MapFormatError(
            f"the map of {campus.name} has no lane{where}", "draw lanes, or choose another level"
        )
    return waypoints, lanes


def campus_member(campus: Campus) -> dict[str, Any]:
    """What a graph format cannot hold: the head of the map, its boundary and its passages.

    Buildings are no part of the graph, so passages leave theirs out.
    """
    head = campus.document["campus"]
    features = campus.document["features"]
    member: dict[str, Any] = {key: head[key] for key in HEAD if head.get(key) is not None}
    kinds = {kind.value for kind in PassageKind}
    member["passages"] = [
        {
            **each,
            "properties": {k: v for k, v in each["properties"].items() if k != "building"},
        }
        for each in features
        if each["properties"]["feature"] in kinds
    ]
    for each in features:
        if each["properties"]["feature"] == "boundary":
            member["boundary"] = each
    return member


def properties_by_id(campus: Campus) -> dict[str, dict[str, Any]]:
    """Properties of waypoints and lanes as the map has them, without nulls, by feature id."""
    return {
        each["id"]: {
            key: value
            for key, value in each["properties"].items()
            if key != "feature" and value is not None
        }
        for each in campus.document["features"]
        if each["properties"]["feature"] in {"waypoint", "lane"}
    }


@dataclass(frozen=True)
class Node:
    """A node of another program's graph.

    Attributes:
        waypoint: properties of the waypoint that it was exported from, or those to draw.
        id: of the waypoint to draw.
        kept: whether the id is one of ours and stays as it is.
    """

    id: str
    at: Xy
    waypoint: Mapping[str, Any]
    kept: bool = False


@dataclass(frozen=True)
class Edge:
    """A directed edge of another program's graph, between two of its nodes.

    Attributes:
        id: of the directed lane to draw.
        start, end: keys of the nodes.
        points: between the ends, without them.
        lane: properties of the lane, without `from`, `to`, `direction` and `level`.
        kept: whether the id is one of ours and stays as it is.
    """

    id: str
    start: str
    end: str
    points: tuple[Xy, ...]
    lane: Mapping[str, Any]
    kept: bool = False


@dataclass
class Graph:
    """Nodes by key, and edges, as read from a file; draws them into a map."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def draw(self, drawing: Drawing, notes: Notes) -> None:
        """Waypoints and lanes; two edges that are each other's way back are one `both` lane."""
        ids: dict[str, str] = {}
        for key, node in self.nodes.items():
            properties = dict(node.waypoint)
            if node.kept:
                ids[key] = node.id
                drawing.point(node.id, "waypoint", node.at, **properties)
            else:
                level, role = properties.pop("level"), properties.pop("role")
                name = properties.pop("name", "")
                ids[key] = drawing.waypoint(node.id, node.at, level, role, name, **properties)
        for edge, back in self._ways(notes):
            self._lane(drawing, edge, back, ids)

    def _ways(self, notes: Notes) -> Iterable[tuple[Edge, Edge | None]]:
        """Each edge with the one that is its way back, if it has one; in the order of the file."""
        by_ends: dict[tuple[str, str], Edge] = {}
        for edge in self.edges:
            if edge.start == edge.end:
                notes.add("edges from a node to itself are left out", edge.id)
            elif (edge.start, edge.end) in by_ends:
                notes.add("of several edges from a node to another the first is kept", edge.id)
            else:
                by_ends[edge.start, edge.end] = edge
        done: set[str] = set()
        for (start, end), edge in by_ends.items():
            if edge.id in done:
                continue
            back = by_ends.get((end, start))
            if back is None or not _is_way_back(edge, back):
                yield edge, None
                continue
            done.add(back.id)
            yield (back, edge) if edge.id == back.id + REVERSE else (edge, back)

    def _lane(
        self, drawing: Drawing, edge: Edge, back: Edge | None, ids: Mapping[str, str]
    ) -> None:
        start, end = self.nodes[edge.start], self.nodes[edge.end]
        properties = dict(edge.lane)
        kept = edge.kept and not edge.id.endswith(REVERSE)
        if edge.kept and not kept and properties.get("slope"):
            properties["slope"] = -properties["slope"]
        drawing.line(
            edge.id if kept else drawing.new_id(edge.id),
            "lane",
            (start.at, *edge.points, end.at),
            level=start.waypoint["level"],
            **{"from": ids[edge.start], "to": ids[edge.end]},
            direction="forward" if back is None else "both",
            **properties,
        )


def _is_way_back(edge: Edge, back: Edge) -> bool:
    """Whether two edges between the same nodes are one lane, driven both ways."""
    if edge.kept != back.kept:
        return False
    if edge.kept:
        return edge.id.removesuffix(REVERSE) == back.id.removesuffix(REVERSE)
    return edge.lane == back.lane and edge.points == back.points[::-1]


def start_drawing(
    file: Path, options: ImportOptions, name: str | None, member: Mapping[str, Any] | None
) -> Drawing:
    """A drawing for a graph; with the member that was exported with it, in its head's words.

    Raises:
        MapFileError: the member is damaged.
    """
    if member is None:
        anchor = options.anchor or Anchor(0.0, 0.0)
        return Drawing(file, options, name, anchor, "")
    try:
        given = member["anchor"]
        anchor = options.anchor or Anchor(
            float(given["latitude_deg"]),
            float(given["longitude_deg"]),
            float(given.get("bearing_deg", 0.0)),
        )
        note, name = str(member.get("note", "")), str(member["name"])
        if options.timezone == ImportOptions.timezone:
            options = replace(options, timezone=str(member["timezone"]))
        drawing = Drawing(file, options, name, anchor, note, exact=True)
        for level in member["levels"]:
            height_m = level.get("elevation_m", 0.0)
            if not (isinstance(level["id"], str) and is_number(height_m)):
                raise ValueError("a level without id or height")
            drawing.add_level(level["id"], str(level["name"]), height_m)
        for passage in member["passages"]:
            drawing.features.append(passage)
        if member.get("weather"):
            drawing.add_weather(member["weather"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MapFileError(
            f"{file}: its member `campus` is damaged: {error}",
            "export the map again, or take the member out to read it as a graph of others",
        ) from error
    return drawing


def own_properties(kept: Any) -> dict[str, Any] | None:
    """Properties of ours that a node or edge carries, with its `id`; None: it carries none."""
    if isinstance(kept, dict) and isinstance(kept.get("id"), str) and kept["id"]:
        return dict(kept)
    return None


def default_lane(options: ImportOptions, speed_mps: float | None = None) -> dict[str, Any]:
    """Properties of a lane whose source says no more than its speed."""
    speed = speed_mps or options.speed_limit_mps or DEFAULT_SPEED_MPS
    return {
        "width_m": options.lane_width_m or DEFAULT_WIDTH_M,
        "speed_limit_mps": min(15.0, max(0.05, speed)),
    }


def number(value: Any) -> float | None:
    """A finite number, or None."""
    return float(value) if is_number(value) else None


def fitting(points: Sequence[Xy], start: Xy, end: Xy) -> tuple[Xy, ...] | None:
    """What a drawn line has between its ends; None: it does not lead from start to end."""
    if len(points) < 2:
        return None
    if (
        math.dist(points[0], start) > END_TOLERANCE_M
        or math.dist(points[-1], end) > END_TOLERANCE_M
    ):
        return None
    return tuple(points[1:-1])
