"""A plaza: a mesh of ways over an open place, with zones to sweep between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import LineString, Polygon

from fleet_manager.adapters.maps.generator.draw import LEVEL
from fleet_manager.adapters.maps.generator.frame import Plot
from fleet_manager.adapters.maps.generator.lattice import Cell
from fleet_manager.adapters.maps.generator.network import STUB, Spot
from fleet_manager.adapters.maps.generator.sheet import Sheet
from fleet_manager.core.geometry import Xy

PITCH_M = 19.0
BAY_IN_M = 2.4  # from the way beside it
ZONE_IN_M = 4.0
ZONE_OFF_M = 1.4

_Mesh = dict[tuple[int, int], Spot]


def draw_plaza(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    """The mesh of a plaza with zones in every other field, its place, station and muster point."""
    name = name or f"Plaza {identifier.replace('_', '-').upper()}"
    ground = cell.plot("south")
    sheet.lay_ground(
        f"ground_plaza_{identifier}",
        "plaza",
        [ground.frame.box(1.5, 1.5, ground.along_m - 1.5, ground.deep_m - 1.5)],
    )
    us, vs = _lines(cell.us), _lines(cell.vs)
    mesh = _mesh(sheet, cell, ground, identifier, us, vs)
    fields = [
        _Field(i, j, us[i], vs[j], us[i + 1], vs[j + 1])
        for i in range(len(us) - 1)
        for j in range(len(vs) - 1)
    ]
    half_u, half_v = us[-1] / 2, vs[-1] / 2
    middle = min((each for each in fields if each.odd), key=lambda each: each.off_m(half_u, half_v))
    number = 0
    for each in fields:
        if each is middle:
            _place(sheet, ground, mesh, each, name, identifier)
        elif each.odd:
            shape: dict[str, object] = dict(_NARROW)
            if sheet.rules.narrow_kinds is not None:
                shape["kinds"] = list(sheet.rules.narrow_kinds)
            ends = mesh[each.i, each.j], mesh[each.i + 1, each.j + 1]
            lane = f"across_{identifier}_{_letter(each.i)}{each.j}"
            sheet.network.add_lane(lane, *ends, shape)
            sheet.lanes.append(LineString([each.xy for each in ends]))
        else:
            number += 1
            title = f"{name}, field {number}"
            _zone(sheet, ground, mesh, each, f"{identifier}_{number}", title)
    centre = ground.frame.at(ground.along_m / 2, ground.deep_m / 2)
    sheet.station(f"station_{identifier}", f"{name}, air and heat", centre, ["air", "heat"])
    sheet.muster_point(f"muster_{identifier}", f"{name}, muster point", centre, 400)
    for camera, (u, angle) in enumerate(((2.0, 40.0), (ground.along_m - 2.0, 140.0)), 1):
        sheet.camera(f"camera_{identifier}_{camera}", f"{name}, camera {camera}",
                     ground.frame.at(u, 2.0), ground.frame.heading_deg(angle), range_m=55.0,
                     height_m=6.0)  # fmt: skip


_NARROW = {"width_m": 1.0, "speed_limit_mps": 0.8, "surface": "paving"}
_WAY = {"width_m": 2.0, "speed_limit_mps": 1.0, "surface": "paving"}


@dataclass(frozen=True)
class _Field:
    """A field of the mesh: its numbers from the south-west, its sides in the plaza's frame."""

    i: int
    j: int
    west: float
    south: float
    east: float
    north: float

    @property
    def odd(self) -> bool:
        """Whether a way leads across it; the others are swept."""
        return (self.i + self.j) % 2 == 1

    def off_m(self, u: float, v: float) -> float:
        """From its middle to a position."""
        return math.hypot((self.west + self.east) / 2 - u, (self.south + self.north) / 2 - v)

    def box(self, ground: Plot, west_m: float) -> list[Xy]:
        """Its outline, further in on the west side by so much."""
        return ground.frame.box(
            self.west + west_m,
            self.south + ZONE_OFF_M,
            self.east - ZONE_OFF_M,
            self.north - ZONE_OFF_M,
        )


def _lines(met: tuple[float, ...]) -> list[float]:
    """Where ways of the mesh run: on the lines of the lattice and evenly between them."""
    found = [0.0]
    for before, after in pairwise(met):
        parts = max(2 if len(met) == 2 else 1, round((after - before) / PITCH_M))
        begin = found[-1]
        found += [begin + (after - before) * part / parts for part in range(1, parts + 1)]
    return found


def _mesh(
    sheet: Sheet, cell: Cell, ground: Plot, identifier: str, us: list[float], vs: list[float]
) -> _Mesh:
    """Crossings of the ways, those on the rim being waypoints of the paths around the plaza."""
    tracks = [sheet.network.tracks[each] for each in cell.edges]
    mesh: _Mesh = {}
    inside = {(i, j) for i in range(1, len(us) - 1) for j in range(1, len(vs) - 1)}
    for i, u in enumerate(us):
        for j, v in enumerate(vs):
            at, name = ground.frame.at(u, v), f"plaza_{identifier}_{_letter(i)}{j}"
            if (i, j) in inside:
                properties = {"level": LEVEL, "role": "junction"}
                mesh[i, j] = sheet.network.add_waypoint(name, at, properties)
            else:
                track = min(tracks, key=lambda each: each.distance_m(at))
                mesh[i, j] = sheet.network.spot(name, at, track.road.id, 1.0)
    for i, j in mesh:
        for mark, end in (("e", (i + 1, j)), ("n", (i, j + 1))):
            if end in mesh and ((i, j) in inside or end in inside):
                lane = f"lane_plaza_{identifier}_{_letter(i)}{j}{mark}"
                sheet.network.add_lane(lane, mesh[i, j], mesh[end], _WAY)
                sheet.lanes.append(LineString([mesh[i, j].xy, mesh[end].xy]))
    return mesh


def _letter(column: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[column % 26] * (1 + column // 26)


def _bay(
    sheet: Sheet, ground: Plot, mesh: _Mesh, field: _Field, identifier: str, name: str = ""
) -> Spot:
    """A bay in a field of the mesh, with lanes to both corners on its west side."""
    at = ground.frame.at(field.west + BAY_IN_M, (field.south + field.north) / 2)
    bay = sheet.bay(identifier, at, mesh[field.i, field.j], name=name)
    sheet.network.add_lane(f"to_{identifier}_north", mesh[field.i, field.j + 1], bay, STUB)
    return bay


def _zone(
    sheet: Sheet, ground: Plot, mesh: _Mesh, field: _Field, identifier: str, name: str
) -> None:
    bay = _bay(sheet, ground, mesh, field, f"plaza_{identifier}_access")
    sheet.zone(f"plaza_{identifier}", name, field.box(ground, ZONE_IN_M), bay, surface="paving")


def _place(
    sheet: Sheet, ground: Plot, mesh: _Mesh, field: _Field, name: str, identifier: str
) -> None:
    _bay(sheet, ground, mesh, field, sheet.place(name, identifier), name)
    sheet.solids.append(Polygon(field.box(ground, ZONE_OFF_M)))
