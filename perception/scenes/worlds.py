"""Makes worlds by themselves: generators that differ in textures, layout and light.

Detectors are trained, chosen and measured on different generators, never on different frames of the
same one: what is measured is how they do where they have not been.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from perception.scenes.camera_effects import Quality, draw_quality
from perception.scenes.layouts import LAYOUTS, Palette, Place
from perception.scenes.lights import LIGHTS, Spots
from perception.scenes.scene import Camera, Glow, Kind, Light, Person, Posture, Scene, Thing

Rng = np.random.Generator


@dataclass(frozen=True)
class Generator:
    """A family of worlds.

    Attributes:
        split: train, validation or held_out.
        layouts, lights: what it draws from, with weights.
    """

    name: str
    split: str
    layouts: dict[str, float]
    lights: dict[str, float]
    palette: Palette


_OUTDOORS: Final = {"day": 0.4, "overcast": 0.2, "rain": 0.12, "dusk": 0.13, "night": 0.15}

GENERATORS: Final = (
    Generator(
        "quarter",
        "train",
        layouts={"plaza": 1, "street": 1},
        lights=_OUTDOORS,
        palette=Palette(
            grounds=("paving", "asphalt", "concrete"), walls=("windows", "brick"), variants=(0, 1)
        ),
    ),
    Generator(
        "grounds",
        "train",
        layouts={"park": 1, "car_park": 0.6},
        lights=_OUTDOORS,
        palette=Palette(
            grounds=("gravel", "asphalt", "paving"),
            walls=("plaster", "brick"),
            verges=("grass", "leaves"),
            variants=(0, 1, 2),
        ),
    ),
    Generator(
        "works",
        "train",
        layouts={"courtyard": 1, "car_park": 0.5, "street": 0.5},
        lights=_OUTDOORS,
        palette=Palette(
            grounds=("concrete", "asphalt", "brick"),
            walls=("corrugated", "brick", "plaster"),
            verges=("gravel",),
            variants=(0, 1, 2),
        ),
    ),
    Generator(
        "halls",
        "train",
        layouts={"corridor": 1, "hall": 1},
        lights={"indoor": 1},
        palette=Palette(
            grounds=("concrete",),
            walls=("plaster",),
            floors=("tiles", "terrazzo", "concrete"),
            rooms=("plaster", "brick", "concrete"),
            variants=(0, 1, 2),
        ),
    ),
    Generator(
        "old_town",
        "validation",
        layouts={"street": 1, "courtyard": 1, "hall": 0.7},
        lights={**_OUTDOORS, "night": 0.25},
        palette=Palette(
            grounds=("setts", "gravel"),
            walls=("plaster", "windows"),
            floors=("setts", "planks"),
            rooms=("panels",),
            variants=(3,),
        ),
    ),
    Generator(
        "waterside",
        "held_out",
        layouts={"quay": 1, "plaza": 0.6},
        lights={**_OUTDOORS, "dusk": 0.25},
        palette=Palette(
            grounds=("herringbone", "planks", "terrazzo"),
            walls=("panels", "windows"),
            variants=(3,),
        ),
    ),
    Generator(
        "institute",
        "held_out",
        layouts={"corridor": 1, "hall": 0.6, "courtyard": 0.8},
        lights={"overcast": 1, "night": 0.5, "day": 0.7},
        palette=Palette(
            grounds=("herringbone", "tiles"),
            walls=("panels", "corrugated"),
            floors=("herringbone", "planks"),
            rooms=("windows", "panels"),
            variants=(3,),
        ),
    ),
)

POSTURES: Final = (
    (Posture.WALKING, 0.3), (Posture.STANDING, 0.19), (Posture.BENDING, 0.09),
    (Posture.CROUCHING, 0.12), (Posture.KNEELING, 0.1), (Posture.SITTING, 0.1),
    (Posture.SITTING_ON_GROUND, 0.1),
)  # fmt: skip
CLUTTER: Final = (
    Kind.BENCH, Kind.BIN, Kind.BOLLARD, Kind.CONE, Kind.HYDRANT, Kind.PLANTER, Kind.SIGN,
    Kind.STONE, Kind.LEAVES, Kind.MANHOLE, Kind.PATCH, Kind.MAT, Kind.ROBOT, Kind.PALLET,
    Kind.TARPAULIN, Kind.BUSH, Kind.TREE, Kind.LAMP,
)  # fmt: skip
INDOOR_CLUTTER: Final = (
    Kind.CHAIR, Kind.TABLE, Kind.BIN, Kind.CONE, Kind.PLANTER, Kind.SIGN, Kind.MAT, Kind.ROBOT,
    Kind.PALLET, Kind.TARPAULIN, Kind.PATCH,
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """One picture to be taken: the camera, and what its lens and sensor do to the picture."""

    camera: Camera
    quality: Quality


@dataclass(frozen=True)
class World:
    """A scene with the cameras that look at it."""

    generator: str
    seed: int
    scene: Scene
    views: tuple[View, ...]


def generators(split: str) -> tuple[Generator, ...]:
    """The generators of a split.

    Raises:
        ValueError: there is no such split.
    """
    found = tuple(each for each in GENERATORS if each.split == split)
    if not found:
        splits = ", ".join(sorted({each.split for each in GENERATORS}))
        raise ValueError(f"there is no split {split}; there are {splits}")
    return found


def make_world(generator: Generator, seed: int, views: int = 4) -> World:
    """The world of a seed: the same on every machine."""
    rng = np.random.default_rng([61, list(GENERATORS).index(generator), seed])
    layout = _choice(rng, generator.layouts)
    place = LAYOUTS[layout](rng, generator.palette)
    stage = _Stage(place, rng)
    stage.fill()
    light_name = "indoor" if place.indoors else _choice(rng, generator.lights)
    light = LIGHTS[light_name](rng, _lamp_spots(stage, rng))
    light = _with_fires(light, stage)
    scene = Scene(
        tuple(stage.people),
        tuple(stage.things),
        tuple(place.grounds),
        tuple(place.buildings),
        light,
    )
    rainy = light_name == "rain"
    looks = tuple(
        View(stage.camera(), draw_quality(rng, dark=light_name == "night", rain=rainy))
        for _ in range(views)
    )
    if light_name == "night" and rng.random() < 0.6:
        scene = _with_headlight(scene, looks[0].camera)
    return World(generator.name, seed, scene, looks)


def _choice(rng: Rng, weights: dict[str, float]) -> str:
    names, values = list(weights), np.array(list(weights.values()), dtype=float)
    return names[int(rng.choice(len(names), p=values / values.sum()))]


def _lamp_spots(stage: _Stage, rng: Rng) -> Spots:
    spots: Spots = []
    for thing in stage.things:
        if thing.kind is Kind.LAMP:
            spots.append((thing.x_m + 0.65, thing.y_m, 4.0))
    while len(spots) < 6:
        x, y = stage.place.walk.within(rng)
        spots.append((x, y, float(rng.uniform(2.5, 5))))
    return spots


def _with_fires(light: Light, stage: _Stage) -> Light:
    """Fires light what is near them."""
    glows = [
        Glow(thing.x_m, thing.y_m, 0.6, (0.9, 0.4, 0.08), 4.0)
        for thing in stage.things
        if thing.kind is Kind.FIRE
    ]
    return Light(**{**light.__dict__, "glows": (*glows, *light.glows)})


def _with_headlight(scene: Scene, camera: Camera) -> Scene:
    ahead = 1.2
    x = camera.x_m + ahead * float(np.cos(camera.yaw_rad))
    y = camera.y_m + ahead * float(np.sin(camera.yaw_rad))
    glow = Glow(x, y, 0.9, (0.8, 0.8, 0.75), 9.0)
    light = Light(**{**scene.light.__dict__, "glows": (glow, *scene.light.glows)})
    return Scene(scene.people, scene.things, scene.grounds, scene.buildings, light)


class _Stage:
    """Puts people and things into a place without letting them stand in each other."""

    def __init__(self, place: Place, rng: Rng) -> None:
        self.place, self.rng = place, rng
        self.things: list[Thing] = list(place.things)
        self.people: list[Person] = []
        self.targets: list[tuple[float, float, float, float]] = []  # x, y, z, weight
        self.taken: list[tuple[float, float, float]] = [(t.x_m, t.y_m, 0.5) for t in self.things]

    def fill(self) -> None:
        rng, outdoors = self.rng, not self.place.indoors
        self._park(int(rng.integers(0, 5)) if outdoors else 0)
        self._hang()
        for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.3, 0.35, 0.23, 0.12]))):
            self._person(Posture.FALLEN, weight=4.0)
        for _ in range(int(rng.integers(0, 6))):
            names = [posture for posture, _ in POSTURES]
            chance = [share for _, share in POSTURES]
            self._person(names[int(rng.choice(len(names), p=chance))], weight=1.0)
        self._lay(Kind.LITTER, int(rng.integers(0, 6)), 0.25, 2.2, 0.1)
        self._lay(
            Kind.SPILL, int(rng.choice([0, 1, 2, 3], p=[0.3, 0.35, 0.25, 0.1])), 0.7, 2.4, 0.0
        )
        self._lay(Kind.FIRE, int(rng.random() < 0.4) + int(rng.random() < 0.1), 0.6, 2.5, 0.4)
        self._lay(Kind.SMOKE, int(rng.random() < 0.45) + int(rng.random() < 0.1), 0.5, 2.5, 1.2)
        if rng.random() < 0.35:
            self._lay(Kind.EXTINGUISHER, 1, 0.25, 2.0, 0.3)
        clutter = CLUTTER if outdoors else INDOOR_CLUTTER
        for _ in range(int(rng.integers(2, 10))):
            kind = clutter[int(rng.integers(len(clutter)))]
            self._lay(kind, 1, 1.4 if kind is Kind.TREE else 0.6, 0.0, 0.4)

    def _look(self) -> int:
        return int(self.rng.integers(1 << 30))

    def _spot(self, radius: float) -> tuple[float, float] | None:
        """A free place of the walk, more often near its middle."""
        walk = self.place.walk
        for _ in range(12):
            x, y = walk.within(self.rng, min(0.4 + radius * 0.5, 0.9))
            if self.rng.random() < 0.5:
                x, y = 0.6 * x, 0.6 * y
            if all(np.hypot(x - a, y - b) > radius + r for a, b, r in self.taken):
                self.taken.append((x, y, radius))
                return x, y
        return None

    def _person(self, posture: Posture, weight: float) -> None:
        spot = self._spot(0.8 if posture is Posture.FALLEN else 0.4)
        if spot is None:
            return
        heading, look = float(self.rng.uniform(0, 2 * np.pi)), self._look()
        phase = float(self.rng.random())
        self.people.append(Person(*spot, heading, posture, phase, look))
        self.targets.append((*spot, 0.2 if posture is Posture.FALLEN else 0.9, weight))
        if posture is Posture.SITTING:
            kind = Kind.CHAIR if self.rng.random() < 0.5 else Kind.BENCH
            self.things.append(Thing(kind, *spot, heading, look=self._look()))

    def _lay(self, kind: Kind, count: int, radius: float, weight: float, z_m: float) -> None:
        for _ in range(count):
            spot = self._spot(radius)
            if spot is None:
                return
            size = float(self.rng.uniform(0.75, 1.3))
            heading = float(self.rng.uniform(0, 2 * np.pi))
            self.things.append(Thing(kind, *spot, heading, size=size, look=self._look()))
            if weight:
                self.targets.append((*spot, z_m, weight))
            if kind is Kind.FIRE and self.rng.random() < 0.4:
                above = Thing(Kind.SMOKE, *spot, z_m=0.5, size=size, look=self._look())
                self.things.append(above)

    def _park(self, count: int) -> None:
        order = self.rng.permutation(len(self.place.parking))[:count]
        for index in order:
            x, y, heading = self.place.parking[int(index)]
            if any(np.hypot(x - a, y - b) < 2.6 + r for a, b, r in self.taken):
                continue
            self.things.append(Thing(Kind.VEHICLE, x, y, heading, look=self._look()))
            self.taken.append((x, y, 2.4))
            self.targets.append((x, y, 0.7, 1.2))

    def _hang(self) -> None:
        """Doors, extinguishers and what looks like them, on walls that the walk is near."""
        rng, walk = self.rng, self.place.walk
        near = [
            spot
            for spot in self.place.walls
            if walk.x0 - 5 < spot[0] < walk.x1 + 5 and walk.y0 - 5 < spot[1] < walk.y1 + 5
        ]
        used: list[tuple[float, float]] = []
        for index in rng.permutation(len(near))[: int(rng.integers(3, 12))]:
            x, y, heading = near[int(index)]
            if any(np.hypot(x - a, y - b) < 2.4 for a, b in used):
                continue
            used.append((x, y))
            kind = [Kind.DOOR, Kind.EXTINGUISHER, Kind.CABINET, Kind.NOTICE, Kind.PIPE][
                int(rng.choice(5, p=[0.5, 0.27, 0.1, 0.08, 0.05]))
            ]
            opening = float(rng.uniform(0.35, 1.0)) if rng.random() < 0.6 else 0.0
            z_m = float(rng.uniform(0.3, 0.8)) if kind is Kind.EXTINGUISHER else 0.0
            self.things.append(
                Thing(
                    kind,
                    x,
                    y,
                    heading,
                    z_m,
                    look=self._look(),
                    opening=opening if kind is Kind.DOOR else 0.0,
                )
            )
            if kind is Kind.EXTINGUISHER or (kind is Kind.DOOR and opening):
                self.targets.append((x, y, 0.8, 2.6))
                if kind is Kind.EXTINGUISHER and rng.random() < 0.4:
                    self.things.append(Thing(Kind.NOTICE, x, y, heading, look=self._look()))

    def camera(self) -> Camera:
        """A robot's camera (or, one in four, a fixed one) that looks at something."""
        rng, walk = self.rng, self.place.walk
        fixed = rng.random() < 0.25 and not (self.place.indoors and walk.y1 < 3)
        z = float(rng.uniform(2.6, 4.6) if fixed else rng.uniform(0.35, 1.35))
        if self.place.indoors:
            z = min(z, 2.35)
        fov = float(np.radians(rng.uniform(58, 92)))
        if self.targets and rng.random() < 0.95:
            weights = np.array([target[3] for target in self.targets])
            tx, ty, tz, _ = self.targets[int(rng.choice(len(weights), p=weights / weights.sum()))]
        else:
            (tx, ty), tz = walk.within(rng), 0.5
        for _ in range(20):
            away, turn = float(rng.uniform(1.6, 9.0) + fixed * 2), rng.uniform(0, 2 * np.pi)
            x, y = tx + away * float(np.cos(turn)), ty + away * float(np.sin(turn))
            inside = walk.x0 + 0.3 < x < walk.x1 - 0.3 and walk.y0 + 0.3 < y < walk.y1 - 0.3
            if inside and all(
                np.hypot(x - a, y - b) > 0.3 + (1.1 if r > 2 else 0.7) * r for a, b, r in self.taken
            ):
                break
        else:
            x, y = walk.within(rng, 0.4)
        yaw = float(np.arctan2(ty - y, tx - x) + rng.normal(0, 0.3) * fov / 2)
        down = float(np.arctan2(tz - z, max(np.hypot(tx - x, ty - y), 0.5)))
        pitch = float(np.clip(down + rng.normal(0, 0.12), -0.7 if fixed else -0.5, 0.2))
        return Camera(x, y, z, yaw, pitch, float(rng.normal(0, 0.02)), fov)
