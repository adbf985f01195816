"""What robots look for: litter, spills, smoke, fire, extinguishers and doors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from perception.scenes.meshes import between, placed, turned_about_x, turned_about_y, turned_about_z
from perception.scenes.parts import Parts, Surface
from perception.scenes.scene import Colour, Thing

Rng = np.random.Generator
Vector = NDArray[np.float64]


def bright(rng: Rng) -> Colour:
    """A colour of packaging or paint."""
    kinds = ((0.75, 0.06, 0.04), (0.05, 0.2, 0.65), (0.05, 0.45, 0.12), (0.85, 0.65, 0.05))
    if rng.random() < 0.5:
        red, green, blue = kinds[rng.integers(len(kinds))]
    else:
        red, green, blue = rng.uniform(0.05, 0.9, 3).tolist()
    return (red, green, blue)


def pale(rng: Rng) -> Colour:
    """Paper, plastic or foam."""
    tone = float(rng.uniform(0.55, 0.95))
    return (tone, tone * float(rng.uniform(0.9, 1.0)), tone * float(rng.uniform(0.8, 1.0)))


def add_litter(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A bottle, can, cup, box, bag, crumpled paper, sheets of paper or a small heap of these."""
    if rng.random() < 0.2:
        for _ in range(int(rng.integers(2, 5))):
            dx, dy = rng.normal(0, 0.18, 2)
            _one_piece(parts, thing, rng, np.array([thing.x_m + dx, thing.y_m + dy, thing.z_m]))
    else:
        _one_piece(parts, thing, rng, np.array([thing.x_m, thing.y_m, thing.z_m]))


class _Piece(NamedTuple):
    """One piece of litter in the making."""

    parts: Parts
    place: Vector
    size: float
    spin: Vector
    rng: Rng

    def above(self, height_m: float) -> Vector:
        return np.asarray(self.place + np.array([0, 0, height_m]))


def _one_piece(parts: Parts, thing: Thing, rng: Rng, place: Vector) -> None:
    size = thing.size * float(rng.uniform(0.85, 1.3))
    spin = turned_about_z(float(rng.uniform(0, 2 * np.pi)))
    piece = _Piece(parts, place, size, spin, rng)
    kinds = ["bottle", "can", "cup", "carton", "bag", "crumple", "sheets", "sack"]
    kind = str(rng.choice(kinds))
    if kind in ("bag", "sack"):
        _bag(piece, full=kind == "sack")
        return
    {
        "bottle": _bottle,
        "can": _can,
        "cup": _cup,
        "carton": _carton,
        "crumple": _crumple,
        "sheets": _sheets,
    }[kind](piece)


def _bottle(piece: _Piece) -> None:
    size, rng = piece.size, piece.rng
    glass = ((0.05, 0.22, 0.1), (0.5, 0.65, 0.75), (0.2, 0.1, 0.04), (0.75, 0.8, 0.85))
    colour = glass[rng.integers(4)]
    axis = (piece.spin @ turned_about_y(np.pi / 2))[:, 2] * 0.24 * size
    start = piece.above(0.045 * size)
    body = _drum(start, start + axis * 0.65, 0.04 * size)
    piece.parts.add("drum", body, colour, Surface(gloss=0.5))
    piece.parts.add("limb", between(start + axis * 0.62, start + axis, 0.022 * size), colour)
    label = _drum(start + axis * 0.2, start + axis * 0.45, 0.042 * size)
    piece.parts.add("drum", label, bright(rng))


def _can(piece: _Piece) -> None:
    size, lies = piece.size, piece.rng.random() < 0.7
    turn = piece.spin @ turned_about_y(np.pi / 2) if lies else piece.spin
    half = (0.036 * size, 0.036 * size, 0.065 * size)
    middle = piece.above((0.036 if lies else 0.065) * size)
    piece.parts.add("drum", placed(middle, half, turn), bright(piece.rng))


def _cup(piece: _Piece) -> None:
    size, lies = piece.size, piece.rng.random() < 0.7
    turn = piece.spin @ (turned_about_y(np.pi / 2) if lies else turned_about_x(np.pi))
    middle = piece.above((0.045 if lies else 0.07) * size)
    half = (0.048 * size, 0.048 * size, 0.07 * size)
    piece.parts.add("drum", placed(middle, half, turn), pale(piece.rng))
    lid = middle + turn[:, 2] * 0.07 * size
    half = (0.053 * size, 0.053 * size, 0.008)
    piece.parts.add("drum", placed(lid, half, turn), bright(piece.rng))


