"""An exported occupancy grid says to Nav2's map server what the campus says to the planner."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
import yaml
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions, writer
from fleet_manager.adapters.maps.formats.raster import Filler, Frame
from fleet_manager.core.campus import Campus, ObstacleKind, PassageKind
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFormatError, UnknownFeature
from tests.unit.campus_documents import feature, find, rectangle, tiny_document

FREE, OCCUPIED, UNKNOWN = 0, 100, -1


@dataclass(frozen=True)
class Served:
    """What a map server makes of the files: values by row from the south and column."""

    values: npt.NDArray[np.int8]
    west_m: float
    south_m: float
    cell_m: float

    def at(self, places: npt.ArrayLike) -> list[int]:
        xy = np.asarray(places).reshape(-1, 2)
        columns = np.floor((xy[:, 0] - self.west_m) / self.cell_m).astype(int)
        rows = np.floor((xy[:, 1] - self.south_m) / self.cell_m).astype(int)
        assert columns.min() >= 0
        assert rows.min() >= 0
        return [int(each) for each in self.values[rows, columns]]


def served(description: Path) -> Served:
    """Reads as the map server's documentation says, in its mode `trinary`."""
    given = yaml.safe_load(description.read_text())
    assert given["mode"] == "trinary"
    magic, size, most, pixels = (description.parent / given["image"]).read_bytes().split(b"\n", 3)
    assert (magic, most) == (b"P5", b"255")
    columns, rows = (int(each) for each in size.split())
    grey = np.frombuffer(pixels, dtype=np.uint8)
    assert len(grey) == columns * rows
    shade = grey.reshape(rows, columns) / 255.0
    occupied = shade if given["negate"] else 1.0 - shade
    values = np.full((rows, columns), UNKNOWN, dtype=np.int8)
    values[occupied > given["occupied_thresh"]] = OCCUPIED
    values[occupied < given["free_thresh"]] = FREE
    x_m, y_m, yaw_rad = given["origin"]
    assert yaw_rad == 0.0
    return Served(values[::-1], x_m, y_m, given["resolution"])


def exported(campus: Campus, folder: Path, **options: Any) -> dict[str, Served]:
    files = writer(FORMATS["grid"])(campus, ExportOptions(**options))
    for name, pieces in files.items():
        with (folder / name).open("wb") as opened:
            opened.writelines(pieces)
    names = [each for each in files if each.endswith(".yaml")]
    return {each.removesuffix(".yaml"): served(folder / each) for each in names}


def along(line: LineString, step_m: float) -> npt.NDArray[np.float64]:
    points = shapely.line_interpolate_point(line, np.arange(0.0, line.length, step_m))
    return shapely.get_coordinates(points)


def lanes_of(campus: Campus, level: str) -> list[Any]:
    return [
        each
        for each in campus.lanes.values()
        if each.lift is None and level in (each.level, each.end_level) and "~" not in each.id
    ]


@pytest.mark.parametrize(
    ("campus_name", "level", "cell_m"),
    [("canalside", "ground", 0.1), ("xixi", "ground", 0.25), ("xixi", "l2", 0.2)],
)
def test_lanes_are_free_and_walls_occupied(
    campus_name: str, level: str, cell_m: float, root: Path, tmp_path: Path
) -> None:
    campus = load_campus(root / "maps" / campus_name)
    grid = exported(campus, tmp_path, level=level, resolution_m=cell_m)[f"{campus_name}_{level}"]
    lanes = lanes_of(campus, level)
    assert len(lanes) > 300
    for lane in lanes:
        found = grid.at(along(LineString(lane.points), cell_m / 2))
        assert set(found) == {FREE}, lane.id
    corridors = [LineString(each.points).buffer(each.width_m / 2 + 0.1) for each in lanes]
    open_ = shapely.union_all(
        [
            *corridors,
            *(
                each.shape.buffer(0.5)
                for each in campus.passages.values()
                if each.kind is PassageKind.DOOR
            ),
        ]
    )
    walls = [each.line for each in campus.walls.values() if each.level == level]
    inside = [each for each in lanes if each.indoor]
    houses = [b for b in campus.buildings.values() if level in b.levels]
    rooms = shapely.union_all([LineString(each.points) for each in inside])
    walls += [b.polygon.exterior for b in houses if b.polygon.buffer(-0.1).intersects(rooms)]
    for wall in walls:
        for piece in shapely.get_parts(wall.difference(open_)):
            assert set(grid.at(along(piece, cell_m / 2))) <= {OCCUPIED}
    solids = [b.polygon for b in houses if not b.polygon.intersects(rooms)]
    solids += [each.polygon for each in campus.obstacles.values() if each.level == level]
    for solid in solids:
        here = solid.difference(open_).representative_point()
        assert grid.at([(here.x, here.y)]) == [OCCUPIED]


