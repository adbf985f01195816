"""What stands and lies in the cells of a block: buildings, plazas, gardens, yards with docks."""

from __future__ import annotations

import math
from collections.abc import Callable

from shapely.geometry import LineString, Polygon

from fleet_manager.adapters.maps.generator.draw import LEVEL, polygon
from fleet_manager.adapters.maps.generator.floors import draw_floors
from fleet_manager.adapters.maps.generator.frame import Plot
from fleet_manager.adapters.maps.generator.lattice import Cell, Lattice
from fleet_manager.adapters.maps.generator.network import Spot
from fleet_manager.adapters.maps.generator.plaza import draw_plaza
from fleet_manager.adapters.maps.generator.sheet import House, Sheet
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy

HOUSES = "BLUOT"
PLACES = "PGWFCD"
FRONT_M = 11.5  # from the path before a building to its wall
SIDE_M = 6.5
BACK_M = 7.0
FARTHEST_ROAD_M = 34.0
CLEAR_M = 2.5  # a lane to the road keeps this far from everything
DOCK_APART_M = 4.0
DOCKS_A_SIDE = 5
DOCK_OFF_M = 3.4
BAY_OFF_M = 2.5
ZONE_OFF_M = 4.0
NARROW = {"width_m": 1.0, "speed_limit_mps": 0.8, "surface": "gravel"}


def join_to_roads(sheet: Sheet, made: Lattice) -> None:
    """Lanes from the rim of a block straight to the roads around it, wherever they are free.

    Raises:
        MapFormatError: there are fewer than two.
    """
    roads = [each for each in sheet.network.tracks.values() if each.dual and not each.no_stopping]
    joined = 0
    middle = made.outline.centroid
    for name in made.rim:
        at = made.junctions[name]
        track = min(roads, key=lambda each: each.distance_m(at))
        if track.distance_m(at) > FARTHEST_ROAD_M:
            continue
        try:
            spot = sheet.network.spot(name, at, track.road.id, 6.0)
        except MapFormatError:
            continue  # beside a junction; other paths of the block lead to the road
        way = LineString([at, spot.xy])
        outward = way.length > 1.0 and not made.outline.buffer(-0.5).intersects(way)
        square = abs(
            math.remainder(_bearing(at, spot.xy) - _bearing((middle.x, middle.y), at), 360)
        )
        near = any(each.distance(way) < CLEAR_M for each in (*sheet.lanes, *sheet.solids))
        if not outward or square > 100.0 or near:
            continue
        assert spot.station is not None
        spot.station.turns = True
        shape = {"width_m": 2.4, "speed_limit_mps": 1.0, "surface": "paving"}
        rim_spot = Spot(waypoint=name, at=at)
        sheet.network.add_lane(f"link_{name}", spot, rim_spot, shape)
        sheet.lanes.append(way)
        joined += 1
    if joined < 2:
        raise MapFormatError(
            f"block {made.block.id!r} is joined to the roads around it by {joined} lanes",
            f"its outermost paths have to lie within {FARTHEST_ROAD_M:g} m of roads",
            made.block.id,
        )


def draw_cells(sheet: Sheet, made: Lattice) -> None:
    """Everything in a block's cells.

    Raises:
        MapFormatError: something does not fit, or has a name that is taken.
    """
    names = iter(made.block.buildings)
    places = iter(made.block.places)
    work: list[tuple[Cell, str, str]] = []
    for number, cell in enumerate(made.cells, 1):
        given = ""
        if cell.mark in HOUSES or cell.mark in PLACES:
            given = next(names if cell.mark in HOUSES else places, "")
        work.append((cell, f"{made.block.id}_{number}", given))
    # Meshes of plazas first: their ways run straight, what joins them may lie a little aside.
    for cell, identifier, given in sorted(work, key=lambda each: each[0].mark != "P"):
        if cell.mark in HOUSES:
            _building(sheet, made, cell, given)
        else:
            _OTHERS[cell.mark](sheet, cell, identifier, given)
    for left in (*names, *places):
        raise MapFormatError(
            f"block {made.block.id!r} has no cell for {left!r}",
            "mark another cell, or take the name out",
            made.block.id,
        )


