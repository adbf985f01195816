"""Files of other programs, damaged at random: each is read or refused, never a traceback."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet_manager.adapters.maps.formats import FORMATS, ImportOptions
from fleet_manager.adapters.maps.formats.registry import reader
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapError
from tests.unit.formats.osm_extracts import Extract, campus, place
from tests.unit.formats.rmf_buildings import HOUSE
from tests.unit.formats.test_opentcs import MODEL

RUNS = 200
SEED = 20260801
_ODD = (
    "",
    "-1",
    "0",
    "NaN",
    "1e400",
    "1e15",
    "x" * 300,
    "\u0000",
    "ÄÖ 中",
    "null",
    "[",
    "&a;",
    "yes",
)


def _bytes_damaged(rng: random.Random, content: bytes) -> bytes:
    """One to four places cut out, doubled, swapped or overwritten."""
    damaged = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        a = rng.randrange(len(damaged) + 1)
        b = min(len(damaged), a + rng.choice((1, 2, 8, 64, 512)))
        kind = rng.randrange(4)
        if kind == 0:
            del damaged[a:b]
        elif kind == 1:
            damaged[a:a] = damaged[a:b]
        elif kind == 2:
            damaged[a:b] = rng.randbytes(b - a)
        else:
            damaged = damaged[: max(1, a)]
    return bytes(damaged)


def _text_damaged(rng: random.Random, content: bytes) -> bytes:
    """Some values, numbers or lines replaced, so that the file keeps its form."""
    text = content.decode()
    for _ in range(rng.randint(1, 5)):
        kind = rng.randrange(3)
        if kind == 0:
            spots = list(re.finditer(r'"[^"<>]*"|\[\d, [^\]]*\]', text))
        elif kind == 1:
            spots = list(re.finditer(r"-?\d+(\.\d+)?", text))
        else:
            spots = list(re.finditer(r"[^\n]*\n", text))
        if not spots:
            continue
        spot = rng.choice(spots)
        value = rng.choice(_ODD)
        other = rng.choice(spots)[0] if rng.random() < 0.5 else value
        quoted = f'"{other}"' if spot[0].startswith('"') and not other.startswith('"') else other
        text = text[: spot.start()] + quoted + text[spot.end() :]
    return text.encode("utf-8", "surrogatepass")


Damage = Callable[[random.Random, bytes], bytes]


def _source(name: str, folder: Path) -> tuple[Path, bytes]:
    """A sound file of a format: where to put it, and its content."""
    file = folder / name
    if name.endswith((".osm", ".pbf", ".gz")):
        return file, campus().write(file).read_bytes()
    return file, (HOUSE if name.endswith(".yaml") else MODEL).encode()


@pytest.mark.parametrize(
    ("name", "form", "damage"),
    [
        ("site.osm", "osm", _bytes_damaged),
        ("site.osm", "osm", _text_damaged),
        ("site.osm.pbf", "osm", _bytes_damaged),
        ("site.osm.gz", "osm", _bytes_damaged),
        ("house.building.yaml", "rmf", _bytes_damaged),
        ("house.building.yaml", "rmf", _text_damaged),
        ("plant.xml", "opentcs", _bytes_damaged),
        ("plant.xml", "opentcs", _text_damaged),
    ],
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path: Path, name: str, form: str, damage: Damage
) -> None:
    read = reader(FORMATS[form])
    file, sound = _source(name, tmp_path)
    docks = (place(17.0, 4.0),) if form == "osm" else ()
    options = ImportOptions(campus_id="site", docks=docks)
    refused: list[tuple[str, MapError]] = []
    for run in range(RUNS):
        seed = f"{SEED}-{name}-{run}"
        file.write_bytes(damage(random.Random(seed), sound))
        try:
            read(file, options)
        except MapError as error:
            refused.append((seed, error))
        except BaseException:
            print(f"seed {seed}")
            raise
    for seed, error in refused:
        assert str(file) in str(error) or "--dock" in str(error), seed
        assert error.remedy, seed
    print(f"{name}: {len(refused)} of {RUNS} refused")
    assert refused


_TAGS = {
    "highway": (
        *("service", "residential", "footway", "path", "pedestrian", "corridor", "steps"),
        *("crossing", "elevator", "primary", "cycleway"),
    ),
    "oneway": ("yes", "-1", "no"),
    "bridge": ("yes", "no"),
    "tunnel": ("yes", "building_passage", "culvert"),
    "indoor": ("yes",),
    "level": ("0", "1", "-1", "0;1", "1-3", "2;0", "x"),
    "area": ("yes",),
    "building": ("yes", "roof", "no"),
    "entrance": ("main", "yes"),
    "barrier": ("gate", "fence", "wall", "bollard", "stile", "hedge"),
    "natural": ("water", "wood"),
    "waterway": ("stream", "riverbank"),
    "crossing": ("traffic_signals", "uncontrolled"),
    "access": ("private", "yes"),
    "locked": ("yes",),
    "emergency": ("fire_hydrant", "assembly_point", "defibrillator"),
    "man_made": ("surveillance",),
    "camera:direction": ("N", "212", "up"),
    "camera:angle": ("15", "90"),
    "width": ("3", "0", "8'", "1e9", "wide"),
    "height": ("12", "-3", "12 m", "0"),
    "building:levels": ("4", "999999", "-1"),
    "incline": ("5%", "400%", "up", "89°"),
    "maxspeed": ("30", "0", "walk", "none"),
    "capacity": ("200", "0", "many"),
    "junction": ("roundabout",),
    "type": ("multipolygon",),
    "name": ("Süd", " ", "东门", "node_1"),
}


def _random_extract(rng: random.Random) -> Extract:
    """Ways through a few shared places with any tags, so that everything meets everything."""

    def tags(most: int) -> dict[str, str]:
        keys = rng.sample(list(_TAGS), rng.randint(0, most))
        return {key.replace(":", "__"): rng.choice(_TAGS[key]) for key in keys}

    extract = Extract()
    spread_m = rng.choice((0.5, 5.0, 60.0))
    for _ in range(rng.randint(4, 14)):
        at = rng.uniform(-spread_m, spread_m), rng.uniform(-spread_m, spread_m)
        extract.node(*(at if rng.random() < 0.9 else (0.0, 0.0)), **tags(3))
    nodes = [*extract.nodes, 999]
    for _ in range(rng.randint(2, 12)):
        refs = rng.choices(nodes, k=rng.randint(0, 6))
        if rng.random() < 0.4 and refs:
            refs.append(refs[0])
        way = tags(4)
        if rng.random() < 0.6:
            way["highway"] = rng.choice(_TAGS["highway"][:6])
        extract.way(*refs, **way)
    for _ in range(rng.randint(0, 2)):
        ways = rng.choices([*extract.ways, 888], k=rng.randint(0, 3))
        members = [(each, rng.choice(("outer", "inner", ""))) for each in ways]
        extract.relation(*members, **{**tags(3), "type": "multipolygon"})
    return extract


def test_any_ways_and_tags_give_a_map_or_a_refusal(tmp_path: Path) -> None:
    read = reader(FORMATS["osm"])
    drawn = 0
    for run in range(2 * RUNS):
        seed = f"{SEED}-{run}"
        rng = random.Random(seed)
        file = _random_extract(rng).write(tmp_path / "site.osm")
        docks = (place(rng.uniform(-9, 9), rng.uniform(-9, 9)),) if rng.random() < 0.3 else ()
        try:
            document = read(file, ImportOptions(campus_id="site", docks=docks)).document
        except MapError:
            continue
        except BaseException:
            print(f"seed {seed}")
            raise
        drawn += bool(campus_from_geojson(document).lanes)
    print(f"{drawn} of {2 * RUNS} drawn")
    assert drawn > RUNS // 2
