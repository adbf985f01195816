"""People: joints by posture, and bodies and clothes around them.

A body's own frame is x ahead, y to its left, z up. Angles of joints are in degrees, as in gait
analysis: flexion of hip and shoulder is forward, of the knee backward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perception.scenes.meshes import between, turned_about_x, turned_about_y, turned_about_z
from perception.scenes.parts import Parts, Surface
from perception.scenes.scene import Colour, Person, Posture

Vector = NDArray[np.float64]
Rng = np.random.Generator
SIDES: Final = ((1.0, "left"), (-1.0, "right"))


@dataclass
class Pose:
    """Angles of the joints, degrees; pairs are left, right."""

    lean: float = 0.0
    sway: float = 0.0
    nod: float = 0.0
    hip: tuple[float, float] = (0.0, 0.0)
    spread: tuple[float, float] = (4.0, 4.0)
    knee: tuple[float, float] = (3.0, 3.0)
    shoulder: tuple[float, float] = (0.0, 0.0)
    abduct: tuple[float, float] = (9.0, 9.0)
    elbow: tuple[float, float] = (12.0, 12.0)
    foot: tuple[float, float] = (0.0, 0.0)


def _pair(rng: Rng, low: float, high: float) -> tuple[float, float]:
    return float(rng.uniform(low, high)), float(rng.uniform(low, high))


def walking(phase: float, pace: float) -> Pose:
    """A stride: legs swing against arms; `pace` 1 is a walk, 1.6 a run."""
    swing = float(np.sin(2 * np.pi * phase))
    lift = [max(0.0, float(np.cos(2 * np.pi * phase + turn))) for turn in (0.0, np.pi)]
    return Pose(
        lean=4 * pace,
        hip=(27 * pace * swing + 4, -27 * pace * swing + 4),
        knee=(6 + 52 * pace * lift[0], 6 + 52 * pace * lift[1]),
        shoulder=(-24 * pace * swing, 24 * pace * swing),
        elbow=(18 * pace**3, 18 * pace**3),
    )


def standing(rng: Rng) -> Pose:
    """At ease, with arms folded, at the telephone, pointing or with arms on the hips."""
    pose = Pose(
        lean=rng.uniform(-3, 6),
        hip=_pair(rng, -6, 8),
        knee=_pair(rng, 0, 14),
        nod=rng.uniform(-8, 25),
    )
    variant = rng.integers(0, 6)
    if variant == 1:
        pose.shoulder, pose.elbow, pose.abduct = (32, 32), (105, 105), (2, 2)
    elif variant == 2:
        pose.shoulder, pose.elbow, pose.nod = (40, float(rng.uniform(0, 50))), (118, 40), 30
    elif variant == 3:
        pose.shoulder, pose.elbow = (float(rng.uniform(60, 170)), 5), (10, 15)
    elif variant == 4:
        pose.abduct, pose.elbow = (42, 42), (85, 85)
    return pose


def low_posture(posture: Posture, rng: Rng) -> Pose:
    """Bending, crouching, kneeling and sitting: what must not be taken for a person down."""
    if posture is Posture.BENDING:
        lean = rng.uniform(50, 100)
        return Pose(
            lean=lean, hip=_pair(rng, -8, 20), knee=_pair(rng, 5, 45), shoulder=_pair(rng, 55, 100)
        )
    if posture is Posture.CROUCHING:
        return Pose(
            lean=rng.uniform(18, 48),
            hip=_pair(rng, 98, 122),
            spread=_pair(rng, 6, 28),
            knee=_pair(rng, 118, 142),
            shoulder=_pair(rng, 20, 85),
            elbow=_pair(rng, 10, 80),
            foot=(20, 20),
            nod=rng.uniform(-25, 25),
        )
    if posture is Posture.KNEELING:
        both = rng.random() < 0.4
        return Pose(
            lean=rng.uniform(0, 50),
            hip=(float(rng.uniform(-5, 25)), float(rng.uniform(-5, 25)) if both else 92.0),
            knee=(float(rng.uniform(85, 115)), float(rng.uniform(85, 115)) if both else 95.0),
            shoulder=_pair(rng, 20, 85),
            elbow=_pair(rng, 5, 70),
            foot=(60, 60 if both else 0),
        )
    if posture is Posture.SITTING:
        return Pose(
            lean=rng.uniform(-14, 28),
            hip=_pair(rng, 84, 96),
            spread=_pair(rng, 3, 16),
            knee=_pair(rng, 70, 98),
            shoulder=_pair(rng, 8, 50),
            elbow=_pair(rng, 25, 100),
            nod=rng.uniform(-10, 35),
        )
    return Pose(  # on the ground: legs out, crossed or drawn up
        lean=rng.uniform(-22, 32),
        hip=_pair(rng, 82, 118),
        spread=_pair(rng, 4, 38),
        knee=_pair(rng, *((2, 30) if rng.random() < 0.4 else (80, 135))),
        shoulder=_pair(rng, -30, 70),
        elbow=_pair(rng, 5, 90),
        nod=rng.uniform(-10, 35),
    )


def lying(rng: Rng) -> tuple[Pose, Vector]:
    """A body on the ground: its pose, and how it is turned (back, front, a side, curled)."""
    variant = rng.choice(["back", "front", "side", "curled"], p=[0.34, 0.28, 0.24, 0.14])
    pose = Pose(
        lean=rng.uniform(-4, 10),
        sway=rng.uniform(-14, 14),
        hip=_pair(rng, -4, 28),
        spread=_pair(rng, 2, 26),
        knee=_pair(rng, 2, 60),
        shoulder=_pair(rng, -15, 60),
        abduct=_pair(rng, 8, 120),
        elbow=_pair(rng, 5, 95),
        foot=_pair(rng, 10, 40),
        nod=rng.uniform(-10, 15),
    )
    roll = {"back": 0.0, "front": 180.0}.get(str(variant), 90.0 * rng.choice([-1, 1]))
    if variant in ("side", "curled"):
        pose.abduct = _pair(rng, 5, 45)
        pose.hip = _pair(rng, 10, 60)
    if variant == "curled":
        pose.lean, pose.hip, pose.knee = (
            rng.uniform(20, 45),
            _pair(rng, 80, 110),
            _pair(rng, 80, 120),
        )
        pose.shoulder, pose.elbow = _pair(rng, 30, 90), _pair(rng, 60, 125)
    if variant == "front":
        pose.hip = _pair(rng, -4, 6)
        pose.shoulder = _pair(rng, -10, 10)
    turn = turned_about_y(np.radians(-90)) @ turned_about_z(
        np.radians(roll + float(rng.uniform(-18, 18)))
    )
    return pose, turn


def _swung(flex: float, out: float, side: float) -> Vector:
    """The direction of a limb that hangs down, swung forward and outward by degrees."""
    down = turned_about_y(np.radians(-flex)) @ turned_about_x(np.radians(side * out))
    return np.asarray(down @ np.array([0, 0, -1.0]))


def joints(pose: Pose, height_m: float) -> dict[str, Vector]:
    """Places of the joints with the pelvis at the origin, for a body upright.

    Proportions follow Drillis and Contini (1966), rounded.
    """
    body = height_m
    spine = turned_about_y(np.radians(pose.lean)) @ turned_about_x(np.radians(pose.sway))
    found = {"pelvis": np.zeros(3), "waist": spine @ np.array([0, 0, 0.1 * body])}
    found["chest"] = spine @ np.array([0, 0, 0.21 * body])
    found["neck"] = spine @ np.array([0, 0, 0.305 * body])
    head = spine @ turned_about_y(np.radians(pose.nod))
    found["head"] = found["neck"] + head @ np.array([0.015, 0, 0.095]) * body
    found["brow"] = found["neck"] + head @ np.array([0.01, 0, 0.135]) * body
    found["face"] = found["neck"] + head @ np.array([0.045, 0, 0.085]) * body
    found["across"] = spine @ np.array([0, 1.0, 0])
    for index, (side, name) in enumerate(SIDES):
        hip = np.array([0, side * 0.055, -0.01]) * body
        thigh = _swung(pose.hip[index], pose.spread[index], side)
        shin = _swung(pose.hip[index] - pose.knee[index], pose.spread[index] * 0.5, side)
        toe = _swung(
            pose.hip[index] - pose.knee[index] + 90 - pose.foot[index], pose.spread[index], side
        )
        found[f"{name}_hip"] = hip
        found[f"{name}_knee"] = hip + thigh * 0.245 * body
        found[f"{name}_ankle"] = found[f"{name}_knee"] + shin * 0.236 * body
        found[f"{name}_toe"] = found[f"{name}_ankle"] + toe * 0.105 * body - shin * -0.02 * body
        shoulder = spine @ np.array([0, side * 0.11, 0.285]) * body
        upper = spine @ _swung(pose.shoulder[index], pose.abduct[index], side)
        lower = spine @ _swung(
            pose.shoulder[index] + pose.elbow[index], pose.abduct[index] * 0.6, side
        )
        found[f"{name}_shoulder"] = shoulder
        found[f"{name}_elbow"] = shoulder + upper * 0.175 * body
        found[f"{name}_wrist"] = found[f"{name}_elbow"] + lower * 0.15 * body
        found[f"{name}_hand"] = found[f"{name}_wrist"] + lower * 0.06 * body
    return found


SKIN: Final[tuple[Colour, ...]] = (
    *(
        (0.72, 0.5, 0.38),
        (0.62, 0.42, 0.3),
        (0.5, 0.32, 0.21),
        (0.33, 0.2, 0.13),
        (0.18, 0.11, 0.07),
    ),
)
HAIR: Final[tuple[Colour, ...]] = (
    *(
        (0.02, 0.02, 0.02),
        (0.05, 0.03, 0.02),
        (0.14, 0.08, 0.04),
        (0.4, 0.3, 0.15),
        (0.4, 0.4, 0.4),
    ),
)


@dataclass(frozen=True)
class Look:
    """Body shape and clothes of one person."""

    height_m: float
    girth: float
    skin: Colour
    hair: Colour
    upper: Colour
    lower: Colour
    shoes: Colour
    cloth: Surface
    sleeves: bool
    trousers: bool
    skirt: bool
    coat: bool
    vest: Colour | None
    hat: Colour | None
    long_hair: bool
    pack: Colour | None


def _dye(rng: Rng) -> Colour:
    """A colour of clothes: mostly dark, grey, blue or white, sometimes bright."""
    kind = rng.random()
    if kind < 0.3:
        tone = rng.uniform(0.01, 0.09)
        return (tone, tone * rng.uniform(0.9, 1.1), tone * rng.uniform(0.9, 1.5))
    if kind < 0.45:
        tone = rng.uniform(0.45, 0.85)
        return (tone, tone * rng.uniform(0.93, 1.0), tone * rng.uniform(0.88, 1.0))
    if kind < 0.6:
        tone = rng.uniform(0.1, 0.35)
        return (tone, tone, tone)
    if kind < 0.75:
        return (rng.uniform(0.02, 0.1), rng.uniform(0.05, 0.2), rng.uniform(0.15, 0.45))
    red, green, blue = rng.uniform(0.02, 0.65, 3).tolist()
    return (red, green, blue)


def look_of(seed: int) -> Look:
    """The same person for the same seed."""
    rng = np.random.default_rng([41, seed])
    child = rng.random() < 0.1
    height = rng.uniform(1.05, 1.45) if child else np.clip(rng.normal(1.69, 0.09), 1.48, 1.96)
    work = rng.random() < 0.15
    return Look(
        height_m=float(height),
        girth=float(np.clip(rng.normal(1.0, 0.16), 0.78, 1.5)),
        skin=SKIN[rng.integers(len(SKIN))],
        hair=HAIR[rng.integers(len(HAIR))],
        upper=_dye(rng),
        lower=_dye(rng),
        shoes=_dye(rng),
        cloth=Surface("cloth", int(rng.integers(4)), float(rng.uniform(0.25, 0.7)), 0.9),
        sleeves=bool(rng.random() < 0.65),
        trousers=bool(rng.random() < 0.78),
        skirt=bool(rng.random() < 0.13),
        coat=bool(rng.random() < 0.15),
        vest=((0.85, 0.35, 0.02), (0.6, 0.8, 0.05))[rng.integers(2)] if work else None,
        hat=_dye(rng) if rng.random() < (0.7 if work else 0.15) else None,
        long_hair=bool(rng.random() < 0.35),
        pack=_dye(rng) if rng.random() < 0.2 else None,
    )


def pose_of(person: Person) -> tuple[Pose, Vector]:
    """The pose and how the body is turned from upright."""
    rng = np.random.default_rng([43, person.look, int(person.phase * 1000)])
    if person.posture is Posture.WALKING:
        pace = 1.0 if person.look % 9 else 1.6
        return walking(person.phase, pace), np.eye(3)
    if person.posture is Posture.STANDING:
        return standing(rng), np.eye(3)
    if person.posture is Posture.FALLEN:
        return lying(rng)
    return low_posture(person.posture, rng), np.eye(3)


# Radii as shares of the height, for the joints that may touch the ground.
_TOUCHING: Final = {
    "pelvis": 0.06, "chest": 0.065, "head": 0.055, "left_hip": 0.05, "right_hip": 0.05,
    "left_knee": 0.03, "right_knee": 0.03, "left_ankle": 0.03, "right_ankle": 0.03,
    "left_toe": 0.018, "right_toe": 0.018, "left_shoulder": 0.035, "right_shoulder": 0.035,
    "left_elbow": 0.025, "right_elbow": 0.025, "left_hand": 0.02, "right_hand": 0.02,
}  # fmt: skip


_LIMBS: Final = ("elbow", "hand", "knee", "ankle", "toe")


def _let_limbs_lie(found: dict[str, Vector], height_m: float) -> None:
    """The trunk carries a lying body; limbs come to lie on the ground beside it."""
    ends = {name: radius * height_m for name, radius in _TOUCHING.items() if name.endswith(_LIMBS)}
    trunk = {name: radius * height_m for name, radius in _TOUCHING.items() if name not in ends}
    floor = min(found[name][2] - radius for name, radius in trunk.items())
    for name, radius in ends.items():
        clear = max(found[name][2] - radius - floor, 0.0)
        found[name][2] = floor + radius + 0.15 * clear
    for side in ("left", "right"):
        found[f"{side}_wrist"] = 0.7 * found[f"{side}_hand"] + 0.3 * found[f"{side}_elbow"]


def _onto_ground(found: dict[str, Vector], turn: Vector, person: Person, height_m: float) -> None:
    """Turn the joints and let the body down until it touches the ground at its place."""
    for name, place in found.items():
        found[name] = turn @ place
    if person.posture is Posture.FALLEN:
        _let_limbs_lie(found, height_m)
        middle = (found["head"] + found["left_ankle"] + found["right_ankle"]) / 3
    else:
        middle = found["pelvis"]
    lowest = min(found[name][2] - radius * height_m for name, radius in _TOUCHING.items())
    facing = turned_about_z(person.heading_rad)
    shift = np.array([person.x_m, person.y_m, person.z_m - lowest])
    level = np.array([middle[0], middle[1], 0.0])
    for name, place in found.items():
        if name == "across":
            found[name] = facing @ place
        else:
            found[name] = facing @ (place - level) + shift


def _trunk(start: Vector, end: Vector, across: Vector, wide: float, deep: float) -> Vector:
    """The transform of a ball stretched between two points, wide across the body."""
    along = (end - start) / 2
    unit = along / max(float(np.linalg.norm(along)), 1e-9)
    side = across - unit * float(across @ unit)
    side /= max(float(np.linalg.norm(side)), 1e-9)
    transform = np.empty((3, 4))
    transform[:, 0] = side * wide
    transform[:, 1] = np.cross(unit, side) * deep
    transform[:, 2] = along
    transform[:, 3] = (start + end) / 2
    return transform


def add_person(parts: Parts, person: Person) -> None:
    """Put a person into a scene."""
    look = look_of(person.look)
    pose, turn = pose_of(person)
    found = joints(pose, look.height_m)
    _onto_ground(found, turn, person, look.height_m)
    _add_torso(parts, look, found)
    _add_head(parts, look, found)
    upright = person.posture in (Posture.WALKING, Posture.STANDING)
    for _, side in SIDES:
        _add_leg(parts, look, found, side)
        _add_arm(parts, look, found, side)
    if upright and (look.skirt or look.coat):
        _add_skirt(parts, look, found)


def _add_torso(parts: Parts, look: Look, found: dict[str, Vector]) -> None:
    body, girth = look.height_m, look.girth
    across = found["across"]
    up = found["neck"] - found["pelvis"]
    cloth = look.cloth
    wide, deep = 0.098 * body * girth**0.6, 0.066 * body * girth
    hips = _trunk(found["pelvis"] - 0.2 * up, found["waist"] + 0.2 * up, across, wide * 0.94, deep)
    parts.add("ball", hips, look.lower, cloth)
    belly = _trunk(
        found["pelvis"], found["chest"] + 0.15 * up, across, wide * 0.92, deep * girth**0.5
    )
    parts.add("ball", belly, look.upper, cloth)
    top = found["neck"] + 0.05 * up
    parts.add("ball", _trunk(found["waist"], top, across, wide * 1.12, deep), look.upper, cloth)
    if look.vest is not None:
        vest = _trunk(found["waist"], top - 0.03 * up, across, wide * 1.17, deep * 1.12)
        parts.add("ball", vest, look.vest, Surface(strength=0.3), glow=0.15)
        band = _trunk(found["chest"] - 0.06 * up, found["chest"], across, wide * 1.2, deep * 1.18)
        parts.add("ball", band, (0.85, 0.85, 0.8), glow=0.1)
    if look.pack is not None:
        back = np.cross(across, up / max(float(np.linalg.norm(up)), 1e-9))
        start, end = (found[name] - back * deep * 1.3 for name in ("waist", "neck"))
        parts.add("ball", _trunk(start, end, across, wide * 0.8, deep * 0.75), look.pack, cloth)


def _add_head(parts: Parts, look: Look, found: dict[str, Vector]) -> None:
    body, across = look.height_m, found["across"]
    parts.add("limb", between(found["neck"], found["head"], 0.03 * body), look.skin)
    axis = found["brow"] - found["head"]
    axis = axis / max(float(np.linalg.norm(axis)), 1e-9) * 0.07 * body
    skull = _trunk(found["head"] - axis, found["head"] + axis, across, 0.045 * body, 0.055 * body)
    parts.add("ball", skull, look.skin)
    ahead = found["face"] - found["head"]
    top = found["head"] + 0.25 * axis - 0.35 * ahead
    hair = _trunk(top - axis, top + 0.95 * axis, across, 0.051 * body, 0.056 * body)
    parts.add("ball", hair, look.hair, Surface("cloth", 0, 0.3, 0.6))
    if look.long_hair:
        nape = found["head"] - 0.7 * ahead
        parts.add("limb", between(nape, nape - 1.7 * axis, 0.042 * body, 0.8), look.hair)
    if look.hat is not None:
        crown = found["head"] + 0.45 * axis
        cap = _trunk(crown - 0.1 * axis, crown + 0.85 * axis, across, 0.054 * body, 0.062 * body)
        parts.add("ball", cap, look.hat)
        peak = crown + 0.9 * ahead
        brim = _trunk(peak - 0.08 * axis, peak + 0.08 * axis, across, 0.045 * body, 0.05 * body)
        parts.add("ball", brim, look.hat)


def _add_leg(parts: Parts, look: Look, found: dict[str, Vector], side: str) -> None:
    body, girth = look.height_m, look.girth
    hip, knee, ankle, toe = (found[f"{side}_{name}"] for name in ("hip", "knee", "ankle", "toe"))
    covered = look.trousers and not look.skirt
    loose = 1.12 if covered else 1.0
    shorts = Surface("cloth", look.cloth.variant, look.cloth.tile_m, 0.7)
    parts.add("limb", between(hip, knee, 0.052 * body * girth**0.7 * loose), look.lower, shorts)
    shin = look.lower if covered else look.skin
    parts.add("limb", between(knee, ankle, 0.037 * body * girth**0.5 * loose), shin, shorts)
    heel = ankle - (toe - ankle) * 0.3
    parts.add("limb", between(heel, toe, 0.027 * body), look.shoes)


def _add_arm(parts: Parts, look: Look, found: dict[str, Vector], side: str) -> None:
    body, girth = look.height_m, look.girth
    shoulder, elbow, wrist, hand = (
        found[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist", "hand")
    )
    parts.add("limb", between(shoulder, elbow, 0.033 * body * girth**0.6), look.upper, look.cloth)
    lower = look.upper if look.sleeves else look.skin
    parts.add("limb", between(elbow, wrist, 0.026 * body * girth**0.4), lower, look.cloth)
    parts.add("limb", between(wrist, hand, 0.021 * body, 0.6), look.skin)


def _add_skirt(parts: Parts, look: Look, found: dict[str, Vector]) -> None:
    body = look.height_m
    knees = (found["left_knee"] + found["right_knee"]) / 2
    apart = float(np.linalg.norm((found["left_knee"] - found["right_knee"])[:2]))
    colour = look.upper if look.coat else look.lower
    axis = found["waist"] - knees
    transform = between(knees + 0.5 * axis, found["waist"], 0.08 * body + 0.5 * apart)
    transform[:, 2] = axis / 2
    transform[:, :2] *= 1.15
    parts.add("cone", transform, colour, look.cloth)