def edge_spot(sheet: Sheet, cell: Cell, at: Xy, asker: str, snap_m: float = 2.0) -> Spot:
    """The waypoint on the paths around a cell that is nearest to a position."""
    tracks = [sheet.network.tracks[each] for each in cell.edges]
    nearest = min(tracks, key=lambda each: each.distance_m(at))
    return sheet.network.spot(asker, at, nearest.road.id, snap_m)


def _bearing(a: Xy, b: Xy) -> float:
    return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))


def _building(sheet: Sheet, made: Lattice, cell: Cell, given: str) -> None:
    ground = cell.plot()
    frame, along, deep = ground.frame, ground.along_m, ground.deep_m
    part = sheet.part_of(frame.at(along / 2, deep / 2))
    number = sheet.number(f"building {part}")
    identifier = f"building_{part}{number}"
    short = f"{part.upper()}{number}"
    given = given or f"House {short}"
    name = f"{short} {given}"
    u0, u1, v0, v1 = SIDE_M, along - SIDE_M, FRONT_M, deep - BACK_M
    if u1 - u0 < 16.0 or v1 - v0 < 10.0:
        raise MapFormatError(
            f"block {made.block.id!r}: no room for {given!r}, {u1 - u0:.0f} m by {v1 - v0:.0f} m",
            "make its cell larger",
            made.block.id,
        )
    local = _outlines(cell.mark, u0, v0, u1, v1)
    rings = [[frame.at(*each) for each in ring] for ring in local]
    storeys = next((each for each in sheet.plan.storeys if each.building == given), None)
    if (storeys is not None) != (cell.mark == "T"):
        raise MapFormatError(
            f"block {made.block.id!r}: {given!r} is marked {cell.mark!r}, and `storeys` "
            f"{'does not name it' if storeys is None else 'names it'}",
            "mark it T and list it under storeys, or neither",
            given,
        )
    properties: dict[str, object] = {"feature": "building", "name": name, "level": LEVEL}
    if storeys is not None:
        levels = [each["id"] for each in sheet.plan.campus["levels"][: storeys.levels]]
        properties |= {"levels": levels, "height_m": 4.5 * len(levels) + 1.0}
    else:
        properties["height_m"] = 5.0 + number % 4 * 3.0
    sheet.built.append(polygon(identifier, rings, properties))
    middle_u = along / 2
    if storeys is not None and storeys.ramp:
        middle_u -= 5.0  # the ramp takes the east end
    house = House(identifier, name, Polygon(rings[0], rings[1:]), frame.at(middle_u, v0))
    sheet.houses.append(house)
    sheet.solids.append(house.outline)
    _forecourt(sheet, cell, ground, house, given, middle_u)
    back = _back(sheet, cell, ground, house, middle_u)
    if storeys is not None:
        inner = Plot(frame, u1 - u0, v1 - v0)
        front = edge_spot(sheet, cell, frame.at(middle_u, 0.0), identifier)
        draw_floors(sheet, storeys, house, inner, (u0, v0), (front, back))


def _outlines(mark: str, u0: float, v0: float, u1: float, v1: float) -> list[list[Xy]]:
    """Outline and courts of a building between these lines."""
    wide, tall = u1 - u0, v1 - v0
    box = [(u0, v0), (u1, v0), (u1, v1), (u0, v1)]
    if mark == "L":
        corner = (u0 + 0.62 * wide, v0 + 0.45 * tall)
        return [[(u0, v0), (u1, v0), (u1, corner[1]), corner, (corner[0], v1), (u0, v1)]]
    if mark == "U":
        a, b, c = u0 + 0.3 * wide, u0 + 0.7 * wide, v0 + 0.45 * tall
        return [[(u0, v0), (u1, v0), (u1, v1), (b, v1), (b, c), (a, c), (a, v1), (u0, v1)]]
    if mark == "O":
        a, b, c, d = u0 + 0.3 * wide, u1 - 0.3 * wide, v0 + 0.3 * tall, v1 - 0.3 * tall
        return [box, [(a, c), (a, d), (b, d), (b, c)]]
    return [box]


