"""What is laid by rule once roads and blocks are there: bays, hydrants, cameras, sectors."""

from __future__ import annotations

import math

from shapely import STRtree
from shapely.geometry import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import voronoi_diagram

from fleet_manager.adapters.maps.generator.block_plan import Block
from fleet_manager.adapters.maps.generator.draw import LEVEL, pieces, polygon
from fleet_manager.adapters.maps.generator.lattice import Lattice
from fleet_manager.adapters.maps.generator.network import Spot
from fleet_manager.adapters.maps.generator.sheet import Sheet
from fleet_manager.adapters.maps.generator.track import Station, Track
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

BAY_OFF_M = 3.8  # from the carriageway
PATH_BAY_OFF_M = 2.5
CLEAR_M = 2.4
BAY_APART_M = 3.0
HYDRANT_OFF_M = 2.6


class _Room:
    """Says whether there is room at a position."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._tracks = list(sheet.network.tracks.values())
        shapes: list[BaseGeometry] = [track.shape for track in self._tracks]
        self._shapes = [*shapes, *sheet.lanes, *sheet.solids]
        self._tree = STRtree(self._shapes)
        self._boundary = Polygon(sheet.plan.boundary).buffer(-1.0)

    def at(self, at: Xy, own: Track, station: Station) -> bool:
        """Whether a bay fits here that is joined to a station of a track."""
        spot = Point(at)
        if not self._boundary.covers(spot):
            return False
        if any(math.dist(at, bay) < BAY_APART_M for bay in self._sheet.bays):
            return False
        stub = LineString([at, own.position(station.at_m, own.side_of(at))])
        for index in self._tree.query(stub, "dwithin", CLEAR_M + own.offset_m):
            number = int(index)
            other = self._tracks[number] if number < len(self._tracks) else None
            shape = self._shapes[number]
            if other is own:
                continue
            if other is not None and other.dual:
                if shape.distance(stub) < CLEAR_M + other.offset_m:
                    return False
            elif shape.distance(stub) < CLEAR_M:
                return False
        return True


def bays_by_roads(sheet: Sheet) -> None:
    """A bay every so often along roads, on alternate sides, and along the paths of blocks."""
    room = _Room(sheet)
    for track in sheet.network.tracks.values():
        if track.no_stopping or track.road.form == "bridge":
            continue
        every_m = sheet.rules.bay_every_m if track.dual else sheet.rules.path_bay_every_m
        off_m = track.offset_m + BAY_OFF_M if track.dual else PATH_BAY_OFF_M
        last_m = track.first_m - every_m * 0.55
        side = 1
        for station in _inner(track):
            if station.at_m - last_m < every_m:
                continue
            for each in (side, -side):
                at = _beside(track, station.at_m, each * off_m)
                if room.at(at, track, station):
                    part = sheet.part_of(at)
                    spot = Spot(track, station, each if track.dual else 0)
                    sheet.bay(f"bay_{part}{sheet.number(f'bay {part}')}", at, spot)
                    last_m, side = station.at_m, -each
                    break


def hydrants(sheet: Sheet) -> None:
    """A hydrant every so often along roads."""
    for track in sheet.network.tracks.values():
        if not track.dual or track.no_stopping:
            continue
        last_m = track.first_m - sheet.rules.hydrant_every_m * 0.7
        for station in _inner(track):
            if station.at_m - last_m < sheet.rules.hydrant_every_m:
                continue
            at = _beside(track, station.at_m, -(track.offset_m + HYDRANT_OFF_M))
            part = sheet.part_of(at)
            number = sheet.number(f"hydrant {part}")
            name = f"Hydrant {part.upper()}{number}"
            sheet.asset(f"hydrant_{part}{number}", name, "hydrant", at, Spot(track, station, -1))
            last_m = station.at_m


def cameras_at_junctions(sheet: Sheet) -> None:
    """A camera at each junction of roads, looking over it."""
    arms: dict[str, list[Track]] = {}
    for track in sheet.network.tracks.values():
        if track.dual:
            for end in (track.road.line[0], track.road.line[-1]):
                arms.setdefault(str(end), []).append(track)
    for name, tracks in arms.items():
        if len(tracks) < 2:
            continue
        at = sheet.plan.junctions[name]
        angle = 45.0 + 90.0 * (len(name) + len(tracks)) % 360.0
        pole = (
            at[0] - 9.0 * math.cos(math.radians(angle)),
            at[1] - 9.0 * math.sin(math.radians(angle)),
        )
        sheet.camera(
            f"camera_{name}", f"Camera at the junction {name.upper()}", pole, angle,
            field_of_view_deg=100.0, range_m=40.0, height_m=6.0,
        )  # fmt: skip


def sectors(sheet: Sheet, lattices: list[Lattice]) -> None:
    """Sectors that cover each part: what is nearest to each block.

    Raises:
        MapFormatError: a block has a risk that the plan does not have.
    """
    for part, area in sheet.parts.items():
        mine = [made for made in lattices if area.contains(made.outline.centroid)]
        middles = [made.outline.centroid for made in mine]
        cells = voronoi_diagram(MultiPoint(middles), envelope=area)
        for made, middle in zip(mine, middles, strict=True):
            if made.block.risk not in sheet.plan.risks:
                raise MapFormatError(
                    f"block {made.block.id!r} has the risk {made.block.risk!r}, "
                    "which `risks` does not list",
                    f"choose one of {', '.join(sheet.plan.risks)}",
                    made.block.id,
                )
            nearest = next(each for each in cells.geoms if each.covers(middle))
            _sector(sheet, made.block, f"Part {part.upper()}", nearest.intersection(area))


def _sector(sheet: Sheet, block: Block, part: str, area: BaseGeometry) -> None:
    for number, rings in enumerate(pieces(area, 100.0), 1):
        suffix = "" if number == 1 else f"_{number}"
        properties = {
            "feature": "sector",
            "name": f"{part}, {block.name}" + (f" {number}" if number > 1 else ""),
            "level": LEVEL,
            "risk_by_hour": sheet.plan.risks[block.risk],
            "max_idleness_s": sheet.plan.max_idleness_s,
        }
        sheet.things.append(polygon(f"sector_{block.id}{suffix}", rings, properties))


def _inner(track: Track) -> list[Station]:
    return [
        each
        for each in track.sorted_stations()
        if track.first_m < each.at_m < track.last_m and each.role == "junction" and not each.bend
    ]


def _beside(track: Track, at_m: float, off_m: float) -> Xy:
    """A position beside the middle line, left of the drawn direction if positive."""
    here = track.position(at_m, 0)
    ahead = track.position(min(at_m + 0.5, track.last_m), 0)
    size = math.dist(here, ahead)
    return (
        here[0] - (ahead[1] - here[1]) / size * off_m,
        here[1] + (ahead[0] - here[0]) / size * off_m,
    )
