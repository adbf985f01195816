"""Vehicles, and what stands about a campus without a label: trees, lamps, bins and the like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perception.scenes import happenings
from perception.scenes.happenings import blob, bright, fan, pale
from perception.scenes.meshes import MeshName, between, placed, turned_about_x, turned_about_z
from perception.scenes.parts import PLAIN, Parts, Surface
from perception.scenes.scene import Colour, Kind, Thing

Rng = np.random.Generator
Vector = NDArray[np.float64]
BLACK: Final[Colour] = (0.015, 0.015, 0.015)
STEEL: Final[Colour] = (0.35, 0.36, 0.38)


class Frame:
    """Puts parts at places of a thing's own frame: x ahead, y left, z up."""

    def __init__(self, parts: Parts, thing: Thing) -> None:
        self.parts = parts
        self.facing = turned_about_z(thing.heading_rad)
        self.origin = np.array([thing.x_m, thing.y_m, thing.z_m])
        self.size = thing.size

    def at(self, x: float, y: float, z: float) -> Vector:
        return np.asarray(self.origin + self.facing @ np.array([x, y, z]) * self.size)

    def add(
        self,
        mesh: MeshName,
        middle: tuple[float, float, float],
        half: tuple[float, float, float],
        colour: Colour,
        surface: Surface = PLAIN,
        turn: Vector | None = None,
        glow: float = 0.0,
    ) -> None:
        scaled = (half[0] * self.size, half[1] * self.size, half[2] * self.size)
        rotation = self.facing if turn is None else self.facing @ turn
        self.parts.add(mesh, placed(self.at(*middle), scaled, rotation), colour, surface, glow)


WHEEL: Final = turned_about_x(np.pi / 2)


def _wheels(frame: Frame, places: list[tuple[float, float]], radius: float) -> None:
    for x, y in places:
        frame.add("drum", (x, y, radius), (radius, radius, 0.1), BLACK, turn=WHEEL)
        hub = (radius * 0.6, radius * 0.6, 0.106)
        frame.add("drum", (x, y, radius), hub, (0.4, 0.4, 0.42), turn=WHEEL)


def _lights(frame: Frame, front: float, half_width: float, z: float) -> None:
    for side in (-1, 1):
        y = side * half_width * 0.76
        frame.add("box", (front, y, z), (0.04, 0.17, 0.075), (0.85, 0.85, 0.8), glow=0.12)
        frame.add("box", (-front, y, z + 0.08), (0.04, 0.14, 0.09), (0.5, 0.01, 0.01), glow=0.08)
    for end in (-1, 1):
        frame.add("box", (end * (front + 0.015), 0, z - 0.2), (0.02, 0.26, 0.06), (0.7, 0.7, 0.7))


def _paint(rng: Rng) -> Colour:
    tone = float(rng.choice([0.02, 0.08, 0.25, 0.45, 0.8]))
    if rng.random() < 0.7:
        return (tone, tone, tone * float(rng.uniform(1.0, 1.1)))
    return bright(rng)