def _forecourt(
    sheet: Sheet, cell: Cell, ground: Plot, house: House, given: str, middle_u: float
) -> None:
    """Before a building: its entrance, a place to wait, zones that are swept, what is inspected."""
    frame = ground.frame
    step = edge_spot(sheet, cell, frame.at(middle_u, 0.0), house.id)
    at = frame.at(middle_u, FRONT_M)
    if cell.mark != "T":
        access = step
        sheet.entrance(
            f"entrance_{house.id}", f"{house.name}, main entrance", at, house.id, access, None
        )
    place = sheet.place(given, house.id)
    sheet.bay(place, frame.at(middle_u + 3.5, BAY_OFF_M), step, name=given)
    sides = ((-17.0, -6.0), (8.0, 19.0)) if cell.mark == "T" else ((-17.0, -6.0),)
    for number, (left, right) in enumerate(sides, 1):
        u0, u1 = max(middle_u + left, 4.0), min(middle_u + right, ground.along_m - 4.0)
        if u1 - u0 < 8.0:
            continue
        zone = f"forecourt_{house.id.removeprefix('building_')}_{number}"
        middle = (u0 + u1) / 2
        spot = edge_spot(sheet, cell, frame.at(middle, 0.0), zone)
        bay = sheet.bay(f"{zone}_access", frame.at(middle, BAY_OFF_M), spot)
        outline = frame.box(u0, ZONE_OFF_M, u1, FRONT_M - 1.2)
        sheet.zone(zone, f"{house.name}, forecourt {number}", outline, bay, surface="paving")
    short = house.id.removeprefix("building_")
    for kind, u in (("extinguisher", -3.0), ("exit", 2.5)):
        _asset(sheet, house, f"{kind}_{short}", kind, frame.at(middle_u + u, FRONT_M - 0.2), step)
    if house.id[-1] in "159":
        _asset(sheet, house, f"aed_{short}", "aed", frame.at(middle_u - 2.0, FRONT_M - 0.2), step)
    sheet.camera(
        f"camera_{short}",
        f"{house.name}, camera at the entrance",
        frame.at(middle_u + 1.5, FRONT_M - 0.3),
        frame.heading_deg(-90.0),
    )
    side = ground.deep_m / 2
    sheet.keep_clear(f"fire_access_{short}", frame.box(1.5, side - 7.0, SIDE_M - 1.0, side + 7.0))


def _back(sheet: Sheet, cell: Cell, ground: Plot, house: House, middle_u: float) -> Spot:
    """Behind a building: an emergency exit, a switchboard, an extinguisher."""
    frame, deep = ground.frame, ground.deep_m
    short = house.id.removeprefix("building_")
    spot = edge_spot(sheet, cell, frame.at(middle_u, deep), house.id)
    v = deep - BACK_M + 0.2
    for kind, u in (("exit", 2.5), ("electrical_panel", 6.0), ("extinguisher", -3.0)):
        number = "_back" if kind != "electrical_panel" else ""
        _asset(
            sheet, house, f"{kind}_{short}{number}", kind, frame.at(middle_u + u, v), spot, "rear"
        )
    return spot


_KINDS = {
    "extinguisher": "extinguisher",
    "exit": "emergency exit",
    "aed": "defibrillator",
    "electrical_panel": "switchboard",
    "hydrant": "hydrant",
}


def _asset(
    sheet: Sheet, house: House, identifier: str, kind: str, at: Xy, spot: Spot, where: str = "front"
) -> None:
    sheet.asset(identifier, f"{house.name}, {where} {_KINDS[kind]}", kind, at, spot)


