"""Reads openTCS plant models (XML, 6 and 7): points, paths, locations, blocks, vehicles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from fleet_manager.adapters.maps.formats.base import Imported, ImportOptions, Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing
from fleet_manager.adapters.maps.formats.opentcs_file import Element, PlantModel, read_model
from fleet_manager.adapters.maps.formats.opentcs_vehicles import fleet_of, footprint_of
from fleet_manager.core.campus import Anchor
from fleet_manager.core.geometry import Xy, length_m

_WIDTH_M = 1.5
_RECHARGE = frozenset({"charge", "recharge"})
_CURVE_STEPS = 8
_LENGTH_TOLERANCE = 0.1


def read(file: Path, options: ImportOptions) -> Imported:
    """The campus of a plant model: points become waypoints, paths lanes, blocks resources.

    Raises:
        MapFileError: it is no plant model of version 6 or 7, is not XML, or contradicts itself;
            names the line or the element.
    """
    return _Plant(read_model(file), options).imported()


class _Plant:
    def __init__(self, model: PlantModel, options: ImportOptions) -> None:
        self.model = model
        self.options = options
        self.notes = Notes()
        anchor = options.anchor or Anchor(0.0, 0.0)
        if options.anchor is None:
            self.notes.add("the model has no place on the Earth: give it with --anchor")
        self.drawing = Drawing(
            model.file, options, model.name, anchor, f"Imported from openTCS: {model.file.name}"
        )
        self.drawing.add_level(options.level, options.level.capitalize(), 0.0)
        self.docks, self.names = self._locations()
        self.resources = self._resources()
        self.waypoints: dict[str, str] = {}
        self.at: dict[str, Xy] = {}

    def imported(self) -> Imported:
        for point in self.model.points.values():
            self._draw_point(point)
        for path in self.model.paths.values():
            self._draw_path(path)
        if not self.drawing.lane_ends:
            raise self.model.error(
                "no path of it can be driven", "give its paths a maxVelocity and unlock them"
            )
        docks = [self.waypoints[each] for each in self.docks]
        if not docks:
            self.notes.add("no location recharges: draw docks (role dock) where robots charge")
        fleet = fleet_of(self.model, docks, self.notes)
        document = self.drawing.finish()
        return Imported(document, self.model.counts(), self.notes.all(), fleet)

    def _locations(self) -> tuple[dict[str, None], dict[str, str]]:
        """Points at which robots charge, and the names that locations give to points."""
        charging = self._recharge_operations()
        docks: dict[str, None] = {}
        names: dict[str, str] = {}
        for location in self.model.locations.values():
            kind = self.model.referred(self.model.location_types, location, "type")
            recharges = charging & {each.lower() for each in kind.names_of("allowedOperation")}
            links = location.children("link")
            if not links:
                self.notes.add("locations without a link are not drawn", location.name)
            for number, link in enumerate(links):
                point = self.model.referred(self.model.points, link, "point", location)
                if number == 0:
                    names.setdefault(point.name, location.name)
                only = {each.lower() for each in link.names_of("allowedOperation")}
                if not recharges or (only and not only & charging):
                    continue
                if location.flag("locked"):
                    self.notes.add("locked: no dock is drawn", location.name)
                    continue
                docks[point.name] = None
        self._note_peripherals()
        return docks, names

    def _note_peripherals(self) -> None:
        types = self.model.location_types
        devices = [
            each.name
            for each in self.model.locations.values()
            if types[each.text("type")].children("allowedPeripheralOperation")
        ]
        if devices:
            self.notes.add("peripheral devices (doors, lifts) are to be drawn by hand", *devices)

    def _recharge_operations(self) -> frozenset[str]:
        """Names of the operation that charges: of openTCS by default, or of its vehicles."""
        named = {
            each.properties().get("loopback:rechargeOperation", "").lower()
            for each in self.model.vehicles.values()
        }
        return _RECHARGE | (named - {""})

    def _resources(self) -> dict[str, str]:
        """Resource of each path and point that is in a block; blocks that overlap are one."""
        resource: dict[str, str] = {}
        for block in self.model.blocks.values():
            if block.text("type", "SINGLE_VEHICLE_ONLY") != "SINGLE_VEHICLE_ONLY":
                self.notes.add(
                    "blocks for one direction at a time are left out: robots share them as "
                    "any other lanes",
                    block.name,
                )
                continue
            members = [
                member.text("name")
                for member in block.children("member")
                if self._is_part(block, member)
            ]
            joined = {resource[each] for each in members if each in resource}
            name = min(joined, default=f"block_{block.name}")
            if joined:
                self.notes.add("blocks with a member in common are one resource", block.name)
            resource.update(dict.fromkeys(members, name))
            resource = {
                each: name if known in joined else known for each, known in resource.items()
            }
        return resource

    def _is_part(self, block: Element, member: Element) -> bool:
        name = member.text("name")
        if name in self.model.paths or name in self.model.points:
            return True
        self.model.referred(self.model.locations, member, "name", block)
        self.notes.add("locations in blocks are left out", f"{name} in {block.name}")
        return False

    def _draw_point(self, point: Element) -> None:
        self.at[point.name] = (point.number("positionX") / 1000, point.number("positionY") / 1000)
        if point.number("positionZ", 0.0) != 0.0:
            self.notes.add("heights (positionZ) are left out: all is on one level", point.name)
        role = "junction"
        if point.name in self.docks:
            role = "dock"
        elif point.text("type", "HALT_POSITION") == "PARK_POSITION":
            role = "bay"
        angle_deg = point.number("vehicleOrientationAngle", math.nan, finite=False)
        self.waypoints[point.name] = self.drawing.waypoint(
            point.name,
            self.at[point.name],
            self.options.level,
            role,
            self.names.get(point.name, ""),
            heading_deg=None if math.isnan(angle_deg) else angle_deg,
            resource=self.resources.get(point.name),
        )

    def _draw_path(self, path: Element) -> None:
        start = self.model.referred(self.model.points, path, "sourcePoint")
        end = self.model.referred(self.model.points, path, "destinationPoint")
        forward_mps = path.number("maxVelocity", 0.0) / 1000
        reverse_mps = path.number("maxReverseVelocity", 0.0) / 1000
        if path.flag("locked"):
            self.notes.add("locked paths are not drawn", path.name)
            return
        if forward_mps <= 0.0 and reverse_mps <= 0.0:
            self.notes.add("paths without a velocity are not drawn", path.name)
            return
        points = self._line(path, self.at[start.name], self.at[end.name])
        if forward_mps <= 0.0:
            start, end, points = end, start, points[::-1]
        both = forward_mps > 0.0 and reverse_mps > 0.0
        if both and forward_mps != reverse_mps:
            self.notes.add("driven both ways at the lower of two velocities", path.name)
        speed_mps = min(each for each in (forward_mps, reverse_mps) if each > 0.0)
        properties = {
            "level": self.options.level,
            "from": self.waypoints[start.name],
            "to": self.waypoints[end.name],
            "direction": "both" if both else "forward",
            "width_m": self._width_m(start, end),
            "speed_limit_mps": round(max(0.05, min(speed_mps, 15.0)), 3),
        }
        if path.name in self.resources:
            properties["resource"] = self.resources[path.name]
        if self.drawing.lane(path.name, points, **properties) is None:
            self.notes.add("paths between points at one place are not drawn", path.name)

    def _width_m(self, start: Element, end: Element) -> float:
        """For the largest vehicle that may stand at both ends, turned any way."""
        if self.options.lane_width_m is not None:
            return self.options.lane_width_m
        boxes = [box for point in (start, end) for box in point.children("maxVehicleBoundingBox")]
        if not boxes:
            return _WIDTH_M
        narrowest_m = min(2 * footprint_of(each) for each in boxes)
        return max(0.1, min(math.ceil(narrowest_m * 100) / 100, 50.0))

    def _line(self, path: Element, start: Xy, end: Xy) -> list[Xy]:
        """The path as it is drawn in the model editor, if that is to scale; else straight."""
        straight_m = math.dist(start, end)
        points = [start, end]
        for layout in path.children("pathLayout"):
            controls = [
                (
                    each.number("x") * self.model.scale[0] / 1000,
                    -each.number("y") * self.model.scale[1] / 1000,
                )
                for each in layout.children("controlPoint")
            ]
            kind = layout.text("connectionType", "DIRECT")
            if not controls or kind not in {"BEZIER", "BEZIER_3", "POLYPATH"}:
                continue
            if max(math.dist(each, start) for each in controls) > 2 * straight_m + 1.0:
                self.notes.add("drawn elsewhere than its points lie: made straight", path.name)
                continue
            points = [start, *_drawn(kind, start, controls, end), end]
        length = path.number("length", 0.0) / 1000
        if abs(length - length_m(points)) > _LENGTH_TOLERANCE * length:
            self.notes.add(
                "its length is not that of its line; the positions of its points count", path.name
            )
        return points


def _drawn(kind: str, start: Xy, controls: list[Xy], end: Xy) -> Iterator[Xy]:
    """Points between the ends of a path."""
    if kind == "POLYPATH":
        yield from controls
    elif len(controls) == 5:  # two curves that meet in the third point
        yield from _drawn("BEZIER", start, controls[:2], controls[2])
        yield controls[2]
        yield from _drawn("BEZIER", controls[2], controls[3:], end)
    else:
        for step in range(1, _CURVE_STEPS):
            yield _on_curve([start, *controls, end], step / _CURVE_STEPS)


def _on_curve(points: list[Xy], part: float) -> Xy:
    """A point of a Bézier curve (de Casteljau's construction)."""
    while len(points) > 1:
        points = [
            (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part) for a, b in pairwise(points)
        ]
    return points[0]
