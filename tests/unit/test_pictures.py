"""A picture of a campus shows all that the map has, in a file that others can read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from PIL import Image
from shapely.geometry import Polygon, box

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions, writer
from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.png import scene_png
from fleet_manager.adapters.maps.picture.scene import ALL_LAYERS, USUAL_LAYERS, campus_scene
from fleet_manager.adapters.maps.picture.shapes import Areas, Label, Scene, Style, text_width
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFormatError, UnknownFeature
from tests.unit.campus_documents import find, tiny_document
from tests.unit.formats.random_campuses import campus_documents

SVG = "{http://www.w3.org/2000/svg}"


def picture(campus: Campus, name: str, **options: Any) -> bytes:
    ((file, pieces),) = writer(FORMATS[name])(campus, ExportOptions(**options)).items()
    assert file.endswith(f".{name}")
    return b"".join(pieces)


def drawn(svg: bytes, layer: str, name: str) -> int:
    """How many shapes of a name a layer of an SVG has."""
    root = ElementTree.fromstring(svg)
    groups = root.findall(f"./{SVG}g[@id='{layer}']/{SVG}g[@class='{name}']")
    return sum(len(list(group)) for group in groups)


@pytest.fixture(scope="module")
def site(root: Path) -> Campus:
    return load_campus(root / "maps" / "xixi")


def test_the_site_is_drawn_with_all_that_it_has(site: Campus) -> None:
    svg = picture(site, "svg")
    here = [w for w in site.waypoints.values() if w.level == "ground"]
    for layer, name, number in (
        ("buildings", "building", len(site.buildings)),
        ("waypoints", "dock", len(site.docks)),
        ("waypoints", "bay", sum(w.role == "bay" for w in here)),
        ("waypoints", "entrance", len(site.entrances)),
        ("assets", "muster", len(site.muster_points)),
        ("assets", "station", sum(s.level == "ground" for s in site.stations.values())),
        ("cameras", "camera", sum(c.level == "ground" for c in site.cameras.values())),
        ("cameras", "view", sum(c.level == "ground" for c in site.cameras.values())),
        ("walls", "lift", len([p for p in site.passages.values() if p.kind == "lift"])),
        ("lanes", "crossing", 4),
        ("zones", "clean", sum(z.level == "ground" for z in site.zones.values()) - 10),
    ):
        assert number > 0
        assert drawn(svg, layer, name) == number, name
    text = svg.decode()
    for name in ("Xixi campus", "Plaza Stadium", "Gate A", "Part B", site.version, "200 m"):
        assert name in text
    for name in ("cover water", "cover trees", "lane bridge", "lane underpass", "hatch", "north"):
        assert f'class="{name}"' in text


def labels(scene: Scene) -> Iterator[tuple[str, Polygon]]:
    for label in (shape for _, shapes in scene.layers for shape in shapes):
        if isinstance(label, Label):
            wide = text_width(label.text, label.size, label.bold)
            left = label.at[0] - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
            high = label.size * 0.5
            yield label.text, box(left, label.at[1] - high, left + wide, label.at[1] + high)


@pytest.mark.parametrize(("level", "size_px"), [("ground", 2400), ("ground", 1500), ("l2", 2400)])
def test_names_do_not_overlap_and_most_houses_have_theirs(
    site: Campus, level: str, size_px: int
) -> None:
    scene = campus_scene(site, level, size_px=size_px)
    found = list(labels(scene))
    for (text, room), (other, taken) in combinations(found, 2):
        assert not room.buffer(-0.01).intersects(taken), (text, other)
    frame = box(0, 0, scene.width, scene.height)
    assert all(frame.contains(room) for _, room in found)
    words = " ".join(text for text, _ in found)
    houses = [b.name for b in site.buildings.values() if level in b.levels]
    named = [name for name in houses if all(word in words for word in name.split())]
    assert len(named) >= 0.95 * len(houses)


def test_a_png_is_as_large_as_was_asked_for_and_small_enough_to_show(site: Campus) -> None:
    data = picture(site, "png", size_px=1500)
    assert len(data) <= 500_000
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert max(image.size) == 1500
    colours = {colour for _, colour in image.convert("RGB").getcolors(256) or []}
    for style in (palette.DOCK, palette.COVERS[next(iter(palette.COVERS))], palette.MUSTER):
        assert style.fill is not None
        assert tuple(bytes.fromhex(style.fill[1:])) in colours


def test_a_png_shows_shapes_where_they_are_and_courtyards_open() -> None:
    house = box(10, 10, 90, 90).difference(box(40, 40, 60, 60))
    scene = Scene(100, 100, "test", "#ffffff")
    scene.layers.append(("one", [Areas("house", Style("#ff0000"), [(house, "")])]))
    pixels = np.asarray(Image.open(io.BytesIO(scene_png(scene))).convert("RGB"))
    for (x, y), colour in {
        (20, 20): (255, 0, 0),
        (20, 80): (255, 0, 0),
        (50, 50): (255, 255, 255),
        (5, 5): (255, 255, 255),
    }.items():
        assert tuple(int(each) for each in pixels[y, x]) == colour


def test_layers_are_chosen_and_unknown_ones_named(site: Campus) -> None:
    svg = picture(site, "svg", layers=frozenset({"buildings", "sectors"}))
    groups = [each.get("id") for each in ElementTree.fromstring(svg).findall(f"./{SVG}g")]
    assert groups == ["buildings", "sectors"]
    assert drawn(svg, "sectors", "sector") == len(site.sectors)
    assert frozenset(ALL_LAYERS) - {"sectors"} == USUAL_LAYERS
    with pytest.raises(MapFormatError, match="no layer 'robots'") as refused:
        picture(site, "svg", layers=frozenset({"buildings", "robots"}))
    assert "buildings" in refused.value.remedy


@pytest.mark.parametrize("size_px", [0, -5, 199, 8001])
def test_sizes_that_cannot_be_drawn_are_refused(size_px: int) -> None:
    campus = campus_from_geojson(tiny_document())
    with pytest.raises(MapFormatError, match="cannot be drawn"):
        picture(campus, "png", size_px=size_px)
    with pytest.raises(UnknownFeature, match="cellar"):
        picture(campus, "svg", level="cellar")


def test_ids_and_names_are_text_and_never_markup() -> None:
    document = tiny_document()
    name = '<script>"&</script>\x01 校园'
    find(document, "house")["properties"]["name"] = name
    document["campus"]["name"] = "A & B"
    campus = campus_from_geojson(document)
    titles = ElementTree.fromstring(picture(campus, "svg")).iter(f"{SVG}title")
    shown = [each.text for each in titles]
    assert '<script>"&</script>� 校园, 6 m' in shown
    assert "A & B" in shown
    assert picture(campus, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["svg", "png"])
def test_the_same_map_gives_the_same_bytes(name: str) -> None:
    campus = campus_from_geojson(tiny_document())
    told: list[float] = []
    first = picture(campus, name, progress=lambda _, done: told.append(done), size_px=400)
    assert picture(campus, name, size_px=400) == first
    assert told == sorted(told)
    assert told[-1] == 1.0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=campus_documents())
def test_any_campus_can_be_drawn(document: Any) -> None:
    campus = campus_from_geojson(document)
    for level in campus.levels:
        try:
            svg = picture(campus, "svg", level=level)
        except MapFormatError as error:
            assert "nothing lies" in str(error)  # noqa: PT017
        else:
            ElementTree.fromstring(svg)


@pytest.mark.parametrize("across_m", [8.0, 80.0, 8000.0])
def test_letters_stay_small_and_in_the_picture_however_small_the_campus(across_m: float) -> None:
    document = tiny_document()
    for each in document["features"]:
        each["geometry"]["coordinates"] = _scaled(each["geometry"]["coordinates"], across_m / 80.0)
    scene = campus_scene(campus_from_geojson(document), "ground", size_px=1200)
    for text, room in labels(scene):
        assert box(0, 0, scene.width, scene.height).covers(room), text
        assert room.bounds[3] - room.bounds[1] <= 20.0, text


def _scaled(positions: Any, factor: float) -> Any:
    if isinstance(positions, list):
        return [_scaled(each, factor) for each in positions]
    return positions * factor
