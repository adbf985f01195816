"""Writes small OpenStreetMap extracts for tests: the same elements as XML and as PBF."""

from __future__ import annotations

import math
from pathlib import Path
from xml.sax.saxutils import quoteattr

import osmium
import osmium.osm.mutable

LATITUDE_DEG, LONGITUDE_DEG = 30.28, 120.03
_METRES_A_DEGREE = 110_860.0, 111_320.0 * math.cos(math.radians(LATITUDE_DEG))


class Extract:
    """Elements in the order of their making; places are metres east and north of a middle."""

    def __init__(self) -> None:
        self.nodes: dict[int, tuple[float, float, dict[str, str]]] = {}
        self.ways: dict[int, tuple[list[int], dict[str, str]]] = {}
        self.relations: dict[int, tuple[list[tuple[int, str]], dict[str, str]]] = {}

    def node(self, x_m: float, y_m: float, ref: int | None = None, **tags: str) -> int:
        """A node; `__` in the name of a tag stands for a colon."""
        ref = len(self.nodes) + 1 if ref is None else ref
        self.nodes[ref] = (x_m, y_m, _named(tags))
        return ref

    def way(self, *refs: int, number: int | None = None, **tags: str) -> int:
        number = len(self.ways) + 101 if number is None else number
        self.ways[number] = (list(refs), _named(tags))
        return number

    def ring(self, *corners: tuple[float, float], **tags: str) -> int:
        """A closed way with nodes of its own."""
        refs = [self.node(*each) for each in corners]
        return self.way(*refs, refs[0], **tags)

    def relation(self, *ways: tuple[int, str], **tags: str) -> int:
        number = len(self.relations) + 1001
        self.relations[number] = (list(ways), _named(tags))
        return number

    def position(self, ref: int) -> tuple[float, float]:
        """Latitude and longitude of a node, degrees."""
        x_m, y_m, _ = self.nodes[ref]
        return place(x_m, y_m)

    def xml(self) -> str:
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        for ref in self.nodes:
            latitude, longitude = self.position(ref)
            at = f'lat="{latitude:.7f}" lon="{longitude:.7f}"'
            lines.append(f'<node id="{ref}" {at}>{_xml_tags(self.nodes[ref][2])}</node>')
        for number, (refs, tags) in self.ways.items():
            listed = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            lines.append(f'<way id="{number}">{listed}{_xml_tags(tags)}</way>')
        for number, (members, tags) in self.relations.items():
            listed = "".join(
                f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members
            )
            lines.append(f'<relation id="{number}">{listed}{_xml_tags(tags)}</relation>')
        return "\n".join([*lines, "</osm>", ""])

    def write(self, file: Path) -> Path:
        """The extract as XML, or by the end of the file's name as PBF or compressed XML."""
        if file.name.endswith(".osm"):
            file.write_text(self.xml(), encoding="utf-8")
            return file
        with osmium.SimpleWriter(str(file), overwrite=True) as writer:
            for ref, (_, _, tags) in self.nodes.items():
                latitude, longitude = self.position(ref)
                at = (round(longitude, 7), round(latitude, 7))
                writer.add_node(osmium.osm.mutable.Node(id=ref, location=at, tags=tags))
            for number, (refs, tags) in self.ways.items():
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
            for number, (members, tags) in self.relations.items():
                listed = [("w", ref, role) for ref, role in members]
                writer.add_relation(
                    osmium.osm.mutable.Relation(id=number, members=listed, tags=tags)
                )
        return file


def place(x_m: float, y_m: float) -> tuple[float, float]:
    """Latitude and longitude of a place some metres from the middle, to a few millimetres."""
    return (LATITUDE_DEG + y_m / _METRES_A_DEGREE[0], LONGITUDE_DEG + x_m / _METRES_A_DEGREE[1])


def campus() -> Extract:
    """A ring of roads, ways across it, a canal with a bridge, a library, things to look after."""
    extract = Extract()
    south_west, south_east = extract.node(-100, -100), extract.node(100, -100)
    north_east, north_west = extract.node(100, 100), extract.node(-100, 100)
    crossing = extract.node(0, -100, highway="crossing", crossing="traffic_signals")
    north, east, west = extract.node(0, 100), extract.node(100, 0), extract.node(-100, 0)
    middle = extract.node(0, 0, name="中心广场")
    extract.way(
        south_west, crossing, south_east, highway="service", maxspeed="20", surface="asphalt"
    )
    extract.way(south_east, east, north_east, highway="service", width="4.5", incline="3%")
    extract.way(north_east, north, north_west, highway="residential", maxspeed="15 mph")
    extract.way(north_west, west, south_west, highway="residential", oneway="yes")
    gate = extract.node(0, -60, barrier="gate")
    shore = extract.node(0, 40), extract.node(0, 60)
    extract.way(extract.node(0, -150), crossing, highway="footway")
    extract.way(crossing, gate, middle, highway="footway", surface="paving_stones")
    extract.way(middle, shore[0], highway="footway")
    extract.way(*shore, highway="footway", bridge="yes", layer="1", name="Brücke")
    extract.way(shore[1], north, highway="footway")
    extract.way(west, middle, east, highway="cycleway")
    extract.ring((-80, 42), (80, 42), (80, 58), (-80, 58), natural="water", name="运河")
    entrance = extract.node(30, -30, entrance="main", name="Haupteingang")
    corners = [extract.node(*each) for each in ((20, -30), (50, -30), (50, -60), (20, -60))]
    extract.way(
        *(corners[0], entrance, *corners[1:], corners[0]),
        building="university",
        name="图书馆 Bücherei",
        building__levels="4",
    )
    before = extract.node(30, -10)
    extract.way(before, entrance, highway="footway")
    extract.way(middle, before, extract.node(60, -10), east, highway="path")
    extract.way(extract.node(-90, -60), gate, extract.node(15, -60), barrier="fence")
    extract.way(middle, extract.node(-40, -20), west, highway="steps")
    extract.node(5, -30, emergency="fire_hydrant")
    extract.node(-5, -20, emergency="defibrillator")
    extract.node(-20, 3, emergency="assembly_point", capacity="200")
    extract.node(8, 5, man_made="surveillance", camera__direction="SW")
    extract.ring((-60, -20), (-30, -20), (-30, -50), (-60, -50), amenity="parking")
    extract.relation(type="route", name="an element that is nobody's business")
    return extract


def _named(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def _xml_tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(each)}/>" for key, each in tags.items())