def _carton(piece: _Piece) -> None:
    rng, spin = piece.rng, piece.spin
    long, wide, high = (np.array([0.16, 0.12, 0.07]) * rng.uniform(0.5, 1.3) * piece.size).tolist()
    brown = (0.42, 0.29, 0.17) if rng.random() < 0.7 else bright(rng)
    piece.parts.add("box", placed(piece.above(high), (long, wide, high), spin), brown)
    flap = spin @ turned_about_x(float(rng.uniform(0.3, 1.2)))
    at = piece.place + spin @ np.array([0, wide * 1.6, high * 1.9])
    piece.parts.add("box", placed(at, (long, wide * 0.7, 0.004), flap), brown)


def _bag(piece: _Piece, full: bool) -> None:
    rng, spin = piece.rng, piece.spin
    scale = rng.uniform(0.7, 1.2) * piece.size * (1.9 if full else 1.0)
    long, wide, high = (np.array([0.15, 0.12, 0.1]) * scale).tolist()
    black = full and rng.random() < 0.7
    colour = (0.02, 0.02, 0.025) if black else pale(rng)
    shiny = Surface("cloth", 0, 0.2, 1.0, 0.25)
    bag = placed(piece.above(high * 0.75), (long, wide, high), spin)
    piece.parts.add("rock", bag, colour, shiny)
    ear = placed(piece.above(high * 1.3), (long * 0.3, wide * 0.3, high * 0.5), spin)
    piece.parts.add("rock", ear, colour)


def _crumple(piece: _Piece) -> None:
    scale = piece.rng.uniform(0.7, 1.6) * piece.size
    long, wide, high = (np.array([0.07, 0.06, 0.05]) * scale).tolist()
    ball = placed(piece.above(high * 0.8), (long, wide, high), piece.spin)
    piece.parts.add("rock", ball, pale(piece.rng))


def _sheets(piece: _Piece) -> None:
    rng, size = piece.rng, piece.size
    colour = pale(rng)
    for _ in range(int(rng.integers(1, 4))):
        tilt = piece.spin @ turned_about_x(float(rng.normal(0, 0.12)))
        turn = tilt @ turned_about_z(float(rng.uniform(0, 6)))
        at = piece.above(0.02)
        at[:2] += rng.normal(0, 0.07, 2)
        piece.parts.add("box", placed(at, (0.148 * size, 0.105 * size, 0.003), turn), colour)


def _drum(
    start: NDArray[np.float64], end: NDArray[np.float64], radius_m: float
) -> NDArray[np.float64]:
    """The transform of a drum from one point to another."""
    transform = between(start, end, radius_m)
    transform[:, 2] /= 2
    transform[:, 3] = (start + end) / 2
    return transform