def test_the_site_has_water_doors_and_an_outside(root: Path, tmp_path: Path) -> None:
    campus = load_campus(root / "maps" / "xixi")
    grids = exported(campus, tmp_path, resolution_m=0.5)
    assert list(grids) == [f"xixi_{level}" for level in campus.levels]
    ground, upstairs = grids["xixi_ground"], grids["xixi_l2"]
    water = [o for o in campus.obstacles.values() if o.kind is ObstacleKind.WATER]
    middles = [each.polygon.representative_point() for each in water]
    assert set(ground.at([(each.x, each.y) for each in middles])) == {OCCUPIED}
    doors = [p for p in campus.passages.values() if p.kind is PassageKind.DOOR]
    assert len(doors) == 28
    leaves = [each.shape.interpolate(0.5, normalized=True) for each in doors]
    assert set(ground.at([(each.x, each.y) for each in leaves])) == {FREE}
    assert campus.boundary is not None
    outline = campus.boundary.buffer(1.0).exterior
    west, south = ground.west_m, ground.south_m
    east = west + ground.values.shape[1] * 0.5
    north = south + ground.values.shape[0] * 0.5
    beyond = [(x, y) for x, y in along(outline, 5.0) if west <= x < east and south <= y < north]
    assert len(beyond) > 100
    assert set(ground.at(beyond)) == {UNKNOWN}
    # a level upstairs is known in its houses alone
    middle = campus.boundary.centroid
    outside = [
        b.polygon.representative_point() for b in campus.buildings.values() if "l2" not in b.levels
    ]
    west, south = upstairs.west_m, upstairs.south_m
    rows, columns = upstairs.values.shape
    seen = [
        (p.x, p.y)
        for p in (*outside, middle)
        if west <= p.x < west + columns * 0.5 and south <= p.y < south + rows * 0.5
    ]
    assert len(seen) > 20
    assert set(upstairs.at(seen)) == {UNKNOWN}


def test_a_tiny_campus_is_drawn_cell_by_cell(tmp_path: Path) -> None:
    grid = exported(campus_from_geojson(tiny_document()), tmp_path, resolution_m=0.5)["tiny_ground"]
    # 80 m by 50 m and half a metre around
    assert grid.values.shape == (102, 162)
    assert (grid.west_m, grid.south_m) == (-20.5, -20.5)
    assert np.count_nonzero(grid.values == UNKNOWN) == 102 * 162 - 100 * 160
    # the house is 16 × 20 cells, the wall 120 × 2; they spread by less than a cell all around
    occupied = np.count_nonzero(grid.values == OCCUPIED)
    assert 16 * 20 + 120 * 2 <= occupied <= 18 * 22 + 122 * 4
    assert grid.at([(30.0, 9.0), (0.0, -9.5)]) == [OCCUPIED, OCCUPIED]
    assert grid.at([(0.2, 0.0), (5.0, 20.0), (-20.3, 0.0)]) == [FREE, FREE, UNKNOWN]


def test_a_lane_through_a_house_opens_it(tmp_path: Path) -> None:
    document = tiny_document()
    find(document, "house")["geometry"]["coordinates"] = rectangle(-5, -5, 5, 5)
    for each in document["features"]:
        if each["properties"]["feature"] == "lane":
            each["properties"]["indoor"] = each["id"] in ("west-middle", "west-bay")
    grid = exported(campus_from_geojson(document), tmp_path, resolution_m=0.1)["tiny_ground"]
    assert grid.at([(5.0, 0.0), (3.0, 3.0)]) == [FREE, FREE]
    assert grid.at([(5.0, 3.0), (-5.0, 0.0), (0.0, -5.0)]) == [OCCUPIED] * 3


def test_without_a_boundary_the_grid_is_what_lies_there(tmp_path: Path) -> None:
    document = tiny_document()
    document["features"].remove(find(document, "edge"))
    grid = exported(campus_from_geojson(document), tmp_path, resolution_m=0.5)["tiny_ground"]
    # from the wall's west end at -10 to its east end at 50, from -10 to the house's top at 14
    assert grid.values.shape == (50, 122)
    assert grid.at([(0.0, 0.0), (-10.4, 0.0)]) == [FREE, UNKNOWN]