def add_vehicle(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A saloon, hatchback, van, pick-up, bus, lorry or campus cart."""
    frame = Frame(parts, thing)
    chances = [0.36, 0.2, 0.18, 0.08, 0.05, 0.05, 0.08]
    kind = rng.choice(["saloon", "suv", "van", "pickup", "bus", "lorry", "cart"], p=chances)
    paint, glass = _paint(rng), Surface(gloss=0.55)
    shine = Surface("plain", 0, 2.0, 0.5, 0.16)
    dark: Colour = (0.02, 0.024, 0.03)
    if kind in ("van", "bus", "lorry"):
        _add_box_vehicle(frame, str(kind), paint, rng)
        return
    if kind == "cart":
        frame.add("box", (0, 0, 0.42), (1.15, 0.6, 0.16), paint, shine)
        frame.add("box", (0.8, 0, 0.68), (0.28, 0.58, 0.16), paint, shine)
        frame.add("box", (-0.05, 0, 1.82), (0.95, 0.62, 0.045), pale(rng))
        for x in (-0.85, 0.75):
            for y in (-0.55, 0.55):
                frame.add("box", (x, y, 1.2), (0.025, 0.025, 0.62), STEEL)
        frame.add("box", (-0.2, 0, 0.72), (0.25, 0.52, 0.12), (0.08, 0.06, 0.05))
        frame.add("box", (-0.45, 0, 1.0), (0.06, 0.52, 0.25), (0.08, 0.06, 0.05))
        _wheels(frame, [(x, y) for x in (-0.75, 0.8) for y in (-0.55, 0.55)], 0.24)
        return
    high = 0.12 if kind in ("suv", "pickup") else 0.0
    long, wide = float(rng.uniform(2.0, 2.4)), 0.9 + high * 0.3
    frame.add("box", (0, 0, 0.55 + high), (long, wide, 0.27), paint, shine)
    frame.add("cabin", (0, 0, 0.88 + high), (long * 0.985, wide * 0.97, 0.07), paint, shine)
    frame.add("box", (0, 0, 0.33 + high), (long * 0.97, wide * 0.96, 0.08), BLACK)
    back = {"saloon": -0.15, "suv": -0.38, "pickup": 0.38}[str(kind)]
    reach = {"saloon": 0.6, "suv": 0.76, "pickup": 0.42}[str(kind)] * long
    frame.add("cabin", (back, 0, 1.15 + high), (reach, wide * 0.92, 0.3 + high), dark, glass)
    roof = 1.44 + 2 * high
    frame.add("box", (back - 0.06, 0, roof), (reach * 0.7, wide * 0.77, 0.03), paint, shine)
    for x in (-0.12, 0.5):
        tilt = (0.035, wide * 0.86, 0.28 + high)
        frame.add("box", (back + x * reach * 0.6, 0, 1.13 + high), tilt, paint)
    if kind == "pickup":
        frame.add("box", (-0.55 * long, 0, 0.84 + high), (0.42 * long, wide * 0.85, 0.03), BLACK)
    arches = [(x, y) for x in (-0.62 * long, 0.62 * long) for y in (-wide + 0.08, wide - 0.08)]
    for x, y in arches:
        frame.add("drum", (x, y, 0.36 + high * 0.5), (0.4, 0.4, 0.095), BLACK, turn=WHEEL)
    _wheels(frame, arches, 0.32 + high * 0.5)
    _lights(frame, long, wide, 0.66 + high)
    for side in (-1, 1):
        frame.add("box", (0.32 * long, side * (wide + 0.08), 1.0 + high), (0.06, 0.1, 0.07), paint)


def _add_box_vehicle(frame: Frame, kind: str, paint: Colour, rng: Rng) -> None:
    long, wide, tall = {
        "van": (2.5, 0.95, 1.05),
        "bus": (4.6, 1.2, 1.45),
        "lorry": (3.3, 1.1, 1.4),
    }[kind]
    dark, glass = (0.02, 0.024, 0.03), Surface(gloss=0.55)
    body = Surface("plain", 0, 2.0, 0.6, 0.12)
    middle = 0.35 + tall
    if kind == "lorry":
        frame.add("box", (-0.6, 0, middle + 0.1), (long * 0.8, wide, tall), pale(rng), body)
        frame.add("box", (long * 0.78, 0, 1.25), (0.72, wide * 0.95, 0.9), paint, body)
        frame.add("box", (long * 0.78 + 0.4, 0, 1.6), (0.34, wide * 0.9, 0.36), dark, glass)
        frame.add("box", (0, 0, 0.5), (long, wide * 0.8, 0.12), BLACK)
    else:
        frame.add("box", (-0.1, 0, middle), (long - 0.1, wide, tall), paint, body)
        frame.add("cabin", (long * 0.86, 0, 0.85), (long * 0.2, wide * 0.96, 0.35), paint, body)
        rows = int(long * 1.4)
        z = middle + tall * 0.36
        if kind == "bus" or rng.random() < 0.4:
            for row in range(rows):
                x = -long * 0.85 + (row + 0.5) * long * 1.6 / rows
                pane = (long * 0.68 / rows, wide + 0.012, tall * 0.27)
                frame.add("box", (x, 0, z), pane, dark, glass)
        else:
            frame.add("box", (long * 0.5, 0, z), (0.45, wide + 0.012, tall * 0.26), dark, glass)
        for end in (long - 0.19, -long + 0.01):
            frame.add("box", (end, 0, z), (0.02, wide * 0.86, tall * 0.3), dark, glass)
        if rng.random() < 0.5:
            stripe = (long - 0.09, wide + 0.008, 0.1)
            frame.add("box", (-0.1, 0, middle - tall * 0.2), stripe, bright(rng))
    _lights(frame, long, wide, 0.7)
    ends = (-0.62 * long, 0.68 * long)
    _wheels(frame, [(x, y) for x in ends for y in (-wide + 0.06, wide - 0.06)], 0.38)


def _green(rng: Rng) -> Colour:
    tone = float(rng.uniform(0.5, 1.3))
    if rng.random() < 0.12:
        return (0.3 * tone, 0.17 * tone, 0.03 * tone)
    return (
        float(rng.uniform(0.06, 0.16)) * tone,
        float(rng.uniform(0.14, 0.26)) * tone,
        0.04 * tone,
    )


def add_tree(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A broad-leaved tree or a conifer."""
    frame = Frame(parts, thing)
    tall, green = float(rng.uniform(4.0, 8.0)), _green(rng)
    leafy = Surface("leaves", int(rng.integers(4)), float(rng.uniform(0.8, 2.0)), 1.0)
    bark = Surface("planks", 2, 0.7, 0.9)
    trunk = (0.12 + 0.012 * tall) * frame.size
    lean_x, lean_y = rng.normal(0, 0.25, 2)
    start, end = frame.at(0, 0, -0.1), frame.at(lean_x, lean_y, tall * 0.6)
    parts.add("limb", between(start, end, trunk), (0.17, 0.12, 0.08), bark)
    if rng.random() < 0.25:
        for step in range(4):
            half = tall * (0.27 - 0.055 * step)
            frame.add(
                "cone", (0, 0, tall * (0.3 + 0.2 * step)), (half, half, tall * 0.2), green, leafy
            )
        return
    half = tall * 0.24
    frame.add("rock", (0, 0, tall * 0.72), (half, half, half), green, leafy)
    for _ in range(int(rng.integers(5, 10))):
        spread = rng.normal(0, 0.13, 2) * tall
        half = tall * rng.uniform(0.13, 0.22)
        z = tall * rng.uniform(0.55, 0.92)
        shape = (half, half, half * rng.uniform(0.6, 0.9))
        frame.add("rock", (spread[0], spread[1], z), shape, green, leafy)


def add_bush(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A bush, or a piece of hedge."""
    frame = Frame(parts, thing)
    leafy = Surface("leaves", int(rng.integers(4)), 0.9, 1.0)
    green = _green(rng)
    if rng.random() < 0.3:
        frame.add("box", (0, 0, 0.45), (1.5, 0.35, 0.45), green, leafy)
        return
    for _ in range(int(rng.integers(2, 5))):
        x, y = rng.normal(0, 0.35, 2)
        half = rng.uniform(0.3, 0.6)
        frame.add("rock", (x, y, half * 0.7), (half, half, half * 0.8), green, leafy)


def add_lamp(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    tall = float(rng.uniform(3.2, 5.5))
    frame.add("drum", (0, 0, tall / 2), (0.05, 0.05, tall / 2), STEEL)
    frame.add("box", (0.4, 0, tall), (0.45, 0.06, 0.05), STEEL)
    frame.add("box", (0.65, 0, tall - 0.06), (0.2, 0.08, 0.02), (1.0, 0.9, 0.7), glow=1.0)


def add_bench(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    wood = Surface("planks", int(rng.integers(4)), 0.5)
    colour = (0.3, 0.19, 0.1) if rng.random() < 0.6 else pale(rng)
    frame.add("box", (0, 0, 0.4), (0.23, 0.8, 0.03), colour, wood)
    if rng.random() < 0.7:
        frame.add("box", (-0.24, 0, 0.68), (0.03, 0.8, 0.16), colour, wood)
    for y in (-0.65, 0.65):
        frame.add("box", (0, y, 0.19), (0.2, 0.04, 0.19), (0.08, 0.08, 0.08))


def add_chair(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    colour = bright(rng)
    frame.add("box", (0, 0, 0.41), (0.22, 0.22, 0.02), colour)
    frame.add("box", (-0.22, 0, 0.68), (0.02, 0.21, 0.2), colour)
    for x in (-0.19, 0.19):
        for y in (-0.19, 0.19):
            frame.add("box", (x, y, 0.2), (0.015, 0.015, 0.2), BLACK)


def add_table(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    frame.add("drum", (0, 0, 0.73), (0.45, 0.45, 0.02), pale(rng))
    frame.add("drum", (0, 0, 0.36), (0.04, 0.04, 0.36), STEEL)
    frame.add("drum", (0, 0, 0.02), (0.25, 0.25, 0.02), STEEL)


def add_bin(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    colour = bright(rng)
    if rng.random() < 0.5:
        frame.add("box", (0, 0, 0.5), (0.26, 0.28, 0.45), colour)
        frame.add("box", (0, 0, 0.99), (0.31, 0.32, 0.05), colour)
        _wheels(frame, [(-0.25, -0.2), (-0.25, 0.2)], 0.1)
    else:
        frame.add("drum", (0, 0, 0.42), (0.24, 0.24, 0.42), colour)
        frame.add("drum", (0, 0, 0.87), (0.26, 0.26, 0.04), BLACK)


def add_bollard(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    red = rng.random() < 0.3
    frame.add("drum", (0, 0, 0.4), (0.07, 0.07, 0.4), (0.55, 0.04, 0.03) if red else STEEL)
    frame.add(
        "drum", (0, 0, 0.66), (0.074, 0.074, 0.05), (0.85, 0.85, 0.8) if red else (0.8, 0.6, 0.05)
    )


def add_cone(parts: Parts, thing: Thing, _rng: Rng) -> None:
    frame = Frame(parts, thing)
    frame.add("box", (0, 0, 0.02), (0.2, 0.2, 0.02), (0.75, 0.16, 0.02))
    frame.add("cone", (0, 0, 0.34), (0.15, 0.15, 0.32), (0.8, 0.18, 0.02))
    frame.add("drum", (0, 0, 0.36), (0.1, 0.1, 0.06), (0.85, 0.85, 0.85))


def add_hydrant(parts: Parts, thing: Thing, _rng: Rng) -> None:
    frame = Frame(parts, thing)
    red = (0.55, 0.03, 0.02)
    frame.add("drum", (0, 0, 0.3), (0.1, 0.1, 0.3), red)
    frame.add("ball", (0, 0, 0.62), (0.12, 0.12, 0.1), red)
    for side in (-1, 1):
        frame.add("drum", (0, side * 0.14, 0.42), (0.05, 0.05, 0.05), red, turn=WHEEL)


def add_planter(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    frame.add("box", (0, 0, 0.25), (0.45, 0.45, 0.25), pale(rng), Surface("concrete", 0, 1.0))
    leafy = Surface("leaves", 1, 0.7, 1.0)
    frame.add("rock", (0, 0, 0.62), (0.42, 0.42, 0.35), _green(rng), leafy)


def add_sign(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A board on a post."""
    frame = Frame(parts, thing)
    frame.add("drum", (0, 0, 1.0), (0.03, 0.03, 1.0), STEEL)
    frame.add("box", (0.04, 0, 1.8), (0.01, 0.3, 0.3), bright(rng))
    frame.add("box", (0.052, 0, 1.8), (0.004, 0.2, 0.06), (0.9, 0.9, 0.9))


def add_notice(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A small board on a wall: often red, orange or green."""
    frame = Frame(parts, thing)
    frame.add("box", (0.02, 0, 1.6), (0.012, 0.22, 0.16), bright(rng))
    frame.add("box", (0.034, 0, 1.6), (0.004, 0.1, 0.1), (0.9, 0.9, 0.9))


def add_cabinet(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A red or grey box on a wall: an alarm, a hose reel, electrics."""
    frame = Frame(parts, thing)
    colour = (0.55, 0.03, 0.02) if rng.random() < 0.5 else pale(rng)
    half = (0.09, float(rng.uniform(0.08, 0.4)), float(rng.uniform(0.1, 0.45)))
    frame.add("box", (0.09, 0, 1.2), half, colour)


def add_pipe(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    colour = (0.5, 0.03, 0.02) if rng.random() < 0.4 else STEEL
    frame.add("drum", (0.08, 0, 1.5), (0.05, 0.05, 1.5), colour)


def add_stone(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    half = rng.uniform(0.08, 0.35)
    tone = float(rng.uniform(0.12, 0.4))
    shape = (half, half * 0.8, half * 0.6)
    frame.add("rock", (0, 0, half * 0.35), shape, (tone, tone, tone), Surface("concrete", 1, 0.8))


def add_leaves(parts: Parts, thing: Thing, rng: Rng) -> None:
    """Fallen leaves: small, brown or green, and no litter."""
    for _ in range(int(rng.integers(5, 16))):
        x, y = rng.normal(0, 0.5, 2)
        turn = turned_about_z(float(rng.uniform(0, 6))) @ turned_about_x(float(rng.normal(0, 0.3)))
        at = (thing.x_m + x, thing.y_m + y, thing.z_m + 0.015)
        brown = (float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.1, 0.22)), 0.03)
        parts.add("ball", placed(at, (0.05, 0.03, 0.004), turn), brown)


def add_manhole(parts: Parts, thing: Thing, rng: Rng) -> None:
    frame = Frame(parts, thing)
    if rng.random() < 0.6:
        frame.add(
            "drum",
            (0, 0, 0.002),
            (0.34, 0.34, 0.008),
            (0.09, 0.085, 0.08),
            Surface("tiles", 0, 0.4),
        )
    else:
        frame.add(
            "box",
            (0, 0, 0.002),
            (0.3, 0.2, 0.008),
            (0.05, 0.05, 0.05),
            Surface("corrugated", 0, 0.5),
        )


def add_patch(parts: Parts, thing: Thing, rng: Rng) -> None:
    """Mended ground or a faint old stain with straight or soft edges: matt, and no spill."""
    tone = float(rng.choice([0.06, 0.3]))
    if rng.random() < 0.6:
        half = rng.uniform(0.3, 1.2, 2)
        turn = turned_about_z(thing.heading_rad)
        at = (thing.x_m, thing.y_m, thing.z_m - 0.004)
        surface = Surface("asphalt", int(rng.integers(4)), 1.2)
        parts.add("box", placed(at, (half[0], half[1], 0.01), turn), (tone, tone, tone), surface)
        return
    triangles = fan(blob(rng, 0.6, 0.1), thing.x_m, thing.y_m, thing.z_m + 0.008)
    parts.triangles(triangles, (0, 0, 1), (tone, tone, tone), PLAIN, 0.16)


def add_mat(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A door mat or carpet."""
    frame = Frame(parts, thing)
    tone = float(rng.uniform(0.02, 0.3))
    frame.add(
        "box",
        (0, 0, 0.006),
        (0.4, 0.65, 0.008),
        (tone, tone * 0.8, tone * 0.7),
        Surface("cloth", 2, 0.3),
    )


def add_robot(parts: Parts, thing: Thing, rng: Rng) -> None:
    """Another robot of the fleet."""
    frame = Frame(parts, thing)
    frame.add("box", (0, 0, 0.32), (0.4, 0.28, 0.22), pale(rng), Surface(gloss=0.1))
    frame.add("box", (0.1, 0, 0.6), (0.12, 0.12, 0.1), BLACK)
    frame.add("drum", (0, 0, 0.78), (0.02, 0.02, 0.2), STEEL)
    frame.add("box", (0.405, 0, 0.4), (0.01, 0.2, 0.03), bright(rng), glow=0.5)
    _wheels(frame, [(x, y) for x in (-0.25, 0.25) for y in (-0.27, 0.27)], 0.13)


def add_pallet(parts: Parts, thing: Thing, rng: Rng) -> None:
    """Stacked boxes or a pallet: large and no litter."""
    frame = Frame(parts, thing)
    wood = Surface("planks", 1, 0.6)
    frame.add("box", (0, 0, 0.07), (0.6, 0.4, 0.07), (0.4, 0.28, 0.16), wood)
    for level in range(int(rng.integers(0, 3))):
        frame.add("box", (0, 0, 0.14 + 0.3 * (level + 0.5)), (0.5, 0.36, 0.148), (0.42, 0.3, 0.18))


def add_tarpaulin(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A long heap of the size of a person lying: a roll, sandbags, a cover over something."""
    frame = Frame(parts, thing)
    colour = bright(rng) if rng.random() < 0.5 else pale(rng)
    folds = Surface("cloth", int(rng.integers(4)), 0.6)
    if rng.random() < 0.5:
        frame.add("rock", (0, 0, 0.14), (0.8, 0.3, 0.22), colour, folds)
    else:
        roll = frame.at(-0.8, 0, 0.14), frame.at(0.8, 0, 0.14)
        parts.add("limb", between(roll[0], roll[1], 0.14 * frame.size), colour, folds)


_ADD: Final[dict[Kind, Callable[[Parts, Thing, Rng], None]]] = {
    Kind.VEHICLE: add_vehicle,
    Kind.LITTER: happenings.add_litter,
    Kind.SPILL: happenings.add_spill,
    Kind.SMOKE: happenings.add_smoke,
    Kind.FIRE: happenings.add_fire,
    Kind.EXTINGUISHER: happenings.add_extinguisher,
    Kind.DOOR: happenings.add_door,
    Kind.TREE: add_tree, Kind.BUSH: add_bush, Kind.LAMP: add_lamp, Kind.BENCH: add_bench,
    Kind.CHAIR: add_chair, Kind.TABLE: add_table, Kind.BIN: add_bin, Kind.BOLLARD: add_bollard,
    Kind.CONE: add_cone, Kind.HYDRANT: add_hydrant, Kind.PLANTER: add_planter, Kind.SIGN: add_sign,
    Kind.NOTICE: add_notice, Kind.CABINET: add_cabinet, Kind.PIPE: add_pipe, Kind.STONE: add_stone,
    Kind.LEAVES: add_leaves, Kind.MANHOLE: add_manhole, Kind.PATCH: add_patch, Kind.MAT: add_mat,
    Kind.ROBOT: add_robot, Kind.PALLET: add_pallet, Kind.TARPAULIN: add_tarpaulin,
}  # fmt: skip


def add_thing(parts: Parts, thing: Thing) -> None:
    """Put a thing into a scene; the same look gives the same form and colours."""
    number = list(Kind).index(thing.kind)
    _ADD[thing.kind](parts, thing, np.random.default_rng([53, number, thing.look]))