def blob(rng: Rng, radius_m: float, ragged: float = 0.22, points: int = 40) -> NDArray[np.float64]:
    """[points, 2] outline of a puddle about the origin."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.ones(points)
    for wave in range(2, 7):
        radius += rng.normal(0, ragged / wave**0.7) * np.cos(wave * angle + rng.uniform(0, 6))
    radius = np.maximum(radius, 0.3) * radius_m
    stretch = rng.uniform(0.6, 1.0)
    outline = np.stack([radius * np.cos(angle), stretch * radius * np.sin(angle)], axis=1)
    return outline @ turned_about_z(float(rng.uniform(0, 3.2)))[:2, :2]


def fan(outline: NDArray[np.float64], x_m: float, y_m: float, z_m: float) -> NDArray[np.float64]:
    """[n, 3, 3] triangles of a star-shaped outline about a place."""
    ring = np.concatenate([outline, np.zeros((len(outline), 1))], axis=1)
    triangles = np.stack([np.zeros_like(ring), ring, np.roll(ring, -1, axis=0)], axis=1)
    return np.asarray(triangles + np.array([x_m, y_m, z_m]))


def add_spill(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A film on the ground: water, oil, coffee, milk, paint or a drink, with drops about it."""
    kinds: tuple[tuple[Colour, float, float], ...] = (
        ((0.03, 0.03, 0.035), 0.62, 0.85),  # water darkens what it wets and mirrors the sky
        ((0.012, 0.01, 0.012), 0.9, 0.7),  # oil
        ((0.09, 0.045, 0.018), 0.85, 0.45),  # coffee
        ((0.75, 0.73, 0.68), 0.9, 0.3),  # milk
        ((0.5, 0.03, 0.02), 0.9, 0.35),  # paint, ketchup
        ((0.55, 0.33, 0.03), 0.8, 0.45),  # juice
        ((0.03, 0.14, 0.45), 0.88, 0.35),  # paint, cleaner
    )
    weights = [0.34, 0.2, 0.14, 0.1, 0.08, 0.08, 0.06]
    colour, opacity, gloss = kinds[rng.choice(len(kinds), p=weights)]
    radius = 0.48 * thing.size * float(rng.uniform(0.7, 1.5))
    surface = Surface("plain", int(rng.integers(4)), 1.5, 0.6, gloss)
    z_m = thing.z_m + 0.012
    spots = [(0.0, 0.0, radius)]
    for _ in range(int(rng.integers(0, 6))):
        away, turn = radius * rng.uniform(1.0, 1.7), rng.uniform(0, 2 * np.pi)
        spots.append((away * np.cos(turn), away * np.sin(turn), radius * rng.uniform(0.05, 0.22)))
    for dx, dy, r in spots:
        triangles = fan(blob(rng, r), thing.x_m + dx, thing.y_m + dy, z_m)
        parts.triangles(triangles, (0, 0, 1), colour, surface, opacity)