def test_a_grid_that_would_be_too_large_names_one_that_fits(tmp_path: Path) -> None:
    document = tiny_document()
    find(document, "edge")["geometry"]["coordinates"] = rectangle(-20, -20, 99_980, 9_980)
    campus = campus_from_geojson(document)
    with pytest.raises(MapFormatError, match=r"level 'ground' at 0\.05 m has 20000") as refused:
        exported(campus, tmp_path, resolution_m=0.05)
    # 100 km by 10 km: at 1 m there are a little more than 10⁹ cells, at 2 m a quarter
    assert refused.value.remedy == "choose --resolution 2"
    document["campus"]["levels"].append({"id": "attic", "name": "Attic", "elevation_m": 9.0})
    campus = campus_from_geojson(document)
    with pytest.raises(MapFormatError, match="nothing lies on level 'attic'"):
        exported(campus, tmp_path, level="attic")
    with pytest.raises(UnknownFeature, match="cellar"):
        exported(campus, tmp_path, level="cellar")


def test_progress_ends_with_all_of_it_and_the_bytes_are_the_same_again() -> None:
    campus = campus_from_geojson(tiny_document())
    told: list[tuple[str, float]] = []
    options = ExportOptions(progress=lambda name, done: told.append((name, done)))
    files = [
        {name: b"".join(pieces) for name, pieces in writer(FORMATS["grid"])(campus, given).items()}
        for given in (options, ExportOptions())
    ]
    assert files[0] == files[1]
    assert told[-1] == ("tiny_ground.pgm", 1.0)
    assert [done for _, done in told] == sorted(done for _, done in told)


def test_ids_never_lead_out_of_the_folder() -> None:
    document = tiny_document()
    document["campus"]["id"] = "../up"
    files = writer(FORMATS["grid"])(campus_from_geojson(document), ExportOptions(resolution_m=1.0))
    assert list(files) == ["_._up_ground.pgm", "_._up_ground.yaml"]


@pytest.mark.parametrize("seed", range(20))
def test_cells_are_filled_whose_middle_lies_inside(seed: int) -> None:
    dice = random.Random(seed)
    areas = []
    for _ in range(3):
        blobs = [
            Point(dice.uniform(-20, 20), dice.uniform(-20, 20)).buffer(dice.uniform(0.1, 9), 3)
            for _ in range(8)
        ]
        areas.append(shapely.union_all(blobs[:6]).difference(shapely.union_all(blobs[6:])))
    frame = Frame(-13.3, -9.1, 0.37, 71, 53)
    x = frame.west_m + (np.arange(71) + 0.5) * 0.37
    y = frame.south_m + (53 - np.arange(53) - 0.5) * 0.37
    inside = [shapely.contains_xy(area, *np.meshgrid(x, y)) for area in areas]
    expected = sum(each.astype(np.uint8) << k for k, each in enumerate(inside))
    filler = Filler(areas, frame)
    for step in (1, 7, 53):
        strips = [filler.rows(a, min(a + step, 53)) for a in range(0, 53, step)]
        assert np.array_equal(np.vstack(strips), expected)


def test_nothing_is_filled_by_what_has_no_area() -> None:
    frame = Frame(0.0, 0.0, 1.0, 4, 3)
    nothing = [Polygon(), MultiPolygon(), LineString([(0, 0), (4, 3)])]
    assert not Filler(nothing, frame).rows(0, 3).any()


def test_a_wall_is_as_thick_as_a_wall(tmp_path: Path) -> None:
    document = tiny_document()
    document["campus"]["format_version"] = 2
    document["features"].append(
        feature("fence", "wall", "LineString", [[-15, 20], [15, 25]], level="ground")
    )
    grid = exported(campus_from_geojson(document), tmp_path, resolution_m=0.05)["tiny_ground"]
    fence = LineString([(-15, 20), (15, 25)])
    assert set(grid.at(along(fence, 0.02))) == {OCCUPIED}
    # 0.15 m thick: three cells and a little
    beside = [LineString([(-15, y), (15, y + 5)]) for y in (20.2, 19.8)]
    assert {v for line in beside for v in grid.at(along(line, 0.02))} == {FREE}