def _walk_zone(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    """A strip along the path before a lawn or garden that is swept."""
    ground = cell.plot()
    if ground.along_m < 24.0 or ground.deep_m < 16.0:
        return
    middle = ground.along_m / 2
    spot = edge_spot(sheet, cell, ground.frame.at(middle, 0.0), identifier)
    bay = sheet.bay(f"walk_{identifier}_access", ground.frame.at(middle, BAY_OFF_M), spot)
    outline = ground.frame.box(middle - 8.0, ZONE_OFF_M, middle + 8.0, ZONE_OFF_M + 4.5)
    sheet.zone(f"walk_{identifier}", f"{name}, walkway", outline, bay, surface="paving")


def _named(sheet: Sheet, cell: Cell, identifier: str, name: str, noun: str) -> str:
    return name or f"{noun} {identifier.replace('_', '-').upper()}"


def _inset(cell: Cell, by_m: float) -> list[Xy]:
    ground = cell.plot()
    return ground.frame.box(by_m, by_m, ground.along_m - by_m, ground.deep_m - by_m)


def _oval(cell: Cell, by_m: float) -> list[Xy]:
    ground = cell.plot()
    a, b = ground.along_m / 2, ground.deep_m / 2
    found = []
    for step in range(24):
        angle = math.tau * step / 24
        swell = 1.0 + 0.08 * math.cos(3 * angle)
        u, v = (a - by_m) * math.cos(angle) / 1.08, (b - by_m) * math.sin(angle) / 1.08
        found.append(ground.frame.at(a + u * swell, b + v * swell))
    return found


def _lawn(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    sheet.lay_ground(f"ground_lawn_{identifier}", "grass", [_inset(cell, 1.5)])
    _walk_zone(sheet, cell, identifier, f"Lawn {identifier.replace('_', '-').upper()}")


def _garden(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    """Trees and a narrow path that winds through them."""
    name = _named(sheet, cell, identifier, name, "Garden")
    sheet.lay_ground(f"ground_garden_{identifier}", "trees", [_oval(cell, 5.0)])
    ground = cell.plot()
    corners = [(0.0, 0.0), (ground.along_m, ground.deep_m)]
    ends = [edge_spot(sheet, cell, ground.frame.at(*each), identifier) for each in corners]
    bends = [ground.frame.at(ground.along_m * a, ground.deep_m * b) for a, b in _WINDING]
    shape: dict[str, object] = dict(NARROW)
    if sheet.rules.narrow_kinds is not None:
        shape["kinds"] = list(sheet.rules.narrow_kinds)
    sheet.network.add_lane(f"garden_path_{identifier}", ends[0], ends[1], shape, bends=bends)
    sheet.lanes.append(LineString([ends[0].xy, *bends, ends[1].xy]))
    _walk_zone(sheet, cell, identifier, name)
    middle = ground.frame.at(ground.along_m / 2, ground.deep_m * 0.8)
    sheet.station(f"station_{identifier}", f"{name}, air", middle, ["air"])


_WINDING = ((0.2, 0.32), (0.45, 0.45), (0.6, 0.7), (0.85, 0.8))


def _pond(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    name = _named(sheet, cell, identifier, name, "Pond")
    sheet.lay_ground(f"ground_lawn_{identifier}", "grass", [_inset(cell, 1.5)])
    ring = _oval(cell, 10.5)
    sheet.lay_ground(f"ground_water_{identifier}", "water", [ring])
    sheet.obstacle(f"pond_{identifier}", "water", [ring])
    _walk_zone(sheet, cell, identifier, name)


def _field(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    name = _named(sheet, cell, identifier, name, "Field")
    sheet.lay_ground(f"ground_field_{identifier}", "field", [_inset(cell, 10.0)])
    _walk_zone(sheet, cell, identifier, name)
    ground = cell.plot()
    middle = ground.frame.at(ground.along_m / 2, ground.deep_m / 2)
    sheet.muster_point(f"muster_{identifier}", f"{name}, muster point", middle, 600)


def _car_park(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    name = _named(sheet, cell, identifier, name, "Car park")
    sheet.lay_ground(f"ground_cars_{identifier}", "car_park", [_inset(cell, 3.0)])
    sheet.watch(f"car_park_{identifier}", name, _inset(cell, 4.5), "watch")
    ground = cell.plot()
    for number, (u, angle) in enumerate(((5.0, 45.0), (ground.along_m - 5.0, 135.0)), 1):
        sheet.camera(
            f"camera_cars_{identifier}_{number}",
            f"{name}, camera {number}",
            ground.frame.at(u, 5.0),
            ground.frame.heading_deg(angle),
            range_m=50.0,
            height_m=6.0,
        )


def _works(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    sheet.lay_ground(f"ground_bare_{identifier}", "field", [_inset(cell, 5.0)])
    label = identifier.replace("_", "-").upper()
    sheet.watch(f"works_{identifier}", f"Building site {label}", _inset(cell, 6.0), "closed")


def _yard(sheet: Sheet, cell: Cell, identifier: str, name: str) -> None:
    """A way through the cell with docks on both sides."""
    name = _named(sheet, cell, identifier, name, "Charging yard")
    part = sheet.part_of(cell.plot().frame.at(0.0, 0.0))
    ground = cell.plot("south")
    frame = ground.frame
    sheet.lay_ground(f"ground_yard_{identifier}", "car_park", [_inset(cell, 3.0)])
    count = min(DOCKS_A_SIDE, int((ground.along_m - 16.0) / DOCK_APART_M) + 1)
    middle_v = ground.deep_m / 2
    first_u = (ground.along_m - (count - 1) * DOCK_APART_M) / 2
    before = edge_spot(sheet, cell, frame.at(0.0, middle_v), identifier)
    shape = {"width_m": 2.4, "speed_limit_mps": 0.8, "surface": "concrete"}
    properties = {"level": LEVEL, "role": "junction"}
    for number in range(count):
        u = first_u + number * DOCK_APART_M
        here = sheet.network.add_waypoint(
            f"yard_{identifier}_{number + 1}", frame.at(u, middle_v), properties
        )
        sheet.network.add_lane(f"lane_yard_{identifier}_{number + 1}", before, here, shape)
        for side in (1, -1):
            dock = f"dock_{part}{sheet.number(f'dock {part}')}"
            at = frame.at(u, middle_v + side * DOCK_OFF_M)
            sheet.network.add_bay_at(
                dock, at, here, "dock", heading_deg=frame.heading_deg(90.0 * side)
            )
            sheet.bays.append(at)
        before = here
    end = edge_spot(sheet, cell, frame.at(ground.along_m, middle_v), identifier)
    sheet.network.add_lane(f"lane_yard_{identifier}_{count + 1}", before, end, shape)
    sheet.lanes.append(LineString([frame.at(0, middle_v), frame.at(ground.along_m, middle_v)]))
    sheet.solids.append(Polygon(_inset(cell, 4.0)))
    for number, u in enumerate((7.0, ground.along_m - 7.0), 1):
        spot = edge_spot(
            sheet, cell, frame.at(0.0 if number == 1 else ground.along_m, middle_v), name
        )
        at = frame.at(u, middle_v + 8.0)
        sheet.asset(f"extinguisher_yard_{identifier}_{number}", f"{name}, extinguisher {number}",
                    "extinguisher", at, spot)  # fmt: skip
        sheet.asset(f"panel_yard_{identifier}_{number}", f"{name}, switchboard {number}",
                    "electrical_panel", frame.at(u, middle_v - 8.0), spot)  # fmt: skip
    sheet.camera(f"camera_yard_{identifier}", f"{name}, camera", frame.at(ground.along_m / 2, 4.0),
                 frame.heading_deg(90.0), range_m=40.0)  # fmt: skip


_Draw = Callable[[Sheet, Cell, str, str], None]
_OTHERS: dict[str, _Draw] = {
    "P": draw_plaza,
    "G": _garden,
    "W": _pond,
    "F": _field,
    "C": _car_park,
    "D": _yard,
    "X": _works,
    ".": _lawn,
}
