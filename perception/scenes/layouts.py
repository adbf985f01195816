"""Places that worlds are set in: grounds, buildings, and where people and things may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from perception.scenes.scene import Building, Colour, Ground, Kind, Point, Thing

Rng = np.random.Generator


@dataclass(frozen=True)
class Area:
    """A rectangle along the axes."""

    x0: float
    y0: float
    x1: float
    y1: float

    def corners(self) -> tuple[Point, ...]:
        return ((self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1))

    def within(self, rng: Rng, margin: float = 0.0) -> Point:
        """A place in it, evenly drawn."""
        return (
            float(rng.uniform(self.x0 + margin, self.x1 - margin)),
            float(rng.uniform(self.y0 + margin, self.y1 - margin)),
        )


@dataclass
class Place:
    """A setting in the making.

    Attributes:
        walk: where people are and things lie; cameras stand in it too.
        parking: places of vehicles with their heading.
        walls: spots on walls with the direction away from the wall.
    """

    walk: Area
    indoors: bool = False
    grounds: list[Ground] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    parking: list[tuple[float, float, float]] = field(default_factory=list)
    walls: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Palette:
    """Textures that a generator draws from: families with the variants that are its own."""

    grounds: tuple[str, ...]
    walls: tuple[str, ...]
    verges: tuple[str, ...] = ("grass",)
    floors: tuple[str, ...] = ("tiles",)
    rooms: tuple[str, ...] = ("plaster",)
    variants: tuple[int, ...] = (0, 1, 2, 3)


GREEN: Final[tuple[Colour, ...]] = ((0.12, 0.19, 0.05), (0.2, 0.24, 0.08), (0.1, 0.15, 0.06))


def tone(rng: Rng, low: float, high: float, hue: float = 0.07) -> Colour:
    """A greyish colour with a random tint."""
    base = rng.uniform(low, high)
    red, green, blue = (base * (1 + rng.normal(0, hue, 3))).clip(0.01, 0.95).tolist()
    return (red, green, blue)


def _ground(area: Area, family: str, palette: Palette, rng: Rng, layer: int = 0) -> Ground:
    if family in ("grass", "leaves"):
        base = GREEN[rng.integers(len(GREEN))]
        shade = float(rng.uniform(0.7, 1.3))
        colour: Colour = (base[0] * shade, base[1] * shade, base[2] * shade)
    elif family == "asphalt":
        colour = tone(rng, 0.05, 0.2, 0.04)
    elif family == "brick":
        colour = (float(rng.uniform(0.22, 0.42)), float(rng.uniform(0.12, 0.2)), 0.12)
    elif family == "planks":
        colour = (float(rng.uniform(0.2, 0.45)), float(rng.uniform(0.15, 0.28)), 0.14)
    else:
        colour = tone(rng, 0.14, 0.5)
    tile = float(rng.uniform(0.9, 2.6))
    variant = int(rng.choice(palette.variants))
    return Ground(area.corners(), family, colour, variant, tile, layer=layer)


def _building(area: Area, palette: Palette, rng: Rng, inward: bool = False) -> Building:
    family = str(rng.choice(palette.rooms if inward else palette.walls))
    height = float(rng.uniform(2.5, 3.6) if inward else rng.uniform(4, 18))
    colour = (
        (float(rng.uniform(0.28, 0.5)), float(rng.uniform(0.14, 0.24)), 0.13)
        if family == "brick"
        else tone(rng, 0.2, 0.75)
    )
    tile = float(rng.uniform(2.6, 4.5)) if family in ("windows", "panels") else 1.4
    variant = int(rng.choice(palette.variants))
    bright = float(rng.uniform(0.5, 0.9))
    roof = (bright, bright, bright) if inward else (0.3, 0.3, 0.3)
    return Building(
        area.corners(), height, family, colour, variant, tile, inward=inward, roof_colour=roof
    )


def wall_spots(
    area: Area, inward: bool, spacing_m: float = 1.6
) -> list[tuple[float, float, float]]:
    """Spots along the four sides of a building (or, inward, a room)."""
    spots = []
    sign = -1.0 if inward else 1.0
    for x in np.arange(area.x0 + 1, area.x1 - 1, spacing_m):
        spots.append((float(x), area.y0, -sign * np.pi / 2))
        spots.append((float(x), area.y1, sign * np.pi / 2))
    for y in np.arange(area.y0 + 1, area.y1 - 1, spacing_m):
        spots.append((area.x0, float(y), np.pi if sign > 0 else 0.0))
        spots.append((area.x1, float(y), 0.0 if sign > 0 else np.pi))
    return spots


def _kiosk(place: Place, palette: Palette, rng: Rng, x: float, y: float) -> None:
    """A small building by the walk, so that doors and extinguishers are near."""
    area = Area(x, y, x + float(rng.uniform(5, 12)), y + float(rng.uniform(4, 8)))
    place.buildings.append(_building(area, palette, rng))
    place.walls += wall_spots(area, inward=False)


def _markings(place: Place, places: list[Area]) -> None:
    for area in places:
        marking = Ground(area.corners(), "concrete", (0.7, 0.7, 0.66), 0, 2.0, layer=4)
        place.grounds.append(marking)


def plaza(rng: Rng, palette: Palette) -> Place:
    """A paved square between buildings."""
    half = float(rng.uniform(8, 14))
    place = Place(Area(-half, -half, half, half))
    around = Area(-60, -60, 60, 60)
    place.grounds.append(_ground(around, str(rng.choice(palette.grounds)), palette, rng))
    place.grounds.append(_ground(place.walk, str(rng.choice(palette.grounds)), palette, rng, 1))
    for side in range(4):
        if rng.random() < 0.8:
            gap, deep = half + float(rng.uniform(0.3, 7)), float(rng.uniform(8, 14))
            low, high = -float(rng.uniform(6, 24)), float(rng.uniform(6, 24))
            area = [
                Area(low, gap, high, gap + deep),
                Area(low, -gap - deep, high, -gap),
                Area(gap, low, gap + deep, high),
                Area(-gap - deep, low, -gap, high),
            ][side]
            place.buildings.append(_building(area, palette, rng))
            place.walls += wall_spots(area, inward=False)
    for _ in range(int(rng.integers(0, 7))):
        x, y = place.walk.within(rng)
        place.parking.append((x, y, float(rng.uniform(0, 6.3))))
    return place


def street(rng: Rng, palette: Palette) -> Place:
    """A carriageway between pavements and buildings."""
    road = float(rng.uniform(2.8, 4.5))
    walk = road + float(rng.uniform(2.5, 5))
    place = Place(Area(-16, -walk, 16, walk))
    surface = "asphalt" if "asphalt" in palette.grounds else str(rng.choice(palette.grounds))
    place.grounds.append(
        _ground(Area(-70, -60, 70, 60), str(rng.choice(palette.verges)), palette, rng)
    )
    place.grounds.append(_ground(Area(-70, -road, 70, road), surface, palette, rng, 1))
    kind = str(rng.choice(palette.grounds))
    for low, high in ((-walk, -road), (road, walk)):
        place.grounds.append(_ground(Area(-70, low, 70, high), kind, palette, rng, 2))
    for y in (-road, road):
        kerb = Area(-70, y - 0.08, 70, y + 0.08).corners()
        place.grounds.append(Ground(kerb, "concrete", (0.4, 0.4, 0.38), layer=3))
    if rng.random() < 0.7:
        dashes = [Area(x, -0.07, x + 1.6, 0.07) for x in np.arange(-40, 40, 4.0)]
        _markings(place, dashes)
    if rng.random() < 0.3:
        _markings(place, [Area(-2, y, 2, y + 0.45) for y in np.arange(-road, road - 0.4, 0.95)])
    for side in (-1, 1):
        x = -45.0
        while x < 45:
            long = float(rng.uniform(9, 22))
            gap = walk + float(rng.uniform(0.1, 3))
            area = (
                Area(x, gap, x + long, gap + 9) if side > 0 else Area(x, -gap - 9, x + long, -gap)
            )
            place.buildings.append(_building(area, palette, rng))
            place.walls += wall_spots(area, inward=False)
            x += long + float(rng.choice([0.0, rng.uniform(2, 8)]))
    for x in np.arange(-18, 18, 6.0):
        for side in (-1, 1):
            heading = float(rng.choice([0.0, np.pi])) + float(rng.normal(0, 0.04))
            place.parking.append((float(x + rng.normal(0, 0.6)), side * (road - 1.1), heading))
    return place


def park(rng: Rng, palette: Palette) -> Place:
    """Lawns with a path, trees and bushes."""
    half = float(rng.uniform(7, 12))
    place = Place(Area(-half, -half, half, half))
    place.grounds.append(
        _ground(Area(-70, -70, 70, 70), str(rng.choice(palette.verges)), palette, rng)
    )
    wide = float(rng.uniform(1.0, 3.0))
    kind = str(rng.choice(palette.grounds))
    place.grounds.append(_ground(Area(-70, -wide, 70, wide), kind, palette, rng, 1))
    if rng.random() < 0.5:
        place.grounds.append(_ground(Area(-wide, -70, wide, 70), kind, palette, rng, 2))
    for _ in range(int(rng.integers(6, 22))):
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(0.8, 3.5) * half
        kind_of = Kind.TREE if rng.random() < 0.65 else Kind.BUSH
        x, y = float(away * np.cos(angle)), float(away * np.sin(angle))
        if abs(y) > wide + 0.8:
            place.things.append(
                Thing(
                    kind_of,
                    x,
                    y,
                    size=float(rng.uniform(0.7, 1.4)),
                    look=int(rng.integers(1 << 30)),
                )
            )
    if rng.random() < 0.6:
        _kiosk(place, palette, rng, half * 0.8, -half * 0.6)
    for _ in range(2):
        place.parking.append((float(rng.uniform(-half, half)), 0.0, float(rng.choice([0, np.pi]))))
    return place


def car_park(rng: Rng, palette: Palette) -> Place:
    """Bays in rows, with an aisle."""
    place = Place(Area(-13, -5.5, 13, 5.5))
    place.grounds.append(
        _ground(Area(-70, -70, 70, 70), str(rng.choice(palette.verges)), palette, rng)
    )
    place.grounds.append(
        _ground(Area(-30, -14, 30, 14), str(rng.choice(palette.grounds)), palette, rng, 1)
    )
    lines = []
    for x in np.arange(-25, 25, 2.7):
        lines += [Area(float(x) - 0.05, low, float(x) + 0.05, low + 5) for low in (3.5, -8.5)]
    _markings(place, lines)
    for x in np.arange(-23.6, 24, 2.7):
        for y in (6.0, -6.0):
            heading = float(rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.05))
            place.parking.append((float(x), y, heading))
    area = Area(-20, 14.5, 20, 26)
    place.buildings.append(_building(area, palette, rng))
    place.walls += wall_spots(area, inward=False)
    _kiosk(place, palette, rng, 13.5, -3)
    return place


def courtyard(rng: Rng, palette: Palette) -> Place:
    """A yard closed in by walls on three or four sides."""
    a, b = float(rng.uniform(6, 11)), float(rng.uniform(6, 11))
    place = Place(Area(-a, -b, a, b))
    place.grounds.append(
        _ground(Area(-60, -60, 60, 60), str(rng.choice(palette.grounds)), palette, rng)
    )
    if rng.random() < 0.5:
        inner = Area(-a * 0.6, -b * 0.6, a * 0.6, b * 0.6)
        place.grounds.append(_ground(inner, str(rng.choice(palette.grounds)), palette, rng, 1))
    sides = [
        Area(-a - 9, b + 0.2, a + 9, b + 9), Area(-a - 9, -b - 9, a + 9, -b - 0.2),
        Area(a + 0.2, -b - 0.2, a + 9, b + 0.2), Area(-a - 9, -b - 0.2, -a - 0.2, b + 0.2),
    ]  # fmt: skip
    for area in sides[: int(rng.integers(3, 5))]:
        place.buildings.append(_building(area, palette, rng))
        place.walls += wall_spots(area, inward=False)
    for _ in range(3):
        x, y = place.walk.within(rng, 2.5)
        place.parking.append((x, y, float(rng.choice([0, np.pi / 2, np.pi]))))
    return place


def corridor(rng: Rng, palette: Palette) -> Place:
    """A passage indoors, with doors on both sides."""
    half, long = float(rng.uniform(1.3, 2.6)), float(rng.uniform(9, 16))
    return _room(Area(-long, -half, long, half), rng, palette)


def hall(rng: Rng, palette: Palette) -> Place:
    """A large room with columns and furniture."""
    a, b = float(rng.uniform(5, 10)), float(rng.uniform(4, 8))
    place = _room(Area(-a, -b, a, b), rng, palette)
    for _ in range(int(rng.integers(0, 5))):
        x, y = place.walk.within(rng, 1.5)
        column = Area(x - 0.25, y - 0.25, x + 0.25, y + 0.25)
        place.buildings.append(_building(column, palette, rng))
    for _ in range(int(rng.integers(1, 7))):
        x, y = place.walk.within(rng, 0.8)
        kind = Kind.TABLE if rng.random() < 0.4 else Kind.CHAIR
        heading = float(rng.uniform(0, 6.3))
        place.things.append(Thing(kind, x, y, heading, look=int(rng.integers(1 << 30))))
    return place


def _room(area: Area, rng: Rng, palette: Palette) -> Place:
    place = Place(area, indoors=True)
    floor = _ground(area, str(rng.choice(palette.floors)), palette, rng)
    shiny = float(rng.choice([0.0, 0.25]))
    place.grounds.append(
        Ground(floor.outline, floor.texture, floor.colour, floor.variant, floor.tile_m, 0.0, shiny)
    )
    place.buildings.append(_building(area, palette, rng, inward=True))
    place.walls += wall_spots(area, inward=True, spacing_m=1.5)
    return place


def quay(rng: Rng, palette: Palette) -> Place:
    """A promenade along water."""
    deep = float(rng.uniform(5, 9))
    place = Place(Area(-14, -deep, 14, deep))
    place.grounds.append(
        Ground(Area(-80, -80, 80, 80).corners(), "plain", (0.03, 0.06, 0.07), 0, 6.0, -0.8, 0.8)
    )
    deck = Area(-70, -deep - 0.5, 70, deep + 14)
    place.grounds.append(_ground(deck, str(rng.choice(palette.grounds)), palette, rng))
    for x in np.arange(-30, 30, 3.0):
        place.things.append(
            Thing(Kind.BOLLARD, float(x), -deep - 0.2, look=int(rng.integers(1 << 30)))
        )
    x = -40.0
    while x < 40:
        long = float(rng.uniform(8, 18))
        area = Area(x, deep + 0.5, x + long, deep + 12)
        place.buildings.append(_building(area, palette, rng))
        place.walls += wall_spots(area, inward=False)
        x += long + float(rng.uniform(0, 5))
    for x in np.arange(-12, 12, 7.0):
        place.parking.append((float(x), float(rng.uniform(0, deep)), float(rng.choice([0, np.pi]))))
    return place


LAYOUTS: Final[dict[str, Callable[[Rng, Palette], Place]]] = {
    layout.__name__: layout
    for layout in (plaza, street, park, car_park, courtyard, corridor, hall, quay)
}