def add_smoke(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A plume that rises, leans with the wind and spreads; white, grey or black."""
    tone = float(rng.choice([0.06, 0.2, 0.42, 0.7], p=[0.25, 0.25, 0.3, 0.2]))
    height = thing.size * float(rng.uniform(1.6, 4.5))
    wind = rng.normal(0, 0.35, 2)
    base = 0.22 * thing.size
    for step in np.linspace(0, 1, 26):
        spread = base * (1 + 3.2 * step)
        jitter = rng.normal(0, 0.35, 3) * spread
        middle = (
            thing.x_m + float(wind[0] * height * step**1.4 + jitter[0]),
            thing.y_m + float(wind[1] * height * step**1.4 + jitter[1]),
            thing.z_m + 0.1 + height * float(step) + 0.3 * float(jitter[2]),
        )
        half = spread * float(rng.uniform(0.9, 1.4))
        shade = tone * float(rng.uniform(0.85, 1.2))
        opacity = float((0.5 - 0.34 * step) * rng.uniform(0.7, 1.2))
        parts.puff(middle, (half, half), (shade, shade, shade), opacity, int(rng.integers(4)))


def add_fire(parts: Parts, thing: Thing, rng: Rng) -> None:
    """Flames over glowing embers; what burns is a heap or a bin."""
    height = 0.85 * thing.size * float(rng.uniform(0.6, 1.6))
    for _ in range(3):
        dx, dy = rng.normal(0, 0.14 * height, 2)
        half = (0.2 * height, 0.17 * height, 0.08 * height)
        at = (thing.x_m + dx, thing.y_m + dy, thing.z_m + half[2] * 0.6)
        parts.add("rock", placed(at, half), (0.025, 0.02, 0.018))
    tongues = 16
    for index in range(tongues):
        inner = index / tongues
        tall = height * float(rng.uniform(0.5, 1.0)) * (1 - 0.45 * inner)
        dx, dy = rng.normal(0, 0.16 * height * (1 - 0.5 * inner), 2)
        middle = (thing.x_m + float(dx), thing.y_m + float(dy), thing.z_m + tall * 0.48)
        colour = (
            1.0,
            0.16 + 0.6 * inner * inner + 0.1 * float(rng.random()),
            0.015 + 0.25 * inner**4,
        )
        wide = tall * float(rng.uniform(0.3, 0.46))
        parts.puff(middle, (wide, tall * 0.55), colour, 0.85, int(rng.integers(4, 8)), glow=1.0)


def add_extinguisher(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A red cylinder with valve, hose and label: on a wall, on the ground or in an open cabinet."""
    size = thing.size * float(rng.uniform(0.9, 1.15))
    radius, tall = 0.085 * size, 0.24 * size
    ahead = turned_about_z(thing.heading_rad) @ np.array([1.0, 0, 0])
    aside = turned_about_z(thing.heading_rad) @ np.array([0, 1.0, 0])
    base = np.array([thing.x_m, thing.y_m, thing.z_m]) + ahead * (radius + 0.02)
    red = (float(rng.uniform(0.5, 0.75)), 0.02, 0.015)
    surface = Surface(gloss=0.2)
    middle = base + np.array([0, 0, tall])
    parts.add("drum", placed(middle, (radius, radius, tall)), red, surface)
    top = middle + np.array([0, 0, tall])
    parts.add("ball", placed(top, (radius, radius, radius * 0.8)), red, surface)
    parts.add(
        "drum",
        placed(base + np.array([0, 0, 0.015]), (radius * 1.06, radius * 1.06, 0.02)),
        (0.02, 0.02, 0.02),
    )
    neck = top + np.array([0, 0, radius * 0.9])
    parts.add("drum", placed(neck, (0.026, 0.026, 0.045)), (0.1, 0.1, 0.1))
    handle = neck + ahead * 0.06 + [0, 0, 0.05]
    turn = turned_about_z(thing.heading_rad) @ turned_about_y(-0.35)
    parts.add("box", placed(handle, (0.08, 0.014, 0.012), turn), (0.03, 0.03, 0.03))
    side = aside * float(rng.choice([-1, 1]))
    bend = neck + side * radius * 1.25 - [0, 0, 0.1]
    black = (0.015, 0.015, 0.015)
    parts.add("limb", between(neck, bend, 0.016), black)
    parts.add("limb", between(bend, base + side * radius * 1.1 + [0, 0, tall * 0.55], 0.018), black)
    label = middle + ahead * radius * 0.35
    half = (radius * 0.72, radius * 0.72, tall * 0.38)
    parts.add("drum", placed(label, half), (0.85, 0.83, 0.75))


def add_door(parts: Parts, thing: Thing, rng: Rng) -> None:
    """A door in a wall, of one leaf or two; behind an open one it is dark."""
    facing = turned_about_z(thing.heading_rad)
    wide = 0.5 * thing.size * float(rng.uniform(0.92, 1.1))
    tall = 1.05 * float(rng.uniform(0.95, 1.08))
    double = rng.random() < 0.35
    reach = wide * (2 if double else 1)
    glass = rng.random() < 0.35
    paint = bright(rng) if rng.random() < 0.35 else pale(rng)
    leaf = (0.25, 0.13, 0.06) if rng.random() < 0.3 else paint
    frame = (0.1, 0.1, 0.11) if rng.random() < 0.5 else pale(rng)

    def at(x: float, y: float, z: float) -> NDArray[np.float64]:
        return np.asarray(
            np.array([thing.x_m, thing.y_m, thing.z_m]) + facing @ np.array([x, y, z])
        )

    within = (0.012, 0.012, 0.014) if thing.opening >= 0.25 else frame
    parts.add("box", placed(at(0.0, 0, tall), (0.02, reach, tall), facing), within)
    for edge in (-1, 1):
        parts.add("box", placed(at(0.03, edge * reach, tall), (0.05, 0.045, tall), facing), frame)
    parts.add("box", placed(at(0.03, 0, 2 * tall), (0.05, reach + 0.045, 0.045), facing), frame)
    for hinge in (-1, 1) if double else (int(rng.choice([-1, 1])),):
        angle = thing.opening * float(rng.uniform(1.2, 1.85)) * -hinge
        turn = facing @ turned_about_z(-angle)
        pivot = at(0.05, hinge * reach, tall)
        half = (0.022, wide - 0.01 if double else reach - 0.03, tall - 0.03)
        middle = pivot + turn @ np.array([0, -hinge * half[1], 0])
        parts.add("box", placed(middle, half, turn), leaf, Surface("panels", 1, 3.0, 0.25))
        if glass:
            pane = middle + turn @ np.array([0, 0, 0.2])
            shiny = Surface(gloss=0.6)
            size = (0.027, half[1] * 0.7, half[2] * 0.6)
            parts.add("box", placed(pane, size, turn), (0.05, 0.07, 0.08), shiny)
        knob = middle + turn @ np.array([0.05, -hinge * half[1] * 0.82, -0.05])
        parts.add("box", placed(knob, (0.03, 0.06, 0.014), turn), (0.35, 0.35, 0.35))
